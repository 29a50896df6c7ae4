// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Routes, irqfds, doorbells, interrupts. */
#include "config.h"

#include <mshv/irq.h>

#include "fake.h"

#define ADDRESS	0xfee00000u

static struct mshv_partition *partition;
static struct mshv_irq_table *table;
static int fd;

static int setup(void **state)
{
	fake_reset(state);
	fd = fake_no_page_fd();
	assert_works(mshv_partition_from_fd(NULL, fd, &partition));
	assert_works(mshv_irq_table_create(partition, &table));
	return 0;
}

static int teardown(void **state)
{
	/* the table keeps the partition alive */
	mshv_partition_close(partition);
	assert_true(fake_fd_open(fd));
	errno = EXDEV;
	mshv_irq_table_close(table);
	assert_int_equal(errno, EXDEV);
	assert_false(fake_fd_open(fd));
	return fake_done(state);
}

#define irq_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static struct fake_answer *expect_table(uint32_t nr, const uint32_t *gsis)
{
	uint32_t words[2 + 4 * 200] = { nr };
	uint32_t i;

	for (i = 0; i < nr; i++) {
		words[2 + 4 * i] = gsis[i];
		words[3 + 4 * i] = ADDRESS;
		words[5 + 4 * i] = gsis[i] + 1;
	}
	return fake_ioctl(fd, MSHV_SET_MSI_ROUTING, words, 8 + 16 * nr);
}

static void set(uint32_t gsi)
{
	assert_works(mshv_irq_table_set(table, gsi, ADDRESS, gsi + 1));
}

static void commit(void **state)
{
	static const uint32_t sorted[] = { 0, 5, 9, 4095 }, fewer[] = { 0, 9, 4095 };

	(void)state;
	expect_table(0, NULL);
	assert_works(mshv_irq_table_commit(table));
	assert_works(mshv_irq_table_commit(table));
	set(9);
	set(4095);
	set(0);
	set(5);
	expect_table(4, sorted)->err = ENOMEM;
	assert_fails(mshv_irq_table_commit(table), ENOMEM);
	expect_table(4, sorted);
	assert_works(mshv_irq_table_commit(table));
	/* nothing new */
	set(5);
	assert_works(mshv_irq_table_commit(table));
	assert_works(mshv_irq_table_set(table, 5, ADDRESS, 77));
	set(5);
	expect_table(4, sorted);
	assert_works(mshv_irq_table_commit(table));
	assert_works(mshv_irq_table_remove(table, 5));
	assert_fails(mshv_irq_table_remove(table, 5), ENOENT);
	expect_table(3, fewer);
	assert_works(mshv_irq_table_commit(table));
}

static void many(void **state)
{
	uint32_t gsis[100], i;

	(void)state;
	for (i = 0; i < 100; i++)
		gsis[i] = i * 3;
	for (i = 100; i--;)
		set(gsis[i]);
	expect_table(100, gsis);
	assert_works(mshv_irq_table_commit(table));
}

static void add(void **state)
{
	uint32_t gsi = 0, i;

	(void)state;
	set(24);
	set(25);
	set(27);
	assert_works(mshv_irq_table_add(table, 24, ADDRESS, 1, &gsi));
	assert_int_equal(gsi, 26);
	assert_works(mshv_irq_table_add(table, 24, ADDRESS, 1, &gsi));
	assert_int_equal(gsi, 28);
	for (i = 4000; i < 4096; i++)
		set(i);
	assert_fails(mshv_irq_table_add(table, 4000, ADDRESS, 1, &gsi), ENOSPC);
	assert_int_equal(gsi, 28);
	assert_fails(mshv_irq_table_add(table, 24, ADDRESS, 1, NULL), EINVAL);
	assert_fails(mshv_irq_table_add(NULL, 24, ADDRESS, 1, &gsi), EINVAL);
}

static void refused_routes(void **state)
{
	struct mshv_irq_table *other = (void *)1;
	uint32_t i;

	(void)state;
	assert_fails(mshv_irq_table_set(NULL, 1, ADDRESS, 0), EINVAL);
	assert_fails(mshv_irq_table_set(table, 4096, ADDRESS, 0), EINVAL);
	assert_fails(mshv_irq_table_set(table, 1, 0x1fee00000, 0), EINVAL);
#if defined(__x86_64__)
	assert_fails(mshv_irq_table_set(table, 1, 0xfed00000, 0), EINVAL);
#endif
	assert_fails(mshv_irq_table_remove(NULL, 1), EINVAL);
	assert_fails(mshv_irq_table_remove(table, UINT32_MAX), ENOENT);
	assert_fails(mshv_irq_table_commit(NULL), EINVAL);
	mshv_irq_table_close(NULL);
	for (i = 0; i < 32; i++)
		set(i);
	fake_fail_alloc(1);
	assert_fails(mshv_irq_table_set(table, 32, ADDRESS, 0), ENOMEM);
	assert_fails(mshv_irq_table_remove(table, 32), ENOENT);
	set(32);

	assert_fails(mshv_irq_table_create(NULL, &other), EINVAL);
	assert_null(other);
	assert_fails(mshv_irq_table_create(partition, NULL), EINVAL);
	for (i = 1; i <= 2; i++) {
		fake_fail_alloc(i);
		assert_fails(mshv_irq_table_create(partition, &other), ENOMEM);
		assert_null(other);
	}
}

static struct fake_answer *expect_irqfd(int resample, uint32_t flags)
{
	struct mshv_user_irqfd args = {
		.fd = 40, .resamplefd = resample, .gsi = 7, .flags = flags,
	};

	return fake_ioctl(fd, MSHV_IRQFD, &args, sizeof(args));
}

static void irqfds(void **state)
{
	(void)state;
	expect_irqfd(0, 0);
	assert_works(mshv_partition_assign_irqfd(partition, 40, -1, 7));
	expect_irqfd(41, 2);
	assert_works(mshv_partition_assign_irqfd(partition, 40, 41, 7));
	expect_irqfd(0, 1);
	assert_works(mshv_partition_deassign_irqfd(partition, 40, 7));
	expect_irqfd(0, 0)->err = EBUSY;
	assert_fails(mshv_partition_assign_irqfd(partition, 40, -1, 7), EBUSY);
	assert_fails(mshv_partition_assign_irqfd(partition, 40, -2, 7), EBADF);
	assert_fails(mshv_partition_assign_irqfd(partition, 40, -1, 4096), EINVAL);
	assert_fails(mshv_partition_deassign_irqfd(partition, 40, 4096), EINVAL);
	assert_fails(mshv_partition_assign_irqfd(NULL, 40, -1, 7), EINVAL);
	assert_fails(mshv_partition_deassign_irqfd(NULL, 40, 7), EINVAL);
}

static struct fake_answer *expect_doorbell(uint32_t len, uint64_t match,
					   uint32_t flags)
{
	struct mshv_user_ioeventfd args = {
		.datamatch = match, .addr = 0xfe000000, .len = len, .fd = 40,
		.flags = flags,
	};

	return fake_ioctl(fd, MSHV_IOEVENTFD, &args, sizeof(args));
}

static void doorbells(void **state)
{
	uint64_t small = 0xff, large = 0x100, all = ~0ULL;
	uint32_t i;

	(void)state;
	for (i = 1; i <= 8; i *= 2) {
		expect_doorbell(i, 0, 0);
		assert_works(mshv_partition_assign_ioeventfd(partition, 40, 0xfe000000, i, NULL));
		expect_doorbell(i, 0, 4);
		assert_works(mshv_partition_deassign_ioeventfd(partition, 40, 0xfe000000, i, NULL));
		expect_doorbell(i, 0xff, 1);
		assert_works(mshv_partition_assign_ioeventfd(partition, 40, 0xfe000000, i, &small));
	}
	expect_doorbell(0, 0, 0);
	assert_works(mshv_partition_assign_ioeventfd(partition, 40, 0xfe000000, 0, NULL));
	expect_doorbell(8, ~0ULL, 5)->err = ENOENT;
	assert_fails(mshv_partition_deassign_ioeventfd(partition, 40, 0xfe000000, 8, &all), ENOENT);

	assert_fails(mshv_partition_assign_ioeventfd(partition, 40, 0, 3, NULL), EINVAL);
	assert_fails(mshv_partition_assign_ioeventfd(partition, 40, 0, 16, NULL), EINVAL);
	assert_fails(mshv_partition_assign_ioeventfd(partition, 40, 0, 0, &small), EINVAL);
	assert_fails(mshv_partition_assign_ioeventfd(partition, 40, 0, 1, &large), EINVAL);
	assert_fails(mshv_partition_assign_ioeventfd(partition, 40, ~0ULL, 4, NULL), EINVAL);
	assert_fails(mshv_partition_assign_ioeventfd(NULL, 40, 0, 4, NULL), EINVAL);
	assert_fails(mshv_partition_deassign_ioeventfd(NULL, 40, 0, 4, NULL), EINVAL);
}

static void interrupts(void **state)
{
	struct hv_input_assert_virtual_interrupt in = {
		.dest_addr = 3, .vector = 0x41,
	};
	uint64_t clear = 0;
	uint32_t notify[12] = {
		[2] = 5, [4] = HV_REGISTER_DELIVERABILITY_NOTIFICATIONS, [8] = 2,
	};

	(void)state;
#if defined(__x86_64__)
	in.control.as_uint64 = 4 | 3ULL << 32;
	fake_hvcall(fd, 0x94, 0, &in, sizeof(in), 0);
	assert_works(mshv_partition_assert_interrupt(partition, HV_X64_INTERRUPT_TYPE_NMI,
		LIBMSHV_INTERRUPT_LEVEL | LIBMSHV_INTERRUPT_LOGICAL, 3, 0x41));
	assert_fails(mshv_partition_assert_interrupt(partition, 0,
		LIBMSHV_INTERRUPT_ASSERTED, 3, 0x41), EINVAL);
#else
	in.control.as_uint64 = 4ULL << 32;
	fake_hvcall(fd, 0x94, 0, &in, sizeof(in), 0);
	assert_works(mshv_partition_assert_interrupt(partition, 0,
		LIBMSHV_INTERRUPT_ASSERTED, 3, 0x41));
	assert_fails(mshv_partition_assert_interrupt(partition, 0,
		LIBMSHV_INTERRUPT_LEVEL, 3, 0x41), EINVAL);
#endif
	assert_fails(mshv_partition_assert_interrupt(NULL, 0, 0, 3, 0x41), EINVAL);
	fake_hvcall(fd, 0x56, 0, &clear, 8, 0);
	assert_works(mshv_partition_clear_interrupt(partition));
	assert_fails(mshv_partition_clear_interrupt(NULL), EINVAL);

	fake_hvcall(fd, 0x51, 1, notify, 48, 0);
	assert_works(mshv_partition_notify_deliverable(partition, 5, 2));
	assert_fails(mshv_partition_notify_deliverable(NULL, 5, 2), EINVAL);
}

static void synic(void **state)
{
	struct hv_input_post_message_direct post = {
		.vp_index = 3, .sint_index = 15,
	};
	struct hv_input_signal_event_direct signal = {
		.target_vp = 3, .target_sint = 2, .flag_number = 2047,
	};
	struct hv_output_signal_event_direct out = { .newly_signaled = 1 };
	struct hv_message message;
	struct fake_answer *answer;
	int newly = -1;

	(void)state;
	memset(&message, 0x7e, sizeof(message));
	memcpy(post.message, &message, sizeof(message));
	fake_hvcall(fd, 0xc1, 0, &post, sizeof(post), 0);
	assert_works(mshv_partition_post_message(partition, 3, 15, &message));
	answer = fake_hvcall(fd, 0xc1, 0, &post, sizeof(post), 0);
	answer->err = EIO;
	answer->status = HV_STATUS_INSUFFICIENT_BUFFERS;
	assert_fails(mshv_partition_post_message(partition, 3, 15, &message), EIO);
	assert_int_equal(mshv_last_error()->hv_status,
			 HV_STATUS_INSUFFICIENT_BUFFERS);

	answer = fake_hvcall(fd, 0xc0, 0, &signal, sizeof(signal), sizeof(out));
	answer->out = &out;
	answer->out_size = sizeof(out);
	assert_works(mshv_partition_signal_event(partition, 3, 2, 2047, &newly));
	assert_int_equal(newly, 1);
	fake_hvcall(fd, 0xc0, 0, &signal, sizeof(signal), sizeof(out));
	assert_works(mshv_partition_signal_event(partition, 3, 2, 2047, NULL));

	assert_fails(mshv_partition_post_message(partition, 3, 16, &message), EINVAL);
	assert_fails(mshv_partition_post_message(partition, 3, 0, NULL), EINVAL);
	assert_fails(mshv_partition_post_message(NULL, 3, 0, &message), EINVAL);
	assert_fails(mshv_partition_signal_event(partition, 3, 16, 0, NULL), EINVAL);
	assert_fails(mshv_partition_signal_event(partition, 3, 0, 2048, NULL), EINVAL);
	assert_fails(mshv_partition_signal_event(NULL, 3, 0, 0, NULL), EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		irq_test(commit),
		irq_test(many),
		irq_test(add),
		irq_test(refused_routes),
		irq_test(irqfds),
		irq_test(doorbells),
		irq_test(interrupts),
		irq_test(synic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
