// SPDX-License-Identifier: GPL-2.0-only
/*
 * What MSHV_IRQFD, MSHV_SET_MSI_ROUTING and MSHV_GET_GPAP_ACCESS_BITMAP refuse, and
 * that a refusal changes nothing. What they do if they don't refuse is in
 * interrupt_test and sweep_test.
 */
#include <stddef.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "mshv_test.h"
#include "kept.h"

#define MAX_IRQS	4096
#define GSI		5
#define LEVEL		0x8000

FIXTURE(argument) {
	struct env env;
	int dev, pt, event, other;
	struct mshv_user_irqfd irqfd;
	struct mshv_gpap_access_bitmap bitmap;
	uint8_t bits[64];
};

FIXTURE_SETUP(argument)
{
	MSHV_SETUP(self);
	self->dev = OK(dev_open());
	self->pt = OK(partition_create(self->dev, PT(LAPIC)));
	OK(partition_initialize(self->pt));
	self->event = eventfd(0, EFD_CLOEXEC);
	self->other = eventfd(0, EFD_CLOEXEC);
	ASSERT_LE(0, self->event);
	ASSERT_LE(0, self->other);
	self->irqfd = (struct mshv_user_irqfd) { .fd = self->event, .gsi = GSI };
	self->bitmap = (struct mshv_gpap_access_bitmap) {
		.page_count = 8,
		.bitmap_ptr = (uintptr_t)self->bits,
		.access_op = MSHV_GPAP_ACCESS_OP_CLEAR,
	};
}

MSHV_TEARDOWN(argument)

/* The operation, with its argument changed: "field = value, arg.field = value ...". */
#define WITH(what, request, ...) ({						\
	__typeof__(self->what) arg = self->what;				\
	arg.__VA_ARGS__;							\
	mshv_ioctl(self->pt, request, &arg);				\
})
#define IRQFD_WITH(...)		WITH(irqfd, MSHV_IRQFD, __VA_ARGS__)
#define BITMAP_WITH(...)	WITH(bitmap, MSHV_GET_GPAP_ACCESS_BITMAP, __VA_ARGS__)

/* ------------------------------------------------------------------ routes */

/* struct mshv_user_irq_table of two entries, in a form that can be initialized. */
struct routes {
	uint32_t nr, rsvd;
	struct mshv_user_irq_entry entry[2];
};

_Static_assert(offsetof(struct routes, entry) == offsetof(struct mshv_user_irq_table, entries),
	       "a table and its entries");

static const struct routes good_routes = {
	.nr = 2,
	.entry = {
		{ .gsi = GSI, .address_lo = 0xfee00000, .data = LEVEL | 0x61 },
		{ .gsi = GSI + 1, .address_lo = 0xfee00000, .data = 0x62 },
	},
};

static int set_routes(int pt, const void *routes)
{
	return mshv_ioctl(pt, MSHV_SET_MSI_ROUTING, routes);
}

TEST_F(argument, routes)
{
	struct routes r = good_routes;
	char *edge;

	OK(set_routes(self->pt, &r));
	r.rsvd = 1;
	EXPECT_EQ(-EINVAL, set_routes(self->pt, &r));
	r = good_routes;
	r.nr = MAX_IRQS + 1;
	EXPECT_EQ(-EINVAL, set_routes(self->pt, &r));
	r.nr = UINT32_MAX;
	EXPECT_EQ(-EINVAL, set_routes(self->pt, &r));
	r = good_routes;
	r.entry[1].gsi = MAX_IRQS;
	EXPECT_EQ(-EINVAL, set_routes(self->pt, &r));
	r.entry[1].gsi = MAX_IRQS - 1;
	EXPECT_EQ(0, set_routes(self->pt, &r));
	r = good_routes;
	r.entry[0].address_hi = 1;
	EXPECT_EQ(-EINVAL, set_routes(self->pt, &r));
	r = good_routes;
	r.entry[1].gsi = r.entry[0].gsi;
	EXPECT_EQ(-EINVAL, set_routes(self->pt, &r));
	EXPECT_EQ(-EFAULT, set_routes(self->pt, NULL));
	EXPECT_EQ(-EFAULT, set_routes(self->pt, (void *)1));

	/* The second entry lies in a page that is not there. */
	edge = PAGES(2 * PAGE_BYTES);
	ASSERT_EQ(0, munmap(edge + PAGE_BYTES, PAGE_BYTES));
	edge += PAGE_BYTES - offsetof(struct routes, entry[1]);
	memcpy(edge, &good_routes, offsetof(struct routes, entry[1]));
	EXPECT_EQ(-EFAULT, set_routes(self->pt, edge));

	/* None is a table, too; and as many as there may be. */
	r.nr = 0;
	EXPECT_EQ(0, set_routes(self->pt, &r));
	EXPECT_EQ(-ENOTTY, set_routes(self->dev, &good_routes));
}

TEST_F(argument, as_many_routes_as_there_may_be)
{
	struct mshv_user_irq_table *r = PAGES(32 * PAGE_BYTES);
	uint32_t i;

	r->nr = MAX_IRQS;
	for (i = 0; i < MAX_IRQS; i++)
		r->entries[i] = (struct mshv_user_irq_entry) {
			.gsi = MAX_IRQS - 1 - i, .address_lo = 0xfee00000, .data = 0x30 + i % 64,
		};
	EXPECT_EQ(0, set_routes(self->pt, r));
}

/* A table that is refused leaves the one before: its GSI is still level-triggered. */
TEST_F(argument, refused_routes_change_nothing)
{
	struct routes r = good_routes;

	OK(set_routes(self->pt, &r));
	r.entry[0].data = 0x61;
	r.entry[1].address_hi = 1;
	EXPECT_EQ(-EINVAL, set_routes(self->pt, &r));
	self->irqfd.resamplefd = self->other;
	EXPECT_EQ(0, IRQFD_WITH(flags = 1u << MSHV_IRQFD_BIT_RESAMPLE));
}

/* ------------------------------------------------------------------ irqfds */

#define DEASSIGN	(1u << MSHV_IRQFD_BIT_DEASSIGN)
#define RESAMPLE	(1u << MSHV_IRQFD_BIT_RESAMPLE)

TEST_F(argument, irqfd)
{
	EXPECT_EQ(-EINVAL, IRQFD_WITH(flags = 1u << MSHV_IRQFD_BIT_COUNT));
	EXPECT_EQ(-EINVAL, IRQFD_WITH(flags = 1u << 31));
	EXPECT_EQ(-EBADF, IRQFD_WITH(fd = -1));
	EXPECT_EQ(-EBADF, IRQFD_WITH(fd = 9999));
	EXPECT_EQ(-EINVAL, IRQFD_WITH(fd = self->pt));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->pt, MSHV_IRQFD, NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(self->dev, MSHV_IRQFD, &self->irqfd));

	EXPECT_EQ(0, IRQFD_WITH(gsi = GSI));
	/* An eventfd has one GSI in a partition. */
	EXPECT_EQ(-EBUSY, IRQFD_WITH(gsi = GSI));
	EXPECT_EQ(-EBUSY, IRQFD_WITH(gsi = GSI + 1));
	/* A GSI can have several. */
	EXPECT_EQ(0, IRQFD_WITH(fd = self->other));
}

TEST_F(argument, irqfd_deassign)
{
	EXPECT_EQ(-EBADF, IRQFD_WITH(flags = DEASSIGN, arg.fd = -1));
	EXPECT_EQ(-EINVAL, IRQFD_WITH(flags = DEASSIGN, arg.fd = self->pt));
	/* One that is not there is none any more. */
	EXPECT_EQ(0, IRQFD_WITH(flags = DEASSIGN));
	EXPECT_EQ(0, IRQFD_WITH(gsi = GSI));
	/* Of another GSI: nothing happens. */
	EXPECT_EQ(0, IRQFD_WITH(flags = DEASSIGN, arg.gsi = GSI + 1));
	EXPECT_EQ(-EBUSY, IRQFD_WITH(gsi = GSI));
	EXPECT_EQ(0, IRQFD_WITH(flags = DEASSIGN));
	EXPECT_EQ(0, IRQFD_WITH(gsi = GSI));
}

/*
 * Nobody has the context of an eventfd that was closed: its number can be had again.
 * Lower ones may be free as well, and are taken before; others may take it for a while.
 */
static bool id_is_free(int id)
{
	int fds[256], tries, n, next = -1;

	for (tries = 0; tries < 6000 && next != id; tries++) {
		usleep(10000);
		next = -1;
		for (n = 0; n < (int)ARRAY_SIZE(fds) && next < id; n++) {
			fds[n] = eventfd(0, EFD_CLOEXEC);
			if (fds[n] < 0)
				break;
			next = eventfd_id(fds[n]);
		}
		while (n--)
			close(fds[n]);
	}
	return next == id;
}

/* The last close of an eventfd ends what it was assigned to. */
TEST_F(argument, irqfd_of_a_closed_eventfd)
{
	int id = eventfd_id(self->event);

	ASSERT_LE(0, id);
	EXPECT_EQ(0, IRQFD_WITH(gsi = GSI));
	ASSERT_EQ(0, close(self->event));
	EXPECT_TRUE(id_is_free(id));
}

TEST_F(argument, resampling_lets_go)
{
	int id = eventfd_id(self->other);

	ASSERT_LE(0, id);
	OK(set_routes(self->pt, &good_routes));
	self->irqfd.resamplefd = self->other;
	EXPECT_EQ(0, IRQFD_WITH(flags = RESAMPLE));
	EXPECT_EQ(0, IRQFD_WITH(flags = RESAMPLE | DEASSIGN));
	ASSERT_EQ(0, close(self->other));
	EXPECT_TRUE(id_is_free(id));
}

TEST_F(argument, irqfd_resample)
{
	self->irqfd.flags = RESAMPLE;
	self->irqfd.resamplefd = self->other;
	/* Without a route, and with one that is edge-triggered. */
	EXPECT_EQ(-EINVAL, IRQFD_WITH(gsi = GSI));
	OK(set_routes(self->pt, &good_routes));
	EXPECT_EQ(-EINVAL, IRQFD_WITH(gsi = GSI + 1));
	EXPECT_EQ(-EBADF, IRQFD_WITH(resamplefd = -1));
	EXPECT_EQ(-EINVAL, IRQFD_WITH(resamplefd = self->pt));
	EXPECT_EQ(0, IRQFD_WITH(gsi = GSI));
	EXPECT_EQ(-EBUSY, IRQFD_WITH(gsi = GSI));
	EXPECT_EQ(0, IRQFD_WITH(flags = DEASSIGN | RESAMPLE));
	EXPECT_EQ(0, IRQFD_WITH(gsi = GSI));
}

/* ------------------------------------------------------------------ bitmap */

TEST_F(argument, bitmap)
{
	void *host = PAGES(8 * PAGE_BYTES);

	OK(memory_map(self->pt, 0, host, 8 * PAGE_BYTES, MEM_W));
	EXPECT_EQ(0, BITMAP_WITH(page_count = 8));
	EXPECT_EQ(-EINVAL, BITMAP_WITH(access_type = MSHV_GPAP_ACCESS_TYPE_COUNT));
	EXPECT_EQ(-EINVAL, BITMAP_WITH(access_op = MSHV_GPAP_ACCESS_OP_COUNT));
	EXPECT_EQ(-EINVAL, BITMAP_WITH(rsvd[0] = 1));
	EXPECT_EQ(-EINVAL, BITMAP_WITH(rsvd[5] = 0x80));
	EXPECT_EQ(-EINVAL, BITMAP_WITH(page_count = 0));
	EXPECT_EQ(-EINVAL, BITMAP_WITH(bitmap_ptr = 0));
	EXPECT_EQ(-EFAULT, BITMAP_WITH(bitmap_ptr = 1));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->pt, MSHV_GET_GPAP_ACCESS_BITMAP, NULL));
	EXPECT_EQ(-ENOTTY, mshv_ioctl(self->dev, MSHV_GET_GPAP_ACCESS_BITMAP, &self->bitmap));
}

/* What does not belong to a page is zero; behind the last byte nothing changes. */
TEST_F(argument, bitmap_last_byte)
{
	void *host = PAGES(16 * PAGE_BYTES);

	OK(memory_map(self->pt, 0, host, 16 * PAGE_BYTES, MEM_W));
	EXPECT_EQ(0, BITMAP_WITH(access_op = MSHV_GPAP_ACCESS_OP_SET,
				 arg.page_count = 16));
	memset(self->bits, 0xaa, sizeof(self->bits));
	EXPECT_EQ(0, BITMAP_WITH(page_count = 11));
	/* Whether a page without access remembers bits is the hypervisor's affair. */
	EXPECT_EQ(0, self->bits[1] & 0xf8);
	EXPECT_EQ(0xaa, self->bits[2]);
}

MSHV_TEST_MAIN
