// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"
#include "borrow.h"
#include "mshv_env.h"
#include "mshv_ops.h"

#define DEBUGFS		"/sys/kernel/debug"
#define SIM_DEBUGFS	DEBUGFS "/mshv_sim"
/* Of 10 ms: for a test to end, and for what was left by those before it. */
#define END_TICKS	2000
#define SETTLE_TICKS	500

/*
 * Opened before the harness forks: the position in the log belongs to the open
 * file, so the child that runs the test and the parent that judges it share it.
 */
static int kmsg_fd = -1;

/* Likewise shared: what is known of the tests before. */
static struct {
	struct env_ledger stays;	/* what none has left behind that could still go */
	bool memory_failed;		/* the last one let it */
	long long violations;		/* when the last one ended */
} *past;

/* What the kernel says when something went wrong in it. */
static const char *const splats[] = {
	"WARNING:", "BUG:", "Oops", "UBSAN:", "KASAN:", "KCSAN:", "INFO: task ",
	"INFO: rcu", "general protection fault", "possible recursive locking",
	"possible circular locking", "suspicious RCU usage",
	"inconsistent lock state", "invalid wait context", "refcount_t:",
	"corruption", "kmemleak:", "Call Trace:", "cut here",
};

bool env_is_sim(void)
{
	return access("/sys/module/mshv_sim", F_OK) == 0 && !getenv("MSHV_NO_SIM");
}

int env_modprobe(const char *module)
{
	int status, null;
	pid_t pid = fork();

	if (pid < 0)
		return -errno;
	if (!pid) {
		null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execlp("modprobe", "modprobe", module, NULL);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) < 0)
		return -errno;
	return WIFEXITED(status) && !WEXITSTATUS(status) ? 0 : -ENOENT;
}

int env_load_sim(const char *module)
{
	char self[PATH_MAX - 32], path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	int fd, ret;

	if (n < 0)
		return -errno;
	self[n] = '\0';
	snprintf(path, sizeof(path), "%s/mshv_sim/%s.ko", dirname(self), module);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return env_modprobe(module);
	ret = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return ret;
}

/* Does the driver need to be loaded, or the hypervisor to be simulated? */
static void load_modules(void)
{
	if (!env_modprobe("mshv_root"))
		return;
	if (!env_load_sim("mshv_sim"))
		env_modprobe("mshv_root");
}

int env_require_device(char *why, size_t size)
{
	uint32_t extension = MSHV_CAP_CORE_API_STABLE;
	int fd = dev_open();
	int ret = 0;

	if (fd == -ENOENT && !geteuid()) {
		load_modules();
		fd = dev_open();
	}
	if (fd < 0) {
		snprintf(why, size, "cannot open /dev/mshv: %s%s", strerror(-fd),
			 geteuid() ? " (needs root)" :
			 " (needs CONFIG_MSHV_ROOT and a root partition of the Microsoft Hypervisor, or mshv_sim.ko and mshv_root.ko for this kernel)");
		return fd;
	}
	/* Another driver, of a VTL2 kernel, has the same name for its device. */
	if (mshv_ioctl(fd, MSHV_CHECK_EXTENSION, &extension) != -ENOTTY) {
		snprintf(why, size, "/dev/mshv belongs to the mshv_vtl driver");
		ret = -ENODEV;
	}
	close(fd);
	if (ret)
		return ret;
	ret = env_watch_log(why, size);
	if (ret)
		return ret;
	if (env_is_sim() && access(SIM_DEBUGFS, F_OK))
		mount("debugfs", DEBUGFS, "debugfs", 0, NULL);
	return 0;
}

int env_watch_log(char *why, size_t size)
{
	int ret;

	kmsg_fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg_fd < 0) {
		ret = -errno;
		snprintf(why, size, "cannot read the kernel log, /dev/kmsg: %s",
			 strerror(errno));
		return ret;
	}
	past = mmap(NULL, sizeof(*past), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (past == MAP_FAILED) {
		ret = -errno;
		snprintf(why, size, "no memory");
		return ret;
	}
	past->violations = LLONG_MAX;
	/* What is there by now is not of this program. */
	return lseek(kmsg_fd, 0, SEEK_END) < 0 ? -errno : 0;
}

/*
 * Number of lines that tell of a fault, from the current position on. A report of
 * an allocation that failed has a call trace, and may be what the test wanted.
 */
static int kmsg_complaints(bool memory_fails)
{
	char record[8192], *text;
	bool no_memory = false;
	int complaints = 0;
	size_t i;
	ssize_t n;

	for (;;) {
		n = read(kmsg_fd, record, sizeof(record) - 1);
		if (n < 0 && errno == EAGAIN)
			return complaints;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			/* EPIPE: records were overwritten before we saw them. */
			fprintf(stderr, "# kernel log: %s\n", strerror(errno));
			complaints++;
			if (errno != EPIPE)
				return complaints;
			continue;
		}
		record[n] = '\0';
		/* "level,sequence,time,flags;text\n CONTINUATION=..." */
		text = strchr(record, ';');
		if (!text)
			continue;
		text[strcspn(text, "\n")] = '\0';
		if (memory_fails && (strstr(text, "page allocation failure") ||
				     strstr(text, "vmalloc error")))
			no_memory = true;
		if (no_memory && strstr(text, "Call Trace:")) {
			no_memory = false;
			continue;
		}
		for (i = 0; i < ARRAY_SIZE(splats); i++) {
			if (strstr(text, splats[i])) {
				fprintf(stderr, "# kernel log: %s\n", text + 1);
				complaints++;
				break;
			}
		}
	}
}

static int read_violations(long long *count)
{
	FILE *f = fopen(SIM_DEBUGFS "/violations", "re");
	int ret;

	if (!f)
		return -errno;
	ret = fscanf(f, "%lld", count) == 1 ? 0 : -EPROTO;
	fclose(f);
	return ret;
}

static void print_violations(void)
{
	FILE *f = fopen(SIM_DEBUGFS "/violations", "re");
	char line[256];

	while (f && fgets(line, sizeof(line), f))
		fprintf(stderr, "# mshv_sim violations: %s", line);
	if (f)
		fclose(f);
}

int env_ledger_read(struct env_ledger *ledger)
{
	FILE *f = fopen(SIM_DEBUGFS "/ledger", "re");
	unsigned int n = 0;

	if (!f)
		return -errno;
	while (n < ENV_LEDGER_MAX &&
	       fscanf(f, "%47s %lld", ledger->entry[n].name,
		      &ledger->entry[n].value) == 2)
		n++;
	fclose(f);
	ledger->count = n;
	return n ? 0 : -EPROTO;
}

int env_sim_info(const char *name, long long *value)
{
	FILE *f = fopen(SIM_DEBUGFS "/info", "re");
	char line[128];
	int ret = -ENOENT;

	if (!f)
		return -errno;
	while (ret && fgets(line, sizeof(line), f)) {
		if (!strncmp(line, name, strlen(name)))
			ret = sscanf(line + strlen(name), "%lld", value) == 1 ? 0 : -EPROTO;
	}
	fclose(f);
	return ret;
}

static bool ledger_is(const struct env_ledger *ledger, const struct env_ledger *other)
{
	unsigned int i;

	for (i = 0; i < ledger->count; i++)
		if (ledger->entry[i].value != (other->count ? other->entry[i].value : 0))
			return false;
	return true;
}

/*
 * A test that was killed, for it took too long, may still be on its way out: what
 * it had must not be counted as this one's. Some of the driver's releases are left
 * to a work queue anyway. What has not gone by then is waited for only once.
 */
static int ledger_settle(struct env_ledger *ledger)
{
	const struct timespec tick = { .tv_nsec = 10 * 1000 * 1000 };
	int tries, ret;

	for (tries = 0; tries < SETTLE_TICKS; tries++) {
		ret = env_ledger_read(ledger);
		if (ret || ledger_is(ledger, &past->stays))
			return ret;
		nanosleep(&tick, NULL);
	}
	past->stays = *ledger;
	return 0;
}

/* Differences to the ledger before the test; a leak of an earlier one is not ours. */
static int ledger_differences(const struct env_ledger *before, bool print)
{
	struct env_ledger now;
	unsigned int i;
	int differences = 0;

	if (env_ledger_read(&now) || now.count != before->count) {
		fprintf(stderr, "# mshv_sim: ledger cannot be read\n");
		return 1;
	}
	for (i = 0; i < now.count; i++) {
		if (now.entry[i].value == before->entry[i].value)
			continue;
		differences++;
		if (print)
			fprintf(stderr, "# mshv_sim ledger: %s %lld, was %lld\n",
				now.entry[i].name, now.entry[i].value,
				before->entry[i].value);
	}
	return differences;
}

/*
 * What comes when the test before has been judged is reported all the same, by the next
 * one: it may be the late end of that one, or of a work queue.
 */
static int late_complaints(const struct env *env)
{
	int complaints = kmsg_complaints(past->memory_failed);

	if (complaints)
		fprintf(stderr, "# ... since the test before\n");
	if (env->sim && env->violations > past->violations) {
		fprintf(stderr, "# since the test before, when there were %lld:\n",
			past->violations);
		print_violations();
		complaints++;
	}
	return complaints;
}

int env_begin(struct env *env)
{
	int ret;

	borrow_test_begins();
	memset(env, 0, sizeof(*env));
	env->sim = env_is_sim();
	if (env->sim) {
		ret = ledger_settle(&env->ledger);
		if (!ret)
			ret = read_violations(&env->violations);
		if (ret)
			return ret;
	}
	env->late = late_complaints(env);
	return 0;
}

/* Some of it goes by a work queue. */
static int ledger_end(const struct env *env)
{
	const struct timespec tick = { .tv_nsec = 10 * 1000 * 1000 };
	int tries;

	for (tries = 0; tries < END_TICKS; tries++) {
		if (!ledger_differences(&env->ledger, false))
			return 0;
		nanosleep(&tick, NULL);
	}
	return ledger_differences(&env->ledger, true);
}

/* The ledger first: while it settles there may be more to complain about. */
int env_end(const struct env *env)
{
	int complaints = env->late + borrow_give_back();

	if (env->sim)
		complaints += ledger_end(env);
	complaints += kmsg_complaints(env->memory_fails);
	past->memory_failed = env->memory_fails;
	if (!env->sim)
		return complaints;

	if (read_violations(&past->violations)) {
		fprintf(stderr, "# mshv_sim: violations cannot be read\n");
		past->violations = LLONG_MAX;
		complaints++;
	} else if (past->violations != env->violations) {
		print_violations();
		complaints++;
	}
	return complaints;
}
