// SPDX-License-Identifier: GPL-2.0-only
/* The operations that are swept: each with a witness of its effect. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kselftest.h"
#include "sweep.h"

#define VALUE	0x1122334455667788ull
#define MORE_GPA	0x40000000ull
#define BELL_GPA	0x80000000ull
#define VECTOR	0x61

static int ledger(struct sweep *s, struct mshv_sim_ledger *l)
{
	memset(l, 0, sizeof(*l));
	l->size = sizeof(*l);
	l->partition = sim_newest_partition(s->ctl);
	return sim_ioctl(s->ctl, MSHV_SIM_LEDGER, l);
}

static int wanted(bool there)
{
	return there ? 0 : -EPROTO;
}

/* --------------------------------------------------- partitions and VPs */

static int create(struct sweep *s)
{
	int ret = partition_create(s->g.dev, PT(LAPIC) | PT(X2APIC));

	s->g.pt = ret;
	return ret < 0 ? ret : 0;
}

static int check_created(struct sweep *s)
{
	struct mshv_sim_ledger l;
	int ret = ledger(s, &l);

	return ret ? ret : wanted(l.partitions == 1);
}

static int initialize(struct sweep *s)
{
	return partition_initialize(s->g.pt);
}

/* Only an active partition can have VPs. */
static int check_initialized(struct sweep *s)
{
	int ret = vp_create(s->g.pt, 0);

	s->g.vp[0].fd = ret;
	return ret < 0 ? ret : 0;
}

static int create_vp(struct sweep *s)
{
	int ret = vp_create(s->g.pt, 0);

	s->g.vp[0].fd = ret;
	return ret < 0 ? ret : 0;
}

static int check_vp(struct sweep *s)
{
	struct mshv_sim_ledger l;
	int ret = vp_set_reg64(s->g.vp[0].fd, 0, HV_X64_REGISTER_RBX, VALUE);

	if (!ret)
		ret = ledger(s, &l);
	return ret ? ret : wanted(l.vps == 1 && l.state_pages == 2);
}

/* The end of all: whatever fails, the files are gone. */
static int close_all(struct sweep *s)
{
	int ret = 0;

	if (s->g.vp[0].fd >= 0)
		ret |= close(s->g.vp[0].fd);
	ret |= close(s->g.pt);
	s->g.vp[0].fd = s->g.pt = -1;
	return ret ? -errno : 0;
}

static int check_closed(struct sweep *s)
{
	struct mshv_sim_ledger l = { .size = sizeof(l) };
	int ret = sim_ioctl(s->ctl, MSHV_SIM_LEDGER, &l);

	return ret ? ret : wanted(!l.partitions && !l.deposited_pages && !l.stats_pages);
}

/* ---------------------------------------------------------------- memory */

static int more_memory(struct sweep *s, uint64_t pages)
{
	s->more_pages = pages;
	s->more = pages_alloc(pages * PAGE_BYTES);
	return s->more ? 0 : -ENOMEM;
}

static int some_memory(struct sweep *s)
{
	return more_memory(s, 4);
}

/* More than fit into one hypercall. */
static int much_memory(struct sweep *s)
{
	return more_memory(s, 1200);
}

static int map_memory(struct sweep *s)
{
	return memory_map(s->g.pt, MORE_GPA, s->more, s->more_pages * PAGE_BYTES,
			  MEM_W | MEM_X);
}

static int check_mapped(struct sweep *s)
{
	struct mshv_sim_ledger l;
	int ret = ledger(s, &l);

	if (!ret)
		ret = wanted(l.gpa_mappings == s->more_pages);
	return ret ? ret : wanted(map_memory(s) == -EEXIST);
}

static int unmap_memory(struct sweep *s)
{
	return memory_unmap(s->g.pt, 0, s->g.ram, SWEEP_RAM_PAGES * PAGE_BYTES);
}

static int check_unmapped(struct sweep *s)
{
	struct mshv_sim_check c = { .size = sizeof(c) };
	int ret = sim_ioctl(s->ctl, MSHV_SIM_CHECK, &c);

	if (!ret)
		ret = wanted(!c.pages);
	return ret ? ret : wanted(unmap_memory(s) == -ENOENT);
}

/* ---------------------------------------------------------- what passes by */

static int set_registers(struct sweep *s)
{
	const struct hv_register_assoc regs[2] = {
		{ .name = HV_X64_REGISTER_RBX, .value.reg64 = VALUE },
		{ .name = HV_X64_REGISTER_RCX, .value.reg64 = ~VALUE },
	};

	return vp_set_registers(s->g.vp[0].fd, 0, regs, 2);
}

static int get_registers(struct sweep *s)
{
	const uint32_t names[2] = { HV_X64_REGISTER_RBX, HV_X64_REGISTER_RCX };

	return vp_get_registers(s->g.vp[0].fd, 0, names, (void *)s->page, 2);
}

static int check_registers(struct sweep *s)
{
	const union hv_register_value *v = (void *)s->page;
	int ret = get_registers(s);

	return ret ? ret : wanted(v[0].reg64 == VALUE && v[1].reg64 == ~VALUE);
}

/* The operation has read into the page. */
static int check_got_registers(struct sweep *s)
{
	const union hv_register_value *v = (void *)s->page;

	return wanted(v[0].reg64 == VALUE && v[1].reg64 == ~VALUE);
}

static int get_property(struct sweep *s)
{
	return partition_get_property(s->g.pt, HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
				      (uint64_t *)s->page);
}

static int set_property(struct sweep *s)
{
	struct hv_input_set_partition_property in = {
		.property_code = HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
		.property_value = HV_UNIMPLEMENTED_MSR_ACTION_IGNORE_WRITE_READ_ZERO,
	};
	struct hvcall call = {
		.code = HVCALL_SET_PARTITION_PROPERTY,
		.in_bytes = sizeof(in),
		.in = &in,
	};

	return hvcall(s->g.pt, &call);
}

static int check_got_property(struct sweep *s)
{
	return wanted(*(uint64_t *)s->page ==
		      HV_UNIMPLEMENTED_MSR_ACTION_IGNORE_WRITE_READ_ZERO);
}

static int check_property(struct sweep *s)
{
	int ret = get_property(s);

	return ret ? ret : check_got_property(s);
}

static int install_intercept(struct sweep *s)
{
	return partition_install_intercept(s->g.pt, HV_INTERCEPT_TYPE_X64_CPUID,
					   HV_INTERCEPT_ACCESS_MASK_EXECUTE, 0);
}

/* The guest's next instruction is CPUID: it must not get past it. */
static int check_intercept(struct sweep *s)
{
	/* xor %eax, %eax; cpuid; hlt */
	static const uint8_t cpuid[] = { 0x66, 0x31, 0xc0, 0x0f, 0xa2, 0xf4 };
	int ret;

	memcpy(guest_host(&s->g, 0x3000), cpuid, sizeof(cpuid));
	ret = guest_set_reg(&s->g, 0, HV_X64_REGISTER_RIP, 0x3000);
	if (!ret)
		ret = guest_run(&s->g, 0);
	if (ret != GUEST_EXIT)
		return ret < 0 ? ret : -EPROTO;
	return wanted(s->g.vp[0].message.header.message_type == HVMSG_X64_CPUID_INTERCEPT);
}

static int translate(struct sweep *s)
{
	struct hv_input_translate_virtual_address in = {
		.control_flags = HV_TRANSLATE_GVA_VALIDATE_READ,
		.gva_page = 2,
	};
	struct hvcall call = {
		.code = HVCALL_TRANSLATE_VIRTUAL_ADDRESS,
		.in_bytes = sizeof(in),
		.out_bytes = sizeof(struct hv_output_translate_virtual_address),
		.in = &in,
		.out = s->page,
	};

	return hvcall(s->g.vp[0].fd, &call);
}

/* Without paging an address is its own translation. */
static int check_translated(struct sweep *s)
{
	const struct hv_output_translate_virtual_address *out = (void *)s->page;

	return wanted(out->gpa_page == 2);
}

/* ------------------------------------------------------------- running */

static int run(struct sweep *s)
{
	return vp_run(s->g.vp[0].fd, &s->g.vp[0].message);
}

static int check_run(struct sweep *s)
{
	const struct hv_x64_io_port_intercept_message *io =
		guest_payload(&s->g, 0, hv_x64_io_port_intercept_message);

	return wanted(s->g.vp[0].message.header.message_type == HVMSG_X64_IO_PORT_INTERCEPT &&
		      io->port_number == 0x10 && ((char *)guest_host(&s->g, 0x2000))[0] == '.');
}

static int prepare_run(struct sweep *s)
{
	((char *)guest_host(&s->g, 0x2000))[0] = 0;
	return 0;
}

/* The first run, as the VP's suspension ends there; no memory, so no fault either. */
static int prepare_first_run(struct sweep *s)
{
	return create_vp(s);
}

static int check_first_run(struct sweep *s)
{
	return wanted(s->g.vp[0].message.header.message_type == HVMSG_UNMAPPED_GPA);
}

/* ------------------------------------------------------ interrupts, doorbells */

static int route_to(struct sweep *s, uint32_t vector)
{
	return route_one(s->g.pt, 5, 0xfee00000, vector);
}

static int route(struct sweep *s)
{
	return route_to(s, VECTOR);
}

static int irqfd(struct sweep *s, uint32_t flags)
{
	struct mshv_user_irqfd args = { .fd = s->event[0], .gsi = 5, .flags = flags };

	return mshv_ioctl(s->g.pt, MSHV_IRQFD, &args);
}

static int assign_irqfd(struct sweep *s)
{
	return irqfd(s, 0);
}

static int deassign_irqfd(struct sweep *s)
{
	return irqfd(s, 1u << MSHV_IRQFD_BIT_DEASSIGN);
}

static int prepare_event(struct sweep *s)
{
	s->event[0] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return s->event[0] < 0 ? -errno : 0;
}

/* The guest has IF clear: interrupts stay in IRR. */
static int prepare_interrupts(struct sweep *s)
{
	int ret = prepare_event(s);

	return ret ? ret : route(s);
}

static int prepare_irqfd(struct sweep *s)
{
	int ret = prepare_interrupts(s);

	return ret ? ret : assign_irqfd(s);
}

/* One that goes elsewhere, until the route changes. */
static int prepare_other_route(struct sweep *s)
{
	int ret = prepare_event(s);

	if (!ret)
		ret = route_to(s, VECTOR + 1);
	return ret ? ret : assign_irqfd(s);
}

static int signal_irqfd(struct sweep *s)
{
	return eventfd_write(s->event[0], 1) ? -errno : 0;
}

/* A signal is a hypercall of the driver, if the hypervisor offers nothing faster. */
static int check_irqfd(struct sweep *s)
{
	struct mshv_sim_recording r = {
		.size = sizeof(r), .code = HVCALL_ASSERT_VIRTUAL_INTERRUPT,
	};
	const struct hv_input_assert_virtual_interrupt *in;
	struct mshv_sim_record record;
	int ret = sim_ioctl(s->ctl, MSHV_SIM_RECORD_START, &r);

	if (!ret)
		ret = signal_irqfd(s);
	if (ret)
		return ret;
	sim_ioctl(s->ctl, MSHV_SIM_RECORD_STOP, &r);
	if (read(s->ctl, &record, sizeof(record)) != sizeof(record))
		return -EPROTO;
	in = (void *)record.input;
	return wanted(!record.status && in->vector == VECTOR);
}

static int check_no_irqfd(struct sweep *s)
{
	return check_irqfd(s) == -EPROTO ? 0 : -EPROTO;
}

static int prepare_pending(struct sweep *s)
{
	int ret = prepare_interrupts(s);

	return ret ? ret : signal_irqfd(s);
}

static int bell(struct sweep *s, uint32_t flags)
{
	struct mshv_user_ioeventfd args = {
		.fd = s->event[0], .addr = BELL_GPA, .len = 4, .datamatch = 7,
		.flags = flags | 1u << MSHV_IOEVENTFD_BIT_DATAMATCH,
	};

	return mshv_ioctl(s->g.pt, MSHV_IOEVENTFD, &args);
}

static int assign_bell(struct sweep *s)
{
	return bell(s, 0);
}

static int deassign_bell(struct sweep *s)
{
	return bell(s, 1u << MSHV_IOEVENTFD_BIT_DEASSIGN);
}

static int prepare_bell(struct sweep *s)
{
	int ret = prepare_event(s);

	return ret ? ret : assign_bell(s);
}

static int check_bell(struct sweep *s)
{
	struct mshv_sim_ledger l;
	int ret = ledger(s, &l);

	if (!ret)
		ret = wanted(l.ports == 1);
	return ret ? ret : wanted(assign_bell(s) == -EEXIST);
}

static int check_no_bell(struct sweep *s)
{
	struct mshv_sim_ledger l;
	int ret = ledger(s, &l);

	if (!ret)
		ret = wanted(!l.ports);
	return ret ? ret : wanted(deassign_bell(s) == -ENOENT);
}

/* ---------------------------------------------------------- state, bits */

static int get_lapic(struct sweep *s)
{
	return vp_get_state(s->g.vp[0].fd, MSHV_VP_STATE_LAPIC, s->page);
}

static int check_lapic(struct sweep *s)
{
	const struct hv_local_interrupt_controller_state *lapic = (void *)s->page;

	return wanted(lapic->apic_version != 0);
}

static int set_lapic(struct sweep *s)
{
	return vp_set_state(s->g.vp[0].fd, MSHV_VP_STATE_LAPIC, s->page);
}

#define LDR	0x05000000

static int prepare_set_lapic(struct sweep *s)
{
	struct hv_local_interrupt_controller_state *lapic = (void *)s->page;
	int ret = get_lapic(s);

	lapic->apic_ldr = LDR;
	return ret;
}

static int check_lapic_set(struct sweep *s)
{
	const struct hv_local_interrupt_controller_state *lapic = (void *)s->page;
	int ret;

	memset(s->page, 0, sizeof(s->page));
	ret = get_lapic(s);
	return ret ? ret : wanted(lapic->apic_ldr == LDR);
}

static int get_xsave(struct sweep *s)
{
	return vp_get_state(s->g.vp[0].fd, MSHV_VP_STATE_XSAVE, s->page);
}

/* XCOMP_BV, bit 63 */
static int check_xsave(struct sweep *s)
{
	return wanted(s->page[512 + 15] & 0x80);
}

static int dirty_bitmap(struct sweep *s)
{
	struct mshv_gpap_access_bitmap args = {
		.access_type = MSHV_GPAP_ACCESS_TYPE_DIRTY,
		.access_op = MSHV_GPAP_ACCESS_OP_CLEAR,
		.page_count = SWEEP_RAM_PAGES,
		.bitmap_ptr = (uintptr_t)s->page,
	};

	return mshv_ioctl(s->g.pt, MSHV_GET_GPAP_ACCESS_BITMAP, &args);
}

/* The guest writes to the third page. */
static int check_dirty(struct sweep *s)
{
	return wanted(s->page[0] & 1 << 2);
}

/* ------------------------------------------------------------------------ */

static const struct sweep_op sweep_ops[] = {
	{ "create", SWEEP_DEVICE, 0, NULL, create, check_created },
	{ "initialize", SWEEP_CREATED, 0, NULL, initialize, check_initialized },
	{ "create_vp", SWEEP_INITIALIZED, 0, NULL, create_vp, check_vp },
	{ "map", SWEEP_INITIALIZED, 0, some_memory, map_memory, check_mapped },
	{ "map_batches", SWEEP_INITIALIZED, 0, much_memory, map_memory, check_mapped },
	{ "unmap", SWEEP_VP, 0, NULL, unmap_memory, check_unmapped },
	{ "get_registers", SWEEP_VP, 0, set_registers, get_registers, check_got_registers },
	{ "set_registers", SWEEP_VP, 0, NULL, set_registers, check_registers },
	{ "get_property", SWEEP_INITIALIZED, 0, set_property, get_property, check_got_property },
	{ "set_property", SWEEP_INITIALIZED, 0, NULL, set_property, check_property },
	{ "install_intercept", SWEEP_VP, 0, NULL, install_intercept, check_intercept },
	{ "translate", SWEEP_VP, 0, NULL, translate, check_translated },
	{ "run_first", SWEEP_INITIALIZED, 0, prepare_first_run, run, check_first_run },
	{ "run", SWEEP_VP, 0, prepare_run, run, check_run },
	{ "route", SWEEP_VP, PT(LAPIC), prepare_other_route, route, check_irqfd },
	{ "irqfd", SWEEP_VP, PT(LAPIC), prepare_interrupts, assign_irqfd, check_irqfd },
	{ "irqfd_pending", SWEEP_VP, PT(LAPIC), prepare_pending, assign_irqfd, check_irqfd },
	{ "irqfd_signal", SWEEP_VP, PT(LAPIC), prepare_irqfd, signal_irqfd, check_irqfd },
	{ "irqfd_deassign", SWEEP_VP, PT(LAPIC), prepare_irqfd, deassign_irqfd, check_no_irqfd },
	{ "ioeventfd", SWEEP_INITIALIZED, 0, prepare_event, assign_bell, check_bell },
	{ "ioeventfd_deassign", SWEEP_INITIALIZED, 0, prepare_bell, deassign_bell, check_no_bell },
	{ "get_lapic", SWEEP_VP, PT(LAPIC), NULL, get_lapic, check_lapic },
	{ "set_lapic", SWEEP_VP, PT(LAPIC), prepare_set_lapic, set_lapic, check_lapic_set },
	{ "get_xsave", SWEEP_VP, 0, NULL, get_xsave, check_xsave },
	{ "dirty_bitmap", SWEEP_VP, 0, NULL, dirty_bitmap, check_dirty },
	{ "close", SWEEP_VP, PT(LAPIC), NULL, close_all, check_closed },
	{ "close_uninitialized", SWEEP_CREATED, 0, NULL, close_all, check_closed },
};

_Static_assert(ARRAY_SIZE(sweep_ops) + SWEEP_PASSTHROUGH_COUNT == SWEEP_OP_COUNT,
	       "SWEEP_OPS() names each operation once");

const struct sweep_op *sweep_find(const char *name)
{
	const struct sweep_op *op;
	unsigned int i;

	for (i = 0; i < SWEEP_OP_COUNT; i++) {
		op = i < SWEEP_PASSTHROUGH_COUNT ? &sweep_passthrough_ops[i] :
						   &sweep_ops[i - SWEEP_PASSTHROUGH_COUNT];
		if (!strcmp(op->name, name))
			return op;
	}
	return NULL;
}

const char *sweep_missing(const struct sweep_op *op, int ctl)
{
	if ((op->check == check_irqfd || op->check == check_no_irqfd) &&
	    sim_injects_at_dispatch(ctl))
		return NOT_BY_A_CALL;
	return op->stage >= SWEEP_VP || op->operate == run ? guest_missing() : NULL;
}
