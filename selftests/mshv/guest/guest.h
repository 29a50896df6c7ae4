/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a guest can do, and how it talks to its test.
 *
 * A guest is a C function of the test program. It runs in long mode, ring 0, in
 * a copy of the program's image that lies at the same virtual addresses, so it
 * may call any function and read any object of the program, but no library: the
 * libc is not in the image, and there is no kernel to ask. What it writes, it
 * writes to its copy (guest_copy_of() shows that to the test).
 *
 * All of guest-physical memory below 4 GiB also appears from GUEST_DIRECT on.
 */
#ifndef GUEST_H
#define GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUEST_DIRECT	0xffff800000000000ull
#define GUEST_CS	0x08
#define GUEST_DS	0x10

/* A 32-bit write of the kind to this port is a call to the test. */
#define GUEST_PORT	0x0f0e

enum guest_call_kind {
	GUEST_CALL_SYNC = 1,	/* args[]: for the test */
	GUEST_CALL_DONE,	/* args[0]: the result */
	GUEST_CALL_PRINT,	/* text */
	GUEST_CALL_FAIL,	/* text: what went wrong */
};

#define GUEST_ARGS	4
#define GUEST_TEXT	256

typedef void guest_fn(uint64_t arg);

/* One per VP, in guest memory; GS points to it. */
struct guest_self {
	struct guest_self *self;
	guest_fn *main;
	uint64_t main_arg;
	uint64_t vp_index;
	/* The call in progress. */
	uint64_t args[GUEST_ARGS];
	char text[GUEST_TEXT];
};

/* Registers at an exception or interrupt, as entry.S pushes them. */
struct guest_frame {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rdi, rsi, rbp, rbx, rdx, rcx, rax;
	uint64_t vector, error_code;
	uint64_t rip, cs, rflags, rsp, ss;
};

typedef void guest_handler_fn(struct guest_frame *frame);

/* Guest side: */

struct guest_self *guest_self(void);
void guest_start(void);

/* Tell the test something, and go on when it lets the VP run again. */
void guest_sync(uint64_t a, uint64_t b);
/* The end, with a result. Does not return. */
void guest_done(uint64_t result) __attribute__((noreturn));
void guest_fail(const char *file, int line, const char *what, uint64_t a,
		uint64_t b) __attribute__((noreturn));
/* %s %c %d %u %x %p, with l for 64 bits. */
void guest_printf(const char *format, ...)
	__attribute__((format(printf, 1, 2)));

/* Without a handler an exception ends the guest as a failure. */
void guest_handle(unsigned int vector, guest_handler_fn *handler);

#define GUEST_ASSERT(condition) do {					\
	if (!(condition))						\
		guest_fail(__FILE__, __LINE__, #condition, 0, 0);	\
} while (0)

#define GUEST_ASSERT_EQ(expected, seen) do {				\
	uint64_t ga_expected = (expected), ga_seen = (seen);		\
	if (ga_expected != ga_seen)					\
		guest_fail(__FILE__, __LINE__, #expected " == " #seen,	\
			   ga_expected, ga_seen);			\
} while (0)

/* The address at which the guest sees guest-physical memory below 4 GiB. */
static inline void *guest_ptr(uint64_t gpa)
{
	return (void *)(GUEST_DIRECT + gpa);
}

#define GUEST_OUT(name, type)					\
static inline void name(uint16_t port, type value)			\
{									\
	__asm__ volatile("out %0, %w1" : : "a" (value), "Nd" (port) : "memory"); \
}

#define GUEST_IN(name, type)					\
static inline type name(uint16_t port)					\
{									\
	type value;							\
									\
	__asm__ volatile("in %w1, %0" : "=a" (value) : "Nd" (port) : "memory"); \
	return value;							\
}

GUEST_OUT(guest_outb, uint8_t)
GUEST_OUT(guest_outw, uint16_t)
GUEST_OUT(guest_outl, uint32_t)
GUEST_IN(guest_inb, uint8_t)
GUEST_IN(guest_inw, uint16_t)
GUEST_IN(guest_inl, uint32_t)

static inline void guest_hlt(void)
{
	__asm__ volatile("hlt" : : : "memory");
}

static inline uint64_t guest_rdmsr(uint32_t msr)
{
	uint32_t low, high;

	__asm__ volatile("rdmsr" : "=a" (low), "=d" (high) : "c" (msr) : "memory");
	return low | (uint64_t)high << 32;
}

static inline void guest_wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr" : : "c" (msr), "a" ((uint32_t)value),
			 "d" ((uint32_t)(value >> 32)) : "memory");
}

static inline void guest_cpuid(uint32_t leaf, uint32_t subleaf, uint32_t regs[4])
{
	__asm__ volatile("cpuid" : "=a" (regs[0]), "=b" (regs[1]),
			 "=c" (regs[2]), "=d" (regs[3])
			 : "a" (leaf), "c" (subleaf) : "memory");
}

#endif /* GUEST_H */
