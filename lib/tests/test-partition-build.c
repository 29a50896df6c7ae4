// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * From the description of a partition to the partition: on a kernel and a
 * hypervisor that are as old, or have as little, as the test says.
 */
#include "config.h"

#include <stdio.h>
#include <unistd.h>

#include "fake.h"

#define FLAG(bit)	(1ULL << MSHV_PT_BIT_##bit)
#define V1_FLAGS	(FLAG(LAPIC) | FLAG(X2APIC) | FLAG(GPA_SUPER_PAGES))
#define SYNTHETIC	HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES
#define ASSIGNABLE	HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES

#if defined(__x86_64__)
#define SET		"x86-64-v2"
#define SET_BITS	0x19fULL	/* sse3 to sse4_2, pop_cnt, cmpxchg16b */
#define IN_SET		"sse4_2"
#define MORE		"aes"
#define MORE_BIT	(1ULL << 16)
#else
#define SET		"armv8.0"
#define SET_BITS	0xa00ULL	/* fp, adv_simd */
#define IN_SET		"fp"
#define MORE		"aes"
#define MORE_BIT	(1ULL << 20)
#endif

/* What stands behind the ioctls. */
static struct kernel {
	bool no_self, no_ex, vtl;
	uint64_t flags, host[2], xsave, assignable;
	uint64_t lost;		/* features the hypervisor leaves out all the same */
	uint32_t refused;	/* property that can't be set */
	int create_err, initialize_err;

	int partition_fd;
	struct mshv_create_partition_v2 created;
	bool initialized;
	unsigned int sets, sets_late;
	uint32_t codes[8];
	uint64_t values[8];
} k;

static struct mshv_dev *dev;

static int refuse(int err)
{
	errno = err;
	return -1;
}

static int create(const struct mshv_create_partition *args)
{
	bool v2 = args->pt_flags & FLAG(CPU_AND_XSAVE_FEATURES);

	if (args->pt_flags & ~k.flags || args->pt_isolation)
		return refuse(EINVAL);
	/*
	 * The probe: 16 bytes with nothing behind them. Where they lie doesn't
	 * tell: one in 256 stacks has a whole argument at the end of a page.
	 */
	if (v2 && !fake_readable(args, sizeof(k.created)))
		return refuse(EFAULT);
	if (k.create_err)
		return refuse(k.create_err);
	memset(&k.created, 0, sizeof(k.created));
	memcpy(&k.created, args, v2 ? sizeof(k.created) : sizeof(*args));
	return k.partition_fd = fake_no_page_fd();
}

static int get_property(uint32_t code, bool self, uint64_t *value)
{
	uint64_t disabled[2] = { k.created.pt_cpu_fbanks[0] | k.lost,
				 k.created.pt_cpu_fbanks[1] };
	uint64_t xsave = 0;

#if defined(__x86_64__)
	xsave = k.created.pt_disabled_xsave;
#endif
	switch (code) {
	case HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0:
		*value = k.host[0] & ~(self ? 0 : disabled[0]);
		return 0;
	case HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1:
		*value = k.host[1] & ~(self ? 0 : disabled[1]);
		return 0;
	case HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES:
		*value = k.xsave & ~(self ? 0 : xsave);
		return 0;
	}
	return refuse(EIO);
}

static int set_property(const struct hv_input_set_partition_property *in)
{
	if (in->property_code == k.refused)
		return refuse(EIO);
	assert_true(k.sets < ARRAY_SIZE(k.codes));
	k.codes[k.sets] = in->property_code;
	k.values[k.sets++] = in->property_value;
	k.sets_late += k.initialized;
	return 0;
}

static int hvcall(int fd, struct mshv_root_hvcall *args)
{
	bool self = fd == mshv_dev_fd(dev);
	const struct hv_input_get_partition_property *get =
		(const void *)(uintptr_t)args->in_ptr;
	void *out = (void *)(uintptr_t)args->out_ptr;
	int ret;

	if ((self && k.no_self) || (args->code == HVCALL_GET_PARTITION_PROPERTY_EX &&
				    k.no_ex))
		return refuse(EINVAL);
	switch (args->code) {
	case HVCALL_GET_PARTITION_PROPERTY:
		ret = get_property(get->property_code, self, out);
		break;
	case HVCALL_SET_PARTITION_PROPERTY:
		assert_int_equal(fd, k.partition_fd);
		ret = set_property((const void *)get);
		break;
	case HVCALL_GET_PARTITION_PROPERTY_EX:
		if (get->property_code != ASSIGNABLE)
			return refuse(EIO);
		((uint64_t *)out)[0] = 1;
		((uint64_t *)out)[1] = k.assignable;
		return 0;
	default:
		fail_msg("hypercall 0x%x", args->code);
		return refuse(EINVAL);
	}
	if (ret)
		args->status = HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE;
	return ret;
}

static int kernel(int fd, uint32_t request, void *arg)
{
	switch (request) {
	case MSHV_CHECK_EXTENSION:
		return k.vtl ? 0 : refuse(ENOTTY);
	case MSHV_CREATE_PARTITION:
		return create(arg);
	case MSHV_INITIALIZE_PARTITION:
		if (k.initialize_err)
			return refuse(k.initialize_err);
		k.initialized = true;
		return 0;
	case MSHV_ROOT_HVCALL:
		return hvcall(fd, arg);
	}
	fail_msg("ioctl 0x%x", request);
	return refuse(ENOTTY);
}

static int setup(void **state)
{
	fake_reset(state);
	memset(&k, 0, sizeof(k));
	k.flags = V1_FLAGS | FLAG(CPU_AND_XSAVE_FEATURES) |
		  FLAG(NESTED_VIRTUALIZATION) | FLAG(SMT_ENABLED_GUEST);
	k.host[0] = SET_BITS | 1 << 6 | MORE_BIT;
	k.host[1] = 0x13;
	k.xsave = 0x1f;
	k.assignable = 0x6400ffb | 1ULL << 63;
	assert_works(mshv_dev_open("/dev/null", &dev));
	fake_instead = kernel;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	mshv_dev_close(dev);
	return 0;
}

#define build_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

static void old_kernel(void)
{
	k.no_self = k.no_ex = true;
	k.flags = V1_FLAGS;
}

static struct mshv_partition_config *parse(const char *lines)
{
	struct mshv_partition_config *config = NULL;
	struct mshv_config_error error;
	char text[1024];

	snprintf(text, sizeof(text), "mshv-partition 1\n%s", lines);
	if (mshv_partition_config_parse(text, strlen(text), &config, &error))
		fail_msg("%u:%u: %s", error.line, error.column, error.text);
	return config;
}

static void build(const char *lines)
{
	struct mshv_partition_config *config = parse(lines);
	struct mshv_partition *partition = NULL;
	struct mshv_config_error error;

	k.initialized = false;
	k.sets = k.sets_late = 0;
	if (mshv_partition_config_build(config, dev, &partition, &error))
		fail_msg("%s", error.text);
	assert_true(k.initialized);
	assert_int_equal(mshv_partition_fd(partition), k.partition_fd);
	mshv_partition_close(partition);
	mshv_partition_config_close(config);
}

static void fails_to_build(const char *lines, int err, const char *why)
{
	struct mshv_partition_config *config = parse(lines);
	struct mshv_partition *partition = (void *)1;
	struct mshv_config_error error = { .line = 5 };

	k.partition_fd = -1;
	assert_fails(mshv_partition_config_build(config, dev, &partition, &error),
		     err);
	assert_null(partition);
	assert_string_equal(error.text, why);
	assert_int_equal(error.line, 0);
	assert_fails(mshv_partition_config_build(config, dev, &partition, NULL), err);
	if (k.partition_fd >= 0)
		assert_false(fake_fd_open(k.partition_fd));
	mshv_partition_config_close(config);
}

static void host_maximum(void **state)
{
	(void)state;
	build("");
	assert_int_equal(k.created.pt_flags, V1_FLAGS);
	assert_int_equal(k.sets, 0);

	/* the same is possible with the first driver there was */
	old_kernel();
	build("");
	assert_int_equal(k.created.pt_flags, V1_FLAGS);
}

static void flags(void **state)
{
	(void)state;
	build("apic none\nsuper-pages off\n");
	assert_int_equal(k.created.pt_flags, 0);
	build("apic xapic\nsmt on\n");
	assert_int_equal(k.created.pt_flags, FLAG(LAPIC) | FLAG(GPA_SUPER_PAGES) |
			 FLAG(SMT_ENABLED_GUEST));
	build("nested on\nprocessor host -" MORE "\n");
	assert_int_equal(k.created.pt_flags, V1_FLAGS | FLAG(NESTED_VIRTUALIZATION) |
			 FLAG(CPU_AND_XSAVE_FEATURES));
	fails_to_build("isolation snp\n", EOPNOTSUPP,
		       "isolation: not in this kernel");

	old_kernel();
	fails_to_build("nested on\n", EOPNOTSUPP, "nested: not in this kernel");
	fails_to_build("smt on\n", EOPNOTSUPP, "smt: not in this kernel");
	k.vtl = true;
	fails_to_build("", EOPNOTSUPP, "the driver creates no partitions");
}

static void fixed_set(void **state)
{
	(void)state;
	build("processor " SET " +" MORE "\n");
	assert_int_equal(k.created.pt_flags, V1_FLAGS | FLAG(CPU_AND_XSAVE_FEATURES));
	assert_int_equal(k.created.pt_num_cpu_fbanks, 2);
	assert_int_equal(k.created.pt_cpu_fbanks[0], ~(SET_BITS | MORE_BIT));
	assert_int_equal(k.created.pt_cpu_fbanks[1], ~0ULL);

	/* a host that has more makes the same call */
	k.host[0] = k.host[1] = ~0ULL;
	build("processor " SET " +" MORE "\n");
	assert_int_equal(k.created.pt_cpu_fbanks[0], ~(SET_BITS | MORE_BIT));
	assert_int_equal(k.created.pt_cpu_fbanks[1], ~0ULL);

	/* one that has less doesn't */
	k.host[0] = 0;
	fails_to_build("processor none +" IN_SET " +" MORE "\n", EOPNOTSUPP,
		       "processor: this host lacks " IN_SET ", " MORE);
	assert_int_equal(k.partition_fd, -1);
	fails_to_build("processor host +bit126 +" MORE "\n", EOPNOTSUPP,
		       "processor: this host lacks " MORE);
}

static void denied(void **state)
{
	(void)state;
	build("processor host -" MORE " -bit64\n");
	assert_int_equal(k.created.pt_cpu_fbanks[0], MORE_BIT);
	assert_int_equal(k.created.pt_cpu_fbanks[1], 1);
	build("processor " SET " -" IN_SET "\n");
	assert_int_equal(k.created.pt_cpu_fbanks[0],
			 ~(SET_BITS & ~(1ULL << mshv_feature_find(0, IN_SET))));
}

#if defined(__x86_64__)
static void xsave(void **state)
{
	(void)state;
	build("xsave x86-64-v3\n");
	assert_int_equal(k.created.pt_cpu_fbanks[0], 0);
	assert_int_equal(k.created.pt_disabled_xsave, ~0x1dULL);
	build("processor x86-64-v2\nxsave host -fma\n");
	assert_int_equal(k.created.pt_disabled_xsave, 0x10);
	fails_to_build("xsave x86-64-v4\n", EOPNOTSUPP,
		       "xsave: this host lacks avx512, avx512_dq, avx512_cd, avx512_bw, avx512_vl");
}
#endif

static void without_version_2(void **state)
{
	(void)state;
	k.flags = V1_FLAGS;
	/* What is to be taken away is not there: version 1 will do. */
	k.host[0] = SET_BITS;
	k.host[1] = 0;
	build("processor " SET "\n");
	assert_int_equal(k.created.pt_flags, V1_FLAGS);
	assert_int_equal(k.created.pt_cpu_fbanks[0], 0);

	k.host[0] |= MORE_BIT;
	fails_to_build("processor " SET "\n", EOPNOTSUPP,
		       "this kernel can't take features away");
	build("processor " SET " +" MORE "\n");

	/* It can't be known. */
	old_kernel();
	fails_to_build("processor " SET " +" MORE "\n", EOPNOTSUPP,
		       "this kernel can't take features away");
	fails_to_build("processor host -" MORE "\n", EOPNOTSUPP,
		       "this kernel can't take features away");
#if defined(__x86_64__)
	k.no_self = false;
	k.xsave = 8;
	fails_to_build("xsave none\n", EOPNOTSUPP,
		       "this kernel can't take features away");
	k.xsave = 0;
	build("xsave none\n");
#endif
}

static void lost_features(void **state)
{
	(void)state;
	/* The host wasn't told, but the partition can be asked. */
	k.no_self = true;
	k.host[0] &= ~MORE_BIT;
	fails_to_build("processor host +" MORE "\n", EOPNOTSUPP,
		       "processor: the partition lacks " MORE);
	k.no_self = false;
	k.host[0] |= MORE_BIT;
	k.lost = MORE_BIT;
	fails_to_build("processor host +" MORE "\n", EOPNOTSUPP,
		       "processor: the partition lacks " MORE);
	assert_true(k.partition_fd >= 0);
	build("");
}

static void synthetic(void **state)
{
	(void)state;
	build("synthetic standard\n");
	assert_int_equal(k.sets, 1);
	assert_int_equal(k.sets_late, 0);
	assert_int_equal(k.codes[0], SYNTHETIC);
#if defined(__x86_64__)
	assert_int_equal(k.values[0], 0x6400ffb);
#endif
	/* without what has no name */
	build("synthetic host -hv1\n");
	assert_int_equal(k.values[0], 0x6400ff9);

	k.assignable = 1;
	fails_to_build("synthetic none +hv1 +access_vsm\n", EOPNOTSUPP,
		       "synthetic: this host lacks hv1, access_vsm");

	/* A hypervisor that doesn't tell is trusted, and refuses by itself. */
	k.no_ex = true;
	build("synthetic none +hv1 +access_vsm\n");
	assert_int_equal(k.values[0], 0x10002);
	build("synthetic host -hv1 +access_vsm\n");
#if defined(__x86_64__)
	assert_int_equal(k.values[0], 0x6410ff9);
#endif
	k.refused = SYNTHETIC;
	fails_to_build("synthetic standard\n", EIO,
		       "property synthetic_proc_features (0x10001): set partition property: Input/output error (hypercall 0x45: HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE)");
}

static void properties(void **state)
{
	(void)state;
	build("property time_freeze 1\nearly-property processors_per_socket 2\n"
	      "early-property 7 8\nsynthetic none +hv1\n");
	assert_int_equal(k.sets, 4);
	assert_int_equal(k.sets_late, 1);
	assert_int_equal(k.codes[0], SYNTHETIC);
	assert_int_equal(k.codes[1], 7);
	assert_int_equal(k.values[1], 8);
	assert_int_equal(k.codes[2], HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET);
	assert_int_equal(k.codes[3], HV_PARTITION_PROPERTY_TIME_FREEZE);
	assert_int_equal(k.values[3], 1);

	k.refused = 7;
	fails_to_build("early-property 7 8\n", EIO,
		       "property ? (0x7): set partition property: Input/output error (hypercall 0x45: HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE)");
	assert_int_equal(mshv_last_error()->hv_status,
			 HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE);
	fails_to_build("property 7 8\n", EIO,
		       "property ? (0x7): set partition property: Input/output error (hypercall 0x45: HV_STATUS_PROPERTY_VALUE_OUT_OF_RANGE)");
}

static void failures(void **state)
{
	struct mshv_partition_config *config = parse("");
	struct mshv_partition *partition = (void *)1;

	(void)state;
	k.create_err = ENOMEM;
	fails_to_build("", ENOMEM, "create: create partition: Cannot allocate memory");
	k.create_err = 0;
	k.initialize_err = EIO;
	fails_to_build("", EIO,
		       "initialize: initialize partition: Input/output error");

	assert_fails(mshv_partition_config_build(config, dev, NULL, NULL), EINVAL);
	assert_fails(mshv_partition_config_build(config, NULL, &partition, NULL),
		     EINVAL);
	assert_null(partition);
	assert_fails(mshv_partition_config_build(NULL, dev, &partition, NULL), EINVAL);
	assert_fails(mshv_partition_config_fit(NULL, dev, NULL), EINVAL);
	assert_fails(mshv_partition_config_fit(config, NULL, NULL), EINVAL);
	mshv_partition_config_close(config);
}

static void options(void **state)
{
	union {
		struct mshv_partition_options options;
		uint8_t bytes[128];
	} u;
	struct mshv_partition_config *config = parse("processor " SET "\n");
	size_t i;

	(void)state;
	memset(&u, 0xff, sizeof(u));
	u.options.size = sizeof(u.options);
	assert_works(mshv_partition_config_options(config, dev, &u.options, NULL));
	assert_int_equal(u.options.size, sizeof(u.options));
	assert_int_equal(u.options.disabled_processor_features[0], ~SET_BITS);
	assert_int_equal(u.options.disabled_processor_features[1], ~0ULL);
	assert_int_equal(u.options.flags, V1_FLAGS | FLAG(CPU_AND_XSAVE_FEATURES));
	assert_int_equal(u.bytes[sizeof(u.options)], 0xff);

	u.options.size = sizeof(u);
	assert_works(mshv_partition_config_options(config, dev, &u.options, NULL));
	assert_int_equal(u.options.size, sizeof(u));
	for (i = sizeof(u.options); i < sizeof(u); i++)
		assert_int_equal(u.bytes[i], 0);

	/* as by who forgot it; that many bytes would be cleared */
	u.options.size = 4097;
	assert_fails(mshv_partition_config_options(config, dev, &u.options, NULL),
		     E2BIG);
	u.options.size = SIZE_MAX;
	assert_fails(mshv_partition_config_options(config, dev, &u.options, NULL),
		     E2BIG);
	u.options.size = 8;
	assert_fails(mshv_partition_config_options(config, dev, &u.options, NULL),
		     EINVAL);
	assert_fails(mshv_partition_config_options(config, dev, NULL, NULL), EINVAL);
	assert_fails(mshv_partition_config_options(config, NULL, &u.options, NULL),
		     EINVAL);
	assert_fails(mshv_partition_config_options(NULL, dev, &u.options, NULL),
		     EINVAL);
	mshv_partition_config_close(config);
}

static void assert_line(struct mshv_partition_config *config, const char *line)
{
	char buf[4096];

	mshv_partition_config_format(config, buf, sizeof(buf));
	if (!strstr(buf, line))
		fail_msg("no '%s' in:\n%s", line, buf);
}

static void fit(void **state)
{
	struct mshv_partition_config *config = parse("synthetic host -hv1\n");
	struct mshv_config_error error;

	(void)state;
	k.host[0] = SET_BITS | MORE_BIT;
	k.host[1] = 1ULL << 62;		/* without a name, on both processors */
	assert_works(mshv_partition_config_fit(config, dev, &error));
#if defined(__x86_64__)
	assert_line(config, "\nprocessor none +sse3 +lahf_sahf +ssse3 +sse4_1 "
		    "+sse4_2 +pop_cnt +cmpxchg16b +aes\n");
	assert_line(config, "\nxsave none +xsave +xsaveopt +avx +avx2 +fma\n");
#else
	assert_line(config, "\nprocessor none +fp +adv_simd +aes\n");
#endif
	assert_line(config, "\nsynthetic none +hypervisor_present +access");

	/* a second host, which has less */
	k.host[0] = SET_BITS;
	assert_works(mshv_partition_config_fit(config, dev, &error));
#if defined(__x86_64__)
	assert_line(config, "+cmpxchg16b\n");
#else
	assert_line(config, "\nprocessor none +fp +adv_simd\n");
#endif
	mshv_partition_config_close(config);

	/* a fixed set stays what it is, less what is missing */
	config = parse("processor " SET " +" MORE "\n");
	k.host[0] = SET_BITS & ~(1ULL << mshv_feature_find(0, IN_SET));
	assert_works(mshv_partition_config_fit(config, dev, &error));
	assert_line(config, "\nprocessor " SET " -" IN_SET "\n");
	mshv_partition_config_close(config);

	/* no answer, no change */
	config = parse("");
	k.no_self = true;
	assert_fails(mshv_partition_config_fit(config, dev, &error), EOPNOTSUPP);
	assert_string_equal(error.text,
			    "processor: this kernel doesn't tell what the host has");
	assert_line(config, "\nprocessor host\n");
	/* a list can't be compared, but is one already */
	assert_works(mshv_partition_config_set(config, "processor", SET, NULL));
#if defined(__x86_64__)
	assert_works(mshv_partition_config_set(config, "xsave", "x86-64-v4", NULL));
#endif
	assert_works(mshv_partition_config_fit(config, dev, &error));
	assert_line(config, "\nprocessor " SET "\n");
	assert_works(mshv_partition_config_set(config, "processor", "host", NULL));
	k.no_self = false;
	k.no_ex = true;
	assert_works(mshv_partition_config_set(config, "synthetic", "host", NULL));
	assert_works(mshv_partition_config_fit(config, dev, &error));
	assert_line(config, "\nsynthetic none +hypervisor_present +hv1 +access_par");
	mshv_partition_config_close(config);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		build_test(host_maximum),
		build_test(flags),
		build_test(fixed_set),
		build_test(denied),
#if defined(__x86_64__)
		build_test(xsave),
#endif
		build_test(without_version_2),
		build_test(lost_features),
		build_test(synthetic),
		build_test(properties),
		build_test(failures),
		build_test(options),
		build_test(fit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
