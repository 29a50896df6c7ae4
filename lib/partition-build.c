// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * From the description of a partition to the partition: what the host has, what
 * the create call needs, and the steps. See <mshv/partition_config.h>.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <mshv/ioctl.h>

#include "partition-config.h"

#define FLAG(bit)	(1ULL << MSHV_PT_BIT_##bit)
#define CPU		LIBMSHV_FEATURE_PROCESSOR
#define XSAVE		LIBMSHV_FEATURE_XSAVE
#define SYNTHETIC	LIBMSHV_FEATURE_SYNTHETIC

static const char *const kind_names[KINDS] = {
	[CPU] = "processor", [XSAVE] = "xsave", [SYNTHETIC] = "synthetic",
};

/* Where the hypervisor tells which features there are. */
static const struct {
	unsigned int kind, bank;
	uint32_t code;
} bank_properties[] = {
	{ CPU, 0, HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0 },
	{ CPU, 1, HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1 },
#if defined(__x86_64__)
	{ XSAVE, 0, HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES },
#endif
};

/* What a host, or a partition, has. */
struct available {
	bool known[KINDS];
	uint64_t bits[KINDS][BANKS];
};

/* @fd: of the device, for the own partition; or of a partition */
static void read_banks(int fd, struct available *available)
{
	size_t i;

	memset(available, 0, sizeof(*available));
	available->known[CPU] = true;
#if defined(__x86_64__)
	available->known[XSAVE] = true;
#endif
	for (i = 0; i < ARRAY_SIZE(bank_properties); i++) {
		unsigned int kind = bank_properties[i].kind;

		if (mshv_hvcall_get_partition_property(fd,
				bank_properties[i].code,
				&available->bits[kind][bank_properties[i].bank]))
			available->known[kind] = false;
	}
}

/* Both large properties with flags begin with the number of their banks. */
static void read_synthetic(int fd, struct available *available)
{
	struct hv_partition_property_vmm_capabilities banks;

	memset(&banks, 0, sizeof(banks));
	if (mshv_hvcall_get_partition_property_ex(fd,
			HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES,
			0, &banks, sizeof(banks)) || !banks.bank_count)
		return;
	available->known[SYNTHETIC] = true;
	available->bits[SYNTHETIC][0] = banks.as_uint64[0];
}

/* It is no failure that they can't be read. */
static void read_host(struct mshv_dev *dev, struct available *host)
{
	struct mshv_error before = *mshv_last_error();

	read_banks(dev->fd, host);
	read_synthetic(dev->fd, host);
	libmshv_error_restore(&before);
}

/* Only those that have a name. */
static void keep_named(unsigned int kind, uint64_t bits[BANKS])
{
	unsigned int bit;

	for (bit = 0; bit < 64 * BANKS; bit++)
		if (!mshv_feature_name(kind, bit))
			bits[bit / 64] &= ~(1ULL << bit % 64);
}

/* Names of the bits that are in @wanted and not in @bits; false if none. */
static bool list_missing(unsigned int kind, const uint64_t wanted[BANKS],
			 const uint64_t bits[BANKS], char *buf, size_t size)
{
	unsigned int bit;
	size_t length = 0;
	const char *name;

	buf[0] = '\0';
	for (bit = 0; bit < 64 * BANKS; bit++) {
		if (!((wanted[bit / 64] & ~bits[bit / 64]) >> bit % 64 & 1))
			continue;
		name = mshv_feature_name(kind, bit);
		if (length < size)
			length += (size_t)(name ?
				snprintf(buf + length, size - length, "%s%s",
					 length ? ", " : "", name) :
				snprintf(buf + length, size - length, "%sbit%u",
					 length ? ", " : "", bit));
	}
	return length;
}

static int check_features(const struct mshv_partition_config *config,
			  const struct available *available, const char *who,
			  struct mshv_config_error *error)
{
	uint64_t wanted[BANKS];
	unsigned int kind;
	char names[200];

	for (kind = 0; kind < KINDS; kind++) {
		if (!available->known[kind])
			continue;
		libmshv_features_wanted(&config->features[kind], kind, wanted);
		if (list_missing(kind, wanted, available->bits[kind], names,
				 sizeof(names)))
			return libmshv_config_fail(error, EOPNOTSUPP, 0, 0,
						   "%s: %s lacks %s",
						   kind_names[kind], who, names);
	}
	return 0;
}

static const struct {
	uint64_t flag;
	const char *name;
} flag_names[] = {
	{ FLAG(LAPIC), "apic" },
	{ FLAG(X2APIC), "apic x2apic" },
	{ FLAG(GPA_SUPER_PAGES), "super-pages" },
	{ FLAG(NESTED_VIRTUALIZATION), "nested" },
	{ FLAG(SMT_ENABLED_GUEST), "smt" },
};

static uint64_t create_flags(const struct mshv_partition_config *config)
{
	return (config->apic != APIC_NONE ? FLAG(LAPIC) : 0) |
	       (config->apic == APIC_X2APIC ? FLAG(X2APIC) : 0) |
	       (config->super_pages ? FLAG(GPA_SUPER_PAGES) : 0) |
	       (config->nested ? FLAG(NESTED_VIRTUALIZATION) : 0) |
	       (config->smt ? FLAG(SMT_ENABLED_GUEST) : 0);
}

/* Everything else is disabled, unless it is the host's set. */
static void set_disabled(const struct mshv_partition_config *config,
			 struct mshv_partition_options *options)
{
	const struct libmshv_features *features = config->features;
	uint64_t wanted[BANKS];
	int i;

	libmshv_features_wanted(&features[CPU], CPU, wanted);
	for (i = 0; i < BANKS; i++)
		options->disabled_processor_features[i] =
			features[CPU].base->host ? features[CPU].deny[i] :
						   ~wanted[i];
#if defined(__x86_64__)
	libmshv_features_wanted(&features[XSAVE], XSAVE, wanted);
	options->disabled_xsave_features = features[XSAVE].base->host ?
		features[XSAVE].deny[0] : ~wanted[0];
#endif
}

/* Can the kernel do without disabling it, as the host hasn't got it anyway? */
static bool disables_nothing(const struct mshv_partition_options *options,
			     const struct available *host)
{
	int i;

	for (i = 0; i < BANKS; i++)
		if (options->disabled_processor_features[i] &&
		    (!host->known[CPU] ||
		     options->disabled_processor_features[i] & host->bits[CPU][i]))
			return false;
	return !options->disabled_xsave_features ||
	       (host->known[XSAVE] &&
		!(options->disabled_xsave_features & host->bits[XSAVE][0]));
}

static int check_kernel(const struct mshv_partition_config *config,
			const struct mshv_partition_options *options,
			const struct mshv_dev_info *info,
			struct mshv_config_error *error)
{
	size_t i;

	if (info->driver != LIBMSHV_DRIVER_ROOT)
		return libmshv_config_fail(error, EOPNOTSUPP, 0, 0,
					   "the driver creates no partitions");
	for (i = 0; i < ARRAY_SIZE(flag_names); i++)
		if (options->flags & ~info->create_flags & flag_names[i].flag)
			return libmshv_config_fail(error, EOPNOTSUPP, 0, 0,
						   "%s: not in this kernel",
						   flag_names[i].name);
	if (!(info->isolations >> config->isolation & 1))
		return libmshv_config_fail(error, EOPNOTSUPP, 0, 0,
					   "isolation: not in this kernel");
	return 0;
}

static int make_options(const struct mshv_partition_config *config,
			struct mshv_dev *dev, const struct available *host,
			struct mshv_partition_options *options,
			struct mshv_config_error *error)
{
	struct mshv_dev_info info = { .size = sizeof(info) };
	int ret = mshv_dev_probe(dev, &info);

	if (ret)
		return libmshv_config_fail(error, -ret, 0, 0, "the probe failed");

	*options = (struct mshv_partition_options) {
		.size = sizeof(*options),
		.flags = create_flags(config),
		.isolation = config->isolation,
	};
	set_disabled(config, options);
	ret = check_kernel(config, options, &info, error);
	if (!ret)
		ret = check_features(config, host, "this host", error);
	if (ret)
		return ret;

	if (!options->disabled_processor_features[0] &&
	    !options->disabled_processor_features[1] &&
	    !options->disabled_xsave_features)
		return 0;
	if (info.features & LIBMSHV_DEV_CREATE_V2) {
		options->flags |= FLAG(CPU_AND_XSAVE_FEATURES);
		return 0;
	}
	if (!disables_nothing(options, host))
		return libmshv_config_fail(error, EOPNOTSUPP, 0, 0,
					   "this kernel can't take features away");
	memset(options->disabled_processor_features, 0,
	       sizeof(options->disabled_processor_features));
	options->disabled_xsave_features = 0;
	return 0;
}

int mshv_partition_config_options(const struct mshv_partition_config *config,
				  struct mshv_dev *dev,
				  struct mshv_partition_options *options,
				  struct mshv_config_error *error)
{
	struct mshv_partition_options made;
	struct available host;
	size_t size;
	int ret;

	if (!config || !dev || !options)
		return libmshv_fail(EINVAL, "partition config: NULL argument");
	size = options->size;
	if (size < LIBMSHV_OPTIONS_SIZE_MIN)
		return libmshv_fail(EINVAL, "partition config: size of options not set");
	/* So many bytes are written: a size that was never set is to be noticed. */
	if (size > LIBMSHV_OPTIONS_SIZE_MAX)
		return libmshv_fail(E2BIG, "partition config: size of options too large");

	read_host(dev, &host);
	ret = make_options(config, dev, &host, &made, error);
	if (ret)
		return ret;
	/* a caller that knows more members finds them 0 */
	memset(options, 0, size);
	made.size = size;
	memcpy(options, &made, sizeof(made));
	return 0;
}

/* What to do without the hypervisor's word: the set that Linux is used to. */
static void get_standard(uint64_t bits[BANKS])
{
	libmshv_feature_set_bits(libmshv_feature_set_find(SYNTHETIC, "standard", 8),
				 SYNTHETIC, bits);
}

/* Zero means that the property isn't set. */
static uint64_t synthetic_value(const struct mshv_partition_config *config,
				const struct available *host)
{
	const struct libmshv_features *features = &config->features[SYNTHETIC];
	uint64_t bits[BANKS], wanted[BANKS];

	libmshv_features_wanted(features, SYNTHETIC, wanted);
	if (!features->base->host)
		return wanted[0];
	memcpy(bits, host->bits[SYNTHETIC], sizeof(bits));
	if (!host->known[SYNTHETIC])
		get_standard(bits);
	keep_named(SYNTHETIC, bits);
	return (bits[0] | wanted[0]) & ~features->deny[0];
}

/* Adds the step to what mshv_last_error() says, and leaves that as it is. */
static int explain(struct mshv_config_error *error, int ret, const char *step)
{
	size_t length;

	if (!error)
		return ret;
	error->line = error->column = 0;
	length = (size_t)snprintf(error->text, sizeof(error->text), "%s: ", step);
	mshv_error_format(mshv_last_error(), error->text + length,
			  sizeof(error->text) - length);
	return ret;
}

static int set_property(struct mshv_partition *partition, uint32_t code,
			uint64_t value, struct mshv_config_error *error)
{
	const char *name = mshv_property_name(code);
	char step[80];
	int ret = mshv_partition_set_property(partition, code, value);

	if (!ret)
		return 0;
	snprintf(step, sizeof(step), "property %s (0x%x)", name ? name : "?",
		 code);
	return explain(error, ret, step);
}

static int set_properties(const struct mshv_partition_config *config,
			  struct mshv_partition *partition, bool late,
			  struct mshv_config_error *error)
{
	const struct libmshv_property *property = config->properties;
	const struct libmshv_property *end = property + config->property_count;
	int ret = 0;

	for (; property < end && !ret; property++)
		if (property->late == late)
			ret = set_property(partition, property->code,
					   property->value, error);
	return ret;
}

static int set_up(const struct mshv_partition_config *config,
		  const struct available *host, struct mshv_partition *partition,
		  struct mshv_config_error *error)
{
	uint64_t synthetic = synthetic_value(config, host);
	struct mshv_error before;
	struct available got;
	int ret = 0;

	if (synthetic)
		ret = set_property(partition,
				   HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
				   synthetic, error);
	if (!ret)
		ret = set_properties(config, partition, false, error);
	if (ret)
		return ret;

	ret = mshv_partition_initialize(partition);
	if (ret)
		return explain(error, ret, "initialize");

	before = *mshv_last_error();
	read_banks(partition->fd, &got);
	libmshv_error_restore(&before);
	ret = check_features(config, &got, "the partition", error);
	return ret ? ret : set_properties(config, partition, true, error);
}

int mshv_partition_config_build(const struct mshv_partition_config *config,
				struct mshv_dev *dev,
				struct mshv_partition **out,
				struct mshv_config_error *error)
{
	struct mshv_partition_options options;
	struct available host;
	int ret;

	if (!out)
		return libmshv_fail(EINVAL, "build partition: NULL argument");
	*out = NULL;
	if (!config || !dev)
		return libmshv_fail(EINVAL, "build partition: NULL argument");

	read_host(dev, &host);
	ret = make_options(config, dev, &host, &options, error);
	if (ret)
		return ret;
	ret = mshv_partition_create(dev, &options, out);
	if (ret)
		return explain(error, ret, "create");
	ret = set_up(config, &host, *out, error);
	if (ret) {
		mshv_partition_close(*out);
		*out = NULL;
		errno = -ret;
	}
	return ret;
}

static int fit(struct mshv_partition_config *config, unsigned int kind,
	       const struct available *host, struct mshv_config_error *error)
{
	struct libmshv_features *features = &config->features[kind];
	uint64_t has[BANKS], wanted[BANKS];
	int i;

	memcpy(has, host->bits[kind], sizeof(has));
	if (!host->known[kind]) {
		/* Nothing to compare a list with: it may fit. */
		if (kind != SYNTHETIC && !features->base->host)
			return 0;
		if (kind != SYNTHETIC)
			return libmshv_config_fail(error, EOPNOTSUPP, 0, 0,
						   "%s: this kernel doesn't tell what the host has",
						   kind_names[kind]);
		get_standard(has);
	}

	libmshv_features_wanted(features, kind, wanted);
	if (!features->base->host) {
		for (i = 0; i < BANKS; i++) {
			features->deny[i] |= wanted[i] & ~has[i] & ~features->allow[i];
			features->allow[i] &= has[i];
		}
		return 0;
	}
	keep_named(kind, has);
	features->base = libmshv_feature_set_find(kind, "none", 4);
	for (i = 0; i < BANKS; i++) {
		features->allow[i] = has[i] & ~features->deny[i];
		features->deny[i] = 0;
	}
	return 0;
}

int mshv_partition_config_fit(struct mshv_partition_config *config,
			      struct mshv_dev *dev,
			      struct mshv_config_error *error)
{
	struct mshv_partition_config fitting;
	struct available host;
	unsigned int kind;
	int ret;

	if (!config || !dev)
		return libmshv_fail(EINVAL, "fit partition config: NULL argument");
	read_host(dev, &host);
	fitting = *config;
	for (kind = 0; kind < KINDS; kind++) {
		if (!libmshv_kind_exists(kind))
			continue;
		ret = fit(&fitting, kind, &host, error);
		if (ret)
			return ret;
	}
	*config = fitting;
	return 0;
}
