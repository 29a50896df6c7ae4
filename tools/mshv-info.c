// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* mshv-info: what this kernel and this hypervisor offer; see mshv-info(1). */
#include "config.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>

#include <mshv/mshv.h>

#include "info.h"
#include "ioctls.h"
#include "report.h"

const char program_name[] = "mshv-info";

struct options {
	const char *path;
	uint32_t flags;			/* of mshv_dev_ask() */
	bool json;
};

static void print_help(void)
{
	printf("Usage: mshv-info [--device PATH] [--json] [--passive]\n"
	       "   or: mshv-info --ioctls[=FEATURE]\n"
	       "Print what this kernel and the Microsoft Hypervisor below it offer.\n"
	       "\n"
	       "Every answer comes from a call, none from a version number. To learn about\n"
	       "virtual processors, a partition is created for a moment.\n"
	       "\n"
	       "  -d, --device=PATH  the device to ask (default %s)\n"
	       "  -j, --json         print JSON\n"
	       "  -p, --passive      create no partition; some answers are then unknown\n"
	       "  -i, --ioctls[=FEATURE]\n"
	       "                     ask no device, but print names and numbers of the ioctls\n"
	       "                     that a program needs, as for a seccomp filter\n"
	       "  -h, --help         print this help and exit\n"
	       "  -V, --version      print the version and exit\n"
	       "\n"
	       "Features:", LIBMSHV_DEV_PATH);
	ioctls_print_features(" ");
	printf("\n"
	       "\n"
	       "Exit status: 0, or %d with a message.\n", COMPLAINED);
}

/* Returns the exit status. */
static int print_ioctls(const char *feature)
{
	if (!ioctls_print(feature))
		return flush_output(0);
	complain("--ioctls=%s: no such feature", feature);
	return refuse_usage();
}

/* Returns -1 to go on with @options, or the exit status. */
static int parse_options(int argc, char **argv, struct options *options)
{
	static const struct option long_options[] = {
		{ "device", required_argument, NULL, 'd' },
		{ "json", no_argument, NULL, 'j' },
		{ "passive", no_argument, NULL, 'p' },
		{ "ioctls", optional_argument, NULL, 'i' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 }
	};
	const char *feature = NULL;
	bool ioctls = false;
	int c;

	while ((c = getopt_long(argc, argv, "d:jpi::hV", long_options, NULL)) != -1) {
		switch (c) {
		case 'd':
			options->path = optarg;
			break;
		case 'j':
			options->json = true;
			break;
		case 'p':
			options->flags |= LIBMSHV_ASK_PASSIVE;
			break;
		case 'i':
			ioctls = true;
			feature = optarg;
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
	if (optind == argc)
		return ioctls ? print_ioctls(feature) : -1;
	complain("%s is one argument too many", argv[optind]);
	return refuse_usage();
}

/* Returns 0, or COMPLAINED. */
static int ask(const struct options *options, struct info *info)
{
	struct mshv_dev *dev;
	int ret;

	ret = mshv_dev_open(info->path, &dev);
	if (ret) {
		complain_open(info->path, -ret);
		return COMPLAINED;
	}
	ret = mshv_dev_ask(dev, options->flags, info->answers, LIBMSHV_ASK_COUNT);
	mshv_dev_close(dev);
	if (ret) {
		complain_mshv("cannot ask the device");
		return COMPLAINED;
	}
	if (info->answers[LIBMSHV_ASK_ROOT_DRIVER].answer == LIBMSHV_ANSWER_UNKNOWN) {
		complain("%s answers like neither mshv_root nor mshv_vtl: it is another device",
			 info->path);
		return COMPLAINED;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct options options = { .path = LIBMSHV_DEV_PATH };
	struct info info;
	int status;

	occupy_standard_files();
	status = parse_options(argc, argv, &options);
	if (status >= 0)
		return status;

	info.path = options.path;
	if (ask(&options, &info))
		return COMPLAINED;
	if (options.json)
		info_print_json(&info);
	else
		info_print_text(&info);
	return flush_output(0);
}
