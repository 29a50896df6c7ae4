// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* mshv-run: run a flat image as a guest. The command line; see mshv-run(1). */
#include "config.h"

#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <mshv/mshv.h>

#include "memory.h"
#include "report.h"
#include "stop.h"
#include "vmm.h"

const char program_name[] = "mshv-run";

struct options {
	unsigned int mem_mib;
	bool stats;
	const char *image;
};

static void print_help(void)
{
	printf("Usage: mshv-run [--mem MIB] [--stats] IMAGE\n"
	       "Run a flat image as a guest of the Microsoft Hypervisor.\n"
	       "\n"
	       "The image is loaded at address 0x%x and started there in real mode, like a\n"
	       "boot sector. What it writes to COM1 (port 0x3f8) appears on standard output; a\n"
	       "byte written to port 0xf4 ends the run with that exit status.\n"
	       "\n"
	       "  -m, --mem=MIB   memory of the guest, %d to %d (default %d)\n"
	       "  -s, --stats     print figures about the run to standard error\n"
	       "  -h, --help      print this help and exit\n"
	       "  -V, --version   print the version and exit\n"
	       "\n"
	       "Exit status: the guest's; 0 if it halts with interrupts off; %d with a message\n"
	       "if it cannot be run or cannot go on; 128+N if signal N ended it.\n",
	       MEMORY_IMAGE_GPA, MEMORY_MIN_MIB, MEMORY_MAX_MIB,
	       MEMORY_DEFAULT_MIB, COMPLAINED);
}

/* Returns 0, or -1 after a complaint. */
static int parse_mib(const char *text, unsigned int *mib)
{
	unsigned long value;
	char *end;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno ||
	    value < MEMORY_MIN_MIB || value > MEMORY_MAX_MIB) {
		complain("--mem %s: not a number of MiB from %d to %d", text,
			 MEMORY_MIN_MIB, MEMORY_MAX_MIB);
		return -1;
	}
	*mib = (unsigned int)value;

	return 0;
}

/* Returns -1 to go on with @options, or the exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{ "mem", required_argument, NULL, 'm' },
		{ "stats", no_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	int c;

	while ((c = getopt_long(argc, argv, "m:shV", long_options, NULL)) != -1) {
		switch (c) {
		case 'm':
			if (parse_mib(optarg, &options->mem_mib))
				return COMPLAINED;
			break;
		case 's':
			options->stats = true;
			break;
		case 'h':
			print_help();
			return flush_output(0);
		case 'V':
			print_version();
			return flush_output(0);
		default:
			return refuse_usage();
		}
	}

	if (optind == argc) {
		complain("which image?");
		return refuse_usage();
	}
	if (optind + 1 < argc) {
		complain("one image at a time, and %s is one too many",
			 argv[optind + 1]);
		return refuse_usage();
	}
	options->image = argv[optind];

	return -1;
}

int main(int argc, char **argv)
{
	struct options options = { .mem_mib = MEMORY_DEFAULT_MIB };
	struct memory memory;
	struct vmm vmm;
	int status;

	occupy_standard_files();
	status = parse_options(argc, argv, &options);
	if (status >= 0)
		return status;

	/* Whole lines, or each character where somebody is watching. */
	setvbuf(stdout, NULL, isatty(STDOUT_FILENO) ? _IONBF : _IOLBF, BUFSIZ);

	if (memory_create(&memory, options.mem_mib, options.image))
		return COMPLAINED;
	if (vmm_create(&vmm, &memory, stdout)) {
		memory_destroy(&memory);
		return COMPLAINED;
	}

	stop_install();
	status = flush_output(vmm_run(&vmm));
	if (options.stats)
		vmm_print_stats(&vmm, status, stderr);

	vmm_destroy(&vmm);
	memory_destroy(&memory);

	return status;
}
