// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Messages as text, friendly and hostile. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include <mshv/hv_register_names.h>

#include "fake.h"
#include "message-table.h"

#define LONGEST	(LIBMSHV_MESSAGE_TEXT_BYTES - 1)

static struct hv_message message;
static char text[LONGEST + 1];

static void *make(uint32_t type, size_t size)
{
	memset(&message, 0, sizeof(message));
	message.header.message_type = type;
	message.header.payload_size = (uint8_t)size;
	return message.u.payload;
}

static const char *format(enum libmshv_arch arch)
{
	int len = mshv_message_format(&message, arch, text, sizeof(text));

	assert_in_range(len, 1, LONGEST);
	assert_int_equal(strlen(text), len);
	return text;
}

#define assert_text(arch, expected) \
	assert_string_equal(format(LIBMSHV_ARCH_##arch), expected)

#define X64_HEADER \
	"vp=3 rip=0xfff0 rflags=0x2 cs=0xf000 cs.base=0xf0000 cs.limit=0xffff " \
	"cs.attr=0x9b access=write insn_len=2 cr8=5 cpl=3 vtl=1 "

static void fill_x64(void *payload)
{
	struct hv_x64_intercept_message_header *header = payload;

	header->vp_index = 3;
	header->rip = 0xfff0;
	header->rflags = 2;
	header->cs_segment.selector = 0xf000;
	header->cs_segment.base = 0xf0000;
	header->cs_segment.limit = 0xffff;
	header->cs_segment.attributes = 0x9b;
	header->intercept_access_type = HV_INTERCEPT_ACCESS_WRITE;
	header->instruction_length = 2;
	header->cr8 = 5;
	header->execution_state.cpl = 3;
	header->execution_state.vtl = 1;
}

static void fill_arm64(void *payload)
{
	struct hv_arm64_intercept_message_header *header = payload;

	header->vp_index = 4;
	header->pc = 0xffff000000001000;
	header->cpsr = 0x3c5;
	header->intercept_access_type = HV_INTERCEPT_ACCESS_EXECUTE;
	header->instruction_length = 4;
	header->execution_state.cpl = 1;
	header->execution_state.vtl = 2;
	header->execution_state.debug_active = 1;
	header->execution_state.virtualization_fault_active = 1;
}

#define ARM64_HEADER \
	"vp=4 pc=0xffff000000001000 cpsr=0x3c5 access=execute insn_len=4 el=1 " \
	"vtl=2 state=debug,ve"

static void x64_header(void **state)
{
	struct hv_x64_intercept_message_header *header;

	(void)state;
	header = make(HVMSG_X64_HALT, 40);
	fill_x64(header);
	assert_text(NATIVE, "HVMSG_X64_HALT " X64_HEADER "state=-");
	header->execution_state.cr0_pe = 1;
	header->execution_state.efer_lma = 1;
	header->execution_state.interruption_pending = 1;
	header->execution_state.interrupt_shadow = 1;
	assert_text(X64, "HVMSG_X64_HALT " X64_HEADER
		    "state=pe,lma,pending,shadow");
	header->execution_state.as_uint16 |= 0x8000;
	assert_text(X64, "HVMSG_X64_HALT " X64_HEADER
		    "state=pe,lma,pending,shadow,0x8000");
	header->execution_state.as_uint16 &= 0xff83;
	header->execution_state.interrupt_shadow = 0;
	assert_text(X64, "HVMSG_X64_HALT " X64_HEADER "state=0x8000");
	make(HVMSG_UNRECOVERABLE_EXCEPTION, 40);
	fill_x64(header);
	assert_text(X64, "HVMSG_UNRECOVERABLE_EXCEPTION " X64_HEADER "state=-");
}

static void port(void **state)
{
	struct hv_x64_io_port_intercept_message *io;

	(void)state;
	io = make(HVMSG_X64_IO_PORT_INTERCEPT, 128);
	fill_x64(io);
	io->port_number = 0x3f8;
	io->access_info.access_size = 4;
	io->access_info.string_op = 1;
	io->rax = 0x41;
	io->rcx = 0x42;
	io->rsi = 0x43;
	io->rdi = 0x44;
	io->ds_segment.selector = 8;
	io->es_segment.limit = 0xffffffff;
	io->instruction_byte_count = 3;
	io->instruction_bytes[0] = 0xf3;
	io->instruction_bytes[2] = 0x6f;
	assert_text(NATIVE, "HVMSG_X64_IO_PORT_INTERCEPT " X64_HEADER "state=- "
		    "port=0x3f8 size=4 op=string rax=0x41 rcx=0x42 rsi=0x43 "
		    "rdi=0x44 ds=0x8 ds.base=0x0 ds.limit=0x0 ds.attr=0x0 "
		    "es=0x0 es.base=0x0 es.limit=0xffffffff es.attr=0x0 "
		    "insn=f3006f");
	io->access_info.rep_prefix = 1;
	io->instruction_byte_count = 17;
	io->header.intercept_access_type = 3;
	format(LIBMSHV_ARCH_X64);
	assert_non_null(strstr(text, " op=string,rep "));
	assert_non_null(strstr(text, " insn=?17"));
	assert_non_null(strstr(text, " access=0x3 "));
}

static void memory(void **state)
{
	struct hv_x64_memory_intercept_message *x64;
	struct hv_arm64_memory_intercept_message *arm64;
	uint32_t type;

	(void)state;
	x64 = make(HVMSG_GPA_INTERCEPT, 80);
	fill_x64(x64);
	x64->guest_physical_address = 0xfee00000;
	x64->guest_virtual_address = 0x7fffe000;
	x64->memory_access_info.gva_valid = 1;
	x64->memory_access_info.tlb_locked_no_overlay = 1;
	x64->cache_type = 6;
	x64->tpr_priority = 7;
	assert_text(X64, "HVMSG_GPA_INTERCEPT " X64_HEADER "state=- "
		    "gpa=0xfee00000 gva=0x7fffe000 valid=gva,tlb-locked "
		    "cache=write-back tpr=7 insn=-");
	x64->cache_type = 2;	/* a gap in the names */
	format(LIBMSHV_ARCH_X64);
	assert_non_null(strstr(text, " cache=0x2 "));

	for (type = 0; type < 3; type++) {
		arm64 = make(HVMSG_UNMAPPED_GPA, 64);
		fill_arm64(arm64);
		arm64->guest_physical_address = 0x9000000;
		arm64->guest_virtual_address = 0xffff800000000000;
		arm64->memory_access_info.gva_gpa_valid = 1;
		arm64->syndrome = 0x93810045;
		arm64->cache_type = 1;
		arm64->instruction_byte_count = 4;
		memset(arm64->instruction_bytes, 0x9a, 4);
		assert_text(ARM64, "HVMSG_UNMAPPED_GPA " ARM64_HEADER
			    " gpa=0x9000000 gva=0xffff800000000000 valid=gva-gpa "
			    "syndrome=0x93810045 cache=0x1 insn=9a9a9a9a");
	}
}

static void processor(void **state)
{
	struct hv_x64_msr_intercept_message *msr;
	struct hv_x64_cpuid_intercept_message *cpuid;
	struct hv_x64_hypercall_intercept_message *call;
	struct hv_x64_sipi_intercept_message *sipi;
	struct hv_x64_vmgexit_intercept_message *exit;

	(void)state;
	msr = make(HVMSG_X64_MSR_INTERCEPT, 64);
	fill_x64(msr);
	msr->msr_number = 0xc0000080;
	msr->rax = 1;
	msr->rdx = 2;
	assert_text(ARM64, "HVMSG_X64_MSR_INTERCEPT " X64_HEADER "state=- "
		    "msr=0xc0000080 rax=0x1 rdx=0x2");

	cpuid = make(HVMSG_X64_CPUID_INTERCEPT, 0);
	fill_x64(cpuid);
	cpuid->rax = 0x40000000;
	cpuid->rcx = 1;
	cpuid->rdx = 2;
	cpuid->rbx = 3;
	cpuid->default_result_rax = 4;
	cpuid->default_result_rcx = 5;
	cpuid->default_result_rdx = 6;
	cpuid->default_result_rbx = 7;
	assert_text(X64, "HVMSG_X64_CPUID_INTERCEPT " X64_HEADER "state=- "
		    "rax=0x40000000 rbx=0x3 rcx=0x1 rdx=0x2 default.rax=0x4 "
		    "default.rbx=0x7 default.rcx=0x5 default.rdx=0x6");

	call = make(HVMSG_HYPERCALL_INTERCEPT, 196);
	fill_x64(call);
	call->rax = 1;
	call->rbx = 2;
	call->rcx = 3;
	call->rdx = 4;
	call->r8 = 5;
	call->rsi = 6;
	call->rdi = 7;
	call->xmmregisters[0].low_part = 8;
	call->xmmregisters[5].high_part = 9;
	call->isolated = 1;
	assert_text(X64, "HVMSG_HYPERCALL_INTERCEPT " X64_HEADER "state=- "
		    "rax=0x1 rbx=0x2 rcx=0x3 rdx=0x4 rsi=0x6 rdi=0x7 r8=0x5 "
		    "xmm0.low=0x8 xmm0.high=0x0 xmm1.low=0x0 xmm1.high=0x0 "
		    "xmm2.low=0x0 xmm2.high=0x0 xmm3.low=0x0 xmm3.high=0x0 "
		    "xmm4.low=0x0 xmm4.high=0x0 xmm5.low=0x0 xmm5.high=0x9 "
		    "isolated=1");

	sipi = make(HVMSG_X64_SIPI_INTERCEPT, 48);
	fill_x64(sipi);
	sipi->target_vp_index = 12;
	sipi->interrupt_vector = 0x9a;
	assert_text(X64, "HVMSG_X64_SIPI_INTERCEPT " X64_HEADER "state=- "
		    "target_vp=12 vector=0x9a");

	exit = make(HVMSG_X64_SEV_VMGEXIT_INTERCEPT, 104);
	fill_x64(exit);
	exit->ghcb_msr = 0x1001;
	exit->ghcb_page_valid = 1;
	exit->ghcb_usage = 1;
	exit->ghcb_protocol_version = 2;
	exit->sw_exit_code = 0x80000010;
	exit->sw_exit_info1 = 3;
	exit->sw_exit_info2 = 4;
	exit->sw_scratch = 5;
	assert_text(X64, "HVMSG_X64_SEV_VMGEXIT_INTERCEPT " X64_HEADER
		    "state=- ghcb_msr=0x1001 ghcb_valid=1 usage=0x1 protocol=2 "
		    "exit_code=0x80000010 exit_info1=0x3 exit_info2=0x4 "
		    "scratch=0x5");
}

static void exception(void **state)
{
	struct hv_x64_exception_intercept_message *e;

	(void)state;
	e = make(HVMSG_X64_EXCEPTION_INTERCEPT, 240);
	fill_x64(e);
	e->exception_vector = 14;
	e->exception_info.error_code_valid = 1;
	e->error_code = 2;
	e->exception_parameter = 0xdead000;
	e->rax = 0x10;
	e->rcx = 0x11;
	e->rdx = 0x12;
	e->rbx = 0x13;
	e->rsp = 0x14;
	e->rbp = 0x15;
	e->rsi = 0x16;
	e->rdi = 0x17;
	e->r8 = 0x18;
	e->r9 = 0x19;
	e->r10 = 0x1a;
	e->r11 = 0x1b;
	e->r12 = 0x1c;
	e->r13 = 0x1d;
	e->r14 = 0x1e;
	e->r15 = 0x1f;
	e->ds_segment.selector = 0x20;
	e->ss_segment.base = 0x21;
	e->instruction_byte_count = 16;
	e->instruction_bytes[15] = 0x90;
	assert_text(X64, "HVMSG_X64_EXCEPTION_INTERCEPT " X64_HEADER "state=- "
		    "vector=#PF flags=error-code error_code=0x2 "
		    "parameter=0xdead000 rax=0x10 rbx=0x13 rcx=0x11 rdx=0x12 "
		    "rsp=0x14 rbp=0x15 rsi=0x16 rdi=0x17 r8=0x18 r9=0x19 "
		    "r10=0x1a r11=0x1b r12=0x1c r13=0x1d r14=0x1e r15=0x1f "
		    "ds=0x20 ds.base=0x0 ds.limit=0x0 ds.attr=0x0 ss=0x0 "
		    "ss.base=0x21 ss.limit=0x0 ss.attr=0x0 "
		    "insn=00000000000000000000000000000090");
	e->exception_vector = 9;
	format(LIBMSHV_ARCH_X64);
	assert_non_null(strstr(text, " vector=0x9 "));
	e->exception_vector = 0xffff;
	format(LIBMSHV_ARCH_X64);
	assert_non_null(strstr(text, " vector=0xffff "));
}

static void without_header(void **state)
{
	struct hv_x64_apic_eoi_message *eoi;
	struct hv_x64_invalid_vp_register_message *invalid;
	struct hv_x64_unsupported_feature_message *feature;
	struct hv_opaque_intercept_message *opaque;
	struct hv_timer_message_payload *timer;
	struct hv_async_completion_message_payload *completion;

	(void)state;
	eoi = make(HVMSG_X64_APIC_EOI, 8);
	eoi->vp_index = 1;
	eoi->interrupt_vector = 0x31;
	assert_text(NATIVE, "HVMSG_X64_APIC_EOI vp=1 vector=0x31");

	invalid = make(HVMSG_INVALID_VP_REGISTER_VALUE, 8);
	invalid->vp_index = 2;
	assert_text(X64, "HVMSG_INVALID_VP_REGISTER_VALUE vp=2");
	assert_text(ARM64, "HVMSG_INVALID_VP_REGISTER_VALUE "
		    "payload=0200000000000000");

	feature = make(HVMSG_UNSUPPORTED_FEATURE, 16);
	feature->feature_code = HV_UNSUPPORTED_FEATURE_TASK_SWITCH_TSS;
	feature->feature_parameter = 0x28;
	assert_text(X64, "HVMSG_UNSUPPORTED_FEATURE vp=0 "
		    "feature=task-switch-tss parameter=0x28");
	feature->feature_code = 0;
	assert_text(X64, "HVMSG_UNSUPPORTED_FEATURE vp=0 "
		    "feature=0x0 parameter=0x28");

	opaque = make(HVMSG_OPAQUE_INTERCEPT, 4);
	opaque->vp_index = UINT32_MAX;
	assert_text(NATIVE, "HVMSG_OPAQUE_INTERCEPT vp=4294967295");

	timer = make(HVMSG_TIMER_EXPIRED, 24);
	timer->timer_index = 3;
	timer->expiration_time = UINT64_MAX;
	timer->delivery_time = 1000;
	assert_text(NATIVE, "HVMSG_TIMER_EXPIRED timer=3 "
		    "expired_100ns=18446744073709551615 delivered_100ns=1000");

	completion = make(HVMSG_ASYNC_CALL_COMPLETION, 24);
	completion->partition_id = 0x10;
	completion->status = 5;
	completion->completion_count = 10;
	completion->sub_status = 0x77;
	assert_text(NATIVE, "HVMSG_ASYNC_CALL_COMPLETION partition=0x10 "
		    "status=0x5 completed=10 sub_status=0x77");
}

static void others(void **state)
{
	struct hv_x64_interruption_deliverable_message *deliverable;
	struct hv_x64_sint_deliverable_message *sints;
	struct hv_arm64_reset_intercept_message *reset;

	(void)state;
	deliverable = make(HVMSG_X64_INTERRUPTION_DELIVERABLE, 48);
	fill_x64(deliverable);
	deliverable->deliverable_type = HV_X64_PENDING_NMI;
	assert_text(NATIVE, "HVMSG_X64_INTERRUPTION_DELIVERABLE " X64_HEADER
		    "state=- type=nmi");
	sints = make(HVMSG_SYNIC_SINT_DELIVERABLE, 48);
	fill_x64(sints);
	sints->deliverable_sints = 0x8001;
	assert_text(X64, "HVMSG_SYNIC_SINT_DELIVERABLE " X64_HEADER
		    "state=- sints=0x8001");
	reset = make(HVMSG_ARM64_RESET_INTERCEPT, 32);
	fill_arm64(reset);
	reset->reset_type = HV_ARM64_RESET_TYPE_REBOOT;
	reset->reset_code = 9;
	assert_text(NATIVE, "HVMSG_ARM64_RESET_INTERCEPT " ARM64_HEADER
		    " type=reboot code=0x9");
}

static void lists(void **state)
{
	struct hv_x64_gpa_attribute_intercept_message *gpa;
	struct hv_vp_signal_bitset_scheduler_message *bitset;
	struct hv_vp_signal_pair_scheduler_message *pair;

	(void)state;
	gpa = make(HVMSG_GPA_ATTRIBUTE_INTERCEPT, 24);
	gpa->vp_index = 1;
	gpa->adjust = 1;
	gpa->host_visibility = 3;
	gpa->memory_type = 6;
	gpa->range_count = 2;
	gpa->ranges[0].page.basepfn = 0x100;
	gpa->ranges[1].page.basepfn = 0x200;
	assert_text(X64, "HVMSG_GPA_ATTRIBUTE_INTERCEPT vp=1 adjust=1 "
		    "host_visibility=3 memory_type=0x6 ranges=0x100000,0x200000");
	gpa->range_count = 31;
	assert_text(X64, "HVMSG_GPA_ATTRIBUTE_INTERCEPT vp=1 adjust=1 "
		    "host_visibility=3 memory_type=0x6 ranges=?31");
	/* one more than the message says it has */
	gpa->range_count = 3;
	assert_text(X64, "HVMSG_GPA_ATTRIBUTE_INTERCEPT vp=1 adjust=1 "
		    "host_visibility=3 memory_type=0x6 (truncated)");

	bitset = make(HVMSG_SCHEDULER_VP_SIGNAL_BITSET, 48);
	bitset->partition_id = 0x11;
	bitset->vp_count = 2;
	bitset->vp_bitset.bitset_buffer[1] = 0x8001;
	bitset->vp_bitset.bitset_buffer[2] = 1;
	bitset->vp_bitset.bitset_buffer[3] = 2;
	assert_text(NATIVE, "HVMSG_SCHEDULER_VP_SIGNAL_BITSET partition=0x11 "
		    "overflow=0 vps=2 format=0x0 bank_mask=0x8001 "
		    "banks=0x1,0x2");
	bitset->vp_bitset.bitset_buffer[1] = UINT64_MAX;
	format(LIBMSHV_ARCH_X64);
	assert_non_null(strstr(text, " banks=?64"));

	pair = make(HVMSG_SCHEDULER_VP_SIGNAL_PAIR, 0);
	assert_text(NATIVE, "HVMSG_SCHEDULER_VP_SIGNAL_PAIR overflow=0 "
		    "partitions=- vps=-");
	pair->overflow_count = 1;
	pair->vp_count = 2;
	pair->partition_ids[0] = 0x10;
	pair->partition_ids[1] = 0x11;
	pair->vp_indexes[0] = 3;
	assert_text(NATIVE, "HVMSG_SCHEDULER_VP_SIGNAL_PAIR overflow=1 "
		    "partitions=0x10,0x11 vps=0x3,0x0");
	pair->vp_count = 255;
	assert_text(NATIVE, "HVMSG_SCHEDULER_VP_SIGNAL_PAIR overflow=1 "
		    "partitions=?255 vps=?255");
}

static void unknown(void **state)
{
	uint8_t *payload;

	(void)state;
	make(HVMSG_NONE, 0);
	assert_text(NATIVE, "HVMSG_NONE");
	payload = make(0xdeadbeef, 3);
	payload[0] = 0x0f;
	payload[2] = 0xf0;
	payload[5] = 1;
	assert_text(NATIVE, "message 0xdeadbeef payload=0f00f0");
	message.header.payload_size = 0;	/* not stated: all that is set */
	assert_text(X64, "message 0xdeadbeef payload=0f00f0000001");
	make(HVMSG_X64_LEGACY_FP_ERROR, 1);
	assert_text(X64, "HVMSG_X64_LEGACY_FP_ERROR payload=00");
	payload = make(HVMSG_X64_IOMMU_PRQ, 255);
	format(LIBMSHV_ARCH_X64);
	assert_int_equal(strlen(text), strlen("HVMSG_X64_IOMMU_PRQ payload=") +
			 480 + strlen(" (payload_size 255)"));
	assert_non_null(strstr(text, " (payload_size 255)"));
}

static void truncated(void **state)
{
	struct hv_x64_msr_intercept_message *msr;

	(void)state;
	msr = make(HVMSG_X64_MSR_INTERCEPT, 48);
	fill_x64(msr);
	msr->msr_number = 0x10;
	assert_text(X64, "HVMSG_X64_MSR_INTERCEPT " X64_HEADER
		    "state=- msr=0x10 (truncated)");
	message.header.payload_size = 4;
	assert_text(X64, "HVMSG_X64_MSR_INTERCEPT vp=3 (truncated)");
	message.header.payload_size = 1;
	assert_text(X64, "HVMSG_X64_MSR_INTERCEPT (truncated)");
}

/* As snprintf(): says how much there is, writes what there is room for. */
static void any_buffer_size(void **state)
{
	char whole[LONGEST + 1], *part;
	size_t size;
	int len;

	(void)state;
	fill_x64(make(HVMSG_X64_HALT, 40));
	len = mshv_message_format(&message, LIBMSHV_ARCH_X64, whole,
				  sizeof(whole));
	assert_int_equal(mshv_message_format(&message, LIBMSHV_ARCH_X64, NULL,
					     0), len);
	for (size = 1; size < (size_t)len + 3; size++) {
		part = test_malloc(size);	/* not a byte to spare */
		memset(part, 'x', size);
		assert_int_equal(mshv_message_format(&message,
						     LIBMSHV_ARCH_X64, part,
						     size), len);
		assert_int_equal(strlen(part),
				 size <= (size_t)len ? size - 1 : (size_t)len);
		assert_memory_equal(part, whole, strlen(part));
		test_free(part);
	}
}

static void bad_arguments(void **state)
{
	(void)state;
	make(HVMSG_X64_HALT, 40);
	assert_fails(mshv_message_format(NULL, LIBMSHV_ARCH_X64, text, 9),
		     EINVAL);
	assert_fails(mshv_message_format(&message, LIBMSHV_ARCH_X64, NULL, 9),
		     EINVAL);
	assert_fails(mshv_message_format(&message, (enum libmshv_arch)3, text,
					 9), EINVAL);
}

static const uint32_t types[] = {
	0x00000000, 0x80000000, 0x80000001, 0x80000003, 0x80000004, 0x80000010,
	0x80000020, 0x80000021, 0x80000022, 0x8000003f, 0x80000040, 0x80000050,
	0x80000060, 0x80000061, 0x80000062, 0x80000070, 0x80000100, 0x80000101,
	0x80010000, 0x80010001, 0x80010002, 0x80010003, 0x80010004, 0x80010005,
	0x80010006, 0x80010007, 0x80010008, 0x80010009, 0x8001000c, 0x80010013,
};

static void check_fields(const struct libmshv_field *field, size_t size)
{
	for (; field && field->label; field++) {
		size_t elements = field->names || !field->max ? 1 : field->max;

		assert_in_range(field->size, 1, 8);
		assert_true(field->at + elements * field->size <= size);
		assert_true(field->shift + field->width <= 8 * field->size);
		assert_true(field->width < 64);
		assert_true(field->count_at < size);
	}
}

/* All types have a row for both architectures, and rows stay in the payload. */
static void table(void **state)
{
	enum libmshv_arch arch;
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(types); i++) {
		for (arch = LIBMSHV_ARCH_X64; arch <= LIBMSHV_ARCH_ARM64;
		     arch++) {
			const struct libmshv_message_type *row =
				libmshv_message_find(types[i], arch);

			assert_non_null(row);
			assert_true(row->size <= 240);
			check_fields(libmshv_message_header_fields(row),
				     row->size);
			check_fields(row->fields, row->size);
			assert_string_equal(row->name,
					    mshv_message_type_name(types[i]));
		}
	}
}

static void hostile_bytes(void **state)
{
	struct hv_message *m = test_malloc(sizeof(*m));
	char *out = test_malloc(LONGEST + 1);
	uint8_t *raw = (uint8_t *)m;
	unsigned int round;
	size_t i, longest = 0;
	int len;

	(void)state;
	srand(2);
	for (round = 0; round < 40000; round++) {
		for (i = 0; i < sizeof(*m); i++)
			raw[i] = round % 3 ? (uint8_t)rand() : 0xff;
		if (round % 8)
			m->header.message_type =
				types[round % ARRAY_SIZE(types)];
		len = mshv_message_format(m, (enum libmshv_arch)(round % 3),
					  out, LONGEST + 1);
		assert_in_range(len, 1, LONGEST);
		assert_int_equal(strlen(out), len);
		if ((size_t)len > longest)
			longest = (size_t)len;
	}
	print_message("longest text: %zu\n", longest);
	test_free(out);
	test_free(m);
}

static void names(void **state)
{
	(void)state;
	assert_string_equal(mshv_intercept_access_name(0), "read");
	assert_string_equal(mshv_intercept_access_name(1), "write");
	assert_string_equal(mshv_intercept_access_name(2), "execute");
	assert_null(mshv_intercept_access_name(3));
	assert_null(mshv_intercept_access_name(UINT32_MAX));

	assert_string_equal(mshv_register_name(LIBMSHV_ARCH_X64,
					       HV_X64_REGISTER_RIP),
			    "HV_X64_REGISTER_RIP");
	assert_string_equal(mshv_register_name(LIBMSHV_ARCH_ARM64,
					       HV_X64_REGISTER_RAX),
			    "HV_ARM64_REGISTER_X0");
	assert_string_equal(mshv_register_name(LIBMSHV_ARCH_NATIVE,
					       HV_REGISTER_EXPLICIT_SUSPEND),
			    "HV_REGISTER_EXPLICIT_SUSPEND");
	assert_null(mshv_register_name(LIBMSHV_ARCH_X64, 0xdeadbeef));
	assert_null(mshv_register_name((enum libmshv_arch)3, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(x64_header),
		fake_test(port),
		fake_test(memory),
		fake_test(processor),
		fake_test(exception),
		fake_test(without_header),
		fake_test(others),
		fake_test(lists),
		fake_test(unknown),
		fake_test(truncated),
		fake_test(any_buffer_size),
		fake_test(bad_arguments),
		fake_test(table),
		fake_test(hostile_bytes),
		fake_test(names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
