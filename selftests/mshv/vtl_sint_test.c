// SPDX-License-Identifier: GPL-2.0-only
/* /dev/mshv_sint: messages and events for user space in VTL 2, and from it. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/time.h>
#include <unistd.h>

#include <mshv/hv_status.h>

#include "mshv_test.h"
#include "x86/vtl.h"

#define TYPE	0x1234		/* of messages; no meaning for the driver */

FIXTURE(sint) {
	struct env env;
	struct vtl vtl;
	int fd;
};

static int pause_stream(int fd, uint8_t mask)
{
	struct mshv_sint_mask args = { .mask = mask };

	return mshv_ioctl(fd, MSHV_SINT_PAUSE_MESSAGE_STREAM, &args);
}

/* Nonblocking. -errno, 0 at the end, or the size of a message. */
static int read_message(int fd, struct hv_message *message)
{
	int n = read(fd, message, sizeof(*message));

	return n < 0 ? -errno : n;
}

static int set_eventfd(int fd, uint32_t flag, int eventfd)
{
	struct mshv_vtl_set_eventfd args = { .fd = eventfd, .flag = flag };

	return mshv_ioctl(fd, MSHV_SINT_SET_EVENTFD, &args);
}

FIXTURE_SETUP(sint)
{
	struct hv_message left;

	MSHV_SETUP(self);
	OK(vtl_open(&self->vtl, 0));
	self->fd = open(SINT_DEVICE, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	ASSERT_LE(0, self->fd);
	/* The device is one for all: nothing of an earlier test. */
	OK(pause_stream(self->fd, 1));
	while (read_message(self->fd, &left) > 0)
		;
}

MSHV_TEARDOWN(sint)

/* Messages come a moment after they were sent. */
static bool readable(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, ms) == 1 && (p.revents & POLLIN);
}

TEST_F(sint, paused)
{
	union hv_synic_sint sint;
	struct mshv_sim_vtl_info info;
	struct hv_message message;
	unsigned int cpu;

	EXPECT_TRUE(readable(self->fd, 0));
	EXPECT_EQ(0, read_message(self->fd, &message));
	for (cpu = 0; cpu < 2; cpu++) {
		OK(vtl_info(&self->vtl, cpu, &info));
		sint.as_uint64 = info.sint[VTL_SINT];
		EXPECT_U64(1, sint.masked);
	}
	OK(pause_stream(self->fd, 0));
	EXPECT_FALSE(readable(self->fd, 0));
	EXPECT_EQ(-EAGAIN, read_message(self->fd, &message));
	for (cpu = 0; cpu < 2; cpu++) {
		OK(vtl_info(&self->vtl, cpu, &info));
		sint.as_uint64 = info.sint[VTL_SINT];
		EXPECT_U64(0, sint.masked);
		EXPECT_U64(0xf3, sint.vector);
		EXPECT_U64(0, sint.auto_eoi);
	}
	/* Any mask but 0 pauses. */
	OK(pause_stream(self->fd, 0x80));
	EXPECT_EQ(0, read_message(self->fd, &message));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->fd, MSHV_SINT_PAUSE_MESSAGE_STREAM, NULL));
}

TEST_F(sint, message)
{
	struct hv_message message;

	OK(pause_stream(self->fd, 0));
	OK(vtl_post(self->vtl.ctl, 0, VTL_SINT, TYPE, "hello"));
	EXPECT_TRUE(readable(self->fd, LONG_MS));
	ASSERT_EQ(256, read_message(self->fd, &message));
	EXPECT_U64(TYPE, message.header.message_type);
	EXPECT_EQ(5, message.header.payload_size);
	EXPECT_EQ(0, memcmp("hello", message.u.payload, 5));
	EXPECT_EQ(-EAGAIN, read_message(self->fd, &message));
	EXPECT_FALSE(readable(self->fd, 0));
}

/* More than the slot holds: the driver asks for the next by an EOM. */
TEST_F(sint, messages_in_order)
{
	struct mshv_sim_vtl_info before, after;
	struct hv_message message;
	char text[8];
	int i;

	OK(pause_stream(self->fd, 0));
	OK(vtl_info(&self->vtl, 0, &before));
	for (i = 0; i < 5; i++) {
		snprintf(text, sizeof(text), "no. %d", i);
		OK(vtl_post(self->vtl.ctl, 0, VTL_SINT, TYPE + i, text));
	}
	OK(vtl_info(&self->vtl, 0, &after));
	EXPECT_U64(4, after.queued);
	for (i = 0; i < 5; i++) {
		EXPECT_TRUE(readable(self->fd, LONG_MS));
		ASSERT_EQ(256, read_message(self->fd, &message));
		snprintf(text, sizeof(text), "no. %d", i);
		EXPECT_EQ(TYPE + i, (int)message.header.message_type);
		EXPECT_EQ(0, memcmp(text, message.u.payload, 5));
	}
	EXPECT_EQ(-EAGAIN, read_message(self->fd, &message));
	OK(vtl_info(&self->vtl, 0, &after));
	EXPECT_U64(0, after.queued);
	EXPECT_EQ(before.eoms + 4, after.eoms);
}

/* What has come before the pause can still be read. */
TEST_F(sint, message_then_pause)
{
	struct hv_message message;

	OK(pause_stream(self->fd, 0));
	OK(vtl_post(self->vtl.ctl, 0, VTL_SINT, TYPE, "last"));
	OK(pause_stream(self->fd, 1));
	EXPECT_EQ(256, read_message(self->fd, &message));
	EXPECT_EQ(0, read_message(self->fd, &message));
}

/* Messages of other sources are for others. */
TEST_F(sint, other_source)
{
	struct hv_message message;

	OK(pause_stream(self->fd, 0));
	OK(vtl_post(self->vtl.ctl, 0, 5, TYPE, "elsewhere"));
	EXPECT_EQ(-EAGAIN, read_message(self->fd, &message));
}

struct reader {
	int fd, result;
	struct hv_message message;
};

static void *blocking_read(void *arg)
{
	struct reader *r = arg;

	r->result = read_message(r->fd, &r->message);
	return NULL;
}

static int start_reader(struct reader *r, pthread_t *thread)
{
	memset(r, 0, sizeof(*r));
	r->fd = open(SINT_DEVICE, O_RDWR | O_CLOEXEC);
	r->result = 1;
	if (r->fd < 0)
		return -errno;
	return -pthread_create(thread, NULL, blocking_read, r);
}

TEST_F(sint, reader_waits)
{
	pthread_t thread;
	struct reader r;

	OK(pause_stream(self->fd, 0));
	OK(start_reader(&r, &thread));
	usleep(20000);
	EXPECT_EQ(1, r.result);
	OK(vtl_post(self->vtl.ctl, 0, VTL_SINT, TYPE, "at last"));
	pthread_join(thread, NULL);
	EXPECT_EQ(256, r.result);
	EXPECT_U64(TYPE, r.message.header.message_type);
}

TEST_F(sint, reader_ends_with_a_pause)
{
	pthread_t thread;
	struct reader r;

	OK(pause_stream(self->fd, 0));
	OK(start_reader(&r, &thread));
	usleep(20000);
	OK(pause_stream(self->fd, 1));
	pthread_join(thread, NULL);
	EXPECT_EQ(0, r.result);
}

static void on_signal(int signal)
{
	(void)signal;
}

TEST_F(sint, reader_ends_with_a_signal)
{
	const struct itimerval often = {
		.it_interval.tv_usec = 20000, .it_value.tv_usec = 20000,
	};
	struct sigaction action = { .sa_handler = on_signal };
	struct hv_message message;
	int fd = open(SINT_DEVICE, O_RDWR | O_CLOEXEC);

	ASSERT_LE(0, fd);
	OK(pause_stream(self->fd, 0));
	ASSERT_EQ(0, sigaction(SIGALRM, &action, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &often, NULL));
	EXPECT_EQ(-EINTR, read_message(fd, &message));
}

TEST_F(sint, read_arguments)
{
	char message[300];

	OK(pause_stream(self->fd, 0));
	OK(vtl_post(self->vtl.ctl, 0, VTL_SINT, TYPE, "whole"));
	EXPECT_EQ(-1, read(self->fd, message, 255));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(-1, read(self->fd, message, 0));
	EXPECT_EQ(EINVAL, errno);
	/* One message a time. */
	EXPECT_EQ(256, read(self->fd, message, sizeof(message)));
	EXPECT_EQ(-1, write(self->fd, message, 256));
	EXPECT_EQ(EINVAL, errno);
}

TEST_F(sint, read_to_nowhere)
{
	static void *volatile nowhere = (void *)8;
	struct hv_message message;

	OK(pause_stream(self->fd, 0));
	OK(vtl_post(self->vtl.ctl, 0, VTL_SINT, TYPE, "kept"));
	EXPECT_EQ(-1, read(self->fd, nowhere, 256));
	EXPECT_EQ(EFAULT, errno);
	if (read_message(self->fd, &message) == 256)
		return;
	DRIVER_DEFECT(return, "a message that could not be copied to its reader is lost");
}

/* -------------------------------------------------------------------------- events */

static uint64_t count(int fd)
{
	eventfd_t value;

	return readable(fd, LONG_MS) && !eventfd_read(fd, &value) ? value : 0;
}

TEST_F(sint, events)
{
	const uint32_t flags[] = { 0, 1, 63, 64, 2047 };
	int fds[ARRAY_SIZE(flags)];
	unsigned int cpu;
	size_t i, k;

	OK(pause_stream(self->fd, 0));
	for (i = 0; i < ARRAY_SIZE(flags); i++) {
		fds[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		ASSERT_LE(0, fds[i]);
		OK(set_eventfd(self->fd, flags[i], fds[i]));
	}
	for (cpu = 0; cpu < 2; cpu++) {
		for (i = 0; i < ARRAY_SIZE(flags); i++) {
			OK(vtl_event(self->vtl.ctl, cpu, VTL_SINT, flags[i]));
			EXPECT_U64(1, count(fds[i]));
			for (k = 0; k < ARRAY_SIZE(flags); k++)
				EXPECT_FALSE(readable(fds[k], 0));
		}
	}
	for (i = 0; i < ARRAY_SIZE(flags); i++)
		OK(set_eventfd(self->fd, flags[i], -1));
}

TEST_F(sint, event_replaced_and_cleared)
{
	int first = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	int second = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	OK(pause_stream(self->fd, 0));
	OK(set_eventfd(self->fd, 9, first));
	OK(set_eventfd(self->fd, 9, second));
	OK(vtl_event(self->vtl.ctl, 0, VTL_SINT, 9));
	EXPECT_U64(1, count(second));
	EXPECT_FALSE(readable(first, 0));
	/* The same for two flags. */
	OK(set_eventfd(self->fd, 10, second));
	OK(vtl_event(self->vtl.ctl, 0, VTL_SINT, 10));
	EXPECT_U64(1, count(second));
	OK(set_eventfd(self->fd, 9, -1));
	OK(set_eventfd(self->fd, 9, -100));
	OK(vtl_event(self->vtl.ctl, 0, VTL_SINT, 9));
	OK(vtl_event(self->vtl.ctl, 0, VTL_SINT, 10));
	EXPECT_U64(1, count(second));
	OK(set_eventfd(self->fd, 10, -1));
}

/* A paused source has no interrupt; what was flagged is told with the next. */
TEST_F(sint, event_while_paused)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);

	ASSERT_LE(0, fd);
	OK(set_eventfd(self->fd, 100, fd));
	OK(set_eventfd(self->fd, 101, fd));
	OK(vtl_event(self->vtl.ctl, 0, VTL_SINT, 100));
	EXPECT_FALSE(readable(fd, 50));
	OK(pause_stream(self->fd, 0));
	OK(vtl_event(self->vtl.ctl, 0, VTL_SINT, 101));
	/* Both by one interrupt, which this CPU has taken before it goes on here. */
	EXPECT_U64(2, count(fd));
	OK(set_eventfd(self->fd, 100, -1));
	OK(set_eventfd(self->fd, 101, -1));
}

/* It is the eventfd that is kept, not the number. */
TEST_F(sint, event_after_close)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), other;

	ASSERT_LE(0, fd);
	OK(pause_stream(self->fd, 0));
	OK(set_eventfd(self->fd, 5, fd));
	other = dup(fd);
	close(fd);
	close(self->fd);
	OK(vtl_event(self->vtl.ctl, 0, VTL_SINT, 5));
	EXPECT_U64(1, count(other));
	self->fd = open(SINT_DEVICE, O_RDWR | O_CLOEXEC);
	OK(set_eventfd(self->fd, 5, -1));
}

TEST_F(sint, event_arguments)
{
	int fd = eventfd(0, EFD_CLOEXEC), null = open("/dev/null", O_RDWR | O_CLOEXEC);

	EXPECT_EQ(-EFAULT, mshv_ioctl(self->fd, MSHV_SINT_SET_EVENTFD, NULL));
	EXPECT_EQ(-EINVAL, set_eventfd(self->fd, 2048, fd));
	EXPECT_EQ(-EINVAL, set_eventfd(self->fd, 0xffffffff, fd));
	EXPECT_EQ(-EINVAL, set_eventfd(self->fd, 2048, -1));
	EXPECT_EQ(-EBADF, set_eventfd(self->fd, 0, 1000));
	EXPECT_EQ(-EINVAL, set_eventfd(self->fd, 0, null));
}

/* ------------------------------------------------------------------- the other way */

static int signal_event(int fd, uint32_t connection, uint32_t flag)
{
	struct mshv_vtl_signal_event args = { .connection_id = connection, .flag = flag };

	return mshv_ioctl(fd, MSHV_SINT_SIGNAL_EVENT, &args);
}

TEST_F(sint, signal_event)
{
	struct mshv_sim_vtl_posted before, after;
	struct mshv_sim_record record;

	OK(vtl_sim_posted(self->vtl.ctl, &before));
	OK(sim_record(self->vtl.ctl, HVCALL_SIGNAL_EVENT, MSHV_SIM_ANY_PARTITION));
	OK(signal_event(self->fd, 0x10002, 3));
	OK(vtl_sim_posted(self->vtl.ctl, &after));
	EXPECT_EQ(before.signals + 1, after.signals);
	EXPECT_EQ(0x10002 | 3ull << 32, after.signal);
	OK(vtl_record(self->vtl.ctl, &record));
	EXPECT_U64(HVCALL_SIGNAL_EVENT | 1 << 16, record.control);

	/* The hypervisor knows no connection 0. */
	EXPECT_EQ(-EINVAL, signal_event(self->fd, 0, 0));
	OK(sim_fail_once(self->vtl.ctl, HVCALL_SIGNAL_EVENT, 0, HV_STATUS_INSUFFICIENT_BUFFERS));
	EXPECT_EQ(-EIO, signal_event(self->fd, 1, 0));
	OK(sim_fail_once(self->vtl.ctl, HVCALL_SIGNAL_EVENT, 0, HV_STATUS_INSUFFICIENT_MEMORY));
	EXPECT_EQ(-ENOMEM, signal_event(self->fd, 1, 0));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->fd, MSHV_SINT_SIGNAL_EVENT, NULL));
	OK(vtl_sim_posted(self->vtl.ctl, &after));
	EXPECT_EQ(before.signals + 1, after.signals);
}

static int post_message(int fd, uint32_t connection, uint64_t type, const void *payload,
			uint32_t bytes)
{
	struct mshv_vtl_sint_post_msg args = {
		.message_type = type, .connection_id = connection,
		.payload_size = bytes, .payload_ptr = (uintptr_t)payload,
	};
	/* What isn't negative is success to user space, which has to be 0. */
	return mshv_ioctl(fd, MSHV_SINT_POST_MESSAGE, &args);
}

TEST_F(sint, post_message)
{
	const uint32_t sizes[] = { 0, 1, 239, 240 };
	struct mshv_sim_vtl_posted before, after;
	char payload[240];
	size_t i, k;

	for (k = 0; k < sizeof(payload); k++)
		payload[k] = k + 1;
	OK(vtl_sim_posted(self->vtl.ctl, &before));
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		ASSERT_EQ(0, post_message(self->fd, 0x400 + i, TYPE + i, payload, sizes[i]));
		OK(vtl_sim_posted(self->vtl.ctl, &after));
		EXPECT_EQ(before.messages + i + 1, after.messages);
		EXPECT_EQ(0x400 + i, after.connection);
		EXPECT_EQ(TYPE + i, after.type);
		EXPECT_EQ(sizes[i], after.bytes);
		EXPECT_EQ(0, memcmp(payload, after.payload, sizes[i]));
	}
}

TEST_F(sint, post_message_arguments)
{
	struct mshv_sim_vtl_posted before, after;
	char payload[256] = "";

	OK(vtl_sim_posted(self->vtl.ctl, &before));
	EXPECT_EQ(-EFAULT, mshv_ioctl(self->fd, MSHV_SINT_POST_MESSAGE, NULL));
	EXPECT_EQ(-EFAULT, post_message(self->fd, 1, TYPE, (void *)8, 1));
	EXPECT_EQ(-EINVAL, post_message(self->fd, 1, TYPE, payload, 241));
	EXPECT_EQ(-EINVAL, post_message(self->fd, 1, TYPE, payload, 0xffffffff));
	OK(vtl_sim_posted(self->vtl.ctl, &after));
	EXPECT_EQ(before.messages, after.messages);
	/* Of nothing, no pointer is needed. */
	EXPECT_EQ(0, post_message(self->fd, 1, TYPE, NULL, 0));
}

TEST_F(sint, post_message_refused)
{
	int ret = post_message(self->fd, 0, TYPE, "x", 1), other;

	OK(sim_fail_once(self->vtl.ctl, HVCALL_POST_MESSAGE, 0, HV_STATUS_INSUFFICIENT_BUFFERS));
	other = post_message(self->fd, 1, TYPE, "x", 1);
	if (ret == -EINVAL) {
		EXPECT_EQ(-EIO, other);
		return;
	}
	ASSERT_EQ(HV_STATUS_INVALID_CONNECTION_ID, ret);
	ASSERT_EQ(HV_STATUS_INSUFFICIENT_BUFFERS, other);
	DRIVER_DEFECT(return, "a message that the hypervisor refuses is reported as success");
}

VTL_TEST_MAIN
