/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The intercept messages of x64 that the kernel's headers lack, and who writes
 * them.  Layouts: section 4 of the hypercall contract.  The messages about
 * memory, and the header of them all, are in hyperv/hvhdk.h.
 */
#ifndef MSHV_SIM_INTERCEPT_H
#define MSHV_SIM_INTERCEPT_H

#include "mshv_sim.h"

#define SIM_INSN_BYTES	16

struct sim_io_port_message {
	struct hv_x64_intercept_message_header header;
	u16 port_number;
	u8 access_info;		/* size : 3, then SIM_PORT_* */
#define SIM_PORT_STRING	BIT(3)
#define SIM_PORT_REP	BIT(4)
	u8 instruction_byte_count;
	u32 reserved;
	u64 rax;
	u8 instruction_bytes[SIM_INSN_BYTES];
	struct hv_x64_segment_register ds_segment;
	struct hv_x64_segment_register es_segment;
	u64 rcx, rsi, rdi;
} __packed;

struct sim_msr_message {
	struct hv_x64_intercept_message_header header;
	u32 msr_number;
	u32 reserved;
	u64 rdx, rax;
} __packed;

struct sim_cpuid_message {
	struct hv_x64_intercept_message_header header;
	u64 rax, rcx, rdx, rbx;
	u64 default_result_rax;
	u64 default_result_rcx;
	u64 default_result_rdx;
	u64 default_result_rbx;
} __packed;

struct sim_exception_message {
	struct hv_x64_intercept_message_header header;
	u16 exception_vector;
	u8 error_code_valid : 1;
	u8 software_exception : 1;
	u8 info_reserved : 6;
	u8 instruction_byte_count;
	u32 error_code;
	u64 exception_parameter;
	u64 reserved;
	u8 instruction_bytes[SIM_INSN_BYTES];
	struct hv_x64_segment_register ds_segment;
	struct hv_x64_segment_register ss_segment;
	u64 gpr[16];		/* rax rcx rdx rbx rsp rbp rsi rdi r8 ... r15 */
} __packed;

struct sim_hypercall_message {
	struct hv_x64_intercept_message_header header;
	u64 rax, rbx, rcx, rdx, r8, rsi, rdi;
	struct hv_u128 xmm[6];
	u32 isolated : 1;
	u32 flags_reserved : 31;
} __packed;

struct sim_invalid_register_message {
	u32 vp_index;
	u32 reserved;
} __packed;

struct sim_unsupported_message {
	u32 vp_index;
	u32 feature_code;
	u64 feature_parameter;
} __packed;

struct sim_sipi_message {
	struct hv_x64_intercept_message_header header;
	u32 target_vp_index;
	u32 interrupt_vector;
} __packed;

struct sim_deliverable_message {
	struct hv_x64_intercept_message_header header;
	u32 type;		/* enum sim_interruption */
	u32 reserved;
} __packed;

struct sim_sint_deliverable_message {
	struct hv_x64_intercept_message_header header;
	u16 sints;
	u16 reserved1;
	u32 reserved2;
} __packed;

enum sim_unsupported {
	SIM_UNSUPPORTED_INTERCEPT	= 1,
	SIM_UNSUPPORTED_TASK_SWITCH	= 2,
};

#define SIM_AT(type, field, offset) \
	static_assert(offsetof(struct type, field) == (offset))

static_assert(sizeof(struct hv_x64_intercept_message_header) == 40);
static_assert(sizeof(struct hv_x64_memory_intercept_message) == 80);
static_assert(sizeof(struct sim_io_port_message) == 128);
SIM_AT(sim_io_port_message, port_number, 40);
SIM_AT(sim_io_port_message, instruction_byte_count, 43);
SIM_AT(sim_io_port_message, rax, 48);
SIM_AT(sim_io_port_message, ds_segment, 72);
SIM_AT(sim_io_port_message, rcx, 104);
static_assert(sizeof(struct sim_msr_message) == 64);
SIM_AT(sim_msr_message, rdx, 48);
static_assert(sizeof(struct sim_cpuid_message) == 104);
SIM_AT(sim_cpuid_message, default_result_rax, 72);
static_assert(sizeof(struct sim_exception_message) == 240);
SIM_AT(sim_exception_message, error_code, 44);
SIM_AT(sim_exception_message, instruction_bytes, 64);
SIM_AT(sim_exception_message, gpr, 112);
static_assert(sizeof(struct sim_hypercall_message) == 196);
SIM_AT(sim_hypercall_message, xmm, 96);
static_assert(sizeof(struct sim_invalid_register_message) == 8);
static_assert(sizeof(struct sim_unsupported_message) == 16);
static_assert(sizeof(struct sim_sipi_message) == 48);
static_assert(sizeof(struct sim_deliverable_message) == 48);
static_assert(sizeof(struct sim_sint_deliverable_message) == 48);

#undef SIM_AT

/*
 * Each fills vp->intercept_page for the VP as it stands, and returns
 * SIM_RUN_INTERCEPT.  The caller owns the VP.
 */
/* @info: access_info of the message. */
int sim_intercept_io_port(struct sim_vp *vp, u32 port, u32 info, u8 access, u32 length);
int sim_intercept_msr(struct sim_vp *vp, bool write, u32 length);
int sim_intercept_cpuid(struct sim_vp *vp, const struct sim_cpuid *def, u32 length);
int sim_intercept_exception(struct sim_vp *vp, u8 vector, bool has_error, u32 error,
			    u64 parameter);
int sim_intercept_hypercall(struct sim_vp *vp, u32 length);
int sim_intercept_memory(struct sim_vp *vp, u32 type, u8 access, u64 gpa);
/* Messages that consist of the header alone. */
int sim_intercept_header(struct sim_vp *vp, u32 type, u8 access, u32 length);
int sim_intercept_raw(struct sim_vp *vp, u32 type, const void *payload, u8 size, bool header);
int sim_intercept_invalid_register(struct sim_vp *vp);
int sim_intercept_sipi(struct sim_vp *vp, u32 target, u32 vector, u32 length);
int sim_intercept_apic_eoi(struct sim_vp *vp, u32 vector);
int sim_intercept_deliverable(struct sim_vp *vp, u32 type);
int sim_intercept_sint_deliverable(struct sim_vp *vp, u16 sints);
int sim_intercept_unsupported(struct sim_vp *vp, enum sim_unsupported what, u64 parameter);

#endif /* MSHV_SIM_INTERCEPT_H */
