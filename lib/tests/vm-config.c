// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Partitions from descriptions, and questions, with the real driver. Needs
 * /dev/mshv and root; scripts/check runs it in a virtual machine. TAP.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "smoke.h"


static struct mshv_dev *dev;

static struct mshv_partition_config *parse(const char *lines)
{
	struct mshv_partition_config *config = NULL;
	struct mshv_config_error error;
	char text[4096];
	int length = snprintf(text, sizeof(text), "mshv-partition 1\n%s", lines);

	if (mshv_partition_config_parse(text, (size_t)length, &config, &error))
		printf("# %u:%u: %s\n", error.line, error.column, error.text);
	return config;
}

static struct mshv_partition *build(const struct mshv_partition_config *config,
				    struct mshv_config_error *error)
{
	struct mshv_partition *partition = NULL;

	strcpy(error->text, "");
	if (!config || mshv_partition_config_build(config, dev, &partition, error))
		return NULL;
	return partition;
}

static struct mshv_partition *build_text(const char *lines)
{
	struct mshv_partition_config *config = parse(lines);
	struct mshv_config_error error;
	struct mshv_partition *partition = build(config, &error);

	if (!partition)
		printf("# %s\n", error.text);
	mshv_partition_config_close(config);
	return partition;
}

static uint64_t features(struct mshv_partition *partition)
{
	uint64_t value = 0;

	if (partition)
		mshv_partition_get_property(partition,
					    HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
					    &value);
	return value;
}

static void fixed_and_host(void)
{
	uint64_t v2 = 0x19f, aes = 1 << 16;	/* x86-64-v2 has no AES */
	struct mshv_partition *partition;

	partition = build_text("");
	result(partition && (features(partition) & v2) == v2,
		   "all that the host has");
	mshv_partition_close(partition);
	partition = build_text("processor x86-64-v2\nxsave none\n");
	result(features(partition) == v2, "x86-64-v2, and nothing else");
	mshv_partition_close(partition);
	partition = build_text("processor x86-64-v2 +aes -sse4_2\nxsave none\n");
	result(features(partition) == ((v2 | aes) & ~0x10ULL),
		   "one more and one less");
	mshv_partition_close(partition);
	partition = build_text("processor host -aes\n");
	result(partition && !(features(partition) & aes) &&
		   (features(partition) & v2) == v2, "all but one");
	mshv_partition_close(partition);
}

static void lacking(void)
{
	struct mshv_partition_config *config =
		parse("processor x86-64-v2 +fma4\nxsave none\n");
	struct mshv_config_error error;
	struct mshv_partition *partition = build(config, &error);

	printf("# %s\n", error.text);
	result(!partition && mshv_last_error()->errnum == EOPNOTSUPP &&
		   !strcmp(error.text, "processor: this host lacks fma4"),
		   "what the host lacks is named");
	mshv_partition_close(partition);
	result(!mshv_partition_config_fit(config, dev, &error),
		   "and left out");
	partition = build(config, &error);
	result(features(partition) == 0x19f, "by request");
	mshv_partition_close(partition);
	mshv_partition_config_close(config);
}

/* What one host says is what the other one makes. */
static void migration(void)
{
	struct mshv_partition_config *config = parse("synthetic host\n");
	struct mshv_config_error error;
	struct mshv_partition *here, *there;
	struct mshv_partition_options a = LIBMSHV_PARTITION_OPTIONS_INIT, b = a;
	char text[8192];
	int ret, length = 0;

	ret = mshv_partition_config_fit(config, dev, &error);
	if (!ret)
		length = mshv_partition_config_format(config, text, sizeof(text));
	result(length > 0 && (size_t)length < sizeof(text) &&
		   !strstr(text, "host"), "a description of this host");
	if (length > 0)
		printf("# %.*s", (int)strcspn(text, "\n") + 1, text);
	ret = mshv_partition_config_options(config, dev, &a, &error);
	here = build(config, &error);
	mshv_partition_config_close(config);

	config = NULL;
	ret = ret ? ret : mshv_partition_config_parse(text, (size_t)length,
						      &config, &error);
	ret = ret ? ret : mshv_partition_config_options(config, dev, &b, &error);
	there = build(config, &error);
	result(!ret && !memcmp(&a, &b, sizeof(a)),
		   "as text and back: the same create call");
	result(here && there && features(here) &&
		   features(here) == features(there), "and the same partition");
	mshv_partition_close(here);
	mshv_partition_close(there);
	mshv_partition_config_close(config);
}

static void properties(void)
{
	struct mshv_partition *partition;
	uint64_t privileges = 0, action = 0;

	partition = build_text("early-property privilege_flags 0x42\n"
			       "property unimplemented_msr_action 1\n"
			       "synthetic none +hypervisor_present +hv1\n");
	if (partition) {
		mshv_partition_get_property(partition,
					    HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS,
					    &privileges);
		mshv_partition_get_property(partition,
					    HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
					    &action);
	}
	result(privileges == 0x42 && action == 1, "properties, early and late");
	mshv_partition_close(partition);
}

static void refused_property(void)
{
	struct mshv_partition_config *config = parse("property 0x12345 1\n");
	struct mshv_config_error error;
	struct mshv_partition *partition = build(config, &error);

	printf("# %s\n", error.text);
	result(!partition &&
		   mshv_last_error()->hv_status == HV_STATUS_UNKNOWN_PROPERTY,
		   "a property that the hypervisor refuses");
	mshv_partition_close(partition);
	mshv_partition_config_close(config);
}

static void apics(void)
{
	static const char *const lines[] = {
		"apic none\n", "apic xapic\n", "apic x2apic\nsmt on\n",
		"nested on\n", "super-pages off\n",
	};
	struct mshv_partition *partition;
	size_t i;
	int good = 0;

	for (i = 0; i < 5; i++) {
		partition = build_text(lines[i]);
		good += !!partition;
		mshv_partition_close(partition);
	}
	result(good == 5, "every other line of a description");
}

/* out 0x80, al; hlt */
static const uint8_t code[] = { 0xe6, 0x80, 0xf4 };

static void guest(void)
{
	struct mshv_partition *partition =
		build_text("processor x86-64-v2\nxsave none\n");
	struct mshv_standard_registers regs = { .rip = CODE, .rflags = 2 };
	const struct hv_message *message = NULL;
	struct mshv_special_registers special;
	struct mshv_vp *vp = NULL;
	uint8_t *ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	int ret;

	memcpy(ram + CODE, code, sizeof(code));
	ret = !partition;
	ret = ret ? ret : mshv_partition_map_memory(partition, 0, ram, RAM_SIZE,
						    LIBMSHV_MEMORY_WRITABLE |
						    LIBMSHV_MEMORY_EXECUTABLE);
	ret = ret ? ret : mshv_vp_create(partition, 0, &vp);
	ret = ret ? ret : mshv_vp_get_special_registers(vp, &special);
	special.cs.base = 0;
	special.cs.selector = 0;
	ret = ret ? ret : mshv_vp_set_special_registers(vp, &special);
	ret = ret ? ret : mshv_vp_set_standard_registers(vp, &regs);
	ret = ret ? ret : mshv_vp_run(vp, &message);
	result(!ret && mshv_message_type(message) == HVMSG_X64_IO_PORT_INTERCEPT,
		   "a guest runs in such a partition");
	mshv_vp_close(vp);
	mshv_partition_close(partition);
	munmap(ram, RAM_SIZE);
}

static int open_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	int count = 0;

	while (dir && readdir(dir))
		count++;
	if (dir)
		closedir(dir);
	return count;
}

static int yes(const struct mshv_answer *answers, unsigned int from,
	       unsigned int to)
{
	for (; from <= to; from++)
		if (answers[from].answer != LIBMSHV_ANSWER_YES)
			return 0;
	return 1;
}

static void questions(void)
{
	static struct mshv_answer answers[LIBMSHV_ASK_COUNT];
	static char text[8192];
	const char *line = text;
	int before = open_fds(), ret;

	ret = mshv_dev_ask(dev, 0, answers, LIBMSHV_ASK_COUNT);
	mshv_answers_format(answers, LIBMSHV_ASK_COUNT, text, sizeof(text));
	while (*line) {
		printf("# %.*s\n", (int)strcspn(line, "\n"), line);
		line += strcspn(line, "\n");
		line += *line == '\n';
	}
	result(!ret && yes(answers, LIBMSHV_ASK_ROOT_DRIVER,
			       LIBMSHV_ASK_ROOT_DRIVER) &&
		   yes(answers, LIBMSHV_ASK_CREATE_V1, LIBMSHV_ASK_CREATE_V1),
		   "all questions are asked");
	result(yes(answers, LIBMSHV_ASK_HVCALL_SET_PROPERTY,
		       LIBMSHV_ASK_HVCALL_GET_CPUID),
		   "all hypercalls of a partition are passed on");
	result(yes(answers, LIBMSHV_ASK_STATE_LAPIC, LIBMSHV_ASK_STATE_TIMERS),
		   "all kinds of state can be read");
	result(open_fds() == before, "and no fd is left behind");
}

int main(void)
{
	int ret = mshv_dev_open(NULL, &dev);

	result(!ret, "the device");
	if (ret)
		return smoke_end();
	questions();
	fixed_and_host();
	lacking();
	migration();
	properties();
	refused_property();
	apics();
	guest();
	mshv_dev_close(dev);
	return smoke_end();
}
