// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The description of a partition: names, text, changes. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>

#include "fake.h"

#if defined(__x86_64__)
#define ARCH	"x86_64"
#define OTHER	"arm64"
#define SET	"x86-64-v2"
#define XSAVE_LINE	"xsave host\n"
#define PLUS	"aes"		/* not in SET; both are sorted by bit */
#define PLUS2	"la57"
#define MINUS	"ssse3"		/* in SET */
#define MINUS2	"pop_cnt"
#else
#define ARCH	"arm64"
#define OTHER	"x86_64"
#define SET	"armv8.1"
#define XSAVE_LINE
#define PLUS	"aes"
#define PLUS2	"sve"
#define MINUS	"adv_simd"
#define MINUS2	"rdm"
#endif

#define TEXT(processor, synthetic, properties) \
	"mshv-partition 1\narch " ARCH "\napic x2apic\nsuper-pages on\n" \
	"smt off\nnested off\nisolation none\nprocessor " processor "\n" \
	XSAVE_LINE "synthetic " synthetic "\n" properties

#define DEFAULTS	TEXT("host", "none", "")

static struct mshv_partition_config *parse(const char *text)
{
	struct mshv_partition_config *config = NULL;
	struct mshv_config_error error = { .text = "" };

	if (mshv_partition_config_parse(text, strlen(text), &config, &error))
		fail_msg("%u:%u: %s", error.line, error.column, error.text);
	assert_non_null(config);
	return config;
}

static void assert_text(struct mshv_partition_config *config, const char *text)
{
	char buf[8192];
	int length = mshv_partition_config_format(config, buf, sizeof(buf));

	assert_true(length > 0 && (size_t)length < sizeof(buf));
	assert_string_equal(buf, text);
	assert_int_equal(length, strlen(text));
}

/* @text means @canonical, which means itself. */
static void assert_means(const char *text, const char *canonical)
{
	struct mshv_partition_config *config = parse(text);

	assert_text(config, canonical);
	mshv_partition_config_close(config);
	config = parse(canonical);
	assert_text(config, canonical);
	mshv_partition_config_close(config);
}

static void refused(const char *text, size_t size, int err, uint32_t line,
		    uint32_t column, const char *why)
{
	struct mshv_partition_config *config = (void *)1;
	struct mshv_config_error error = { .line = 99 };

	assert_fails(mshv_partition_config_parse(text, size, &config, &error), err);
	assert_null(config);
	assert_string_equal(error.text, why);
	assert_int_equal(error.line, line);
	assert_int_equal(error.column, column);
	/* the same without a place to put the cause */
	assert_fails(mshv_partition_config_parse(text, size, &config, NULL), err);
}

static void defaults(void **state)
{
	struct mshv_partition_config *config;

	(void)state;
	assert_works(mshv_partition_config_create(&config));
	assert_text(config, DEFAULTS);
	mshv_partition_config_close(config);
	assert_means("mshv-partition 1", DEFAULTS);
	assert_means("mshv-partition 1\n", DEFAULTS);
	assert_means("\n \t\n# first\n  mshv-partition\t1 # heading\n\n", DEFAULTS);
	assert_means("mshv-partition 0x1\n", DEFAULTS);
}

static void every_line(void **state)
{
	(void)state;
	assert_means("mshv-partition 1\nnested on\nsmt on\napic xapic\n"
		     "super-pages off\nisolation snp\n",
		     "mshv-partition 1\narch " ARCH "\napic xapic\n"
		     "super-pages off\nsmt on\nnested on\nisolation snp\n"
		     "processor host\n" XSAVE_LINE "synthetic none\n");
	assert_means("mshv-partition 1\nsynthetic standard +access_vsm -hv1\n"
		     "processor none\narch " ARCH "\n",
		     TEXT("none", "standard +access_vsm -hv1", ""));
#if defined(__x86_64__)
	assert_means("mshv-partition 1\nxsave x86-64-v3 +avx512 -fma\n",
		     "mshv-partition 1\narch x86_64\napic x2apic\n"
		     "super-pages on\nsmt off\nnested off\nisolation none\n"
		     "processor host\nxsave x86-64-v3 +avx512 -fma\n"
		     "synthetic none\n");
#endif
}

static void features(void **state)
{
	(void)state;
	/* sorted by bit, what the set says anyway is left out */
	assert_means("mshv-partition 1\nprocessor " SET " -" MINUS2 " +" PLUS2
		     " -" MINUS " +" PLUS "\n",
		     TEXT(SET " +" PLUS " +" PLUS2 " -" MINUS " -" MINUS2,
			  "none", ""));
	assert_means("mshv-partition 1\nprocessor " SET " +" MINUS " -" PLUS "\n",
		     TEXT(SET, "none", ""));
	/* what the host may have is not known here */
	assert_means("mshv-partition 1\nprocessor host +" MINUS " -" PLUS "\n",
		     TEXT("host +" MINUS " -" PLUS, "none", ""));
	/* by number: with its name, if it has got one since */
	assert_means("mshv-partition 1\nprocessor none +bit127 +bit126 +bit0\n",
#if defined(__x86_64__)
		     TEXT("none +sse3 +bit126 +tsa_fill_no", "none", "")
#else
		     TEXT("none +asid16 +bit126 +bit127", "none", "")
#endif
		     );
	assert_means("mshv-partition 1\nsynthetic none +bit63\n",
		     TEXT("host", "none +bit63", ""));
}

static void properties(void **state)
{
	(void)state;
	assert_means("mshv-partition 1\n"
		     "property 0x50017 1\n"
		     "early-property processors_per_socket 4\n"
		     "property 0xfffffffF 18446744073709551615\n"
		     "property processors_per_socket 0x2\n"
		     "early-property privilege_flags 0xF\n",
		     TEXT("host", "none",
			  "early-property privilege_flags 0xf\n"
			  "early-property processors_per_socket 0x4\n"
			  "property processors_per_socket 0x2\n"
			  "property unimplemented_msr_action 0x1\n"
			  "property 0xffffffff 0xffffffffffffffff\n"));
}

static void bad_text(void **state)
{
	static const struct {
		const char *text;
		int err;
		uint32_t line, column;
		const char *why;
	} rows[] = {
		{ "", EINVAL, 1, 1, "'mshv-partition 1' is missing" },
		{ "\n# nothing\n", EINVAL, 2, 1, "'mshv-partition 1' is missing" },
		{ " apic none\n", EINVAL, 1, 2,
		  "the first line has to be 'mshv-partition 1'" },
		{ "mshv-partition\n", EINVAL, 1, 15, "a version is missing" },
		{ "mshv-partition x", EINVAL, 1, 16, "'x' is no version" },
		{ "mshv-partition 0", EINVAL, 1, 16, "'0' is no version" },
		{ "mshv-partition 2", EOPNOTSUPP, 1, 16,
		  "version 2 is newer than this library" },
		{ "mshv-partition 1 2", EINVAL, 1, 18, "'2' is too much" },
#define LINE2(line)	"mshv-partition 1\n" line "\n"
		{ LINE2("apics none"), EINVAL, 2, 1, "unknown key 'apics'" },
		{ LINE2("mshv-partition 1"), EINVAL, 2, 1,
		  "unknown key 'mshv-partition'" },
		{ LINE2("apic"), EINVAL, 2, 5, "a value is missing" },
		{ LINE2("apic # none"), EINVAL, 2, 6, "a value is missing" },
		{ LINE2("apic X2APIC"), EINVAL, 2, 6, "apic can't be 'X2APIC'" },
		{ LINE2("smt on off"), EINVAL, 2, 8, "'off' is too much" },
		{ LINE2("smt on\nsmt on"), EINVAL, 3, 1, "'smt' was said before" },
		{ LINE2("arch"), EINVAL, 2, 5, "a processor is missing" },
		{ LINE2("arch " OTHER), EOPNOTSUPP, 2, 6,
		  "this is for " OTHER ", and we are on " ARCH },
		{ LINE2("arch riscv"), EINVAL, 2, 6,
		  "'riscv' is neither x86_64 nor arm64" },
		{ LINE2("processor"), EINVAL, 2, 10, "a set of features is missing" },
		{ LINE2("processor hosts"), EINVAL, 2, 11,
		  "processor has no set 'hosts'" },
		{ LINE2("synthetic " SET), EINVAL, 2, 11,
		  "synthetic has no set '" SET "'" },
		{ LINE2("processor +aes"), EINVAL, 2, 11,
		  "processor has no set '+aes'" },
		{ LINE2("processor host aes"), EINVAL, 2, 16,
		  "a feature begins with + or -" },
		{ LINE2("processor host +"), EINVAL, 2, 17,
		  "processor has no feature ''" },
		{ LINE2("processor host +hv1"), EINVAL, 2, 17,
		  "processor has no feature 'hv1'" },
		{ LINE2("processor host +bit128"), EINVAL, 2, 17,
		  "processor has no feature 'bit128'" },
		{ LINE2("synthetic none -bit64"), EINVAL, 2, 17,
		  "synthetic has no feature 'bit64'" },
		{ LINE2("processor host +bit"), EINVAL, 2, 17,
		  "processor has no feature 'bit'" },
		{ LINE2("processor host +bit99999999999999999999"), EINVAL, 2, 17,
		  "processor has no feature 'bit99999999999999999999'" },
		{ LINE2("processor host +aes -aes"), EINVAL, 2, 22,
		  "feature 'aes' was named before" },
		{ LINE2("property"), EINVAL, 2, 9, "a property is missing" },
		{ LINE2("property moon 1"), EINVAL, 2, 10,
		  "there is no property 'moon'" },
		{ LINE2("property 0x100000000 1"), EINVAL, 2, 10,
		  "there is no property '0x100000000'" },
		{ LINE2("property 0x 1"), EINVAL, 2, 10, "there is no property '0x'" },
		{ LINE2("property 1"), EINVAL, 2, 11, "a value is missing" },
		{ LINE2("property 1 18446744073709551616"), EINVAL, 2, 12,
		  "'18446744073709551616' is no number, or too large" },
		{ LINE2("property 1 -1"), EINVAL, 2, 12,
		  "'-1' is no number, or too large" },
		{ LINE2("property 1 0xg"), EINVAL, 2, 12,
		  "'0xg' is no number, or too large" },
		{ LINE2("property 1 2 3"), EINVAL, 2, 14, "'3' is too much" },
		{ LINE2("property 1 2\nproperty 0x1 3"), EINVAL, 3, 10,
		  "'0x1' was set before" },
		{ LINE2("early-property synthetic_proc_features 3"), EINVAL, 2, 16,
		  "this property is set by the line 'synthetic'" },
		{ LINE2("apic none\r"), EINVAL, 2, 10, "byte 0x0d is not allowed" },
		{ LINE2("# gr\xc3\xbc\xc3\x9f"), EINVAL, 2, 5,
		  "byte 0xc3 is not allowed" },
		{ LINE2("property this_name_is_much_longer_than_any_that_there_will_ever_be_in_there 1"),
		  EINVAL, 2, 10,
		  "there is no property 'this_name_is_much_longer_than_any_that_t'" },
#if !defined(__x86_64__)
		{ LINE2("xsave none"), EINVAL, 2, 1, "unknown key 'xsave'" },
#endif
	};
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(rows); i++)
		refused(rows[i].text, strlen(rows[i].text), rows[i].err,
			rows[i].line, rows[i].column, rows[i].why);
	refused("mshv-partition 1\0", 17, EINVAL, 1, 17, "byte 0x00 is not allowed");
}

static void many_properties(void **state)
{
	struct mshv_partition_config *config;
	struct mshv_config_error error;
	char text[4096];
	size_t length;
	int i;

	(void)state;
	length = (size_t)snprintf(text, sizeof(text), "mshv-partition 1\n");
	for (i = LIBMSHV_CONFIG_PROPERTIES_MAX; i > 0; i--)
		length += (size_t)snprintf(text + length, sizeof(text) - length,
					   "property %d 7\n", i);
	config = parse(text);
	assert_works(mshv_partition_config_set(config, "property", "64 0x8", NULL));
	assert_fails(mshv_partition_config_set(config, "property", "65 8", &error),
		     ENOSPC);
	assert_string_equal(error.text, "more than 64 properties");
	mshv_partition_config_close(config);

	length += (size_t)snprintf(text + length, sizeof(text) - length,
				   "property 65 7\n");
	refused(text, length, ENOSPC, 66, 10, "more than 64 properties");
}

static void changes(void **state)
{
	struct mshv_partition_config *config = parse("mshv-partition 1");
	struct mshv_config_error error;

	(void)state;
	assert_works(mshv_partition_config_set(config, "processor", SET, NULL));
	assert_works(mshv_partition_config_set(config, "arch", ARCH, NULL));
	assert_works(mshv_partition_config_set(config, "property",
					       "time_freeze 1", NULL));
	assert_works(mshv_partition_config_set(config, "property",
					       " time_freeze\t2 ", NULL));
	assert_text(config, TEXT(SET, "none", "property time_freeze 0x2\n"));

	assert_works(mshv_partition_config_allow(config, LIBMSHV_FEATURE_PROCESSOR,
						 PLUS));
	assert_works(mshv_partition_config_deny(config, LIBMSHV_FEATURE_PROCESSOR,
						MINUS));
	assert_works(mshv_partition_config_allow(config, LIBMSHV_FEATURE_SYNTHETIC,
						 "bit60"));
	assert_text(config, TEXT(SET " +" PLUS " -" MINUS, "none +bit60",
				 "property time_freeze 0x2\n"));
	assert_works(mshv_partition_config_deny(config, LIBMSHV_FEATURE_PROCESSOR,
						PLUS));
	assert_works(mshv_partition_config_allow(config, LIBMSHV_FEATURE_PROCESSOR,
						 MINUS));
	assert_text(config, TEXT(SET, "none +bit60", "property time_freeze 0x2\n"));

	/* what fails changes nothing */
	assert_fails(mshv_partition_config_set(config, "processor", "none +moon",
					       &error), EINVAL);
	assert_int_equal(error.line, 1);
	assert_int_equal(error.column, 7);
	assert_string_equal(error.text, "processor has no feature 'moon'");
	assert_fails(mshv_partition_config_set(config, "smt", "on\nnested on",
					       &error), EINVAL);
	assert_string_equal(error.text, "byte 0x0a is not allowed");
	assert_fails(mshv_partition_config_set(config, "moon", "on", &error), EINVAL);
	assert_string_equal(error.text, "unknown key 'moon'");
	assert_int_equal(error.line, 0);
	assert_fails(mshv_partition_config_set(config, "arch", OTHER, NULL),
		     EOPNOTSUPP);
	assert_fails(mshv_partition_config_allow(config, 3, "aes"), EINVAL);
	assert_fails(mshv_partition_config_deny(config, LIBMSHV_FEATURE_PROCESSOR,
						"moon"), EINVAL);
	assert_text(config, TEXT(SET, "none +bit60", "property time_freeze 0x2\n"));
	mshv_partition_config_close(config);
}

static void bad_arguments(void **state)
{
	struct mshv_partition_config *config = (void *)1;
	char buf[32];
	uint32_t code;
	int length;

	(void)state;
	assert_fails(mshv_partition_config_create(NULL), EINVAL);
	fake_fail_alloc(1);
	assert_fails(mshv_partition_config_create(&config), ENOMEM);
	assert_null(config);
	assert_fails(mshv_partition_config_parse("", 0, NULL, NULL), EINVAL);
	assert_fails(mshv_partition_config_parse(NULL, 0, &config, NULL), EINVAL);
	assert_null(config);
	mshv_partition_config_close(NULL);

	config = parse("mshv-partition 1");
	assert_fails(mshv_partition_config_format(NULL, buf, sizeof(buf)), EINVAL);
	assert_fails(mshv_partition_config_format(config, NULL, 1), EINVAL);
	length = mshv_partition_config_format(config, NULL, 0);
	assert_int_equal(length, strlen(DEFAULTS));
	assert_int_equal(mshv_partition_config_format(config, buf, sizeof(buf)),
			 length);
	assert_memory_equal(buf, DEFAULTS, sizeof(buf) - 1);
	assert_int_equal(buf[sizeof(buf) - 1], 0);
	assert_fails(mshv_partition_config_set(NULL, "smt", "on", NULL), EINVAL);
	assert_fails(mshv_partition_config_set(config, NULL, "on", NULL), EINVAL);
	assert_fails(mshv_partition_config_set(config, "smt", NULL, NULL), EINVAL);
	assert_fails(mshv_partition_config_allow(NULL, 0, "aes"), EINVAL);
	assert_fails(mshv_partition_config_allow(config, 0, NULL), EINVAL);
	assert_fails(mshv_partition_config_deny(NULL, 0, "aes"), EINVAL);
	assert_fails(mshv_partition_config_deny(config, 0, NULL), EINVAL);
	mshv_partition_config_close(config);

	assert_fails(mshv_property_find(NULL, &code), EINVAL);
	assert_fails(mshv_property_find("time_freeze", NULL), EINVAL);
	assert_fails(mshv_property_find("moon", &code), ENOENT);
	assert_fails(mshv_feature_find(3, "aes"), EINVAL);
	assert_fails(mshv_feature_find(0, NULL), EINVAL);
	assert_fails(mshv_feature_find(0, "moon"), ENOENT);
}

/* Names that go there and back, and bits that are what they are called. */
static void names(void **state)
{
	union hv_partition_synthetic_processor_features synthetic = {
		.flush_guest_physical_address_space = 1,
	};
	union hv_partition_processor_features cpu = { .as_uint64 = { 0 } };
	unsigned int kind, bit, found = 0;
	const char *name;
	uint32_t code;

	(void)state;
	for (kind = 0; kind < 4; kind++) {
		for (bit = 0; bit < 200; bit++) {
			name = mshv_feature_name(kind, bit);
			if (!name)
				continue;
			assert_int_equal(mshv_feature_find(kind, name), bit);
			found++;
		}
	}
	assert_true(found > 150);

#if defined(__x86_64__)
	cpu.srso_no_supported = 1;
	bit = (unsigned int)mshv_feature_find(LIBMSHV_FEATURE_PROCESSOR, "srso_no");
	assert_int_equal(cpu.as_uint64[1], 1ULL << (bit - 64));
	bit = (unsigned int)mshv_feature_find(LIBMSHV_FEATURE_XSAVE, "amx_tile");
	assert_int_equal(((union hv_partition_processor_xsave_features) {
		.amx_tile_support = 1 }).as_uint64, 1ULL << bit);
#else
	cpu.sme_i16_i64 = 1;
	bit = (unsigned int)mshv_feature_find(LIBMSHV_FEATURE_PROCESSOR,
					      "sme_i16_i64");
	assert_int_equal(cpu.as_uint64[1], 1ULL << (bit - 64));
	assert_null(mshv_feature_name(LIBMSHV_FEATURE_XSAVE, 0));
#endif
	bit = (unsigned int)mshv_feature_find(LIBMSHV_FEATURE_SYNTHETIC,
					      "flush_guest_physical_address_space");
	assert_int_equal(synthetic.as_uint64[0], 1ULL << bit);

	assert_string_equal(mshv_property_name(0x00050017),
			    "unimplemented_msr_action");
	assert_works(mshv_property_find("reference_time", &code));
	assert_int_equal(code, 0x00030005);
	assert_null(mshv_property_name(1));
}

static void sets(void **state)
{
	unsigned int kind, i;

	(void)state;
	assert_null(mshv_feature_set_name(3, 0));
	for (kind = 0; kind < 3; kind++) {
#if !defined(__x86_64__)
		if (kind == LIBMSHV_FEATURE_XSAVE) {
			assert_null(mshv_feature_set_name(kind, 0));
			continue;
		}
#endif
		assert_string_equal(mshv_feature_set_name(kind, 0), "host");
		for (i = 0; mshv_feature_set_name(kind, i); i++)
			assert_true(i < 20);
		assert_true(i >= 3);
	}
}

/* Every prefix of a text, and every byte of it changed: no crash, no leak. */
static void damaged_text(void **state)
{
	static const char text[] =
		"mshv-partition 1\nprocessor " SET " +" PLUS " -bit3 # x\n"
		"early-property 0x50003 0x2\nproperty time_freeze 1\n";
	struct mshv_partition_config *config;
	char copy[sizeof(text)];
	size_t i;
	int byte, good = 0;

	(void)state;
	for (i = 0; i < sizeof(text); i++) {
		char *exact = malloc(i ? i : 1);

		memcpy(exact, text, i);
		if (!mshv_partition_config_parse(exact, i, &config, NULL)) {
			good++;
			mshv_partition_config_close(config);
		}
		free(exact);
	}
	for (i = 0; i < sizeof(text) - 1; i++) {
		for (byte = 0; byte < 256; byte++) {
			memcpy(copy, text, sizeof(text));
			copy[i] = (char)byte;
			if (!mshv_partition_config_parse(copy, sizeof(text) - 1,
							 &config, NULL)) {
				good++;
				mshv_partition_config_close(config);
			}
		}
	}
	assert_true(good > (int)sizeof(text));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		fake_test(defaults),
		fake_test(every_line),
		fake_test(features),
		fake_test(properties),
		fake_test(bad_text),
		fake_test(many_properties),
		fake_test(changes),
		fake_test(bad_arguments),
		fake_test(names),
		fake_test(sets),
		fake_test(damaged_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
