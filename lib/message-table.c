// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The types of messages and their fields. scripts/check-tables holds the list
 * of types against <mshv/hv_synic.h>.
 *
 * A type without fields is one whose payload neither the TLFS nor any client
 * describes; the printer shows its bytes. So does it with what is described
 * for x64 only if the message comes from an arm64 VP. No type is known that
 * would carry struct hv_x64_register_intercept_message or its sister.
 */
#include "config.h"

#include <string.h>

#include "message-table.h"

#define AT(member)	offsetof(struct STRUCTURE, member)
#define SIZE(member)	sizeof(((struct STRUCTURE *)NULL)->member)

#define PLAIN(kind_, label_, member) \
	{ .label = label_, .at = AT(member), .size = SIZE(member), \
	  .kind = LIBMSHV_FIELD_##kind_ }
#define HEX(label, member)	PLAIN(HEX, label, member)
#define DEC(label, member)	PLAIN(DEC, label, member)
#define BITS(kind_, label_, at_, size_, shift_, width_) \
	{ .label = label_, .at = at_, .size = size_, .shift = shift_, \
	  .width = width_, .kind = LIBMSHV_FIELD_##kind_ }
#define NAMED(kind_, label_, member, names_) \
	{ .label = label_, .at = AT(member), .size = SIZE(member), \
	  .kind = LIBMSHV_FIELD_##kind_, .names = names_, \
	  .max = ARRAY_SIZE(names_) }
#define FLAGS(label_, member, shift_, names_) \
	{ .label = label_, .at = AT(member), .size = SIZE(member), \
	  .shift = shift_, .kind = LIBMSHV_FIELD_FLAGS, .names = names_, \
	  .max = ARRAY_SIZE(names_) }
#define COUNTED(kind_, label_, member, count_at_, mask_) \
	{ .label = label_, .at = AT(member), .size = SIZE(member[0]), \
	  .kind = LIBMSHV_FIELD_##kind_, \
	  .max = SIZE(member) / SIZE(member[0]), \
	  .count_at = count_at_, .count_mask = mask_ }
#define INSTRUCTION \
	COUNTED(BYTES, "insn", instruction_bytes, AT(instruction_byte_count), \
		0xff)
#define SEGMENT(label, member) \
	HEX(label, member.selector), \
	HEX(label ".base", member.base), \
	HEX(label ".limit", member.limit), \
	HEX(label ".attr", member.attributes)
#define END	{ .label = NULL }

static const char *const access_types[] = {
	[HV_INTERCEPT_ACCESS_READ] = "read",
	[HV_INTERCEPT_ACCESS_WRITE] = "write",
	[HV_INTERCEPT_ACCESS_EXECUTE] = "execute",
};

/* TLFS, HV_CACHE_TYPE: the numbers that memory types have on x86 */
static const char *const cache_types[] = {
	"uncached", "write-combining", NULL, NULL, "write-through",
	"write-protected", "write-back",
};

/*
 * One table for each structure, with its name as STRUCTURE.
 */
#define STRUCTURE hv_x64_intercept_message_header
static const char *const x64_execution_flags[] = {
	NULL, NULL, "pe", "am", "lma", "debug", "pending",
	NULL, NULL, NULL, NULL, "enclave", "shadow", "ve",
};
static const struct libmshv_field x64_header[] = {
	DEC("vp", vp_index),
	HEX("rip", rip),
	HEX("rflags", rflags),
	SEGMENT("cs", cs_segment),
	NAMED(NAME, "access", intercept_access_type, access_types),
	BITS(DEC, "insn_len", AT(vp_index) + 4, 1, 0, 4),
	BITS(DEC, "cr8", AT(vp_index) + 4, 1, 4, 4),
	BITS(DEC, "cpl", AT(execution_state), 2, 0, 2),
	BITS(DEC, "vtl", AT(execution_state), 2, 7, 4),
	FLAGS("state", execution_state, 0, x64_execution_flags),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_arm64_intercept_message_header
static const char *const arm64_execution_flags[] = {
	NULL, NULL, "debug", "pending", NULL, NULL, NULL, NULL, "ve",
};
static const struct libmshv_field arm64_header[] = {
	DEC("vp", vp_index),
	HEX("pc", pc),
	HEX("cpsr", cpsr),
	NAMED(NAME, "access", intercept_access_type, access_types),
	DEC("insn_len", instruction_length),
	BITS(DEC, "el", AT(execution_state), 2, 0, 2),
	BITS(DEC, "vtl", AT(execution_state), 2, 4, 4),
	FLAGS("state", execution_state, 0, arm64_execution_flags),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_memory_intercept_message
static const char *const x64_memory_flags[] = {
	"gva", "gva-gpa", "hypercall-output", "tlb-locked",
};
static const struct libmshv_field x64_memory[] = {
	HEX("gpa", guest_physical_address),
	HEX("gva", guest_virtual_address),
	FLAGS("valid", memory_access_info, 0, x64_memory_flags),
	NAMED(NAME, "cache", cache_type, cache_types),
	DEC("tpr", tpr_priority),
	INSTRUCTION,
	END
};
#undef STRUCTURE

#define STRUCTURE hv_arm64_memory_intercept_message
static const char *const arm64_memory_flags[] = {
	"gva", "gva-gpa", "hypercall-output",
};
static const struct libmshv_field arm64_memory[] = {
	HEX("gpa", guest_physical_address),
	HEX("gva", guest_virtual_address),
	FLAGS("valid", memory_access_info, 0, arm64_memory_flags),
	HEX("syndrome", syndrome),
	HEX("cache", cache_type),
	INSTRUCTION,
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_io_port_intercept_message
static const char *const port_flags[] = { "string", "rep" };
static const struct libmshv_field x64_io_port[] = {
	HEX("port", port_number),
	BITS(DEC, "size", AT(access_info), 1, 0, 3),
	FLAGS("op", access_info, 3, port_flags),
	HEX("rax", rax),
	HEX("rcx", rcx),
	HEX("rsi", rsi),
	HEX("rdi", rdi),
	SEGMENT("ds", ds_segment),
	SEGMENT("es", es_segment),
	INSTRUCTION,
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_msr_intercept_message
static const struct libmshv_field x64_msr[] = {
	HEX("msr", msr_number),
	HEX("rax", rax),
	HEX("rdx", rdx),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_cpuid_intercept_message
static const struct libmshv_field x64_cpuid[] = {
	HEX("rax", rax),
	HEX("rbx", rbx),
	HEX("rcx", rcx),
	HEX("rdx", rdx),
	HEX("default.rax", default_result_rax),
	HEX("default.rbx", default_result_rbx),
	HEX("default.rcx", default_result_rcx),
	HEX("default.rdx", default_result_rdx),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_exception_intercept_message
/* As the manuals of both vendors abbreviate them. */
static const char *const vectors[] = {
	"#DE", "#DB", "NMI", "#BP", "#OF", "#BR", "#UD", "#NM",
	"#DF", NULL, "#TS", "#NP", "#SS", "#GP", "#PF", NULL,
	"#MF", "#AC", "#MC", "#XM", "#VE", "#CP", NULL, NULL,
	NULL, NULL, NULL, NULL, "#HV", "#VC", "#SX",
};
static const char *const exception_flags[] = { "error-code", "software" };
static const struct libmshv_field x64_exception[] = {
	NAMED(NAME, "vector", exception_vector, vectors),
	FLAGS("flags", exception_info, 0, exception_flags),
	HEX("error_code", error_code),
	HEX("parameter", exception_parameter),
	HEX("rax", rax), HEX("rbx", rbx), HEX("rcx", rcx), HEX("rdx", rdx),
	HEX("rsp", rsp), HEX("rbp", rbp), HEX("rsi", rsi), HEX("rdi", rdi),
	HEX("r8", r8), HEX("r9", r9), HEX("r10", r10), HEX("r11", r11),
	HEX("r12", r12), HEX("r13", r13), HEX("r14", r14), HEX("r15", r15),
	SEGMENT("ds", ds_segment),
	SEGMENT("ss", ss_segment),
	INSTRUCTION,
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_hypercall_intercept_message
#define XMM(n) \
	HEX("xmm" #n ".low", xmmregisters[n].low_part), \
	HEX("xmm" #n ".high", xmmregisters[n].high_part)
static const struct libmshv_field x64_hypercall[] = {
	HEX("rax", rax), HEX("rbx", rbx), HEX("rcx", rcx), HEX("rdx", rdx),
	HEX("rsi", rsi), HEX("rdi", rdi), HEX("r8", r8),
	XMM(0), XMM(1), XMM(2), XMM(3), XMM(4), XMM(5),
	BITS(DEC, "isolated", AT(xmmregisters) + SIZE(xmmregisters), 4, 0, 1),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_sipi_intercept_message
static const struct libmshv_field x64_sipi[] = {
	DEC("target_vp", target_vp_index),
	HEX("vector", interrupt_vector),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_apic_eoi_message
static const struct libmshv_field x64_apic_eoi[] = {
	DEC("vp", vp_index),
	HEX("vector", interrupt_vector),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_interruption_deliverable_message
static const char *const deliverable_types[] = {
	[HV_X64_PENDING_INTERRUPT] = "interrupt",
	[HV_X64_PENDING_NMI] = "nmi",
	[HV_X64_PENDING_EXCEPTION] = "exception",
};
static const struct libmshv_field x64_interruption_deliverable[] = {
	NAMED(NAME, "type", deliverable_type, deliverable_types),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_sint_deliverable_message
static const struct libmshv_field x64_sint_deliverable[] = {
	HEX("sints", deliverable_sints),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_invalid_vp_register_message
static const struct libmshv_field x64_invalid_vp_register[] = {
	DEC("vp", vp_index),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_unsupported_feature_message
static const char *const unsupported_features[] = {
	[HV_UNSUPPORTED_FEATURE_INTERCEPT] = "intercept",
	[HV_UNSUPPORTED_FEATURE_TASK_SWITCH_TSS] = "task-switch-tss",
};
static const struct libmshv_field x64_unsupported_feature[] = {
	DEC("vp", vp_index),
	NAMED(NAME, "feature", feature_code, unsupported_features),
	HEX("parameter", feature_parameter),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_gpa_attribute_intercept_message
static const struct libmshv_field x64_gpa_attribute[] = {
	DEC("vp", vp_index),
	BITS(DEC, "adjust", AT(vp_index) + 4, 4, 5, 1),
	BITS(DEC, "host_visibility", AT(vp_index) + 4, 4, 6, 2),
	BITS(HEX, "memory_type", AT(vp_index) + 4, 4, 8, 6),
	COUNTED(LIST, "ranges", ranges, AT(vp_index) + 4, 0x1f),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_x64_vmgexit_intercept_message
#define GHCB	(AT(ghcb_msr) + SIZE(ghcb_msr))
static const struct libmshv_field x64_vmgexit[] = {
	HEX("ghcb_msr", ghcb_msr),
	BITS(DEC, "ghcb_valid", GHCB, 8, 0, 1),
	HEX("usage", ghcb_usage),
	DEC("protocol", ghcb_protocol_version),
	HEX("exit_code", sw_exit_code),
	HEX("exit_info1", sw_exit_info1),
	HEX("exit_info2", sw_exit_info2),
	HEX("scratch", sw_scratch),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_arm64_reset_intercept_message
static const char *const reset_types[] = {
	[HV_ARM64_RESET_TYPE_POWER_OFF] = "power-off",
	[HV_ARM64_RESET_TYPE_REBOOT] = "reboot",
	[HV_ARM64_RESET_TYPE_SYSTEM_RESET2] = "system-reset2",
	[HV_ARM64_RESET_TYPE_HIBERNATE] = "hibernate",
};
static const struct libmshv_field arm64_reset[] = {
	NAMED(NAME, "type", reset_type, reset_types),
	HEX("code", reset_code),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_timer_message_payload
static const struct libmshv_field timer[] = {
	DEC("timer", timer_index),
	DEC("expired_100ns", expiration_time),
	DEC("delivered_100ns", delivery_time),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_opaque_intercept_message
static const struct libmshv_field opaque[] = {
	DEC("vp", vp_index),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_async_completion_message_payload
static const struct libmshv_field async_completion[] = {
	HEX("partition", partition_id),
	HEX("status", status),
	DEC("completed", completion_count),
	HEX("sub_status", sub_status),
	END
};
#undef STRUCTURE

#define STRUCTURE hv_vp_signal_bitset_scheduler_message
#define BANKS_AT	AT(vp_bitset.bitset_buffer[2])
static const struct libmshv_field vp_signal_bitset[] = {
	HEX("partition", partition_id),
	DEC("overflow", overflow_count),
	DEC("vps", vp_count),
	HEX("format", vp_bitset.bitset_buffer[0]),
	HEX("bank_mask", vp_bitset.bitset_buffer[1]),
	{ .label = "banks", .at = BANKS_AT, .size = sizeof(__u64),
	  .kind = LIBMSHV_FIELD_BANKS,
	  .max = (sizeof(struct STRUCTURE) - BANKS_AT) / sizeof(__u64),
	  .count_at = AT(vp_bitset.bitset_buffer[1]) },
	END
};
#undef STRUCTURE

#define STRUCTURE hv_vp_signal_pair_scheduler_message
static const struct libmshv_field vp_signal_pair[] = {
	DEC("overflow", overflow_count),
	COUNTED(LIST, "partitions", partition_ids, AT(vp_count), 0xff),
	COUNTED(LIST, "vps", vp_indexes, AT(vp_count), 0xff),
	END
};
#undef STRUCTURE

#define ARCH_X64	(1 << LIBMSHV_ARCH_X64)
#define ARCH_ARM64	(1 << LIBMSHV_ARCH_ARM64)
#define ARCH_ANY	(ARCH_X64 | ARCH_ARM64)

#define FITS(structure) \
	(sizeof(struct structure) + \
	 0 * sizeof(char[sizeof(struct structure) <= \
			 HV_MESSAGE_PAYLOAD_BYTE_COUNT ? 1 : -1]))
#define ROW(name, archs, header, structure, fields) \
	{ name, archs, LIBMSHV_HEADER_##header, FITS(structure), #name, fields }
#define X64(name, structure, fields) \
	ROW(name, ARCH_ANY, X64, structure, fields)
#define ON_X64(name, header, structure, fields) \
	ROW(name, ARCH_X64, header, structure, fields)
#define ON_ARM64(name, structure, fields) \
	ROW(name, ARCH_ARM64, ARM64, structure, fields)
#define BARE(name, structure, fields) \
	ROW(name, ARCH_ANY, NONE, structure, fields)
#define UNKNOWN(name) \
	{ name, ARCH_ANY, LIBMSHV_HEADER_NONE, 0, #name, NULL }

/* The first row that fits counts. Those of a VP in a loop are in front. */
static const struct libmshv_message_type types[] = {
	ON_X64(HVMSG_UNMAPPED_GPA, X64, hv_x64_memory_intercept_message,
	       x64_memory),
	ON_ARM64(HVMSG_UNMAPPED_GPA, hv_arm64_memory_intercept_message,
		 arm64_memory),
	ON_X64(HVMSG_GPA_INTERCEPT, X64, hv_x64_memory_intercept_message,
	       x64_memory),
	ON_ARM64(HVMSG_GPA_INTERCEPT, hv_arm64_memory_intercept_message,
		 arm64_memory),
	ON_X64(HVMSG_UNACCEPTED_GPA, X64, hv_x64_memory_intercept_message,
	       x64_memory),
	ON_ARM64(HVMSG_UNACCEPTED_GPA, hv_arm64_memory_intercept_message,
		 arm64_memory),
	X64(HVMSG_X64_IO_PORT_INTERCEPT, hv_x64_io_port_intercept_message,
	    x64_io_port),
	X64(HVMSG_X64_MSR_INTERCEPT, hv_x64_msr_intercept_message, x64_msr),
	X64(HVMSG_X64_CPUID_INTERCEPT, hv_x64_cpuid_intercept_message,
	    x64_cpuid),
	X64(HVMSG_X64_EXCEPTION_INTERCEPT, hv_x64_exception_intercept_message,
	    x64_exception),
	X64(HVMSG_X64_HALT, hv_x64_halt_message, NULL),
	X64(HVMSG_X64_INTERRUPTION_DELIVERABLE,
	    hv_x64_interruption_deliverable_message,
	    x64_interruption_deliverable),
	X64(HVMSG_X64_SIPI_INTERCEPT, hv_x64_sipi_intercept_message, x64_sipi),
	X64(HVMSG_X64_SEV_VMGEXIT_INTERCEPT, hv_x64_vmgexit_intercept_message,
	    x64_vmgexit),
	BARE(HVMSG_X64_APIC_EOI, hv_x64_apic_eoi_message, x64_apic_eoi),
	ROW(HVMSG_ARM64_RESET_INTERCEPT, ARCH_ANY, ARM64,
	    hv_arm64_reset_intercept_message, arm64_reset),
	ON_X64(HVMSG_HYPERCALL_INTERCEPT, X64,
	       hv_x64_hypercall_intercept_message, x64_hypercall),
	ON_X64(HVMSG_SYNIC_SINT_DELIVERABLE, X64,
	       hv_x64_sint_deliverable_message, x64_sint_deliverable),
	ON_X64(HVMSG_UNRECOVERABLE_EXCEPTION, X64,
	       hv_x64_unrecoverable_exception_message, NULL),
	ON_X64(HVMSG_INVALID_VP_REGISTER_VALUE, NONE,
	       hv_x64_invalid_vp_register_message, x64_invalid_vp_register),
	ON_X64(HVMSG_UNSUPPORTED_FEATURE, NONE,
	       hv_x64_unsupported_feature_message, x64_unsupported_feature),
	ON_X64(HVMSG_GPA_ATTRIBUTE_INTERCEPT, NONE,
	       hv_x64_gpa_attribute_intercept_message, x64_gpa_attribute),
	BARE(HVMSG_TIMER_EXPIRED, hv_timer_message_payload, timer),
	BARE(HVMSG_OPAQUE_INTERCEPT, hv_opaque_intercept_message, opaque),
	BARE(HVMSG_ASYNC_CALL_COMPLETION, hv_async_completion_message_payload,
	     async_completion),
	BARE(HVMSG_SCHEDULER_VP_SIGNAL_BITSET,
	     hv_vp_signal_bitset_scheduler_message, vp_signal_bitset),
	BARE(HVMSG_SCHEDULER_VP_SIGNAL_PAIR,
	     hv_vp_signal_pair_scheduler_message, vp_signal_pair),

	UNKNOWN(HVMSG_NONE),
	UNKNOWN(HVMSG_HYPERCALL_INTERCEPT),
	UNKNOWN(HVMSG_SYNIC_SINT_DELIVERABLE),
	UNKNOWN(HVMSG_UNRECOVERABLE_EXCEPTION),
	UNKNOWN(HVMSG_INVALID_VP_REGISTER_VALUE),
	UNKNOWN(HVMSG_UNSUPPORTED_FEATURE),
	UNKNOWN(HVMSG_GPA_ATTRIBUTE_INTERCEPT),
	UNKNOWN(HVMSG_EVENTLOG_BUFFERCOMPLETE),
	UNKNOWN(HVMSG_SYNIC_EVENT_INTERCEPT),
	UNKNOWN(HVMSG_SYNIC_SINT_INTERCEPT),
	UNKNOWN(HVMSG_X64_LEGACY_FP_ERROR),
	UNKNOWN(HVMSG_X64_IOMMU_PRQ),
};

const struct libmshv_message_type *
libmshv_message_find(uint32_t type, enum libmshv_arch arch)
{
	size_t i;

	if (arch == LIBMSHV_ARCH_NATIVE)
		arch = LIBMSHV_ARCH_BUILT;
	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == type && types[i].archs & 1u << arch)
			return &types[i];
	return NULL;
}

const struct libmshv_field *
libmshv_message_header_fields(const struct libmshv_message_type *row)
{
	static const struct libmshv_field *const headers[] = {
		[LIBMSHV_HEADER_X64] = x64_header,
		[LIBMSHV_HEADER_ARM64] = arm64_header,
	};

	return headers[row->header];
}

static uint64_t read_number(const uint8_t *from, size_t size)
{
	uint64_t value = 0;

	/* Little-endian like all of the hypervisor, and both processors. */
	memcpy(&value, from, size);
	return value;
}

uint64_t libmshv_field_value(const struct libmshv_field *field,
			     const uint8_t *payload, size_t index)
{
	uint64_t value = read_number(payload + field->at + index * field->size,
				     field->size) >> field->shift;

	return field->width ? value & ((1ULL << field->width) - 1) : value;
}

size_t libmshv_field_count(const struct libmshv_field *field,
			   const uint8_t *payload)
{
	switch (field->kind) {
	case LIBMSHV_FIELD_LIST:
	case LIBMSHV_FIELD_BYTES:
		return payload[field->count_at] & field->count_mask;
	case LIBMSHV_FIELD_BANKS:
		return (size_t)__builtin_popcountll(
			read_number(payload + field->count_at, 8));
	default:
		return 1;
	}
}

size_t libmshv_message_needs(const struct libmshv_message_type *row,
			     const uint8_t *payload)
{
	const struct libmshv_field *field = row->fields;
	size_t count, end, needs = 0;
	bool lists = false;

	for (; field && field->label; field++) {
		count = libmshv_field_count(field, payload);
		if (field->kind == LIBMSHV_FIELD_LIST ||
		    field->kind == LIBMSHV_FIELD_BANKS) {
			lists = true;
			if (count > field->max)
				return SIZE_MAX;
		}
		end = field->at + field->size * count;
		if (end > needs)
			needs = end;
	}
	return lists ? needs : row->size;
}

const char *mshv_intercept_access_name(uint32_t access)
{
	return access < ARRAY_SIZE(access_types) ? access_types[access] : NULL;
}
