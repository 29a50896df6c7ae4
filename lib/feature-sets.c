// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Sets of features that have a name. A name stands for the same set for ever:
 * what was written with one version of the library is read by another.
 *
 * x86-64-v*: the micro-architecture levels of the x86-64 psABI, section 3.1.1,
 * as far as the hypervisor has bits for them; that of level 1 is not optional.
 * armv8.*: what the Arm Architecture Reference Manual, chapter A2, makes
 * mandatory for that version, likewise.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include "partition-config.h"

#define CPU	(1u << LIBMSHV_FEATURE_PROCESSOR)
#define XSAVE	(1u << LIBMSHV_FEATURE_XSAVE)
#define SYNTH	(1u << LIBMSHV_FEATURE_SYNTHETIC)

#if defined(__x86_64__)
#define V2	.sse3_support = 1, .lahf_sahf_support = 1, \
		.ssse3_support = 1, .sse4_1_support = 1, .sse4_2_support = 1, \
		.pop_cnt_support = 1, .cmpxchg16b_support = 1
#define V3	V2, .lzcnt_support = 1, .f16c_support = 1, .bmi1_support = 1, \
		.bmi2_support = 1, .movbe_support = 1
#define V3_XSAVE .xsave_support = 1, .avx_support = 1, .avx2_support = 1, \
		.fma_support = 1
#define V4_XSAVE V3_XSAVE, .avx512_support = 1, .avx512_dq_support = 1, \
		.avx512_cd_support = 1, .avx512_bw_support = 1, \
		.avx512_vl_support = 1
#else
#define V8_0	.fp = 1, .adv_simd = 1
#define V8_1	V8_0, .crc32 = 1, .atomic = 1, .rdm = 1, .pan = 1
#define V8_2	V8_1, .at_s1e1 = 1, .uao = 1, .ras = 1, .dc_cvap = 1, \
		.tt_cnp = 1
#endif

static const struct libmshv_feature_set sets[] = {
	{ .name = "host", .kinds = CPU | XSAVE | SYNTH, .host = true },
	{ .name = "none", .kinds = CPU | XSAVE | SYNTH },
#if defined(__x86_64__)
	{ .name = "x86-64-v2", .kinds = CPU, .processor = { V2 } },
	{
		.name = "x86-64-v3", .kinds = CPU | XSAVE,
		.processor = { V3 }, .xsave = { V3_XSAVE },
	}, {
		.name = "x86-64-v4", .kinds = CPU | XSAVE,
		.processor = { V3 }, .xsave = { V4_XSAVE },
	},
#else
	{ .name = "armv8.0", .kinds = CPU, .processor = { V8_0 } },
	{ .name = "armv8.1", .kinds = CPU, .processor = { V8_1 } },
	{ .name = "armv8.2", .kinds = CPU, .processor = { V8_2 } },
#endif
	/* what Linux uses if it is there; the set that QEMU gives */
	{
		.name = "standard", .kinds = SYNTH,
		.synthetic = {
			.hypervisor_present = 1, .hv1 = 1,
			.access_partition_reference_counter = 1,
			.access_synic_regs = 1,
			.access_synthetic_timer_regs = 1,
			.access_intr_ctrl_regs = 1,
			.access_hypercall_regs = 1, .access_vp_index = 1,
			.access_partition_reference_tsc = 1,
			.access_frequency_regs = 1,
			.direct_synthetic_timers = 1,
			.synthetic_cluster_ipi = 1,
#if defined(__x86_64__)
			.access_guest_idle_reg = 1,
			.tb_flush_hypercalls = 1,
#endif
		},
	},
};

const struct libmshv_feature_set *
libmshv_feature_set_find(unsigned int kind, const char *name, size_t length)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(sets); i++)
		if (sets[i].kinds & 1u << kind &&
		    strlen(sets[i].name) == length &&
		    !memcmp(sets[i].name, name, length))
			return &sets[i];
	return NULL;
}

void libmshv_feature_set_bits(const struct libmshv_feature_set *set,
			      unsigned int kind, uint64_t bits[BANKS])
{
	memset(bits, 0, BANKS * sizeof(*bits));
	switch (kind) {
	case LIBMSHV_FEATURE_PROCESSOR:
		memcpy(bits, set->processor.as_uint64, sizeof(set->processor));
		break;
	case LIBMSHV_FEATURE_XSAVE:
		bits[0] = set->xsave.as_uint64;
		break;
	case LIBMSHV_FEATURE_SYNTHETIC:
		bits[0] = set->synthetic.as_uint64[0];
		break;
	}
}

const char *mshv_feature_set_name(unsigned int kind, unsigned int index)
{
	size_t i;

	if (kind >= KINDS || !libmshv_kind_exists(kind))
		return NULL;
	for (i = 0; i < ARRAY_SIZE(sets); i++)
		if (sets[i].kinds & 1u << kind && !index--)
			return sets[i].name;
	return NULL;
}
