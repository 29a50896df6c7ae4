// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Views of messages, friendly and hostile. */
#include "config.h"

#include <stdlib.h>

#include "fake.h"

static struct hv_message message;

/* A message of this type that states its payload size, all bytes 0. */
static void *make(uint32_t type, size_t size)
{
	memset(&message, 0, sizeof(message));
	message.header.message_type = type;
	message.header.payload_size = (uint8_t)size;
	return message.u.payload;
}

#define assert_no_view(call, err) do { \
	errno = 0; \
	assert_null(call); \
	assert_int_equal(errno, err); \
	assert_int_equal(mshv_last_error()->errnum, err); \
} while (0)

typedef const void *view_fn(const struct hv_message *message);

/* One wrapper per view, so that a table can hold them. */
#define VIEW(name) \
static const void *name(const struct hv_message *m) \
{ \
	return mshv_message_##name(m); \
}
VIEW(x64_header)
VIEW(x64_io_port)
VIEW(x64_memory)
VIEW(arm64_memory)
VIEW(x64_msr)
VIEW(x64_cpuid)
VIEW(x64_exception)
VIEW(x64_halt)
VIEW(x64_unrecoverable_exception)
VIEW(x64_hypercall)
VIEW(x64_interruption_deliverable)
VIEW(x64_sint_deliverable)
VIEW(x64_sipi)
VIEW(x64_vmgexit)
VIEW(x64_apic_eoi)
VIEW(x64_gpa_attribute)
VIEW(x64_invalid_vp_register)
VIEW(x64_unsupported_feature)
VIEW(arm64_header)
VIEW(arm64_reset)
VIEW(opaque_intercept)
VIEW(timer)
VIEW(async_completion)
VIEW(vp_signal_bitset)
VIEW(vp_signal_pair)

enum header { NONE, X64, ARM64, BOTH };

static const struct row {
	view_fn *view;
	uint32_t type;
	size_t size;		/* as in the driver's and the hypervisor's ABI */
	enum header header;
} rows[] = {
	{ x64_io_port, HVMSG_X64_IO_PORT_INTERCEPT, 128, X64 },
	{ x64_msr, HVMSG_X64_MSR_INTERCEPT, 64, X64 },
	{ x64_cpuid, HVMSG_X64_CPUID_INTERCEPT, 104, X64 },
	{ x64_exception, HVMSG_X64_EXCEPTION_INTERCEPT, 240, X64 },
	{ x64_halt, HVMSG_X64_HALT, 40, X64 },
	{ x64_hypercall, HVMSG_HYPERCALL_INTERCEPT, 196, X64 },
	{ x64_interruption_deliverable, HVMSG_X64_INTERRUPTION_DELIVERABLE,
	  48, X64 },
	{ x64_sint_deliverable, HVMSG_SYNIC_SINT_DELIVERABLE, 48, X64 },
	{ x64_sipi, HVMSG_X64_SIPI_INTERCEPT, 48, X64 },
	{ x64_vmgexit, HVMSG_X64_SEV_VMGEXIT_INTERCEPT, 104, X64 },
	{ x64_unrecoverable_exception, HVMSG_UNRECOVERABLE_EXCEPTION, 40, X64 },
	{ x64_memory, HVMSG_UNMAPPED_GPA, 80, BOTH },
	{ x64_memory, HVMSG_GPA_INTERCEPT, 80, BOTH },
	{ x64_memory, HVMSG_UNACCEPTED_GPA, 80, BOTH },
	{ arm64_memory, HVMSG_UNMAPPED_GPA, 64, BOTH },
	{ arm64_memory, HVMSG_GPA_INTERCEPT, 64, BOTH },
	{ arm64_memory, HVMSG_UNACCEPTED_GPA, 64, BOTH },
	{ arm64_reset, HVMSG_ARM64_RESET_INTERCEPT, 32, ARM64 },
	{ x64_apic_eoi, HVMSG_X64_APIC_EOI, 8, NONE },
	{ x64_invalid_vp_register, HVMSG_INVALID_VP_REGISTER_VALUE, 8, NONE },
	{ x64_unsupported_feature, HVMSG_UNSUPPORTED_FEATURE, 16, NONE },
	{ opaque_intercept, HVMSG_OPAQUE_INTERCEPT, 4, NONE },
	{ timer, HVMSG_TIMER_EXPIRED, 24, NONE },
	{ async_completion, HVMSG_ASYNC_CALL_COMPLETION, 24, NONE },
	/* without an element in the list */
	{ x64_gpa_attribute, HVMSG_GPA_ATTRIBUTE_INTERCEPT, 8, NONE },
	{ vp_signal_bitset, HVMSG_SCHEDULER_VP_SIGNAL_BITSET, 32, NONE },
	{ vp_signal_pair, HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 160, NONE },
};

/* Makes a message that is right in all that is checked. */
static void *make_good(const struct row *row)
{
	void *payload = make(row->type, row->size);

	if (row->type == HVMSG_X64_IO_PORT_INTERCEPT)
		((struct hv_x64_io_port_intercept_message *)
		 payload)->access_info.access_size = 1;
	return payload;
}

static void assert_header(view_fn *view, bool has, const void *payload)
{
	if (has)
		assert_ptr_equal(view(&message), payload);
	else
		assert_no_view(view(&message), EINVAL);
}

static void each_type_has_its_view(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		void *payload = make_good(&rows[i]);

		/* so that a smaller structure of the same type fits, too */
		message.header.payload_size = 240;
		assert_int_equal(mshv_message_type(&message), rows[i].type);
		for (j = 0; j < ARRAY_SIZE(rows); j++) {
			if (rows[j].view == rows[i].view ||
			    rows[j].type == rows[i].type)
				assert_ptr_equal(rows[j].view(&message),
						 payload);
			else if (rows[i].header != BOTH ||
				 rows[j].header != BOTH)
				assert_no_view(rows[j].view(&message), EINVAL);
		}
		assert_header(x64_header, rows[i].header & X64, payload);
		assert_header(arm64_header, rows[i].header & ARM64, payload);
	}
}

/* A list that isn't all used may end early, and can't have more than fits. */
static void lists(void **state)
{
	struct hv_x64_gpa_attribute_intercept_message *gpa;
	struct hv_vp_signal_bitset_scheduler_message *bitset;
	struct hv_vp_signal_pair_scheduler_message *pair;
	unsigned int n;

	(void)state;
	for (n = 0; n < 32; n++) {
		gpa = make(HVMSG_GPA_ATTRIBUTE_INTERCEPT, n < 29 ? 8 + 8 * n :
								   240);
		gpa->range_count = n & 31;
		if (n > 29) {
			assert_no_view(x64_gpa_attribute(&message), EBADMSG);
			continue;
		}
		assert_ptr_equal(x64_gpa_attribute(&message), gpa);
		message.header.payload_size--;
		assert_no_view(x64_gpa_attribute(&message), EBADMSG);
	}
	for (n = 0; n < 256; n++) {
		pair = make(HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 240);
		pair->vp_count = (uint8_t)n;
		if (n > 19) {
			assert_no_view(vp_signal_pair(&message), EBADMSG);
			continue;
		}
		assert_ptr_equal(vp_signal_pair(&message), pair);
		message.header.payload_size = (uint8_t)(160 + 4 * n);
		assert_ptr_equal(vp_signal_pair(&message), pair);
		message.header.payload_size--;
		assert_no_view(vp_signal_pair(&message), EBADMSG);
	}
	for (n = 0; n < 64; n++) {
		bitset = make(HVMSG_SCHEDULER_VP_SIGNAL_BITSET,
			      n <= 16 ? 32 + 8 * n : 240);
		bitset->vp_bitset.bitset_buffer[1] = (1ULL << n) - 1;
		if (n > 16)
			assert_no_view(vp_signal_bitset(&message), EBADMSG);
		else
			assert_ptr_equal(vp_signal_bitset(&message), bitset);
	}
}

static void stated_size(void **state)
{
	size_t i, size;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		void *payload = make_good(&rows[i]);

		for (size = 0; size <= UINT8_MAX; size++) {
			message.header.payload_size = (uint8_t)size;
			/* 0: not stated */
			if (!size || size >= rows[i].size)
				assert_ptr_equal(rows[i].view(&message),
						 payload);
			else
				assert_no_view(rows[i].view(&message), EBADMSG);
		}
	}
}

static void null_and_unknown(void **state)
{
	size_t i;

	(void)state;
	assert_int_equal(mshv_message_type(NULL), HVMSG_NONE);
	assert_int_equal(mshv_message_instruction(NULL, NULL), 0);
	assert_no_view(x64_header(NULL), EINVAL);
	make(0xdeadbeef, 240);
	assert_no_view(x64_header(&message), EINVAL);
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		assert_no_view(rows[i].view(NULL), EINVAL);
		assert_no_view(rows[i].view(&message), EINVAL);
	}
	make(HVMSG_NONE, 0);
	assert_no_view(x64_header(&message), EINVAL);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(mshv_message_type_name(0x80010000),
			    "HVMSG_X64_IO_PORT_INTERCEPT");
	assert_string_equal(mshv_message_type_name(0x80000000),
			    "HVMSG_UNMAPPED_GPA");
	assert_string_equal(mshv_message_type_name(0), "HVMSG_NONE");
	assert_string_equal(mshv_message_type_name(0x8001000c),
			    "HVMSG_ARM64_RESET_INTERCEPT");
	assert_null(mshv_message_type_name(0xdeadbeef));
}

static void port_access(void **state)
{
	struct hv_x64_io_port_intercept_message *io;
	unsigned int size, access;

	(void)state;
	for (size = 0; size < 8; size++) {
		for (access = 0; access < 256; access++) {
			io = make(HVMSG_X64_IO_PORT_INTERCEPT, 128);
			io->port_number = 0x3f8;
			io->access_info.access_size = (uint8_t)(size & 7);
			io->header.intercept_access_type = (uint8_t)access;
			if ((size == 1 || size == 2 || size == 4) &&
			    access <= 1)
				assert_ptr_equal(x64_io_port(&message), io);
			else
				assert_no_view(x64_io_port(&message), EBADMSG);
		}
	}
}

static void instruction(void **state)
{
	static const struct {
		uint32_t type;
		size_t count_at, bytes_at, max;
	} places[] = {
		{ HVMSG_X64_IO_PORT_INTERCEPT, 43, 56, 16 },
		{ HVMSG_X64_EXCEPTION_INTERCEPT, 43, 64, 16 },
#if defined(__x86_64__)
		{ HVMSG_UNMAPPED_GPA, 44, 64, 16 },
		{ HVMSG_GPA_INTERCEPT, 44, 64, 16 },
#else
		{ HVMSG_UNMAPPED_GPA, 28, 32, 4 },
		{ HVMSG_GPA_INTERCEPT, 28, 32, 4 },
#endif
	};
	const uint8_t *bytes;
	size_t i, count;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(places); i++) {
		uint8_t *payload = make(places[i].type, 240);

		for (count = 0; count <= UINT8_MAX; count++) {
			size_t known = count <= places[i].max ? count : 0;

			payload[places[i].count_at] = (uint8_t)count;
			bytes = (void *)1;
			assert_int_equal(mshv_message_instruction(&message,
								  &bytes),
					 known);
			assert_ptr_equal(bytes,
					 known ? payload + places[i].bytes_at :
						 NULL);
			assert_int_equal(mshv_message_instruction(&message,
								  NULL),
					 known);
		}

		/* a message that says that the bytes aren't there */
		payload[places[i].count_at] = 1;
		message.header.payload_size = 8;
		assert_int_equal(mshv_message_instruction(&message, &bytes), 0);
		assert_null(bytes);
	}
	make(HVMSG_X64_HALT, 40);
	bytes = (void *)1;
	assert_int_equal(mshv_message_instruction(&message, &bytes), 0);
	assert_null(bytes);
}

static void check_inside(const void *view, size_t size,
			 const struct hv_message *m)
{
	if (!view)
		return;
	assert_true((const char *)view >= (const char *)m->u.payload);
	assert_true((const char *)view + size <= (const char *)(m + 1));
}

/* Whatever the bytes are: nothing outside of the message is pointed to. */
static void hostile_bytes(void **state)
{
	/* On the heap, without a byte to spare, for the address sanitizer. */
	struct hv_message *m = test_malloc(sizeof(*m));
	uint8_t *raw = (uint8_t *)m;
	const uint8_t *bytes;
	unsigned int round;
	size_t i, count;

	(void)state;
	srand(1);
	for (round = 0; round < 20000; round++) {
		for (i = 0; i < sizeof(*m); i++)
			raw[i] = (uint8_t)rand();
		/* Mostly types that there are. */
		if (round % 8)
			m->header.message_type =
				rows[round % ARRAY_SIZE(rows)].type;

		check_inside(x64_header(m), 40, m);
		for (i = 0; i < ARRAY_SIZE(rows); i++)
			check_inside(rows[i].view(m), rows[i].size, m);
		count = mshv_message_instruction(m, &bytes);
		assert_true(count <= 16);
		check_inside(bytes, count, m);
		(void)mshv_message_type_name(mshv_message_type(m));
	}
	test_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_type_has_its_view),
		cmocka_unit_test(lists),
		cmocka_unit_test(stated_size),
		cmocka_unit_test(null_and_unknown),
		cmocka_unit_test(names),
		cmocka_unit_test(port_access),
		cmocka_unit_test(instruction),
		cmocka_unit_test(hostile_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
