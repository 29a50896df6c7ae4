// SPDX-License-Identifier: GPL-2.0-only
/* The guest's side of its run time: runs inside a VP, see guest.h. */
#include <stdarg.h>

#include "guest.h"

static guest_handler_fn *handlers[256];

struct guest_self *guest_self(void)
{
	struct guest_self *self;

	__asm__ volatile("mov %%gs:0, %0" : "=r" (self));
	return self;
}

static void call(enum guest_call_kind kind)
{
	guest_outl(GUEST_PORT, kind);
}

/* The first function of each VP. */
void guest_start(void)
{
	struct guest_self *self = guest_self();

	self->main(self->main_arg);
	guest_done(0);
}

void guest_sync(uint64_t a, uint64_t b)
{
	struct guest_self *self = guest_self();

	self->args[0] = a;
	self->args[1] = b;
	call(GUEST_CALL_SYNC);
}

void guest_done(uint64_t result)
{
	guest_self()->args[0] = result;
	for (;;)
		call(GUEST_CALL_DONE);
}

struct text {
	char *at, *end;
};

static void put(struct text *text, char c)
{
	if (text->at < text->end)
		*text->at++ = c;
}

static void put_string(struct text *text, const char *s)
{
	while (*s)
		put(text, *s++);
}

static void put_number(struct text *text, uint64_t value, unsigned int base)
{
	char digits[20];
	unsigned int n = 0;

	do {
		digits[n++] = "0123456789abcdef"[value % base];
		value /= base;
	} while (value);
	while (n)
		put(text, digits[--n]);
}

static void put_format(struct text *text, const char *format, va_list args)
{
	bool is_long;
	int64_t number;

	for (; *format; format++) {
		if (*format != '%') {
			put(text, *format);
			continue;
		}
		for (is_long = false; *++format == 'l';)
			is_long = true;
		switch (*format) {
		case '\0':
			return;
		case 's':
			put_string(text, va_arg(args, const char *));
			break;
		case 'c':
			put(text, va_arg(args, int));
			break;
		case 'd':
			number = is_long ? va_arg(args, long) : va_arg(args, int);
			if (number < 0)
				put(text, '-');
			put_number(text, number < 0 ? -(uint64_t)number : (uint64_t)number, 10);
			break;
		case 'u':
		case 'x':
			put_number(text, is_long ? va_arg(args, unsigned long) :
				   va_arg(args, unsigned int),
				   *format == 'u' ? 10 : 16);
			break;
		case 'p':
			put_string(text, "0x");
			put_number(text, (uintptr_t)va_arg(args, void *), 16);
			break;
		default:
			put(text, *format);
		}
	}
}

void guest_printf(const char *format, ...)
{
	struct guest_self *self = guest_self();
	struct text text = { self->text, self->text + GUEST_TEXT - 1 };
	va_list args;

	va_start(args, format);
	put_format(&text, format, args);
	va_end(args);
	*text.at = '\0';
	call(GUEST_CALL_PRINT);
}

static __attribute__((noreturn, format(printf, 1, 2)))
void fail(const char *format, ...)
{
	struct guest_self *self = guest_self();
	struct text text = { self->text, self->text + GUEST_TEXT - 1 };
	va_list args;

	va_start(args, format);
	put_format(&text, format, args);
	va_end(args);
	*text.at = '\0';
	for (;;)
		call(GUEST_CALL_FAIL);
}

void guest_fail(const char *file, int line, const char *what, uint64_t a,
		uint64_t b)
{
	fail("%s:%d: %s (0x%lx, 0x%lx)", file, line, what, a, b);
}

void guest_handle(unsigned int vector, guest_handler_fn *handler)
{
	handlers[vector] = handler;
}

/* Called by entry.S with interrupts off. */
void guest_exception(struct guest_frame *frame);

void guest_exception(struct guest_frame *frame)
{
	guest_handler_fn *handler = handlers[frame->vector];
	uint64_t cr2;

	if (handler) {
		handler(frame);
		return;
	}
	__asm__ volatile("mov %%cr2, %0" : "=r" (cr2));
	fail("exception %lu, error code 0x%lx, rip 0x%lx, cr2 0x%lx",
	     frame->vector, frame->error_code, frame->rip, cr2);
}
