// SPDX-License-Identifier: GPL-2.0-only
/* The steps of the fuzzer: mostly right arguments, with something wrong in them. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mshv/hvhdk.h>

#include "fuzz.h"

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE	25
#endif

#define SLOT_PAGES	128		/* of a memory slot; 8 slots make half of the pool */
#define SLOTS		8
#define LEVEL_GSI	16		/* GSIs from here on are always level-triggered */
#define GSIS		24

void fuzz_seed(struct fuzz *f, uint64_t seed, uint64_t step)
{
	uint64_t x = seed + (step + 1) * 0x9e3779b97f4a7c15ull;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	f->rng = (x ^ x >> 31) | 1;
}

uint64_t fuzz_random(struct fuzz *f)
{
	f->rng ^= f->rng << 13;
	f->rng ^= f->rng >> 7;
	f->rng ^= f->rng << 17;
	return f->rng;
}

uint64_t fuzz_below(struct fuzz *f, uint64_t n)
{
	return (fuzz_random(f) >> 8) % n;
}

static bool one_in(struct fuzz *f, unsigned int n)
{
	return !fuzz_below(f, n);
}

/* A number that programs get wrong. */
static uint64_t odd_number(struct fuzz *f)
{
	static const uint64_t edges[] = {
		0, 1, 2, 7, 8, 0xff, 0x100, 0xfff, 0x1000, 0x1001, 0x7fffffff, 0x80000000,
		0xffffffff, 0x100000000, 0x7fffffffffffffff, 0xfffffffffffff000, UINT64_MAX,
	};

	return one_in(f, 2) ? fuzz_random(f) : edges[fuzz_below(f, sizeof(edges) / sizeof(*edges))];
}

/* ------------------------------------------------------------------- files */

static struct fuzz_fd *any(struct fuzz *f, enum fuzz_kind kind)
{
	unsigned int start = fuzz_below(f, FUZZ_FDS), i;

	for (i = 0; i < FUZZ_FDS; i++) {
		struct fuzz_fd *slot = &f->fds[(start + i) % FUZZ_FDS];

		if (slot->kind == kind)
			return slot;
	}
	return NULL;
}

static int any_fd(struct fuzz *f, enum fuzz_kind kind)
{
	struct fuzz_fd *slot = any(f, kind);

	return slot ? slot->fd : -1;
}

static long keep(struct fuzz *f, enum fuzz_kind kind, long fd, uint32_t vp_index)
{
	struct fuzz_fd *slot;

	if (fd < 0)
		return fd;
	slot = any(f, FUZZ_NONE);
	if (!slot) {
		close(fd);
		return -EMFILE;
	}
	*slot = (struct fuzz_fd) { .kind = kind, .fd = fd, .vp_index = vp_index };
	return 0;
}

static long drop(struct fuzz_fd *slot)
{
	int ret = close(slot->fd);

	slot->kind = FUZZ_NONE;
	return ret ? -errno : 0;
}

static long step_open(struct fuzz *f)
{
	return keep(f, FUZZ_DEV, dev_open(), 0);
}

static long step_close(struct fuzz *f)
{
	struct fuzz_fd *slot = &f->fds[fuzz_below(f, FUZZ_FDS)];

	return slot->kind == FUZZ_NONE ? FUZZ_IDLE : drop(slot);
}

static long step_eventfd(struct fuzz *f)
{
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | (one_in(f, 8) ? EFD_SEMAPHORE : 0));

	return keep(f, FUZZ_EVENT, fd < 0 ? -errno : fd, 0);
}

static long step_signal(struct fuzz *f)
{
	int fd = any_fd(f, FUZZ_EVENT);

	if (fd < 0)
		return FUZZ_IDLE;
	return eventfd_write(fd, 1 + fuzz_below(f, 3)) ? -errno : 0;
}

/* -------------------------------------------------------------- partitions */

static long step_create(struct fuzz *f)
{
	struct mshv_create_partition_v2 args = {
		.pt_flags = fuzz_random(f) & (PT(LAPIC) | PT(X2APIC) | PT(GPA_SUPER_PAGES)),
	};
	int dev = any_fd(f, FUZZ_DEV);

	if (dev < 0)
		return FUZZ_IDLE;
	if (one_in(f, 8)) {
		args.pt_flags |= PT(CPU_AND_XSAVE_FEATURES);
		args.pt_num_cpu_fbanks = one_in(f, 4) ? odd_number(f) : 2;
		args.pt_cpu_fbanks[0] = one_in(f, 2) ? 0 : odd_number(f);
		args.pt_disabled_xsave = one_in(f, 2) ? 0 : odd_number(f);
	}
	if (one_in(f, 8))
		args.pt_flags |= 1ull << fuzz_below(f, 64);
	if (one_in(f, 8))
		args.pt_isolation = odd_number(f);
	return keep(f, FUZZ_PARTITION, mshv_ioctl(dev, MSHV_CREATE_PARTITION, &args), 0);
}

static long step_initialize(struct fuzz *f)
{
	int pt = any_fd(f, FUZZ_PARTITION);

	return pt < 0 ? FUZZ_IDLE : partition_initialize(pt);
}

static long step_create_vp(struct fuzz *f)
{
	uint32_t index = one_in(f, 8) ? odd_number(f) : fuzz_below(f, 3);
	int pt = any_fd(f, FUZZ_PARTITION);

	if (pt < 0)
		return FUZZ_IDLE;
	return keep(f, FUZZ_VP, vp_create(pt, index), index);
}

/*
 * A slot of the pool at its place, or something else. Never past the end of what
 * is mapped, nor of a size that the kernel reports with a call trace.
 */
static long step_memory(struct fuzz *f)
{
	uint64_t slot = fuzz_below(f, SLOTS);
	struct mshv_user_mem_region args = {
		.size = SLOT_PAGES * PAGE_BYTES,
		.guest_pfn = slot * SLOT_PAGES,
		.userspace_addr = (uintptr_t)f->pool + slot * SLOT_PAGES * PAGE_BYTES,
		.flags = fuzz_below(f, 4) | (one_in(f, 3) ? MEM_UNMAP : 0),
	};
	int pt = any_fd(f, FUZZ_PARTITION);

	if (pt < 0)
		return FUZZ_IDLE;
	switch (fuzz_below(f, 16)) {
	case 0:
		args.size = (1 + fuzz_below(f, SLOT_PAGES)) * PAGE_BYTES;
		break;
	case 1:
		args.size = one_in(f, 2) ? 0 : fuzz_below(f, PAGE_BYTES);
		break;
	case 2:
		args.guest_pfn = odd_number(f);
		break;
	case 3:
		args.userspace_addr += fuzz_below(f, PAGE_BYTES);
		break;
	case 4:
		args.userspace_addr = one_in(f, 2) ? 0 : UINT64_MAX & ~(PAGE_BYTES - 1);
		break;
	case 5:
		args.flags = fuzz_random(f);
		break;
	case 6:
		args.rsvd[fuzz_below(f, sizeof(args.rsvd))] = fuzz_random(f);
		break;
	}
	return mshv_ioctl(pt, MSHV_SET_GUEST_MEMORY, &args);
}

static long step_madvise(struct fuzz *f)
{
	static const int advice[] = { MADV_DONTNEED, MADV_DONTNEED, MADV_HUGEPAGE,
				      MADV_NOHUGEPAGE, MADV_COLLAPSE, MADV_PAGEOUT };
	uint64_t pages = SLOTS * SLOT_PAGES, first = fuzz_below(f, pages);

	return madvise(f->pool + first * PAGE_BYTES, (1 + fuzz_below(f, pages - first)) * PAGE_BYTES,
		       advice[fuzz_below(f, 6)]) ? -errno : 0;
}

static long step_bitmap(struct fuzz *f)
{
	struct mshv_gpap_access_bitmap args = {
		.access_type = fuzz_below(f, 2),
		.access_op = fuzz_below(f, 3),
		.page_count = 1 + fuzz_below(f, 600),
		.gpap_base = fuzz_below(f, SLOTS * SLOT_PAGES),
		.bitmap_ptr = (uintptr_t)f->page,
	};
	int pt = any_fd(f, FUZZ_PARTITION);

	if (pt < 0)
		return FUZZ_IDLE;
	switch (fuzz_below(f, 12)) {
	case 0:
		args.access_type = fuzz_random(f);
		break;
	case 1:
		args.access_op = fuzz_random(f);
		break;
	case 2:
		args.page_count = one_in(f, 2) ? 0 : fuzz_below(f, 100000);
		break;
	case 3:
		args.gpap_base = odd_number(f);
		break;
	case 4:
		args.bitmap_ptr = one_in(f, 2) ? 0 : 1;
		break;
	case 5:
		args.rsvd[fuzz_below(f, sizeof(args.rsvd))] = fuzz_random(f);
		break;
	}
	/* KASAN sees the driver use words in a buffer of fewer bytes. */
	if (!f->wild && args.page_count && args.page_count < 8)
		args.page_count = 8;
	return mshv_ioctl(pt, MSHV_GET_GPAP_ACCESS_BITMAP, &args);
}

/* ------------------------------------------------------ interrupts, doorbells */

/*
 * The upper GSIs keep their level-triggered routes: the driver warns of an irqfd
 * with resampling that fires without one.
 */
static long step_routes(struct fuzz *f)
{
	struct {
		struct mshv_user_irq_table table;
		struct mshv_user_irq_entry entries[GSIS];
	} args = { .table.nr = GSIS };
	int pt = any_fd(f, FUZZ_PARTITION);
	unsigned int i;

	if (pt < 0)
		return FUZZ_IDLE;
	for (i = 0; i < GSIS; i++) {
		args.entries[i].gsi = i;
		args.entries[i].address_lo = 0xfee00000 | fuzz_below(f, 4) << 12 |
					     (one_in(f, 4) ? 4 : 0);
		args.entries[i].data = fuzz_below(f, 256) | (one_in(f, 8) ? fuzz_below(f, 8) << 8 : 0) |
				       (i >= LEVEL_GSI ? 0x8000 : 0);
	}
	if (f->wild && one_in(f, 4))
		args.table.nr = fuzz_below(f, GSIS);
	switch (fuzz_below(f, 12)) {
	case 0:
		args.table.nr = GSIS + 1 + fuzz_random(f) % (UINT32_MAX - GSIS);
		break;
	case 1:
		args.table.rsvd = 1 + fuzz_below(f, UINT32_MAX);
		break;
	case 2:
		args.entries[fuzz_below(f, LEVEL_GSI)].gsi = fuzz_below(f, 2 * GSIS);
		break;
	case 3:
		args.entries[0].address_hi = fuzz_random(f);
		break;
	}
	return mshv_ioctl(pt, MSHV_SET_MSI_ROUTING, &args);
}

static long step_irqfd(struct fuzz *f)
{
	struct mshv_user_irqfd args = {
		.fd = any_fd(f, FUZZ_EVENT),
		.resamplefd = any_fd(f, FUZZ_EVENT),
		.gsi = fuzz_below(f, GSIS),
		.flags = one_in(f, 3) ? 1u << MSHV_IRQFD_BIT_DEASSIGN : 0,
	};
	int pt = any_fd(f, FUZZ_PARTITION);

	if (pt < 0)
		return FUZZ_IDLE;
	if (args.gsi >= LEVEL_GSI && one_in(f, 2))
		args.flags |= 1u << MSHV_IRQFD_BIT_RESAMPLE;
	if (one_in(f, 12))
		args.flags |= fuzz_random(f) & ~(1u << MSHV_IRQFD_BIT_RESAMPLE);
	if (one_in(f, 12))
		args.fd = one_in(f, 2) ? (int)odd_number(f) : pt;
	if (one_in(f, 12))
		args.gsi = odd_number(f);
	return mshv_ioctl(pt, MSHV_IRQFD, &args);
}

static long step_ioeventfd(struct fuzz *f)
{
	static const uint32_t lengths[] = { 0, 1, 2, 4, 8 };
	struct mshv_user_ioeventfd args = {
		.datamatch = fuzz_below(f, 2),
		.addr = 0x1000000 + fuzz_below(f, 4) * 8,
		.len = lengths[fuzz_below(f, 5)],
		.fd = any_fd(f, FUZZ_EVENT),
		.flags = fuzz_below(f, 2) << MSHV_IOEVENTFD_BIT_DATAMATCH |
			 (one_in(f, 3) ? 1u << MSHV_IOEVENTFD_BIT_DEASSIGN : 0),
	};
	int pt = any_fd(f, FUZZ_PARTITION);

	if (pt < 0)
		return FUZZ_IDLE;
	switch (fuzz_below(f, 12)) {
	case 0:
		args.addr = odd_number(f);
		break;
	case 1:
		args.len = odd_number(f);
		break;
	case 2:
		args.fd = (int)odd_number(f);
		break;
	case 3:
		args.flags = fuzz_random(f);
		break;
	case 4:
		args.rsvd[fuzz_below(f, sizeof(args.rsvd))] = fuzz_random(f);
		break;
	}
	return mshv_ioctl(pt, MSHV_IOEVENTFD, &args);
}

/* --------------------------------------------------------------------- VPs */

static long step_run(struct fuzz *f)
{
	int vp = any_fd(f, FUZZ_VP);

	if (vp < 0)
		return FUZZ_IDLE;
	return mshv_ioctl(vp, MSHV_RUN_VP, one_in(f, 16) ? (void *)1 : f->page);
}

static long step_state(struct fuzz *f)
{
	struct mshv_get_set_vp_state args = {
		.type = fuzz_below(f, MSHV_VP_STATE_COUNT),
		.buf_sz = PAGE_BYTES << (one_in(f, 4) ? fuzz_below(f, 4) : 0),
		.buf_ptr = (uintptr_t)f->page,
	};
	int vp = any_fd(f, FUZZ_VP);

	if (vp < 0)
		return FUZZ_IDLE;
	switch (fuzz_below(f, 12)) {
	case 0:
		args.type = fuzz_random(f);
		break;
	case 1:
		args.buf_sz = fuzz_below(f, 2 * PAGE_BYTES);
		break;
	case 2:
		args.buf_ptr = one_in(f, 2) ? odd_number(f) : 0;
		break;
	case 3:
		args.rsvd[fuzz_below(f, sizeof(args.rsvd))] = fuzz_random(f);
		break;
	}
	/* What was read is changed a little and written. */
	if (one_in(f, 2))
		return mshv_ioctl(vp, MSHV_GET_VP_STATE, &args);
	mshv_ioctl(vp, MSHV_GET_VP_STATE, &args);
	args.buf_sz = PAGE_BYTES;
	if (one_in(f, 2))
		f->page[fuzz_below(f, 1024)] = fuzz_random(f);
	return mshv_ioctl(vp, MSHV_SET_VP_STATE, &args);
}

static long step_mmap(struct fuzz *f)
{
	unsigned int i = fuzz_below(f, FUZZ_MAPS);
	int vp = any_fd(f, FUZZ_VP);
	void *page;

	if (vp < 0)
		return FUZZ_IDLE;
	if (f->maps[i])
		return FUZZ_IDLE;
	page = vp_state_page(vp, one_in(f, 8) ? fuzz_below(f, 1024) : fuzz_below(f, 2),
			     PROT_READ | PROT_WRITE);
	if (page == MAP_FAILED)
		return -errno;
	f->maps[i] = page;
	return 0;
}

/*
 * The other thread may write to the page at this moment, so it is not taken away
 * but replaced.
 */
static long step_munmap(struct fuzz *f)
{
	unsigned int i = fuzz_below(f, FUZZ_MAPS);
	void *page = f->maps[i];

	if (!page)
		return FUZZ_IDLE;
	page = mmap(page, PAGE_BYTES, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
	f->maps[i] = NULL;
	return page == MAP_FAILED ? -errno : 0;
}

/* --------------------------------------------------------------- hypercalls */

struct shape {
	uint16_t code, in_bytes, element_bytes, out_bytes;
};

static const struct shape shapes[] = {
	{ HVCALL_GET_PARTITION_PROPERTY, sizeof(struct hv_input_get_partition_property), 0, 8 },
	{ HVCALL_GET_PARTITION_PROPERTY_EX, sizeof(struct hv_input_get_partition_property_ex),
	  0, 4096 },
	{ HVCALL_SET_PARTITION_PROPERTY, sizeof(struct hv_input_set_partition_property), 0, 0 },
	{ HVCALL_INSTALL_INTERCEPT, sizeof(struct hv_input_install_intercept), 0, 0 },
	{ HVCALL_GET_VP_REGISTERS, sizeof(struct hv_input_get_vp_registers), 4, 256 },
	{ HVCALL_SET_VP_REGISTERS, sizeof(struct hv_input_set_vp_registers),
	  sizeof(struct hv_register_assoc), 0 },
	{ HVCALL_TRANSLATE_VIRTUAL_ADDRESS, sizeof(struct hv_input_translate_virtual_address),
	  0, 16 },
	{ HVCALL_CLEAR_VIRTUAL_INTERRUPT, 8, 0, 0 },
	{ HVCALL_REGISTER_INTERCEPT_RESULT, sizeof(struct hv_input_register_intercept_result),
	  0, 0 },
	{ HVCALL_ASSERT_VIRTUAL_INTERRUPT, sizeof(struct hv_input_assert_virtual_interrupt),
	  0, 0 },
	{ HVCALL_GET_GPA_PAGES_ACCESS_STATES,
	  sizeof(struct hv_input_get_gpa_pages_access_state), 0, 256 },
	{ HVCALL_SIGNAL_EVENT_DIRECT, sizeof(struct hv_input_signal_event_direct), 0, 8 },
	{ HVCALL_POST_MESSAGE_DIRECT, sizeof(struct hv_input_post_message_direct), 0, 0 },
	{ HVCALL_GET_VP_CPUID_VALUES, sizeof(struct hv_input_get_vp_cpuid_values),
	  sizeof(struct hv_cpuid_leaf_info), 256 },
};

static uint32_t register_name(struct fuzz *f)
{
	static const uint32_t bases[] = {
		HV_X64_REGISTER_RAX, HV_X64_REGISTER_CR0, HV_X64_REGISTER_ES,
		HV_X64_REGISTER_TSC, HV_X64_REGISTER_XMM0, HV_X64_REGISTER_DR0, 0x00090000,
		0x000a0000, 0x00000000,
	};
	uint32_t name = one_in(f, 8) ? fuzz_random(f) :
			bases[fuzz_below(f, sizeof(bases) / sizeof(*bases))] + fuzz_below(f, 24);

	/* The driver warns when a VP that it runs was suspended by others. */
	if (!f->wild && (name == HV_REGISTER_EXPLICIT_SUSPEND ||
			 name == HV_REGISTER_INTERCEPT_SUSPEND ||
			 name == HV_REGISTER_DISPATCH_SUSPEND))
		name = HV_X64_REGISTER_RAX;
	return name;
}

/* The right input as far as one can tell it from outside. */
static void fill_input(struct fuzz *f, const struct shape *shape, unsigned int reps,
		       uint32_t vp_index)
{
	uint8_t *in = f->page;
	unsigned int i;

	memset(in, 0, PAGE_BYTES);
	if (shape->in_bytes >= 16)
		*(uint32_t *)(in + 8) = vp_index;
	switch (shape->code) {
	case HVCALL_GET_VP_REGISTERS:
	case HVCALL_SET_VP_REGISTERS:
		for (i = 0; i < reps; i++) {
			uint8_t *element = in + shape->in_bytes + i * shape->element_bytes;

			*(uint32_t *)element = register_name(f);
			if (shape->element_bytes > 4)
				*(uint64_t *)(element + 16) = odd_number(f);
		}
		break;
	case HVCALL_GET_PARTITION_PROPERTY:
	case HVCALL_SET_PARTITION_PROPERTY:
		*(uint32_t *)(in + 8) = fuzz_below(f, 9) << 16 | fuzz_below(f, 24);
		*(uint64_t *)(in + 16) = fuzz_below(f, 4);
		break;
	case HVCALL_ASSERT_VIRTUAL_INTERRUPT:
		*(uint64_t *)(in + 8) = fuzz_below(f, 12) | (one_in(f, 4) ? 1ull << 32 : 0);
		*(uint64_t *)(in + 16) = fuzz_below(f, 4);
		*(uint32_t *)(in + 24) = fuzz_below(f, 256);
		break;
	case HVCALL_INSTALL_INTERCEPT:
		*(uint32_t *)(in + 8) = fuzz_below(f, 8);
		*(uint32_t *)(in + 12) = fuzz_below(f, 16);
		break;
	}
	for (i = fuzz_below(f, 3); i > 0 && shape->code != HVCALL_SET_VP_REGISTERS; i--)
		in[8 + fuzz_below(f, shape->in_bytes - 7)] = fuzz_random(f);
}

static long step_hypercall(struct fuzz *f)
{
	const struct shape *shape = &shapes[fuzz_below(f, sizeof(shapes) / sizeof(*shapes))];
	unsigned int reps = shape->element_bytes ? 1 + fuzz_below(f, 8) : 0;
	struct fuzz_fd *slot = any(f, one_in(f, 16) ? FUZZ_DEV :
				      one_in(f, 2) ? FUZZ_VP : FUZZ_PARTITION);
	struct mshv_root_hvcall args;

	if (!slot)
		return FUZZ_IDLE;
	if (shape->code == HVCALL_GET_GPA_PAGES_ACCESS_STATES)
		reps = 1 + fuzz_below(f, 64);
	fill_input(f, shape, reps, one_in(f, 16) ? odd_number(f) : slot->vp_index);
	args = (struct mshv_root_hvcall) {
		.code = shape->code,
		.reps = reps,
		.in_sz = shape->in_bytes + reps * shape->element_bytes,
		.out_sz = shape->out_bytes,
		.in_ptr = (uintptr_t)f->page,
		.out_ptr = shape->out_bytes ? (uintptr_t)f->page + PAGE_BYTES : 0,
	};
	switch (fuzz_below(f, 16)) {
	case 0:
		args.code = fuzz_random(f);
		break;
	case 1:
		args.in_sz = fuzz_below(f, 2 * PAGE_BYTES);
		break;
	case 2:
		args.out_sz = shape->out_bytes ? fuzz_below(f, 2 * PAGE_BYTES) : 0;
		break;
	case 3:
		args.in_ptr = one_in(f, 2) ? 0 : odd_number(f);
		break;
	case 4:
		args.rsvd[fuzz_below(f, sizeof(args.rsvd))] = fuzz_random(f);
		break;
	case 5:
		args.reps = fuzz_below(f, f->wild ? 65536 : 200);
		break;
	}
	return mshv_ioctl(slot->fd, MSHV_ROOT_HVCALL, &args);
}

/* ---------------------------------------------------------------- nonsense */

/* Any number of ours on any file, with an argument that nobody can read. */
static long step_nonsense(struct fuzz *f)
{
	struct fuzz_fd *slot = &f->fds[fuzz_below(f, FUZZ_FDS)];
	unsigned long request = one_in(f, 4) ? fuzz_random(f) :
		_IOC(fuzz_below(f, 4), MSHV_IOCTL, fuzz_below(f, 16), fuzz_below(f, 300));
	static const uintptr_t nowhere[] = { 0, 1, UINTPTR_MAX, 0x800000000000 };

	if (slot->kind == FUZZ_NONE || slot->kind == FUZZ_EVENT)
		return FUZZ_IDLE;
	return mshv_ioctl(slot->fd, request, (void *)nowhere[fuzz_below(f, 4)]);
}

const struct fuzz_op fuzz_ops[] = {
	{ "open", 1, step_open },
	{ "close", 3, step_close },
	{ "eventfd", 3, step_eventfd },
	{ "signal", 10, step_signal },
	{ "create partition", 3, step_create },
	{ "initialize", 6, step_initialize },
	{ "create VP", 8, step_create_vp },
	{ "memory", 10, step_memory },
	{ "madvise", 4, step_madvise },
	{ "bitmap", 5, step_bitmap },
	{ "routes", 5, step_routes },
	{ "irqfd", 10, step_irqfd },
	{ "ioeventfd", 8, step_ioeventfd },
	{ "run", 15, step_run },
	{ "state", 6, step_state },
	{ "mmap", 5, step_mmap },
	{ "munmap", 3, step_munmap },
	{ "hypercall", 30, step_hypercall },
	{ "nonsense", 4, step_nonsense },
};

const unsigned int fuzz_ops_count = sizeof(fuzz_ops) / sizeof(fuzz_ops[0]);

int fuzz_open(struct fuzz *f)
{
	f->pool = pages_alloc(FUZZ_POOL_BYTES);
	if (!f->pool)
		return -ENOMEM;
	f->page = f->pool + FUZZ_POOL_BYTES / 2;
	return keep(f, FUZZ_DEV, dev_open(), 0);
}

void fuzz_close(struct fuzz *f)
{
	unsigned int i;

	for (i = 0; i < FUZZ_MAPS; i++)
		if (f->maps[i])
			munmap(f->maps[i], PAGE_BYTES);
	for (i = 0; i < FUZZ_FDS; i++)
		if (f->fds[i].kind != FUZZ_NONE)
			drop(&f->fds[i]);
	munmap(f->pool, FUZZ_POOL_BYTES);
}
