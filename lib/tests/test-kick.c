// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* Stopping a VP: no kick is lost, wherever the thread that runs it is. */
#include "config.h"

#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <unistd.h>

#include "fake.h"

static struct mshv_vp *vp;
static int fd;

static int setup(void **state)
{
	fake_reset(state);
	fd = fake_no_page_fd();
	vp = fake_vp_from_fd(NULL, fd, 0);
	assert_works(mshv_vp_enable_kick(vp, SIGRTMIN));
	return 0;
}

static int teardown(void **state)
{
	mshv_vp_close(vp);
	return fake_done(state);
}

#define kick_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void kick(void)
{
	assert_works(mshv_vp_kick(vp));
}

static struct fake_answer *expect_run(int err)
{
	struct fake_answer *answer = fake_ioctl(FAKE_ANY_FD, MSHV_RUN_VP, NULL, 0);

	answer->err = err;
	return answer;
}

/* The fd stands for the eventfd of setup() again, which has no such ioctl. */
static void assert_runs(void)
{
	expect_run(0)->real = true;
	assert_fails(mshv_vp_run(vp, NULL), ENOTTY);
	expect_run(0);
	assert_works(mshv_vp_run(vp, NULL));
}

static void before_a_run(void **state)
{
	const struct hv_message *message = (void *)1;

	(void)state;
	assert_runs();
	kick();
	expect_run(0)->real = true;
	assert_fails(mshv_vp_run(vp, &message), EINTR);
	assert_null(message);
	assert_null(mshv_vp_message(vp));
	assert_int_equal(mshv_last_error()->request, MSHV_RUN_VP);
	assert_runs();
}

static void before_the_first_run(void **state)
{
	(void)state;
	kick();
	expect_run(0)->real = true;
	assert_fails(mshv_vp_run(vp, NULL), EINTR);
	assert_runs();
}

static void in_a_run(void **state)
{
	(void)state;
	expect_run(EINTR)->then = kick;
	assert_fails(mshv_vp_run(vp, NULL), EINTR);
	assert_runs();
}

static void with_a_message_in_flight(void **state)
{
	(void)state;
	expect_run(0)->then = kick;
	assert_works(mshv_vp_run(vp, NULL));
	expect_run(0)->real = true;
	assert_fails(mshv_vp_run(vp, NULL), EINTR);
	assert_runs();
}

static void many_are_one(void **state)
{
	(void)state;
	kick();
	kick();
	expect_run(0)->real = true;
	assert_fails(mshv_vp_run(vp, NULL), EINTR);
	assert_runs();
}

static void other_signals(void **state)
{
	(void)state;
	expect_run(EINTR);
	assert_fails(mshv_vp_run(vp, NULL), EINTR);
	assert_runs();
}

static void other_errors_do_not_answer_a_kick(void **state)
{
	(void)state;
	expect_run(EIO)->then = kick;
	assert_fails(mshv_vp_run(vp, NULL), EIO);
	expect_run(0)->real = true;
	assert_fails(mshv_vp_run(vp, NULL), EINTR);
	assert_runs();
}

static void leaves_the_errors_alone(void **state)
{
	(void)state;
	assert_fails(mshv_vp_fd(NULL), EINVAL);
	errno = EXDEV;
	assert_int_equal(mshv_vp_kick(NULL), -EINVAL);
	assert_int_equal(mshv_vp_kick(vp), 0);
	assert_int_equal(errno, EXDEV);
	assert_string_equal(mshv_last_error()->what, "VP fd: NULL argument");
}

static void closed_behind_its_back(void **state)
{
	struct mshv_vp *other;
	int gone = fake_no_page_fd();

	(void)state;
	other = fake_vp_from_fd(NULL, gone, 0);
	assert_works(mshv_vp_enable_kick(other, SIGRTMIN));
	assert_works(mshv_vp_kick(other));
	close(gone);
	expect_run(EBADF);
	assert_fails(mshv_vp_run(other, NULL), EBADF);
	mshv_vp_close(other);
}

static void in_signal_handler(int signo)
{
	(void)signo;
	mshv_vp_kick(vp);
}

static void raise_usr1(void)
{
	raise(SIGUSR1);
}

/* The handler runs in the thread that is on its way into the system call. */
static void from_a_signal_handler(void **state)
{
	struct sigaction action = { .sa_handler = in_signal_handler }, old;

	(void)state;
	assert_runs();
	assert_int_equal(sigaction(SIGUSR1, &action, &old), 0);
	raise(SIGUSR1);
	expect_run(0)->real = true;
	assert_fails(mshv_vp_run(vp, NULL), EINTR);
	expect_run(EINTR)->then = raise_usr1;
	assert_fails(mshv_vp_run(vp, NULL), EINTR);
	assert_runs();
	sigaction(SIGUSR1, &old, NULL);
}

static void *run_blocked(void *arg)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	*(int *)arg = mshv_vp_run(vp, NULL);
	return NULL;
}

static void blocked_signal(void **state)
{
	pthread_t thread;
	int ret = 0;

	(void)state;
	assert_runs();
	assert_int_equal(pthread_create(&thread, NULL, run_blocked, &ret), 0);
	pthread_join(thread, NULL);
	assert_int_equal(ret, -EDEADLK);
	assert_null(mshv_vp_message(vp));
	assert_runs();
}

static unsigned int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	unsigned int n = 0;

	assert_non_null(dir);
	while (readdir(dir))
		n++;
	closedir(dir);
	return n;
}

static void own_handler(int signo)
{
	(void)signo;
}

static void enable(void **state)
{
	struct sigaction action = { .sa_handler = SIG_IGN };
	unsigned int fds = open_fds();
	struct mshv_vp *other;

	(void)state;
	other = fake_vp_from_fd(NULL, fake_no_page_fd(), 0);
	assert_fails(mshv_vp_enable_kick(NULL, SIGRTMIN), EINVAL);
	assert_fails(mshv_vp_enable_kick(other, 0), EINVAL);
	assert_fails(mshv_vp_enable_kick(other, -1), EINVAL);
	assert_fails(mshv_vp_enable_kick(other, INT_MAX), EINVAL);
	assert_fails(mshv_vp_enable_kick(other, SIGKILL), EINVAL);
	assert_int_equal(sigaction(SIGUSR2, &action, NULL), 0);
	assert_fails(mshv_vp_enable_kick(other, SIGUSR2), EBUSY);
	assert_int_equal(mshv_vp_kick(other), -EINVAL);
	assert_int_equal(open_fds(), fds + 1);

	/* a handler of the program's own stays */
	action.sa_handler = own_handler;
	assert_int_equal(sigaction(SIGUSR2, &action, NULL), 0);
	assert_works(mshv_vp_enable_kick(other, SIGUSR2));
	assert_int_equal(sigaction(SIGUSR2, NULL, &action), 0);
	assert_ptr_equal(action.sa_handler, own_handler);
	assert_fails(mshv_vp_enable_kick(other, SIGUSR2), EALREADY);
	assert_works(mshv_vp_kick(other));
	mshv_vp_close(other);
	assert_int_equal(open_fds(), fds);
}

static void siginfo_handler(int signo, siginfo_t *info, void *context)
{
	(void)signo;
	(void)info;
	(void)context;
}

/* How many fds the process may have, as a limit that the next one exceeds. */
static void limit_fds(struct rlimit *old, rlim_t more)
{
	struct rlimit limit;
	int next = dup(0);

	assert_true(next >= 0);
	close(next);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, old), 0);
	limit = *old;
	limit.rlim_cur = (rlim_t)next + more;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static void without_fds(void **state)
{
	struct sigaction action = {
		.sa_sigaction = siginfo_handler, .sa_flags = SA_SIGINFO,
	};
	struct mshv_vp *other;
	struct rlimit old;
	unsigned int fds;

	(void)state;
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	other = fake_vp_from_fd(NULL, fake_no_page_fd(), 0);
	fds = open_fds();
	limit_fds(&old, 0);
	assert_fails(mshv_vp_enable_kick(other, SIGUSR1), EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	limit_fds(&old, 1);
	assert_fails(mshv_vp_enable_kick(other, SIGUSR1), EMFILE);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(open_fds(), fds);

	assert_works(mshv_vp_enable_kick(other, SIGUSR1));
	assert_int_equal(sigaction(SIGUSR1, NULL, &action), 0);
	assert_ptr_equal(action.sa_sigaction, siginfo_handler);

	/* dup3() may not make a fd beyond the limit, though it is there. */
	old.rlim_cur = 3;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(mshv_vp_kick(other), -EBADF);
	old.rlim_cur = old.rlim_max < 1024 ? old.rlim_max : 1024;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_works(mshv_vp_kick(other));
	mshv_vp_close(other);
}

/*
 * A thread that runs a VP which never stops by itself, and one that kicks it at
 * any moment. A pipe that stays empty is such a VP: read() blocks like the
 * ioctl, is interrupted like it, and looks its fd up like it.
 */
#define ROUNDS	20000

static atomic_uint wanted, seen;

static int read_instead(int on, uint32_t request, void *arg)
{
	char byte;

	(void)request;
	(void)arg;
	return (int)read(on, &byte, 1);
}

static void *run_until_kicked(void *arg)
{
	struct mshv_vp *victim = arg;

	while (atomic_load(&seen) < ROUNDS) {
		if (mshv_vp_run(victim, NULL) != -EINTR)
			return (void *)1;
		atomic_store(&seen, atomic_load(&wanted));
	}
	return NULL;
}

static void at_any_moment(void **state)
{
	struct mshv_vp *victim;
	unsigned int i, spin;
	pthread_t thread;
	void *failed;
	int ends[2];

	(void)state;
	fake_instead = read_instead;
	atomic_store(&wanted, 0);
	atomic_store(&seen, 0);
	assert_int_equal(pipe(ends), 0);
	victim = fake_vp_from_fd(NULL, ends[0], 0);
	assert_works(mshv_vp_enable_kick(victim, SIGRTMIN));
	assert_int_equal(pthread_create(&thread, NULL, run_until_kicked,
					victim), 0);

	for (i = 1; i <= ROUNDS; i++) {
		/* A kick that gets lost hangs the test; a busy machine is but slow. */
		alarm(120);
		atomic_store(&wanted, i);
		assert_works(mshv_vp_kick(victim));
		while (atomic_load(&seen) != i)
			;
		for (spin = i % 97 * 7; spin; spin--)
			__asm__ volatile("");
	}
	pthread_join(thread, &failed);
	alarm(0);
	assert_null(failed);
	mshv_vp_close(victim);
	close(ends[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		kick_test(before_a_run),
		kick_test(before_the_first_run),
		kick_test(in_a_run),
		kick_test(with_a_message_in_flight),
		kick_test(many_are_one),
		kick_test(other_signals),
		kick_test(other_errors_do_not_answer_a_kick),
		kick_test(leaves_the_errors_alone),
		kick_test(closed_behind_its_back),
		kick_test(from_a_signal_handler),
		kick_test(blocked_signal),
		kick_test(enable),
		kick_test(without_fds),
		kick_test(at_any_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
