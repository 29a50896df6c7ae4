// SPDX-License-Identifier: GPL-2.0-only
/*
 * The same exits, finished in the ways of several VMMs. Those of others are
 * replicas in C of which calls they make and which bytes they move per exit,
 * not of their code: what Rust or QEMU do around it is not in here.
 *
 *   libmshv           mshv_vp_run() and the functions that belong to it
 *   raw               ioctl and a mapped register page, the least there can be
 *   qemu              QEMU 11.1: two registers by hypercall after a port access,
 *                     all registers through the page around an emulation
 *   qemu-10.2         QEMU 10.2: no register page; an emulation reads 18 and 17
 *                     registers by hypercall and writes as many
 *   cloud-hypervisor  mshv-ioctls' run(), which returns the message by value
 *                     out of a cleared buffer, then RIP and RAX in the page
 */
#include <string.h>
#include <sys/ioctl.h>

#include <mshv/ioctl.h>

#include "mshv.h"

#define DIRTY_GENERAL	(1u << HV_X64_REGISTER_CLASS_GENERAL)
#define DIRTY_IP	(1u << HV_X64_REGISTER_CLASS_IP)
#define DIRTY_FLAGS	(1u << HV_X64_REGISTER_CLASS_FLAGS)

/* The instruction of the MMIO guest: mov moffs, %al in 32-bit code. */
#define MMIO_LENGTH	5

static const struct hv_message *message_of(const struct mshv_run_vp *run)
{
	return (const void *)run;
}

static const struct hv_x64_io_port_intercept_message *io_of(const struct hv_message *m)
{
	return (const void *)m->u.payload;
}

static const struct hv_x64_memory_intercept_message *memory_of(const struct hv_message *m)
{
	return (const void *)m->u.payload;
}

static void check_io(const struct hv_message *m)
{
	if (m->header.message_type != HVMSG_X64_IO_PORT_INTERCEPT ||
	    io_of(m)->port_number != GUEST_PORT)
		bench_die("expected a port access, got message %#x", m->header.message_type);
}

static void check_mmio(const struct hv_message *m)
{
	if (m->header.message_type != HVMSG_UNMAPPED_GPA ||
	    memory_of(m)->guest_physical_address != GUEST_DEVICE)
		bench_die("expected an unmapped address, got message %#x",
			  m->header.message_type);
}

static bool is_in(const struct hv_message *m)
{
	return io_of(m)->header.intercept_access_type == HV_INTERCEPT_ACCESS_READ;
}

static uint64_t io_next(const struct hv_message *m)
{
	return io_of(m)->header.rip + io_of(m)->header.instruction_length;
}

static uint64_t with_value(uint64_t rax)
{
	return (rax & ~0xffull) | GUEST_VALUE;
}

/* ------------------------------------------------------------------ only run */

void loop_run_raw(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;

	while (n--) {
		if (ioctl(vm->vp_fd, MSHV_RUN_VP, &vm->run))
			bench_die("MSHV_RUN_VP failed");
	}
}

void loop_run_lib(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;
	const struct hv_message *message;

	while (n--) {
		if (mshv_vp_run(vm->vp, &message))
			bench_die("mshv_vp_run() failed");
	}
}

/* ------------------------------------------------------------------- libmshv */

static void libmshv_io(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;
	const struct hv_message *m;

	while (n--) {
		bench_ok(mshv_vp_run(vm->vp, &m));
		check_io(m);
		bench_ok(mshv_vp_complete_io(vm->vp, GUEST_VALUE));
	}
}

static void libmshv_mmio(void *ctx, unsigned int n)
{
	struct hv_register_assoc regs[2];
	struct bench_vm *vm = ctx;
	const struct hv_message *m;

	memset(regs, 0, sizeof(regs));
	regs[0].name = HV_X64_REGISTER_RAX;
	regs[1].name = HV_X64_REGISTER_RIP;
	while (n--) {
		bench_ok(mshv_vp_run(vm->vp, &m));
		check_mmio(m);
		bench_ok(mshv_vp_get_registers(vm->vp, regs, 2));
		regs[0].value.reg64 = with_value(regs[0].value.reg64);
		regs[1].value.reg64 += MMIO_LENGTH;
		bench_ok(mshv_vp_set_registers(vm->vp, regs, 2));
	}
}

/* ----------------------------------------------------------------------- raw */

static void raw_run(struct bench_vm *vm)
{
	bench_ok(ioctl(vm->vp_fd, MSHV_RUN_VP, &vm->run));
}

static void raw_io(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;
	const struct hv_message *m = message_of(&vm->run);

	while (n--) {
		raw_run(vm);
		check_io(m);
		vm->page->rip = io_next(m);
		vm->page->dirty |= DIRTY_IP;
		if (is_in(m)) {
			vm->page->rax = with_value(io_of(m)->rax);
			vm->page->dirty |= DIRTY_GENERAL;
		}
	}
}

static void raw_mmio(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;

	while (n--) {
		raw_run(vm);
		check_mmio(message_of(&vm->run));
		vm->page->rax = with_value(vm->page->rax);
		vm->page->rip += MMIO_LENGTH;
		vm->page->dirty |= DIRTY_GENERAL | DIRTY_IP;
	}
}

/* ---------------------------------------------------------------------- QEMU */

static void hvcall(struct bench_vm *vm, uint16_t code, void *in, uint16_t in_size,
		   void *out, uint16_t out_size, uint16_t reps)
{
	struct mshv_root_hvcall args = {
		.code = code, .reps = reps, .in_sz = in_size, .out_sz = out_size,
		.in_ptr = (uintptr_t)in, .out_ptr = (uintptr_t)out,
	};

	bench_ok(ioctl(vm->vp_fd, MSHV_ROOT_HVCALL, &args));
}

struct set_registers {
	struct hv_input_set_vp_registers head;
	struct hv_register_assoc regs[18];
};

static void qemu_io(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;
	const struct hv_message *m = message_of(&vm->run);

	while (n--) {
		struct { struct hv_input_set_vp_registers head;
			 struct hv_register_assoc regs[2]; } in = { 0 };

		raw_run(vm);
		check_io(m);
		in.regs[0].name = HV_X64_REGISTER_RIP;
		in.regs[0].value.reg64 = io_next(m);
		in.regs[1].name = HV_X64_REGISTER_RAX;
		in.regs[1].value.reg64 = is_in(m) ? with_value(io_of(m)->rax) : io_of(m)->rax;
		hvcall(vm, HVCALL_SET_VP_REGISTERS, &in, sizeof(in), NULL, 0, 2);
	}
}

/* What a VMM's own copy of the registers holds that the emulator looks at. */
struct shadow {
	uint64_t registers[18];
	struct hv_x64_segment_register segments[6];
	uint64_t control[5];
};

static void qemu_mmio(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;
	struct hv_vp_register_page *page = vm->page;
	struct shadow s;

	while (n--) {
		raw_run(vm);
		check_mmio(message_of(&vm->run));
		if (!page->isvalid)
			bench_die("the register page is not valid");
		memcpy(s.registers, page->registers, sizeof(s.registers));
		memcpy(s.segments, page->segment_registers, sizeof(s.segments));
		s.control[0] = page->cr0;
		s.control[1] = page->cr3;
		s.control[2] = page->cr4;
		s.control[3] = page->cr8;
		s.control[4] = page->efer;
		__asm__ volatile("" : : "r"(&s) : "memory");
		s.registers[0] = with_value(s.registers[0]);
		s.registers[16] += MMIO_LENGTH;
		memcpy(page->registers, s.registers, sizeof(s.registers));
		page->dirty |= DIRTY_GENERAL | DIRTY_IP | DIRTY_FLAGS;
	}
}

/* In the order of the hypervisor's names, which is that of the page, too. */
static const uint32_t special_names[17] = {
	HV_X64_REGISTER_CS, HV_X64_REGISTER_DS, HV_X64_REGISTER_ES, HV_X64_REGISTER_FS,
	HV_X64_REGISTER_GS, HV_X64_REGISTER_SS, HV_X64_REGISTER_TR, HV_X64_REGISTER_LDTR,
	HV_X64_REGISTER_GDTR, HV_X64_REGISTER_IDTR, HV_X64_REGISTER_CR0,
	HV_X64_REGISTER_CR2, HV_X64_REGISTER_CR3, HV_X64_REGISTER_CR4,
	HV_X64_REGISTER_CR8, HV_X64_REGISTER_EFER, HV_X64_REGISTER_APIC_BASE,
};

static uint32_t standard_name(unsigned int i)
{
	return HV_X64_REGISTER_RAX + i;
}

static uint32_t special_name(unsigned int i)
{
	return special_names[i];
}

static void get_by_hvcall(struct bench_vm *vm, uint32_t (*name)(unsigned int i),
			  union hv_register_value *values, unsigned int count)
{
	struct { struct hv_input_get_vp_registers head; uint32_t names[18]; } in = { 0 };
	unsigned int i;

	for (i = 0; i < count; i++)
		in.names[i] = name(i);
	hvcall(vm, HVCALL_GET_VP_REGISTERS, &in, sizeof(in.head) + 4 * count, values,
	       16 * count, count);
}

static void set_by_hvcall(struct bench_vm *vm, uint32_t (*name)(unsigned int i),
			  const union hv_register_value *values, unsigned int count)
{
	struct set_registers in = { 0 };
	unsigned int i;

	for (i = 0; i < count; i++) {
		in.regs[i].name = name(i);
		in.regs[i].value = values[i];
	}
	hvcall(vm, HVCALL_SET_VP_REGISTERS, &in, sizeof(in.head) + 32 * count, NULL, 0, count);
}

static void qemu_10_mmio(void *ctx, unsigned int n)
{
	union hv_register_value standard[18], special[17];
	struct bench_vm *vm = ctx;

	while (n--) {
		raw_run(vm);
		check_mmio(message_of(&vm->run));
		get_by_hvcall(vm, standard_name, standard, 18);
		get_by_hvcall(vm, special_name, special, 17);
		standard[0].reg64 = with_value(standard[0].reg64);
		standard[16].reg64 += MMIO_LENGTH;
		set_by_hvcall(vm, standard_name, standard, 18);
		set_by_hvcall(vm, special_name, special, 17);
	}
}

/* ---------------------------------------------------- rust-vmm/mshv and users */

static struct hv_message rust_run(struct bench_vm *vm)
{
	struct hv_message m;

	memset(&m, 0, sizeof(m));
	bench_ok(ioctl(vm->vp_fd, MSHV_RUN_VP, &m));
	return m;
}

static void ch_io(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;

	while (n--) {
		struct hv_message m = rust_run(vm);

		check_io(&m);
		vm->page->rip = io_next(&m);
		vm->page->rax = is_in(&m) ? with_value(io_of(&m)->rax) : io_of(&m)->rax;
		vm->page->dirty |= DIRTY_GENERAL | DIRTY_IP;
	}
}

/* Reads the whole state, as its emulator takes it by value; writes 18 registers. */
static void ch_mmio(void *ctx, unsigned int n)
{
	struct bench_vm *vm = ctx;
	struct hv_vp_register_page *page = vm->page;
	struct shadow s;

	while (n--) {
		struct hv_message m = rust_run(vm);

		check_mmio(&m);
		memcpy(s.registers, page->registers, sizeof(s.registers));
		memcpy(s.segments, page->segment_registers, sizeof(s.segments));
		__asm__ volatile("" : : "r"(&s) : "memory");
		s.registers[0] = with_value(s.registers[0]);
		s.registers[16] += MMIO_LENGTH;
		memcpy(page->registers, s.registers, sizeof(s.registers));
		page->dirty |= DIRTY_GENERAL | DIRTY_IP | DIRTY_FLAGS;
	}
}

const struct bench_path bench_paths[] = {
	{ "libmshv", libmshv_io, libmshv_mmio },
	{ "raw", raw_io, raw_mmio },
	{ "qemu", qemu_io, qemu_mmio },
	{ "qemu-10.2", qemu_io, qemu_10_mmio },
	{ "cloud-hypervisor", ch_io, ch_mmio },
};

const size_t bench_nr_paths = ARRAY_SIZE(bench_paths);
