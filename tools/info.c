// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The answers of a device as text, and as JSON. */
#include "config.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "info.h"

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Each group reaches up to the next one. */
static const struct {
	unsigned int first;
	const char *title;
} groups[] = {
	{ LIBMSHV_ASK_ROOT_DRIVER, "Driver" },
	{ LIBMSHV_ASK_CREATE_V1, "Creating partitions" },
	{ LIBMSHV_ASK_OWN_PROPERTY, "The host, from hypercalls on the device" },
	{ LIBMSHV_ASK_INTEGRATED_SCHEDULER, "Scheduler" },
	{ LIBMSHV_ASK_HVCALL_GET_PROPERTY,
	  "Hypercalls that are passed on for a partition" },
	{ LIBMSHV_ASK_REGISTER_PAGE, "Pages of a VP" },
	{ LIBMSHV_ASK_STATE_LAPIC, "State of a VP (sizes in bytes)" },
	{ LIBMSHV_ASK_VTL_REGISTER_PAGE, "VTL" },
	{ LIBMSHV_ASK_COUNT, NULL },
};

/* The names of the bits of a value. */
typedef const char *bit_name(unsigned int bit);

static const char *create_flag(unsigned int bit)
{
	static const char *const names[] = {
		[MSHV_PT_BIT_LAPIC] = "lapic",
		[MSHV_PT_BIT_X2APIC] = "x2apic",
		[MSHV_PT_BIT_GPA_SUPER_PAGES] = "gpa_super_pages",
		[MSHV_PT_BIT_CPU_AND_XSAVE_FEATURES] = "cpu_and_xsave_features",
		[MSHV_PT_BIT_NESTED_VIRTUALIZATION] = "nested_virtualization",
		[MSHV_PT_BIT_SMT_ENABLED_GUEST] = "smt_enabled_guest",
	};

	return bit < ARRAY_SIZE(names) ? names[bit] : NULL;
}

/* Those of struct hv_partition_property_vmm_capabilities. */
static const char *vmm_capability(unsigned int bit)
{
	static const char *const names[] = {
		[0] = "map_gpa_preserve_adjustable",
		[1] = "vmm_can_provide_overlay_gpfn",
		[2] = "vp_affinity_property",
#if !defined(__x86_64__)
		[3] = "vmm_can_provide_gic_overlay_locations",
#endif
		[4] = "assignable_synthetic_proc_features",
		[6] = "vmm_enable_integrated_scheduler",
	};

	return bit < ARRAY_SIZE(names) ? names[bit] : NULL;
}

static const char *feature0(unsigned int bit)
{
	return mshv_feature_name(LIBMSHV_FEATURE_PROCESSOR, bit);
}

static const char *feature1(unsigned int bit)
{
	return mshv_feature_name(LIBMSHV_FEATURE_PROCESSOR, 64 + bit);
}

static const char *xsave(unsigned int bit)
{
	return mshv_feature_name(LIBMSHV_FEATURE_XSAVE, bit);
}

static const char *synthetic(unsigned int bit)
{
	return mshv_feature_name(LIBMSHV_FEATURE_SYNTHETIC, bit);
}

static bit_name *const bits[LIBMSHV_ASK_COUNT] = {
	[LIBMSHV_ASK_CREATE_V1] = create_flag,
	[LIBMSHV_ASK_HOST_FEATURES] = feature0,
	[LIBMSHV_ASK_HOST_FEATURES1] = feature1,
	[LIBMSHV_ASK_HOST_XSAVE] = xsave,
	[LIBMSHV_ASK_HOST_SYNTHETIC] = synthetic,
	[LIBMSHV_ASK_VMM_CAPABILITIES] = vmm_capability,
};

static const char *answer_word(const struct mshv_answer *answer)
{
	switch (answer->answer) {
	case LIBMSHV_ANSWER_YES:
		return "yes";
	case LIBMSHV_ANSWER_NO:
		return "no";
	default:
		return "unknown";
	}
}

/* Is it a number of bytes rather than a mask? */
static bool is_size(unsigned int question)
{
	return question >= LIBMSHV_ASK_STATE_LAPIC &&
	       question <= LIBMSHV_ASK_STATE_TIMERS;
}

/* Words below each other, in lines of 79 characters. */
static void print_bits(bit_name *name_of, uint64_t value)
{
	enum { INDENT = 6, WIDTH = 79 };
	int column = WIDTH;
	unsigned int bit;

	for (bit = 0; bit < 64; bit++) {
		const char *name = name_of(bit);
		char text[64];
		int length;

		if (!(value >> bit & 1))
			continue;
		length = name ? snprintf(text, sizeof(text), " %s", name) :
				snprintf(text, sizeof(text), " bit%u", bit);
		if (column + length > WIDTH) {
			printf("%s%*s", column == WIDTH ? "" : "\n", INDENT, "");
			column = INDENT;
		}
		fputs(text, stdout);
		column += length;
	}
	if (column != WIDTH)
		putchar('\n');
}

static void print_answer(unsigned int question, const struct mshv_answer *answer)
{
	printf("  %-29s %s", mshv_question_name(question), answer_word(answer));
	if (is_size(question) && answer->value)
		printf("  %" PRIu64, answer->value);
	else if (answer->value)
		printf("  0x%" PRIx64, answer->value);
	if (answer->answer == LIBMSHV_ANSWER_UNKNOWN)
		printf(": %s", answer->how);
	putchar('\n');
	if (bits[question])
		print_bits(bits[question], answer->value);
}

void info_print_text(const struct info *info)
{
	unsigned int group, i;

	printf("%s\n", info->path);
	for (group = 0; groups[group].title; group++) {
		printf("\n%s\n", groups[group].title);
		for (i = groups[group].first; i < groups[group + 1].first; i++)
			print_answer(i, &info->answers[i]);
	}
}

/*
 * A string. Bytes of a path that are not ASCII are passed on: it is UTF-8 if the
 * path is.
 */
static void json_string(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void json_bits(bit_name *name_of, uint64_t value)
{
	const char *comma = "";
	unsigned int bit;

	printf(", \"bits\": [");
	for (bit = 0; bit < 64; bit++) {
		if (!(value >> bit & 1))
			continue;
		if (name_of(bit))
			printf("%s\"%s\"", comma, name_of(bit));
		else
			printf("%s\"bit%u\"", comma, bit);
		comma = ", ";
	}
	putchar(']');
}

/* A mask is a string: JSON's numbers need not have 64 bits. */
static void json_answer(unsigned int question, const struct mshv_answer *answer)
{
	printf("    \"%s\": {\"answer\": \"%s\"", mshv_question_name(question),
	       answer_word(answer));
	if (is_size(question) && answer->value)
		printf(", \"bytes\": %" PRIu64, answer->value);
	else if (answer->value)
		printf(", \"value\": \"0x%" PRIx64 "\"", answer->value);
	if (bits[question] && answer->answer == LIBMSHV_ANSWER_YES)
		json_bits(bits[question], answer->value);
	printf(", \"how\": ");
	json_string(answer->how);
	printf("}%s\n", question + 1 < LIBMSHV_ASK_COUNT ? "," : "");
}

void info_print_json(const struct info *info)
{
	unsigned int i;

	printf("{\n  \"device\": ");
	json_string(info->path);
	printf(",\n  \"libmshv\": \"%s\",\n  \"answers\": {\n", mshv_version());
	for (i = 0; i < LIBMSHV_ASK_COUNT; i++)
		json_answer(i, &info->answers[i]);
	printf("  }\n}\n");
}
