// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Names of processor features, in the order of their bits. They are those of
 * the unions in <mshv/hv_processor_features_*.h>, without "support";
 * scripts/check-tables compares them. See <mshv/partition_config.h>.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/partition_config.h>

#include "internal.h"

#if defined(__x86_64__)
static const char *const processor_names[] = {
	"sse3", "lahf_sahf", "ssse3", "sse4_1", "sse4_2", "sse4a", "xop",
	"pop_cnt", "cmpxchg16b", "altmovcr8", "lzcnt", "mis_align_sse",
	"mmx_ext", "amd3dnow", "extended_amd3dnow", "page_1gb", "aes",
	"pclmulqdq", "pcid", "fma4", "f16c", "rd_rand", "rd_wr_fs_gs", "smep",
	"enhanced_fast_string", "bmi1", "bmi2", "hle_deprecated",
	"rtm_deprecated", "movbe", "npiep1", "dep_x87_fpu_save", "rd_seed",
	"adx", "intel_prefetch", "smap", "hle", "rtm", "rdtscp", "clflushopt",
	"clwb", "sha", "x87_pointers_saved", "invpcid", "ibrs", "stibp",
	"ibpb", "unrestricted_guest", "mdd", "fast_short_rep_mov",
	"l1dcache_flush", "rdcl_no", "ibrs_all", "skip_l1df", "ssb_no",
	"rsb_a_no", "virt_spec_ctrl", "rd_pid", "umip", "mbs_no", "mb_clear",
	"taa_no", "tsx_ctrl", NULL, "acount_mcount", "tsc_invariant",
	"cl_zero", "rdpru", "la57", "mbec", "nested_virt", "psfd", "cet_ss",
	"cet_ibt", "vmx_exception_inject", "enqcmd", "umwait_tpause",
	"movdiri", "movdir64b", "cldemote", "serialize", "tsc_deadline_tmr",
	"tsc_adjust", "fzlrep_movsb", "fsrep_stosb", "fsrep_cmpsb",
	"tsx_ld_trk", "vmx_ins_outs_exit_info", "hlat", "sbdr_ssdp_no",
	"fbsdp_no", "psdp_no", "fb_clear", "btc_no", "ibpb_rsb_flush",
	"stibp_always_on", "perf_global_ctrl", "npt_execute_only",
	"npt_ad_flags", "npt1_gb_page", "amd_processor_topology_node_id",
	"local_machine_check", "extended_topology_leaf_fp256_amd", "gds_no",
	"cmpccxadd", "tsc_aux_virtualization", "rmp_query", "bhi_no",
	"bhi_dis", "prefetch_i", "sha512", "mitigation_ctrl", "rfds_no",
	"rfds_clear", "sm3", "sm4", "secure_avic", "guest_intercept_ctrl",
	"sbpb", "ibpb_br_type", "srso_no", "srso_user_kernel_no", "vrew_clear",
	"tsa_l1_no", "tsa_sq_no", NULL, NULL, "tsa_fill_no",
};

static const char *const xsave_names[] = {
	"xsave", "xsaveopt", "avx", "avx2", "fma", "mpx", "avx512",
	"avx512_dq", "avx512_cd", "avx512_bw", "avx512_vl", "xsave_comp",
	"xsave_supervisor", "xcr1", "avx512_bitalg", "avx512_i_fma",
	"avx512_v_bmi", "avx512_v_bmi2", "avx512_vnni", "gfni", "vaes",
	"avx512_v_popcntdq", "vpclmulqdq", "avx512_bf16",
	"avx512_vp2_intersect", "avx512_fp16", "xfd", "amx_tile", "amx_bf16",
	"amx_int8", "avx_vnni", "avx_ifma", "avx_ne_convert", "avx_vnni_int8",
	"avx_vnni_int16", "avx10_1_256", "avx10_1_512", "amx_fp16", "apx",
	"apx_nci_ndd_nf",
};

#else
static const char *const processor_names[] = {
	"asid16", "t_gran16", "t_gran64", "haf", "hdbs", "pan", "at_s1e1",
	"uao", "el0_aarch32", "fp", "fp_hp", "adv_simd", "adv_simd_hp",
	"gic_v3v4", "gic_v4p1", "ras", "pmu_v3", "pmu_v3_arm_v81",
	"pmu_v3_arm_v84", "pmu_v3_arm_v85", "aes", "poly_mul", "sha1",
	"sha256", "sha512", "crc32", "atomic", "rdm", "sha3", "sm3", "sm4",
	"dp", "fhm", "dc_cvap", "dc_cvadp", "apa_base", "apa_ep", "apa_ep2",
	"apa_ep2_fp", "apa_ep2_fpc", "jscvt", "fcma", "rcpc_v83", "rcpc_v84",
	"gpa", "l1ip_pipt", "dz_permitted", "ssbs", "ssbs_rw", "smccc_w1",
	"smccc_w1_mitigated", "smccc_w2", "smccc_w2_mitigated", "csv2", "csv3",
	"sb", "idc", "dic", "tlbi_os", "tlbi_os_range", "flags_m", "flags_m2",
	"bf16", "ebf16", "sve_bf16", "sve_ebf16", "i8mm", "sve_i8mm",
	"frintts", "specres", "mtpmu", "rpres", "exs", "spec_sei", "ets",
	"afp", "iesb", "rng", "lse2", "idst", "ras_v1p1", "ras_frac_v1p1",
	"sel2", "amu_v1", "amu_v1p1", "dit", "ccidx", "fgt_for_intercepts",
	"l1ip_vpipt", "ecv", "ecv_poff", "nested_virt", "debug_v8p4",
	"pmu_v3_arm_v87", "double_lock", "clrbhb", "spe", "spe_v1p1",
	"spe_v1p2", "tt_cnp", "hpds", "sve", "sve_v2", "sve_v2p1",
	"spec_fpacc", "sve_aes", "sve_bit_perm", "sve_sha3", "sve_sm4",
	"e0_pd", "gpa3", "apa3_base", "apa3_ep", "apa3_ep2", "apa3_ep2_fp",
	"apa3_ep2_fpc", "lrcpc3", "sme", "sme_f32_f32", "sme_b16_f32",
	"sme_f16_f32", "sme_i8_i32", "sme_f64_f64", "sme_i16_i64",
};

#endif
static const char *const synthetic_names[] = {
	"hypervisor_present", "hv1", "access_vp_run_time_reg",
	"access_partition_reference_counter", "access_synic_regs",
	"access_synthetic_timer_regs", "access_intr_ctrl_regs",
	"access_hypercall_regs", "access_vp_index",
	"access_partition_reference_tsc", "access_guest_idle_reg",
	"access_frequency_regs", NULL, NULL, NULL,
	"enable_extended_gva_ranges_for_flush_virtual_address_list",
	"access_vsm", NULL, "fast_hypercall_output", NULL,
	"start_virtual_processor", NULL, "direct_synthetic_timers", NULL,
	"extended_processor_masks", "tb_flush_hypercalls",
	"synthetic_cluster_ipi", "notify_long_spin_wait",
	"query_numa_distance", "signal_events", "retarget_device_interrupt",
	"restore_time", "enlightened_vmcs", "nested_debug_ctl",
	"synthetic_time_unhalted_timer", "idle_spec_ctrl",
	"register_intercepts_v1", "wake_vps", "access_vp_regs", "sync_context",
	"management_vtl_synic", "proxy_interrupt_doorbell",
	"intercept_system_reset", "mmio_hypercalls", "management_vtl_spi",
	"map_partition_event_log_buffer", "lower_vtl_guest_request",
	"proxy_interrupt_redirect", "install_intercept",
	"access_reserved_sint_interrupt_id", "pin_gpa_page_range",
	"heat_hint_beneficial", "ring_buffer_message_port",
	"flush_guest_physical_address_space",
};

static const struct {
	const char *const *names;
	unsigned int count;
} kinds[] = {
	[LIBMSHV_FEATURE_PROCESSOR] = {
		processor_names, ARRAY_SIZE(processor_names),
	},
#if defined(__x86_64__)
	[LIBMSHV_FEATURE_XSAVE] = { xsave_names, ARRAY_SIZE(xsave_names) },
#else
	[LIBMSHV_FEATURE_XSAVE] = { NULL, 0 },
#endif
	[LIBMSHV_FEATURE_SYNTHETIC] = {
		synthetic_names, ARRAY_SIZE(synthetic_names),
	},
};

const char *mshv_feature_name(unsigned int kind, unsigned int bit)
{
	if (kind >= ARRAY_SIZE(kinds) || bit >= kinds[kind].count)
		return NULL;
	return kinds[kind].names[bit];
}

int mshv_feature_find(unsigned int kind, const char *name)
{
	const char *known;
	unsigned int bit;

	if (kind >= ARRAY_SIZE(kinds) || !name)
		return libmshv_fail(EINVAL, "find feature: no such kind, or NULL argument");
	for (bit = 0; bit < kinds[kind].count; bit++) {
		known = kinds[kind].names[bit];
		if (known && !strcmp(known, name))
			return (int)bit;
	}
	return libmshv_fail(ENOENT, "find feature: no feature has this name");
}
