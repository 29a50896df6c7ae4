// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random system calls on /dev/mshv and what comes out of it, while one thread
 * writes nonsense to the mapped pages of VPs and another sends signals. Passes if
 * the kernel has nothing to complain about and nothing is left. Replayable: each
 * step depends on the seed and its number, the threads apart.
 */
#include <getopt.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "kselftest.h"

#include "fuzz/fuzz.h"
#include "x86/guest_vm.h"
#include "mshv_env.h"

#define OPS_MAX		32
#define DEFAULT_SEED	1
#define DEFAULT_STEPS	20000

static struct {
	uint64_t seed, steps, from, to;
	bool wild, verbose;
} options = { .seed = DEFAULT_SEED, .steps = DEFAULT_STEPS, .to = UINT64_MAX };

static const struct option long_options[] = {
	{ "seed", required_argument, NULL, 's' },
	{ "steps", required_argument, NULL, 'n' },
	{ "from", required_argument, NULL, 'f' },
	{ "to", required_argument, NULL, 't' },
	{ "wild", no_argument, NULL, 'w' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	{ }
};

static void usage(FILE *out)
{
	fprintf(out,
		"Usage: fuzz_test [--seed N] [--steps N] [--from N] [--to N] [--wild] [--verbose]\n"
		"  --seed N    draw from this seed [%d]; 0: from the clock\n"
		"  --steps N   so many steps [%d]\n"
		"  --from, --to N  of these do only the steps from..to: to narrow a failure\n"
		"  --wild      also what is known to upset the driver (docs/driver-findings.md)\n"
		"  --verbose   print each step before it is done\n",
		DEFAULT_SEED, DEFAULT_STEPS);
}

static int parse(int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case 's':
			options.seed = strtoull(optarg, NULL, 0);
			break;
		case 'n':
			options.steps = strtoull(optarg, NULL, 0);
			break;
		case 'f':
			options.from = strtoull(optarg, NULL, 0);
			break;
		case 't':
			options.to = strtoull(optarg, NULL, 0);
			break;
		case 'w':
			options.wild = true;
			break;
		case 'v':
			options.verbose = true;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		default:
			usage(stderr);
			return -1;
		}
	}
	if (!options.seed)
		options.seed = time(NULL);
	return optind == argc ? 0 : -1;
}

/* ------------------------------------------------------------- the threads */

static volatile bool done;
static pthread_t stepper;

static void nothing(int signal)
{
	(void)signal;
}

/* A VP may run for ever, and a signal at any moment is part of the game. */
static void *send_signals(void *arg)
{
	const struct timespec a_while = { .tv_nsec = 3000000 };

	while (!done) {
		nanosleep(&a_while, NULL);
		pthread_kill(stepper, SIGUSR1);
	}
	return arg;
}

static void *scribble(void *arg)
{
	const struct timespec a_while = { .tv_nsec = 200000 };
	struct fuzz *f = arg, r;

	fuzz_seed(&r, options.seed, UINT64_MAX - 1);
	while (!done) {
		uint64_t *page = f->maps[fuzz_below(&r, FUZZ_MAPS)];

		if (page)
			page[fuzz_below(&r, PAGE_BYTES / 8)] = fuzz_random(&r) >> fuzz_below(&r, 64);
		nanosleep(&a_while, NULL);
	}
	return NULL;
}

/* ---------------------------------------------------------------- the steps */

static unsigned long calls[OPS_MAX], successes[OPS_MAX];

static unsigned int choose(struct fuzz *f)
{
	unsigned int total = 0, i;
	uint64_t at;

	for (i = 0; i < fuzz_ops_count; i++)
		total += fuzz_ops[i].weight;
	at = fuzz_below(f, total);
	for (i = 0; at >= fuzz_ops[i].weight; i++)
		at -= fuzz_ops[i].weight;
	return i;
}

static void one_step(struct fuzz *f, uint64_t number)
{
	unsigned int op;
	long ret;

	fuzz_seed(f, options.seed, number);
	op = choose(f);
	if (number < options.from || number > options.to)
		return;
	if (options.verbose)
		printf("# step %lu: %s\n", (unsigned long)number, fuzz_ops[op].name);
	ret = fuzz_ops[op].step(f);
	if (ret == FUZZ_IDLE)
		return;
	calls[op]++;
	successes[op] += ret >= 0;
}

/* In a process of its own, so that all is closed when it is judged. */
static int fuzz(void)
{
	struct sigaction action = { .sa_handler = nothing };
	struct fuzz f = { .wild = options.wild };
	pthread_t scribbler, signaler;
	unsigned int i, barren = 0;
	uint64_t n;
	int ret;

	ret = fuzz_open(&f);
	if (ret) {
		ksft_print_msg("cannot start: %s\n", strerror(-ret));
		return 2;
	}
	stepper = pthread_self();
	if (sigaction(SIGUSR1, &action, NULL) ||
	    pthread_create(&scribbler, NULL, scribble, &f) ||
	    pthread_create(&signaler, NULL, send_signals, NULL))
		return 2;
	for (n = 0; n < options.steps; n++)
		one_step(&f, n);
	done = true;
	pthread_join(signaler, NULL);
	pthread_join(scribbler, NULL);
	fuzz_close(&f);

	for (i = 0; i < fuzz_ops_count; i++) {
		barren += !successes[i] && strcmp(fuzz_ops[i].name, "nonsense");
		ksft_print_msg("%-17s %6lu calls, %6lu successful\n", fuzz_ops[i].name,
			       calls[i], successes[i]);
	}
	/* A fuzzer that never gets anywhere tests nothing; a short one may not. */
	if (barren && !options.from && options.steps >= DEFAULT_STEPS &&
	    options.to >= DEFAULT_STEPS) {
		ksft_print_msg("%u operations never succeeded\n", barren);
		return 1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	char why[512];
	struct env env;
	int status;
	pid_t pid;

	if (parse(argc, argv)) {
		usage(stderr);
		return KSFT_FAIL;
	}
	setlinebuf(stdout);
	ksft_print_header();
	if (guest_require(why, sizeof(why)))
		ksft_exit_skip("%s\n", why);
	ksft_set_plan(1);
	/* First of all: if the machine dies, this is what is left. */
	ksft_print_msg("again with: fuzz_test --seed %lu --steps %lu%s\n",
		       (unsigned long)options.seed, (unsigned long)options.steps,
		       options.wild ? " --wild" : "");
	if (env_begin(&env))
		ksft_exit_fail_msg("the witnesses do not answer\n");
	pid = fork();
	if (!pid)
		exit(fuzz());
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		ksft_exit_fail_perror("fork");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		ksft_print_msg("the fuzzer ended with status %#x\n", status);
	ksft_test_result(!status && !env_end(&env), "fuzz %lu\n", (unsigned long)options.seed);
	ksft_finished();
}
