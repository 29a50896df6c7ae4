// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Stopping a VP that runs, or is about to. See <mshv/vp.h>.
 *
 * A signal alone can be lost: it may be handled between the last look at a flag
 * and the system call, which then runs the guest for ever. The driver has no
 * flag of its own that it would look at. But the kernel looks up the fd when
 * the system call starts, and that is late enough:
 *
 * - a VP that can be kicked runs through a second fd, run_fd, a duplicate;
 * - a kick first replaces what run_fd stands for by something that has no
 *   ioctls, atomically (dup3), then sends a signal to the thread that runs it.
 *
 * Wherever the thread was: a system call that had not begun fails with EBADF,
 * and one that had begun is ended by the signal. Nothing has to be sent twice,
 * and a kick of a VP that doesn't run waits for the next run. The way into the
 * guest costs one comparison.
 *
 * The run that ends puts the VP's file back, before it returns. A kick that
 * comes earlier than that is answered by this return, since what its sender
 * stored before can be seen by now; a later one stops the next run.
 *
 * EBADF is what ioctl() says of an fd opened with O_PATH, and nothing else that
 * can be wrong with an open fd is answered like this.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "internal.h"

static void do_nothing(int signo)
{
	(void)signo;
}

/*
 * SA_RESTART for the sake of other system calls that the signal may hit:
 * MSHV_RUN_VP is ended by it nevertheless.
 */
static int handle(int signo)
{
	struct sigaction action;

	if (sigaction(signo, NULL, &action) < 0)
		return libmshv_fail(errno, "enable kick: no such signal");
	if (action.sa_flags & SA_SIGINFO)
		return 0;
	if (action.sa_handler == SIG_IGN)
		return libmshv_fail(EBUSY, "enable kick: the signal is ignored");
	if (action.sa_handler != SIG_DFL)
		return 0;

	action.sa_handler = do_nothing;
	action.sa_flags = SA_RESTART;
	sigemptyset(&action.sa_mask);
	if (sigaction(signo, &action, NULL) < 0)
		return libmshv_fail(errno, "enable kick: signal can't be handled");
	return 0;
}

int mshv_vp_enable_kick(struct mshv_vp *vp, int signo)
{
	int ret, run_fd, no_fd;

	if (!vp)
		return libmshv_fail(EINVAL, "enable kick: NULL argument");
	if (vp->kick.signo)
		return libmshv_fail(EALREADY, "enable kick: done already");

	/* Signal 0 exists for kill(), and does nothing. */
	ret = signo > 0 ? handle(signo) :
			  libmshv_fail(EINVAL, "enable kick: no such signal");
	if (ret)
		return ret;

	no_fd = open("/", O_PATH | O_CLOEXEC);
	if (no_fd < 0)
		return libmshv_fail(errno, "enable kick");
	run_fd = fcntl(vp->fd, F_DUPFD_CLOEXEC, 0);
	if (run_fd < 0) {
		ret = libmshv_fail(errno, "enable kick");
		libmshv_fd_close(no_fd);
		return ret;
	}

	vp->kick.no_fd = no_fd;
	vp->kick.signo = signo;
	vp->run_fd = run_fd;
	vp->out = libmshv_no_out(vp);
	return 0;
}

void libmshv_kick_close(struct mshv_vp *vp)
{
	if (!vp->kick.signo)
		return;
	libmshv_fd_close(vp->run_fd);
	libmshv_fd_close(vp->kick.no_fd);
}

/* The own thread, as it was when it last took over a VP. */
static _Thread_local pid_t own_tid;

/*
 * Another thread runs the VP now. Whoever kicks afterwards sends the signal to
 * it, and whoever has read the old value has replaced run_fd before: both sides
 * write, then read what the other wrote, with a barrier in between.
 *
 * The kernel is asked for the tid here, so that a stale one from before a
 * fork() matches no VP of the child.
 */
static int change_thread(struct mshv_vp *vp)
{
	sigset_t blocked;

	sigemptyset(&blocked);
	pthread_sigmask(SIG_SETMASK, NULL, &blocked);
	if (sigismember(&blocked, vp->kick.signo) == 1)
		return libmshv_fail(EDEADLK,
				    "run VP: this thread blocks the signal of the kick");

	own_tid = (pid_t)syscall(SYS_gettid);
	atomic_store(&vp->kick.tid, own_tid);
	__sync_synchronize();
	return 0;
}

int libmshv_kick_before_run(struct mshv_vp *vp)
{
	if (!vp->kick.signo ||
	    (own_tid && own_tid == atomic_load_explicit(&vp->kick.tid,
							memory_order_relaxed)))
		return 0;
	return change_thread(vp);
}

int libmshv_kick_after_run(struct mshv_vp *vp, int ret)
{
	if (!vp->kick.signo || (ret != -EINTR && ret != -EBADF))
		return ret;

	/* Either somebody kicked, or the caller has closed our fds. */
	if (dup3(vp->fd, vp->run_fd, O_CLOEXEC) < 0)
		return libmshv_fail(errno, "run VP: its fd was closed");
	return libmshv_fail_ioctl(EINTR, MSHV_RUN_VP, "run VP");
}

int mshv_vp_kick(struct mshv_vp *vp)
{
	int saved = errno, ret = 0;
	pid_t tid;

	if (!vp || !vp->kick.signo)
		return -EINVAL;

	/* EBUSY: the kernel is just making another fd of this number. */
	while (dup3(vp->kick.no_fd, vp->run_fd, O_CLOEXEC) < 0) {
		if (errno == EBUSY || errno == EINTR)
			continue;
		ret = -errno;
		break;
	}

	__sync_synchronize();
	tid = atomic_load(&vp->kick.tid);
	/* A thread that is gone doesn't run the VP. */
	if (!ret && tid)
		syscall(SYS_tgkill, getpid(), tid, vp->kick.signo);

	errno = saved;
	return ret;
}
