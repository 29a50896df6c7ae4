// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * The library with the real driver: what the tests with a fake kernel can't
 * show. Needs /dev/mshv and root; scripts/check runs it in a virtual machine.
 * TAP.
 */
#include "config.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <mshv/mshv.h>

#include "smoke.h"

#define DOORBELL	0x200000

/* 1: inc eax; jmp 1b */
static const uint8_t spin[] = { 0x66, 0x40, 0xeb, 0xfc };

#define KICKS	300

static atomic_uint wanted, seen;
static atomic_int odd;

static void *run_until_kicked(void *arg)
{
	(void)arg;
	while (atomic_load(&seen) < KICKS) {
		int ret = mshv_vp_run(g.vp, NULL);

		if (ret != -EINTR) {
			atomic_store(&odd, ret ? ret : 1);
			break;
		}
		atomic_store(&seen, atomic_load(&wanted));
	}
	return NULL;
}

static void kicks(void)
{
	struct hv_register_assoc reg = { .name = HV_X64_REGISTER_RIP };
	unsigned int i, spins;
	pthread_t thread;
	int reads = 0;

	if (!load(spin, sizeof(spin)) || mshv_vp_enable_kick(g.vp, SIGRTMIN) ||
	    pthread_create(&thread, NULL, run_until_kicked, NULL)) {
		result(0, "a VP that never stops by itself");
		return;
	}
	for (i = 1; i <= KICKS && !atomic_load(&odd); i++) {
		/* A kick that is lost ends the program. */
		alarm(300);
		for (spins = i % 13 * 3000; spins; spins--)
			__asm__ volatile("");
		/* the VP runs, or is about to */
		if (i % 10 == 0)
			reads += !mshv_partition_get_vp_registers(g.partition,
								  0, &reg, 1) &&
				 reg.value.reg64 - CODE < sizeof(spin);
		atomic_store(&wanted, i);
		mshv_vp_kick(g.vp);
		while (atomic_load(&seen) != i && !atomic_load(&odd))
			sched_yield();
	}
	pthread_join(thread, NULL);
	alarm(0);
	result(!atomic_load(&odd) && atomic_load(&seen) == KICKS,
	       "each kick of a running VP is answered");
	result(reads == KICKS / 10,
	       "registers of a running VP, by way of the partition");
}

static void no_op(int signo)
{
	(void)signo;
}

/* The contract of mshv_vp_run(): no restart, and nothing lost. */
static void eintr(void)
{
	struct sigaction action = { .sa_handler = no_op, .sa_flags = SA_RESTART };
	/* again and again, as the first may come before the run on a busy machine */
	const struct itimerval often = {
		.it_interval.tv_sec = 1, .it_value.tv_sec = 1,
	};
	const struct itimerval never = { { 0 }, { 0 } };
	struct mshv_standard_registers before, after;
	int ret;

	sigaction(SIGALRM, &action, NULL);
	ret = mshv_vp_get_standard_registers(g.vp, &before);
	setitimer(ITIMER_REAL, &often, NULL);
	ret = ret ? ret : mshv_vp_run(g.vp, NULL);
	setitimer(ITIMER_REAL, &never, NULL);
	result(ret == -EINTR && !mshv_vp_message(g.vp),
	       "a signal ends a run with EINTR, despite SA_RESTART");
	ret = mshv_vp_get_standard_registers(g.vp, &after);
	result(!ret && after.rax != before.rax && after.rsp == before.rsp,
	       "the guest went on, and its registers can be read");
	action.sa_handler = SIG_DFL;
	sigaction(SIGALRM, &action, NULL);
}

/*
 * mov edi, DOORBELL; mov ax, 0x1234; mov [edi], ax (twice), then out 0x80, al
 */
static const uint8_t ring[] = {
	0x66, 0xbf, 0x00, 0x00, 0x20, 0x00, 0xb8, 0x34, 0x12,
	0x67, 0x89, 0x07, 0x67, 0x89, 0x07, 0xe6, 0x80,
};

static void doorbell(void)
{
	struct mshv_special_registers special;
	const struct hv_message *message = NULL;
	uint64_t match = 0x1234;
	eventfd_t count = 0;
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), ret;
	struct pollfd rung = { .fd = fd, .events = POLLIN };

	/* unreal mode: a data segment that reaches beyond 64 KiB */
	ret = !load(ring, sizeof(ring));
	ret = ret ? ret : mshv_vp_get_special_registers(g.vp, &special);
	special.ds.limit = 0xffffffff;
	special.ds.granularity = 1;
	ret = ret ? ret : mshv_vp_set_special_registers(g.vp, &special);
	ret = ret ? ret : mshv_partition_assign_ioeventfd(g.partition, fd,
							  DOORBELL, 2, &match);
	ret = ret ? ret : mshv_vp_run(g.vp, &message);
	result(!ret && mshv_message_type(message) == HVMSG_X64_IO_PORT_INTERCEPT,
	       "a write to a doorbell doesn't stop the VP");
	/* by a message to the host, which another processor may take */
	ret = poll(&rung, 1, 60000) != 1 || eventfd_read(fd, &count);
	result(!ret && count >= 1, "and it rings the eventfd");
	ret = mshv_partition_deassign_ioeventfd(g.partition, fd, DOORBELL, 2,
						&match);
	result(!ret, "the doorbell is removed");
	close(fd);
}

static void routes(void)
{
	struct mshv_irq_table *table = NULL;
	int fd = eventfd(0, EFD_CLOEXEC), again = eventfd(0, EFD_CLOEXEC);
	uint32_t gsi = 0;
	int ret;

	ret = mshv_irq_table_create(g.partition, &table);
	ret = ret ? ret : mshv_irq_table_add(table, 24, 0xfee00000, 0x41, &gsi);
	ret = ret ? ret : mshv_irq_table_commit(table);
	result(!ret && gsi == 24, "a route is committed");
	ret = mshv_partition_assign_irqfd(g.partition, fd, -1, gsi);
	result(!ret, "an irqfd is assigned");
	ret = mshv_partition_assign_irqfd(g.partition, fd, -1, gsi);
	result(ret == -EBUSY, "but not twice");
	ret = mshv_partition_deassign_irqfd(g.partition, fd, gsi);
	result(!ret, "and removed");
	ret = mshv_partition_assign_irqfd(g.partition, fd, again, gsi);
	result(ret == -EINVAL, "no resampling of an edge-triggered route");
	ret = mshv_irq_table_set(table, gsi, 0xfee00000, 0x8041);
	ret = ret ? ret : mshv_irq_table_commit(table);
	ret = ret ? ret : mshv_partition_assign_irqfd(g.partition, fd, again, gsi);
	ret = ret ? ret : mshv_partition_deassign_irqfd(g.partition, fd, gsi);
	result(!ret, "but of a level-triggered one");
	mshv_irq_table_close(table);
	close(fd);
	close(again);
}

/* What the driver says when it is asked whether a file is a VP. */
static void handles(void)
{
	int fds[2] = { dup(mshv_vp_fd(g.vp)), memfd_create("none", 0) };
	struct mshv_vp *vp = NULL;
	int ret;

	ret = mshv_vp_from_fd(NULL, fds[0], 0, &vp);
	result(!ret && mshv_vp_register_page(vp), "a handle of a VP's fd");
	if (ret)
		close(fds[0]);
	mshv_vp_close(vp);
	result(mshv_vp_from_fd(NULL, fds[1], 0, &vp) == -ENOTTY &&
	       mshv_vp_from_fd(NULL, mshv_partition_fd(g.partition), 0,
			       &vp) == -ENOTTY &&
	       mshv_vp_from_fd(NULL, mshv_dev_fd(g.dev), 0, &vp) == -ENOTTY,
	       "none of other fds");
	close(fds[1]);
}

static void states(void)
{
	struct hv_local_interrupt_controller_state before, after;
	int ret;

	ret = mshv_vp_get_lapic(g.vp, &before);
	before.apic_ldr = 0x2000000;
	ret = ret ? ret : mshv_vp_set_lapic(g.vp, &before);
	ret = ret ? ret : mshv_vp_get_lapic(g.vp, &after);
	result(!ret && !memcmp(&before, &after, sizeof(before)),
	       "the local APIC, written and read again");
}

static void msrs(void)
{
	static struct mshv_msr values[256];
	static uint32_t list[256];
	size_t count = 0, i;
	int ret;

	ret = mshv_partition_get_msr_list(g.partition, list, 256, &count);
	result(!ret && count > 20, "the list of MSRs");
	for (i = 0; i < count; i++)
		values[i].msr = list[i];
	ret = ret ? ret : mshv_vp_get_msrs(g.vp, values, count);
	if (ret && mshv_last_error()->index < count)
		printf("# MSR 0x%x\n", list[mshv_last_error()->index]);
	result(!ret, "all of them can be read");
}

int main(void)
{
	if (!open_guest(&g)) {
		result(0, "a guest");
		close_guest(&g);
		return smoke_end();
	}
	result(1, "a guest");
	kicks();
	eintr();
	doorbell();
	routes();
	handles();
	states();
	msrs();
	smoke_registers();
	smoke_translate();
	smoke_snapshot();
	smoke_string();
	smoke_instructions();
	smoke_devices();
	close_guest(&g);
	return smoke_end();
}
