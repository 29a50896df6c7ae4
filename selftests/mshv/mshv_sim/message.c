// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the VMM sees of a VP that has stopped: the intercept message page and
 * the register page.  User space maps both writable, so neither is ever read
 * back but for the fields that are meant to be written, and those once.
 */
#include <linux/string.h>
#include <asm/debugreg.h>

#include "engine.h"
#include "intercept.h"

/* enum hv_cache_type (TLFS); the kernel's headers don't have it. */
#define SIM_CACHE_UNCACHED	0
#define SIM_CACHE_WRITE_BACK	6

/* The XMM registers in an FXSAVE image: APM volume 2, figure 11-8. */
#define SIM_FX_XMM	160

/*
 * A message is made where it is read.  What is behind its payload may be left
 * from the one before: payload_size says that it isn't part of this one.
 */
static void *sim_message_open(struct sim_vp *vp, u32 type, u8 size)
{
	struct hv_message *m = vp->intercept_page;

	m->header.message_type = type;
	m->header.payload_size = size;
	m->header.message_flags.asu8 = 0;
	*(u16 *)m->header.reserved = 0;
	m->header.sender = vp->pt->id;
	return m->u.payload;
}

static void *sim_message_begin(struct sim_vp *vp, u32 type, u8 size)
{
	return memset(sim_message_open(vp, type, size), 0, size);
}

/* union hv_x64_vp_execution_state: bits go from where they are to where they belong. */
static __always_inline u16 sim_execution_state(const struct sim_vmcb_save *s)
{
	BUILD_BUG_ON(X86_CR0_AM != BIT(3) << 15 || EFER_LMA != BIT(4) << 6);
	return s->cpl | (s->cr0 & X86_CR0_PE) << 2 |
	       (s->cr0 >> 15 & BIT(3)) |	/* cr0_am */
	       (s->efer >> 6 & BIT(4));		/* efer_lma */
}

/* There may be more of it; seldom. */
static __always_inline bool sim_execution_state_more(const struct sim_vp *vp,
						     const struct sim_vmcb *vmcb)
{
	return (vmcb->save.dr7 & (DR_LOCAL_ENABLE_MASK | DR_GLOBAL_ENABLE_MASK)) |
	       vp->pending_interruption.as_uint64 | vmcb->control.interrupt_state;
}

static u16 sim_execution_state_all(const struct sim_vp *vp, const struct sim_vmcb *vmcb)
{
	union hv_x64_vp_execution_state state = {
		.as_uint16 = sim_execution_state(&vmcb->save),
	};

	state.debug_active = !!(vmcb->save.dr7 & (DR_LOCAL_ENABLE_MASK | DR_GLOBAL_ENABLE_MASK));
	state.interruption_pending = vp->pending_interruption.interruption_pending;
	state.interrupt_shadow = sim_shadow_get(vp);
	return state.as_uint16;
}

/* Whole words, as bit fields in the page would be read before they are written. */
static __always_inline void sim_message_fill(const struct sim_vp *vp,
					     const struct sim_vmcb_save *s,
					     struct hv_x64_intercept_message_header *h,
					     u8 access, u32 length)
{
	h->vp_index = vp->index;
	/* instruction_length and cr8 */
	*((u8 *)h + sizeof(h->vp_index)) = (length & 0xf) | vp->cr8 << 4;
	h->intercept_access_type = access;
	h->execution_state.as_uint16 = sim_execution_state(s);
	sim_seg_get(&s->cs, &h->cs_segment);
	h->rip = s->rip;
	h->rflags = s->rflags;
}

static void sim_message_header(struct sim_vp *vp, struct hv_x64_intercept_message_header *h,
			       u8 access, u32 length)
{
	sim_message_fill(vp, &vp->vmcb->save, h, access, length);
	h->execution_state.as_uint16 = sim_execution_state_all(vp, vp->vmcb);
}

/* ------------------------------------------------------------- the messages */

static noinline int sim_io_port_more(struct sim_vp *vp, struct sim_io_port_message *p, u32 info)
{
	p->header.execution_state.as_uint16 = sim_execution_state_all(vp, vp->vmcb);
	if (info & SIM_PORT_STRING)
		p->instruction_byte_count = sim_fetch(vp, p->instruction_bytes);
	return SIM_RUN_INTERCEPT;
}

/*
 * Each field is written.  The bytes of the instruction are there if the VMM needs
 * them: a string instruction has a segment and an address size.
 */
int sim_intercept_io_port(struct sim_vp *vp, u32 port, u32 info, u8 access, u32 length)
{
	struct sim_io_port_message *p =
		sim_message_open(vp, HVMSG_X64_IO_PORT_INTERCEPT, sizeof(*p));
	const struct sim_vmcb *vmcb = vp->vmcb;
	const struct sim_vmcb_save *s = &vmcb->save;

	sim_message_fill(vp, s, &p->header, access, length);
	p->port_number = port;
	p->access_info = info;
	p->instruction_byte_count = 0;
	p->reserved = 0;
	p->rax = vp->gpr[SIM_RAX];
	memset(p->instruction_bytes, 0, sizeof(p->instruction_bytes));
	sim_seg_get(&s->ds, &p->ds_segment);
	sim_seg_get(&s->es, &p->es_segment);
	p->rcx = vp->gpr[SIM_RCX];
	p->rsi = vp->gpr[SIM_RSI];
	p->rdi = vp->gpr[SIM_RDI];
	if (unlikely((info & SIM_PORT_STRING) || sim_execution_state_more(vp, vmcb)))
		return sim_io_port_more(vp, p, info);
	return SIM_RUN_INTERCEPT;
}

int sim_intercept_msr(struct sim_vp *vp, bool write, u32 length)
{
	struct sim_msr_message *p =
		sim_message_begin(vp, HVMSG_X64_MSR_INTERCEPT, sizeof(*p));

	sim_message_header(vp, &p->header,
			   write ? HV_INTERCEPT_ACCESS_WRITE : HV_INTERCEPT_ACCESS_READ,
			   length);
	p->msr_number = vp->gpr[SIM_RCX];
	p->rdx = vp->gpr[SIM_RDX];
	p->rax = vp->gpr[SIM_RAX];
	return SIM_RUN_INTERCEPT;
}

int sim_intercept_cpuid(struct sim_vp *vp, const struct sim_cpuid *def, u32 length)
{
	struct sim_cpuid_message *p =
		sim_message_begin(vp, HVMSG_X64_CPUID_INTERCEPT, sizeof(*p));

	sim_message_header(vp, &p->header, HV_INTERCEPT_ACCESS_EXECUTE, length);
	p->rax = vp->gpr[SIM_RAX];
	p->rcx = vp->gpr[SIM_RCX];
	p->rdx = vp->gpr[SIM_RDX];
	p->rbx = vp->gpr[SIM_RBX];
	p->default_result_rax = def->eax;
	p->default_result_rcx = def->ecx;
	p->default_result_rdx = def->edx;
	p->default_result_rbx = def->ebx;
	return SIM_RUN_INTERCEPT;
}

int sim_intercept_exception(struct sim_vp *vp, u8 vector, bool has_error, u32 error,
			    u64 parameter)
{
	struct sim_exception_message *p =
		sim_message_begin(vp, HVMSG_X64_EXCEPTION_INTERCEPT, sizeof(*p));

	sim_message_header(vp, &p->header, HV_INTERCEPT_ACCESS_EXECUTE, 0);
	p->exception_vector = vector;
	p->error_code_valid = has_error;
	p->error_code = error;
	p->exception_parameter = parameter;
	p->instruction_byte_count = sim_fetch(vp, p->instruction_bytes);
	sim_seg_get(&vp->vmcb->save.ds, &p->ds_segment);
	sim_seg_get(&vp->vmcb->save.ss, &p->ss_segment);
	/* The message has them in the order of the encoding, too. */
	memcpy(p->gpr, vp->gpr, sizeof(p->gpr));
	return SIM_RUN_INTERCEPT;
}

int sim_intercept_hypercall(struct sim_vp *vp, u32 length)
{
	struct sim_hypercall_message *p =
		sim_message_begin(vp, HVMSG_HYPERCALL_INTERCEPT, sizeof(*p));

	sim_message_header(vp, &p->header, HV_INTERCEPT_ACCESS_EXECUTE, length);
	p->rax = vp->gpr[SIM_RAX];
	p->rbx = vp->gpr[SIM_RBX];
	p->rcx = vp->gpr[SIM_RCX];
	p->rdx = vp->gpr[SIM_RDX];
	p->r8 = vp->gpr[SIM_R8];
	p->rsi = vp->gpr[SIM_RSI];
	p->rdi = vp->gpr[SIM_RDI];
	sim_svm_sync_fpu(vp);
	memcpy(p->xmm, vp->fpu + SIM_FX_XMM, sizeof(p->xmm));
	return SIM_RUN_INTERCEPT;
}

/*
 * SVM does not report the guest virtual address (AMD APM volume 2, 15.25.6), so
 * gva_valid stays 0.
 */
int sim_intercept_memory(struct sim_vp *vp, u32 type, u8 access, u64 gpa)
{
	struct hv_x64_memory_intercept_message *p =
		sim_message_begin(vp, type, sizeof(*p));

	sim_message_header(vp, &p->header, access, 0);
	p->cache_type = type == HVMSG_UNMAPPED_GPA ? SIM_CACHE_UNCACHED : SIM_CACHE_WRITE_BACK;
	p->tpr_priority = vp->cr8;
	p->guest_physical_address = gpa;
	p->instruction_byte_count = sim_fetch(vp, p->instruction_bytes);
	return SIM_RUN_INTERCEPT;
}

int sim_intercept_header(struct sim_vp *vp, u32 type, u8 access, u32 length)
{
	struct hv_x64_intercept_message_header *p =
		sim_message_begin(vp, type, sizeof(*p));

	sim_message_header(vp, p, access, length);
	return SIM_RUN_INTERCEPT;
}

int sim_intercept_invalid_register(struct sim_vp *vp)
{
	struct sim_invalid_register_message *p =
		sim_message_begin(vp, HVMSG_INVALID_VP_REGISTER_VALUE, sizeof(*p));

	p->vp_index = vp->index;
	return SIM_RUN_INTERCEPT;
}

int sim_intercept_unsupported(struct sim_vp *vp, enum sim_unsupported what, u64 parameter)
{
	struct sim_unsupported_message *p =
		sim_message_begin(vp, HVMSG_UNSUPPORTED_FEATURE, sizeof(*p));

	p->vp_index = vp->index;
	p->feature_code = what;
	p->feature_parameter = parameter;
	return SIM_RUN_INTERCEPT;
}

int sim_intercept_sipi(struct sim_vp *vp, u32 target, u32 vector, u32 length)
{
	struct sim_sipi_message *p =
		sim_message_begin(vp, HVMSG_X64_SIPI_INTERCEPT, sizeof(*p));

	sim_message_header(vp, &p->header, HV_INTERCEPT_ACCESS_WRITE, length);
	p->target_vp_index = target;
	p->interrupt_vector = vector;
	return SIM_RUN_INTERCEPT;
}

int sim_intercept_apic_eoi(struct sim_vp *vp, u32 vector)
{
	struct hv_x64_apic_eoi_message *p =
		sim_message_begin(vp, HVMSG_X64_APIC_EOI, sizeof(*p));

	p->vp_index = vp->index;
	p->interrupt_vector = vector;
	return SIM_RUN_INTERCEPT;
}

/* Nothing has been accessed: which access type a real hypervisor gives is unknown. */
int sim_intercept_deliverable(struct sim_vp *vp, u32 type)
{
	struct sim_deliverable_message *p =
		sim_message_begin(vp, HVMSG_X64_INTERRUPTION_DELIVERABLE, sizeof(*p));

	sim_message_header(vp, &p->header, HV_INTERCEPT_ACCESS_EXECUTE, 0);
	p->type = type;
	return SIM_RUN_INTERCEPT;
}

int sim_intercept_sint_deliverable(struct sim_vp *vp, u16 sints)
{
	struct sim_sint_deliverable_message *p =
		sim_message_begin(vp, HVMSG_SYNIC_SINT_DELIVERABLE, sizeof(*p));

	sim_message_header(vp, &p->header, HV_INTERCEPT_ACCESS_EXECUTE, 0);
	p->sints = sints;
	return SIM_RUN_INTERCEPT;
}

/* Whatever the scripted engine has been told to send. */
int sim_intercept_raw(struct sim_vp *vp, u32 type, const void *payload, u8 size, bool header)
{
	struct hv_x64_intercept_message_header *p = sim_message_open(vp, type, size);

	memset(p, 0, HV_MESSAGE_PAYLOAD_BYTE_COUNT);
	memcpy(p, payload, size);
	if (header && size >= sizeof(*p))
		sim_message_header(vp, p, p->intercept_access_type, p->instruction_length);
	return SIM_RUN_INTERCEPT;
}

/* --------------------------------------------------------- the register page */

/* Version, isvalid, rsvdz and dirty are the first eight bytes of the page. */
#define SIM_PAGE_INVALID	((u64)HV_VP_REGISTER_PAGE_VERSION_1)
#define SIM_PAGE_VALID		(SIM_PAGE_INVALID | 1 << 16)

static u64 *sim_page_head(struct hv_vp_register_page *page)
{
	return (u64 *)page;
}

/*
 * Contract, 3.5: everything is written, and nothing is dirty then.  What the
 * driver has put into interrupt_vectors is not ours to touch here.
 */
void sim_register_page_publish(struct sim_vp *vp)
{
	struct hv_vp_register_page *page = vp->reg_page;
	const struct sim_vmcb_save *s = &vp->vmcb->save;

	memcpy(page->gp_registers, vp->gpr, sizeof(page->gp_registers));
	page->rip = s->rip;
	page->rflags = s->rflags;
	if (vp->xmm_page != page) {
		memcpy(page->xmm_registers, vp->fpu + SIM_FX_XMM, sizeof(page->xmm_registers));
		vp->xmm_page = page;
	}
	sim_seg_get(&s->es, &page->es);
	sim_seg_get(&s->cs, &page->cs);
	sim_seg_get(&s->ss, &page->ss);
	sim_seg_get(&s->ds, &page->ds);
	sim_seg_get(&s->fs, &page->fs);
	sim_seg_get(&s->gs, &page->gs);
	page->cr0 = s->cr0;
	page->cr3 = s->cr3;
	page->cr4 = s->cr4;
	page->cr8 = vp->cr8;
	page->efer = s->efer & ~EFER_SVME;
	page->dr7 = s->dr7;
	page->pending_interruption = vp->pending_interruption;
	/* interrupt_shadow and nmi_masked */
	page->interrupt_state.as_uint64 = sim_shadow_get(vp) | (u64)vp->nmi_masked << 1;
	page->instruction_emulation_hints = 0;
	page->xfem = vp->xfem;
	/* Last, for a VMM that looks at the page while the VP still runs. */
	smp_store_release(sim_page_head(page), SIM_PAGE_VALID);
}

/* What RFLAGS can hold: the rest reads as 0, but bit 1 as 1 (APM 3.1.6). */
#define SIM_RFLAGS							\
	(X86_EFLAGS_CF | X86_EFLAGS_PF | X86_EFLAGS_AF | X86_EFLAGS_ZF |	\
	 X86_EFLAGS_SF | X86_EFLAGS_TF | X86_EFLAGS_IF | X86_EFLAGS_DF |	\
	 X86_EFLAGS_OF | X86_EFLAGS_IOPL | X86_EFLAGS_NT | X86_EFLAGS_RF |	\
	 X86_EFLAGS_VM | X86_EFLAGS_AC | X86_EFLAGS_VIF | X86_EFLAGS_VIP |	\
	 X86_EFLAGS_ID)

static void sim_absorb_seg(struct sim_vmcb_seg *seg, const struct hv_x64_segment_register *page)
{
	struct hv_x64_segment_register reg = *page;

	/* The compiler may not read the page again for what it has in reg. */
	barrier();
	sim_seg_set(seg, &reg);
}

/* The classes that a VMM seldom writes. */
static noinline void sim_absorb_more(struct sim_vp *vp, u32 dirty)
{
	struct hv_vp_register_page *page = vp->reg_page;
	struct sim_vmcb_save *s = &vp->vmcb->save;

	if (dirty & BIT(HV_X64_REGISTER_CLASS_FLAGS))
		s->rflags = (READ_ONCE(page->rflags) & SIM_RFLAGS) | X86_EFLAGS_FIXED;
	if (dirty & BIT(HV_X64_REGISTER_CLASS_XMM))
		memcpy(vp->fpu + SIM_FX_XMM, page->xmm_registers, sizeof(page->xmm_registers));
	if (dirty & BIT(HV_X64_REGISTER_CLASS_SEGMENT)) {
		sim_absorb_seg(&s->es, &page->es);
		sim_absorb_seg(&s->cs, &page->cs);
		sim_absorb_seg(&s->ss, &page->ss);
		sim_absorb_seg(&s->ds, &page->ds);
		sim_absorb_seg(&s->fs, &page->fs);
		sim_absorb_seg(&s->gs, &page->gs);
	}
	sim_cpl_update(vp);
}

static __always_inline void sim_absorb(struct sim_vp *vp, struct hv_vp_register_page *page,
				       u32 dirty)
{
	if (dirty & BIT(HV_X64_REGISTER_CLASS_IP))
		vp->vmcb->save.rip = READ_ONCE(page->rip);
	if (dirty & BIT(HV_X64_REGISTER_CLASS_GENERAL))
		memcpy(vp->gpr, page->gp_registers, sizeof(vp->gpr));
	if (dirty & ~(BIT(HV_X64_REGISTER_CLASS_IP) | BIT(HV_X64_REGISTER_CLASS_GENERAL)))
		sim_absorb_more(vp, dirty);
}

void sim_register_page_absorb(struct sim_vp *vp)
{
	struct hv_vp_register_page *page = vp->reg_page;
	u32 dirty = READ_ONCE(page->dirty);

	if (!dirty)
		return;
	WRITE_ONCE(page->dirty, 0);
	sim_absorb(vp, page, dirty);
}

void sim_register_page_withdraw(struct sim_vp *vp)
{
	struct hv_vp_register_page *page = vp->reg_page;
	u32 dirty = READ_ONCE(page->dirty);

	WRITE_ONCE(*sim_page_head(page), SIM_PAGE_INVALID);
	sim_absorb(vp, page, dirty);
}
