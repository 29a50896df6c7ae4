// SPDX-License-Identifier: GPL-2.0-only
/* The steps of the fuzzer: mostly right arguments, with something wrong in them. */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mshv/hvhdk.h>

#include "kselftest.h"
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

bool fuzz_one_in(struct fuzz *f, unsigned int n)
{
	return !fuzz_below(f, n);
}

uint64_t fuzz_odd_number(struct fuzz *f)
{
	static const uint64_t edges[] = {
		0, 1, 2, 7, 8, 0xff, 0x100, 0xfff, 0x1000, 0x1001, 0x7fffffff, 0x80000000,
		0xffffffff, 0x100000000, 0x7fffffffffffffff, 0xfffffffffffff000, UINT64_MAX,
	};

	return fuzz_one_in(f, 2) ? fuzz_random(f) : edges[fuzz_below(f, ARRAY_SIZE(edges))];
}

/* ------------------------------------------------------------------- files */

struct fuzz_fd *fuzz_any(struct fuzz *f, enum fuzz_kind kind)
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
	struct fuzz_fd *slot = fuzz_any(f, kind);

	return slot ? slot->fd : -1;
}

static long keep(struct fuzz *f, enum fuzz_kind kind, long fd, uint32_t vp_index)
{
	struct fuzz_fd *slot;

	if (fd < 0)
		return fd;
	slot = fuzz_any(f, FUZZ_NONE);
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
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK | (fuzz_one_in(f, 8) ? EFD_SEMAPHORE : 0));

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
	if (fuzz_one_in(f, 8)) {
		args.pt_flags |= PT(CPU_AND_XSAVE_FEATURES);
		args.pt_num_cpu_fbanks = fuzz_one_in(f, 4) ? fuzz_odd_number(f) : 2;
		args.pt_cpu_fbanks[0] = fuzz_one_in(f, 2) ? 0 : fuzz_odd_number(f);
		args.pt_disabled_xsave = fuzz_one_in(f, 2) ? 0 : fuzz_odd_number(f);
	}
	if (fuzz_one_in(f, 8))
		args.pt_flags |= 1ull << fuzz_below(f, 64);
	if (fuzz_one_in(f, 8))
		args.pt_isolation = fuzz_odd_number(f);
	return keep(f, FUZZ_PARTITION, mshv_ioctl(dev, MSHV_CREATE_PARTITION, &args), 0);
}

static long step_initialize(struct fuzz *f)
{
	int pt = any_fd(f, FUZZ_PARTITION);

	return pt < 0 ? FUZZ_IDLE : partition_initialize(pt);
}

static long step_create_vp(struct fuzz *f)
{
	uint32_t index = fuzz_one_in(f, 8) ? fuzz_odd_number(f) : fuzz_below(f, 3);
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
		.flags = fuzz_below(f, 4) | (fuzz_one_in(f, 3) ? MEM_UNMAP : 0),
	};
	int pt = any_fd(f, FUZZ_PARTITION);

	if (pt < 0)
		return FUZZ_IDLE;
	switch (fuzz_below(f, 16)) {
	case 0:
		args.size = (1 + fuzz_below(f, SLOT_PAGES)) * PAGE_BYTES;
		break;
	case 1:
		args.size = fuzz_one_in(f, 2) ? 0 : fuzz_below(f, PAGE_BYTES);
		break;
	case 2:
		args.guest_pfn = fuzz_odd_number(f);
		break;
	case 3:
		args.userspace_addr += fuzz_below(f, PAGE_BYTES);
		break;
	case 4:
		args.userspace_addr = fuzz_one_in(f, 2) ? 0 : UINT64_MAX & ~(PAGE_BYTES - 1);
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
		args.page_count = fuzz_one_in(f, 2) ? 0 : fuzz_below(f, 100000);
		break;
	case 3:
		args.gpap_base = fuzz_odd_number(f);
		break;
	case 4:
		args.bitmap_ptr = fuzz_one_in(f, 2) ? 0 : 1;
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
	WITH_ARRAY(struct mshv_user_irq_table, entries, GSIS) args = { .head.nr = GSIS };
	struct mshv_user_irq_entry *entries = args.head.entries;
	int pt = any_fd(f, FUZZ_PARTITION);
	unsigned int i;

	if (pt < 0)
		return FUZZ_IDLE;
	for (i = 0; i < GSIS; i++) {
		entries[i].gsi = i;
		entries[i].address_lo = 0xfee00000 | fuzz_below(f, 4) << 12 |
					(fuzz_one_in(f, 4) ? 4 : 0);
		entries[i].data = fuzz_below(f, 256) | (fuzz_one_in(f, 8) ? fuzz_below(f, 8) << 8 : 0) |
				  (i >= LEVEL_GSI ? 0x8000 : 0);
	}
	if (f->wild && fuzz_one_in(f, 4))
		args.head.nr = fuzz_below(f, GSIS);
	switch (fuzz_below(f, 12)) {
	case 0:
		args.head.nr = GSIS + 1 + fuzz_random(f) % (UINT32_MAX - GSIS);
		break;
	case 1:
		args.head.rsvd = 1 + fuzz_below(f, UINT32_MAX);
		break;
	case 2:
		entries[fuzz_below(f, LEVEL_GSI)].gsi = fuzz_below(f, 2 * GSIS);
		break;
	case 3:
		entries[0].address_hi = fuzz_random(f);
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
		.flags = fuzz_one_in(f, 3) ? 1u << MSHV_IRQFD_BIT_DEASSIGN : 0,
	};
	int pt = any_fd(f, FUZZ_PARTITION);

	if (pt < 0)
		return FUZZ_IDLE;
	if (args.gsi >= LEVEL_GSI && fuzz_one_in(f, 2))
		args.flags |= 1u << MSHV_IRQFD_BIT_RESAMPLE;
	if (fuzz_one_in(f, 12))
		args.flags |= fuzz_random(f) & ~(1u << MSHV_IRQFD_BIT_RESAMPLE);
	if (fuzz_one_in(f, 12))
		args.fd = fuzz_one_in(f, 2) ? (int)fuzz_odd_number(f) : pt;
	if (fuzz_one_in(f, 12))
		args.gsi = fuzz_odd_number(f);
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
			 (fuzz_one_in(f, 3) ? 1u << MSHV_IOEVENTFD_BIT_DEASSIGN : 0),
	};
	int pt = any_fd(f, FUZZ_PARTITION);

	if (pt < 0)
		return FUZZ_IDLE;
	switch (fuzz_below(f, 12)) {
	case 0:
		args.addr = fuzz_odd_number(f);
		break;
	case 1:
		args.len = fuzz_odd_number(f);
		break;
	case 2:
		args.fd = (int)fuzz_odd_number(f);
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
	return mshv_ioctl(vp, MSHV_RUN_VP, fuzz_one_in(f, 16) ? (void *)1 : f->page);
}

static long step_state(struct fuzz *f)
{
	struct mshv_get_set_vp_state args = {
		.type = fuzz_below(f, MSHV_VP_STATE_COUNT),
		.buf_sz = PAGE_BYTES << (fuzz_one_in(f, 4) ? fuzz_below(f, 4) : 0),
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
		args.buf_ptr = fuzz_one_in(f, 2) ? fuzz_odd_number(f) : 0;
		break;
	case 3:
		args.rsvd[fuzz_below(f, sizeof(args.rsvd))] = fuzz_random(f);
		break;
	}
	/* What was read is changed a little and written. */
	if (fuzz_one_in(f, 2))
		return mshv_ioctl(vp, MSHV_GET_VP_STATE, &args);
	mshv_ioctl(vp, MSHV_GET_VP_STATE, &args);
	args.buf_sz = PAGE_BYTES;
	if (fuzz_one_in(f, 2))
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
	page = vp_state_page(vp, fuzz_one_in(f, 8) ? fuzz_below(f, 1024) : fuzz_below(f, 2),
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

/* ---------------------------------------------------------------- nonsense */

/* Any number of ours on any file, with an argument that nobody can read. */
static long step_nonsense(struct fuzz *f)
{
	struct fuzz_fd *slot = &f->fds[fuzz_below(f, FUZZ_FDS)];
	unsigned long request = fuzz_one_in(f, 4) ? fuzz_random(f) :
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
	{ "hypercall", 30, fuzz_step_hypercall },
	{ "nonsense", 4, step_nonsense },
};

const unsigned int fuzz_ops_count = ARRAY_SIZE(fuzz_ops);

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
