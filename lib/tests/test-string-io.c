// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Memory at guest virtual addresses, and the port instructions that move it. */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>

#include <mshv/translate.h>

#include "fake-vp.h"

#define PAGE	4096ull
#define RAM	(16 * PAGE)

static _Alignas(4096) uint8_t ram[RAM];
/* behind it: what the guest may read */
#define ROM	RAM
static _Alignas(4096) uint8_t rom[PAGE];
static struct mshv_partition *partition;
static struct mshv_memory *memory;
static struct mshv_walk walk;

static int no_kernel(int on, uint32_t request, void *arg)
{
	(void)on;
	(void)arg;
	assert_true(request == MSHV_SET_GUEST_MEMORY ||
		    request == MSHV_GET_GPAP_ACCESS_BITMAP);
	return 0;
}

static int setup(void **state)
{
	size_t i;

	fake_vp_setup(state);
	fake_instead = no_kernel;
	for (i = 0; i < sizeof(ram); i++)
		ram[i] = (uint8_t)(i * 7 + i / 251);
	assert_works(mshv_partition_from_fd(NULL, fake_no_page_fd(), &partition));
	assert_works(mshv_memory_create(partition, &memory));
	assert_works(mshv_memory_map(memory, 0, ram, sizeof(ram),
				     LIBMSHV_MEMORY_WRITABLE));
	assert_works(mshv_memory_map(memory, ROM, rom, PAGE, 0));
	memset(rom, 0x0f, sizeof(rom));
	fake_instead = NULL;
	return 0;
}

static int teardown(void **state)
{
	mshv_memory_close(memory);
	mshv_partition_close(partition);
	return fake_vp_teardown(state);
}

#define io_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

/* ------------------------------------------------------------------- ports */

static struct {
	uint8_t bytes[20000];
	size_t used;
	unsigned int calls, stop_at;
	uint8_t next;
} device;

static int port(void *context, uint16_t number, int write, void *data,
		size_t size)
{
	size_t i;

	assert_ptr_equal(context, &device);
	assert_int_equal(number, 0x1f0);
	if (++device.calls == device.stop_at)
		return -1;
	for (i = 0; i < size; i++) {
		if (write)
			device.bytes[device.used++] = ((uint8_t *)data)[i];
		else
			((uint8_t *)data)[i] = device.next++;
	}
	return 0;
}

static int complete(void)
{
	return mshv_vp_complete_string_io(vp, memory, port, &device, &walk);
}

static void arguments(void **state)
{
	(void)state;
	assert_fails(mshv_vp_complete_string_io(NULL, memory, port, NULL, &walk),
		     EINVAL);
	assert_fails(mshv_vp_complete_string_io(vp, NULL, port, NULL, &walk), EINVAL);
	assert_fails(mshv_vp_complete_string_io(vp, memory, NULL, NULL, &walk),
		     EINVAL);
	assert_fails(mshv_vp_complete_string_io(vp, memory, port, NULL, NULL), EINVAL);
}

#if defined(__x86_64__)

enum mode { REAL, PROTECTED, LONG };

static struct hv_message message;

static struct hv_x64_io_port_intercept_message *io(void)
{
	return (void *)message.u.payload;
}

/* INSx or OUTSx at 0x7c00, @count times if it isn't 0. */
static void make(enum mode mode, bool input, unsigned int size, uint64_t count)
{
	struct hv_x64_io_port_intercept_message *m = io();

	memset(&device, 0, sizeof(device));
	memset(&message, 0, sizeof(message));
	message.header.message_type = HVMSG_X64_IO_PORT_INTERCEPT;
	message.header.payload_size = sizeof(*m);
	m->header.instruction_length = 2;
	m->header.intercept_access_type = input ? HV_INTERCEPT_ACCESS_READ :
						  HV_INTERCEPT_ACCESS_WRITE;
	m->header.rip = 0x7c00;
	m->header.execution_state.efer_lma = mode == LONG;
	m->header.cs_segment._long = mode == LONG;
	m->header.cs_segment._default = mode == PROTECTED;
	m->port_number = 0x1f0;
	m->access_info.access_size = (uint8_t)(size & 7);
	m->access_info.string_op = 1;
	m->access_info.rep_prefix = count != 0;
	m->rcx = count;
	m->ds_segment.limit = m->es_segment.limit = mode == REAL ? 0xffff : ~0u;
	m->ds_segment.segment_type = m->es_segment.segment_type = 3;
	m->instruction_byte_count = 2;
	m->instruction_bytes[0] = 0xf3;
	m->instruction_bytes[1] = input ? 0x6d : 0x6f;
}

static void prefix(uint8_t byte)
{
	struct hv_x64_io_port_intercept_message *m = io();

	memmove(m->instruction_bytes + 1, m->instruction_bytes, 15);
	m->instruction_bytes[0] = byte;
	m->instruction_byte_count++;
	m->header.instruction_length++;
}

/* The VP stops with the message. */
static void stop(void)
{
	struct fake_answer *answer = fake_ioctl(fd, MSHV_RUN_VP, NULL, 0);

	answer->out = &message;
	answer->out_size = sizeof(message);
	page->dirty = 0;
	page->rip = io()->header.rip;
	page->rsi = io()->rsi;
	page->rdi = io()->rdi;
	page->rcx = io()->rcx;
	assert_works(mshv_vp_run(vp, NULL));
}

static void one_element(void **state)
{
	unsigned int size;

	(void)state;
	for (size = 1; size <= 4; size *= 2) {
		make(PROTECTED, false, size, 0);
		io()->rsi = 0x1003;
		io()->ds_segment.base = 0x2000;
		stop();
		assert_works(complete());
		assert_int_equal(device.used, size);
		assert_memory_equal(device.bytes, ram + 0x3003, size);
		assert_int_equal(page->rsi, 0x1003 + size);
		assert_int_equal(page->rcx, 0);
		assert_int_equal(page->rip, 0x7c02);
		/* once */
		assert_fails(complete(), EINVAL);

		make(PROTECTED, true, size, 0);
		io()->rdi = 0x1ffe;	/* across the end of a page */
		io()->header.rflags = 1 << 10;
		stop();
		assert_works(complete());
		assert_int_equal(ram[0x1ffe], 0);
		if (size > 1)
			assert_int_equal(ram[0x1ffe + size - 1], size - 1);
		assert_int_equal(page->rdi, 0x1ffe - size);
		assert_int_equal(page->rip, 0x7c02);
	}
}

static void repeated(void **state)
{
	(void)state;
	make(LONG, false, 4, 300);
	io()->rsi = 0x1000;
	io()->ds_segment.base = 0x123456;	/* means nothing there */
	io()->ds_segment.limit = 0;
	stop();
	assert_works(complete());
	assert_int_equal(device.used, 1200);
	assert_memory_equal(device.bytes, ram + 0x1000, 1200);
	assert_int_equal(page->rsi, 0x1000 + 1200);
	assert_int_equal(page->rcx, 0);
	assert_int_equal(page->rip, 0x7c02);
	assert_int_equal(page->rdi, 0);

	/* none at all */
	make(LONG, true, 2, 1);
	io()->rcx = 0;
	stop();
	assert_works(complete());
	assert_int_equal(device.calls, 0);
	assert_int_equal(page->rip, 0x7c02);

	/* more than a call does: the guest goes on by itself */
	make(LONG, false, 1, 5000);
	stop();
	assert_works(complete());
	assert_int_equal(device.used, 4096);
	assert_int_equal(page->rcx, 904);
	assert_int_equal(page->rsi, 4096);
	assert_int_equal(page->rip, 0x7c00);
	assert_fails(complete(), EINVAL);
}

static void address_sizes(void **state)
{
	static const struct {
		enum mode mode;
		bool prefix;
		uint64_t rsi, expected, at;
	} rows[] = {
		{ REAL, false, 0xabcd1234fffe, 0xabcd12340002, 0xfffe },
		{ REAL, true, 0xfffe, 0x10002, 0 },
		{ PROTECTED, false, 0xffff00001000, 0x1004, 0x1000 },
		{ PROTECTED, true, 0x55551000, 0x55551004, 0x1000 },
		{ LONG, false, 0x1000, 0x1004, 0x1000 },
		{ LONG, true, 0xffffffff00001000, 0x1004, 0x1000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		make(rows[i].mode, false, 2, 2);
		io()->rsi = rows[i].rsi;
		if (rows[i].prefix)
			prefix(0x67);
		stop();
		/* with 32 bits, the second one is behind the segment's end */
		if (!rows[i].at) {
			assert_fails(complete(), EFAULT);
			assert_int_equal(walk.vector, 13);
			assert_int_equal(page->rsi, 0x10000);
			assert_int_equal(page->rcx, 1);
			assert_int_equal(page->rip, 0x7c00);
			continue;
		}
		assert_works(complete());
		assert_int_equal(page->rsi, rows[i].expected);
		assert_memory_equal(device.bytes, ram + rows[i].at, 2);
		assert_memory_equal(device.bytes + 2,
				    ram + ((rows[i].at + 2) & 0xffff), 2);
	}
}

static void segments(void **state)
{
	static const struct {
		enum mode mode;
		uint8_t byte;
		uint64_t base;
	} rows[] = {
		{ PROTECTED, 0x26, 0x1000 }, { PROTECTED, 0x2e, 0x2000 },
		{ PROTECTED, 0x36, 0x3000 }, { PROTECTED, 0x3e, 0x4000 },
		{ PROTECTED, 0x64, 0x5000 }, { PROTECTED, 0x65, 0x6000 },
		{ LONG, 0x26, 0 }, { LONG, 0x36, 0 }, { LONG, 0x64, 0x5000 },
		{ LONG, 0x65, 0x6000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		make(rows[i].mode, false, 4, 0);
		prefix(rows[i].byte);
		io()->rsi = 0x10;
		io()->es_segment.base = 0x1000;
		io()->header.cs_segment.base = 0x2000;
		io()->header.cs_segment.limit = ~0u;
		io()->ds_segment.base = 0x4000;
		stop();
		page->ss.base = 0x3000;
		page->fs.base = 0x5000;
		page->gs.base = 0x6000;
		page->ss.limit = page->fs.limit = page->gs.limit = ~0u;
		assert_works(complete());
		assert_memory_equal(device.bytes, ram + rows[i].base + 0x10, 4);
		assert_int_equal(page->rip, 0x7c03);
	}

	/* INS goes to ES, whatever the prefix says */
	make(PROTECTED, true, 1, 0);
	prefix(0x64);
	io()->es_segment.base = 0x1000;
	device.next = 0x5a;
	stop();
	assert_works(complete());
	assert_int_equal(ram[0x1000], 0x5a);
}

static void limits(void **state)
{
	(void)state;
	make(PROTECTED, false, 4, 0);
	io()->ds_segment.limit = 0x12;
	io()->rsi = 0x10;
	stop();
	assert_fails(complete(), EFAULT);
	assert_int_equal(walk.vector, 13);
	assert_int_equal(walk.gva, 0x10);
	assert_int_equal(device.calls, 0);
	assert_int_equal(page->dirty, 0);

	/* one that grows down has what is above its limit */
	make(PROTECTED, false, 4, 2);
	io()->ds_segment.segment_type = 7;
	io()->ds_segment.limit = 0xfff;
	io()->rsi = 0x1000;
	io()->header.rflags = 1 << 10;
	stop();
	assert_fails(complete(), EFAULT);
	assert_int_equal(device.calls, 1);
	assert_int_equal(page->rsi, 0xffc);
	assert_int_equal(page->rcx, 1);

	/* the stack has an exception of its own */
	make(PROTECTED, false, 1, 0);
	prefix(0x36);
	io()->rsi = 1;
	stop();
	page->ss.limit = 0;
	assert_fails(complete(), EFAULT);
	assert_int_equal(walk.vector, 12);
}

/* Tables at 0x8000 that have the first page, and read-only the second. */
static void make_tables(void)
{
	uint32_t *directory = (void *)(ram + 0x8000), *table = (void *)(ram + 0x9000);

	memset(directory, 0, PAGE);
	memset(table, 0, PAGE);
	directory[0] = 0x9007;
	table[0] = 0x2007;
	table[1] = 0x3005;
	page->cr0 = 1u << 31 | 1u << 16;
	page->cr3 = 0x8000;
}

static void page_faults(void **state)
{
	(void)state;
	make_tables();
	make(PROTECTED, true, 4, 5);
	io()->rdi = 0xff8;
	stop();
	assert_fails(complete(), EFAULT);
	/* the port wasn't touched for what can't be stored */
	assert_int_equal(device.calls, 2);
	assert_int_equal(walk.vector, 14);
	assert_int_equal(walk.gva, 0x1000);
	assert_int_equal(walk.error_code, 3);	/* present, a write */
	assert_int_equal(ram[0x2fff], 7);
	assert_int_equal(page->rdi, 0x1000);
	assert_int_equal(page->rcx, 3);
	assert_int_equal(page->rip, 0x7c00);

	/* an element of which only the first half is there: nothing happens */
	make(PROTECTED, false, 4, 0);
	io()->rsi = 0x1ffe;
	stop();
	assert_fails(complete(), EFAULT);
	assert_int_equal(walk.gva, 0x2000);
	assert_int_equal(device.calls, 0);

	/* no memory of the guest */
	((uint32_t *)(void *)(ram + 0x9000))[2] = 0x100007;
	stop();
	assert_fails(complete(), ENXIO);
	assert_int_equal(walk.gpa, 0x100000);
	assert_int_equal(page->dirty, 0);
}

static void port_ends_it(void **state)
{
	(void)state;
	make(PROTECTED, true, 1, 9);
	io()->rdi = 0x1000;
	device.stop_at = 4;
	stop();
	assert_fails(complete(), ECANCELED);
	assert_int_equal(page->rdi, 0x1003);
	assert_int_equal(page->rcx, 6);
	assert_int_equal(page->rip, 0x7c00);

	/* at once: the message is still waiting */
	make(PROTECTED, true, 1, 9);
	device.stop_at = 1;
	stop();
	assert_fails(complete(), ECANCELED);
	assert_int_equal(page->dirty, 0);
	assert_works(complete());
	assert_int_equal(page->rcx, 0);
}

static void refused(void **state)
{
	(void)state;
	assert_fails(complete(), EINVAL);	/* no message */
	make(PROTECTED, true, 1, 0);
	io()->access_info.string_op = 0;
	stop();
	assert_fails(complete(), EINVAL);
	make(PROTECTED, true, 3, 0);
	stop();
	assert_fails(complete(), EBADMSG);
	make(PROTECTED, true, 1, 0);
	io()->header.instruction_length = 0;
	stop();
	assert_fails(complete(), EBADMSG);
	make(PROTECTED, true, 1, 0);
	message.header.message_type = HVMSG_X64_HALT;
	stop();
	assert_fails(complete(), EINVAL);
	/* more bytes than there can be */
	make(PROTECTED, true, 1, 0);
	memset(io()->instruction_bytes, 0x67, 16);
	io()->instruction_byte_count = 0xff;
	stop();
	assert_works(complete());
	assert_int_equal(device.calls, 1);
}

/* Without a register page, and a hypervisor that refuses. */
static void by_hypercall(void **state)
{
	struct hv_register_assoc regs[2];
	uint32_t names[] = {
		HV_X64_REGISTER_CR0, HV_X64_REGISTER_CR3, HV_X64_REGISTER_CR4,
		HV_X64_REGISTER_EFER, HV_X64_REGISTER_RFLAGS,
		HV_X64_REGISTER_SS,
	};
	struct fake_answer *answer;

	(void)state;
	make(PROTECTED, false, 1, 0);
	stop();
	page->isvalid = 0;
	memset(regs, 0, sizeof(regs));
	regs[0].name = HV_X64_REGISTER_RSI;
	regs[0].value.reg64 = 1;
	regs[1].name = HV_X64_REGISTER_RIP;
	regs[1].value.reg64 = 0x7c02;
	/* no bit of the names is that of paging */
	expect_get(names, 6, 0);
	answer = expect_set(regs, 2);
	answer->err = EIO;
	answer->status = HV_STATUS_INVALID_VP_STATE;
	assert_fails(complete(), EIO);
	assert_int_equal(device.used, 1);
}

/* Which of the first 64 pages are dirty; the hypervisor knows of none. */
static uint64_t dirty_pages(void)
{
	uint64_t map = 0;

	fake_instead = no_kernel;
	assert_works(mshv_partition_get_dirty_log(partition, 0, 64 * PAGE, &map,
						  LIBMSHV_DIRTY_CLEAR));
	fake_instead = NULL;
	return map;
}

static void writes_are_logged(void **state)
{
	uint8_t bytes[16] = { 0 };

	(void)state;
	make_tables();
	((uint32_t *)(void *)(ram + 0x9000))[1] = 0x5007;
	assert_true(dirty_pages() == 0);

	/* three elements of which one is in both pages; then the port's end */
	make(PROTECTED, true, 4, 9);
	io()->rdi = 0xffa;
	device.stop_at = 4;
	stop();
	assert_fails(complete(), ECANCELED);
	assert_true(dirty_pages() == (1 << 2 | 1 << 5));

	/* nothing was written by these */
	make(PROTECTED, true, 4, 9);
	io()->rdi = 0xffa;
	device.stop_at = 1;
	stop();
	assert_fails(complete(), ECANCELED);
	make(PROTECTED, false, 4, 4);
	io()->rsi = 0xffa;
	stop();
	assert_works(complete());
	assert_works(mshv_vp_read_gva(vp, memory, 0xff8, 0, bytes, 16, &walk));
	assert_true(dirty_pages() == 0);

	assert_works(mshv_vp_write_gva(vp, memory, 0xff8, 0, bytes, 8, &walk));
	assert_true(dirty_pages() == 1 << 2);
	/* half of it */
	((uint32_t *)(void *)(ram + 0x9000))[1] = 0;
	assert_fails(mshv_vp_write_gva(vp, memory, 0xff8, 0, bytes, 16, &walk),
		     EFAULT);
	assert_true(dirty_pages() == 1 << 2);
}

/* The guest has the right to write in its tables, but not from the VMM. */
static void read_only(void **state)
{
	uint8_t bytes[16];

	(void)state;
	memset(bytes, 0xee, sizeof(bytes));
	make_tables();
	((uint32_t *)(void *)(ram + 0x9000))[1] = ROM | 7;

	/* two elements reach memory, the third doesn't leave the port */
	make(PROTECTED, true, 4, 5);
	io()->rdi = 0xff8;
	stop();
	assert_fails(complete(), ENXIO);
	assert_int_equal(walk.result, HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS);
	assert_int_equal(walk.gva, 0x1000);
	assert_int_equal(walk.gpa, ROM);
	assert_int_equal(walk.vector, 0);
	assert_int_equal(device.calls, 2);
	assert_int_equal(ram[0x2fff], 7);
	assert_int_equal(page->rdi, 0x1000);
	assert_int_equal(page->rcx, 3);
	assert_int_equal(page->rip, 0x7c00);

	/* half of an element: nothing at all */
	make(PROTECTED, true, 4, 0);
	io()->rdi = 0xffe;
	ram[0x2ffe] = 0x77;
	stop();
	assert_fails(complete(), ENXIO);
	assert_int_equal(device.calls, 0);
	assert_int_equal(ram[0x2ffe], 0x77);
	assert_int_equal(page->dirty, 0);

	assert_fails(mshv_vp_write_gva(vp, memory, 0x1000, 0, bytes, 1, &walk),
		     ENXIO);
	assert_int_equal(walk.result, HV_TRANSLATE_GVA_GPA_NO_WRITE_ACCESS);
	assert_fails(mshv_vp_write_gva(vp, memory, 0xff8,
				       HV_TRANSLATE_GVA_VALIDATE_WRITE, bytes,
				       16, &walk), ENXIO);
	assert_int_equal(walk.gva, 0x1000);
	assert_int_equal(ram[0x2fff], 0xee);
	assert_int_equal(rom[0], 0x0f);

	/* but read, also by OUTS; and written by the VMM */
	assert_works(mshv_vp_read_gva(vp, memory, 0x1000, 0, bytes, 1, &walk));
	assert_int_equal(bytes[0], 0x0f);
	make(PROTECTED, false, 1, 0);
	io()->rsi = 0x1000;
	stop();
	assert_works(complete());
	assert_int_equal(device.bytes[0], 0x0f);
	assert_works(mshv_memory_write(memory, ROM, "w", 1));
	assert_int_equal(rom[0], 'w');
}

static void virtual_memory(void **state)
{
	uint8_t bytes[0x1800];

	(void)state;
	make_tables();
	assert_works(mshv_vp_read_gva(vp, memory, 0x800, 0, bytes, 0x1800, &walk));
	assert_memory_equal(bytes, ram + 0x2800, 0x800);
	assert_memory_equal(bytes + 0x800, ram + 0x3000, 0x1000);
	memset(bytes, 0xee, sizeof(bytes));
	assert_works(mshv_vp_write_gva(vp, memory, 0x800,
				       HV_TRANSLATE_GVA_VALIDATE_READ, bytes,
				       0x900, &walk));
	assert_int_equal(ram[0x3000 + 0xff], 0xee);
	assert_fails(mshv_vp_write_gva(vp, memory, 0xffe,
				       HV_TRANSLATE_GVA_VALIDATE_WRITE, bytes, 4,
				       &walk), EFAULT);
	assert_int_equal(walk.gva, 0x1000);
	assert_int_equal(walk.vector, 14);
	assert_works(mshv_vp_read_gva(vp, memory, 0, 0, NULL, 0, &walk));
	assert_fails(mshv_vp_read_gva(vp, memory, ~0ull, 0, bytes, 2, &walk), EINVAL);
	assert_fails(mshv_vp_read_gva(vp, memory, 0, 0, NULL, 1, &walk), EINVAL);
	assert_fails(mshv_vp_read_gva(vp, NULL, 0, 0, bytes, 1, &walk), EINVAL);
	assert_fails(mshv_vp_read_gva(vp, memory, 0, 0, bytes, 1, NULL), EINVAL);
	assert_fails(mshv_vp_read_gva(NULL, memory, 0, 0, bytes, 1, &walk), EINVAL);
	assert_fails(mshv_vp_write_gva(NULL, memory, 0, 0, bytes, 1, &walk), EINVAL);
	assert_fails(mshv_vp_write_gva(vp, memory, 0, 0, NULL, 1, &walk), EINVAL);
}

/* A thread's VP does I/O while another thread adds memory, and its own port, too. */
#define ADDED	(1ull << 32)

static atomic_bool stopped;

static int adding_port(void *context, uint16_t number, int write, void *data,
		       size_t size)
{
	uint64_t *next = context;

	(void)number;
	(void)write;
	memset(data, 0x33, size);
	*next += PAGE;
	return mshv_memory_map(memory, *next, ram, PAGE, 0);
}

static void *use_memory(void *arg)
{
	uint8_t bytes[8];
	uint64_t next = ADDED * 2;
	int *failed = arg;
	unsigned int i;

	for (i = 0; !*failed && (i < 100 || !atomic_load(&stopped)); i++) {
		*failed = mshv_vp_read_gva(vp, memory, 0x800, 0, bytes, 8, &walk) ||
			  mshv_vp_write_gva(vp, memory, 0x800, 0, bytes, 8,
					    &walk) ||
			  mshv_vp_walk_gva(vp, memory, 0x801, 0, &walk) ||
			  walk.gpa != 0x2801;
	}
	*failed = *failed || mshv_vp_complete_string_io(vp, memory, adding_port,
							&next, &walk) ||
		  page->rcx;
	return NULL;
}

static void memory_is_added(void **state)
{
	pthread_t thread;
	int failed = 0;
	uint64_t i;

	(void)state;
	make_tables();
	make(PROTECTED, true, 1, 20);
	io()->rdi = 0x100;
	stop();
	fake_instead = no_kernel;
	atomic_store(&stopped, false);
	assert_int_equal(pthread_create(&thread, NULL, use_memory,
					&failed), 0);
	for (i = 0; i < 300; i++)
		assert_works(mshv_memory_map(memory, ADDED + i * PAGE, ram, PAGE,
					     0));
	for (i = 0; i < 300; i++)
		assert_works(mshv_memory_unmap(memory, ADDED + i * PAGE));
	atomic_store(&stopped, true);
	assert_int_equal(pthread_join(thread, NULL), 0);
	assert_int_equal(failed, 0);
	assert_int_equal(ram[0x2113], 0x33);
	assert_works(mshv_memory_unmap(memory, ADDED * 2 + 20 * PAGE));
	fake_instead = NULL;
}

#else

static void not_here(void **state)
{
	char c = 0;

	(void)state;
	assert_fails(complete(), EOPNOTSUPP);
	assert_fails(mshv_vp_read_gva(vp, memory, 0, 0, &c, 1, &walk), EOPNOTSUPP);
	assert_fails(mshv_vp_write_gva(vp, memory, 0, 0, &c, 1, &walk), EOPNOTSUPP);
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		io_test(arguments),
#if defined(__x86_64__)
		io_test(one_element),
		io_test(repeated),
		io_test(address_sizes),
		io_test(segments),
		io_test(limits),
		io_test(page_faults),
		io_test(port_ends_it),
		io_test(refused),
		io_test(by_hypercall),
		io_test(read_only),
		io_test(writes_are_logged),
		io_test(virtual_memory),
		io_test(memory_is_added),
#else
		io_test(not_here),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
