/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Feature banks of a partition's processors on arm64.
 *
 * rust-vmm/mshv 0.7. Most bits are fields of the ID_AA64* registers of the Arm Architecture Reference Manual. Of a
 * group that names ways to authenticate pointers (apa_*, apa3_*) only one bit is set at a time.
 */
#ifndef MSHV_HV_PROCESSOR_FEATURES_ARM64_H
#define MSHV_HV_PROCESSOR_FEATURES_ARM64_H

#include "hv_types.h"

#if defined(__aarch64__)
/* HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0 and 1, two banks */
__extension__ union hv_partition_processor_features {
	__u64 as_uint64[2];
	struct {
		__u64 asid16 : 1;
		__u64 t_gran16 : 1;
		__u64 t_gran64 : 1;
		__u64 haf : 1;
		__u64 hdbs : 1;
		__u64 pan : 1;
		__u64 at_s1e1 : 1;
		__u64 uao : 1;
		__u64 el0_aarch32 : 1;
		__u64 fp : 1;
		__u64 fp_hp : 1;
		__u64 adv_simd : 1;
		__u64 adv_simd_hp : 1;
		__u64 gic_v3v4 : 1;
		__u64 gic_v4p1 : 1;
		__u64 ras : 1;
		__u64 pmu_v3 : 1;
		__u64 pmu_v3_arm_v81 : 1;
		__u64 pmu_v3_arm_v84 : 1;
		__u64 pmu_v3_arm_v85 : 1;
		__u64 aes : 1;
		__u64 poly_mul : 1;
		__u64 sha1 : 1;
		__u64 sha256 : 1;
		__u64 sha512 : 1;
		__u64 crc32 : 1;
		__u64 atomic : 1;
		__u64 rdm : 1;
		__u64 sha3 : 1;
		__u64 sm3 : 1;
		__u64 sm4 : 1;
		__u64 dp : 1;
		__u64 fhm : 1;
		__u64 dc_cvap : 1;
		__u64 dc_cvadp : 1;
		__u64 apa_base : 1;
		__u64 apa_ep : 1;
		__u64 apa_ep2 : 1;
		__u64 apa_ep2_fp : 1;
		__u64 apa_ep2_fpc : 1;
		__u64 jscvt : 1;
		__u64 fcma : 1;
		__u64 rcpc_v83 : 1;
		__u64 rcpc_v84 : 1;
		__u64 gpa : 1;
		__u64 l1ip_pipt : 1;
		__u64 dz_permitted : 1;
		__u64 ssbs : 1;
		__u64 ssbs_rw : 1;
		__u64 smccc_w1_supported : 1;
		__u64 smccc_w1_mitigated : 1;
		__u64 smccc_w2_supported : 1;
		__u64 smccc_w2_mitigated : 1;
		__u64 csv2 : 1;
		__u64 csv3 : 1;
		__u64 sb : 1;
		__u64 idc : 1;
		__u64 dic : 1;
		__u64 tlbi_os : 1;
		__u64 tlbi_os_range : 1;
		__u64 flags_m : 1;
		__u64 flags_m2 : 1;
		__u64 bf16 : 1;
		__u64 ebf16 : 1;

		/* bank 1 */
		__u64 sve_bf16 : 1;
		__u64 sve_ebf16 : 1;
		__u64 i8mm : 1;
		__u64 sve_i8mm : 1;
		__u64 frintts : 1;
		__u64 specres : 1;
		__u64 mtpmu : 1;
		__u64 rpres : 1;
		__u64 exs : 1;
		__u64 spec_sei : 1;
		__u64 ets : 1;
		__u64 afp : 1;
		__u64 iesb : 1;
		__u64 rng : 1;
		__u64 lse2 : 1;
		__u64 idst : 1;
		__u64 ras_v1p1 : 1;
		__u64 ras_frac_v1p1 : 1;
		__u64 sel2 : 1;
		__u64 amu_v1 : 1;
		__u64 amu_v1p1 : 1;
		__u64 dit : 1;
		__u64 ccidx : 1;
		__u64 fgt_for_intercepts : 1;
		__u64 l1ip_vpipt : 1;
		__u64 ecv : 1;
		__u64 ecv_poff : 1;
		__u64 nested_virt_support : 1;
		__u64 debug_v8p4 : 1;
		__u64 pmu_v3_arm_v87 : 1;
		__u64 double_lock : 1;
		__u64 clrbhb : 1;
		__u64 spe : 1;
		__u64 spe_v1p1 : 1;
		__u64 spe_v1p2 : 1;
		__u64 tt_cnp : 1;
		__u64 hpds : 1;
		__u64 sve : 1;
		__u64 sve_v2 : 1;
		__u64 sve_v2p1 : 1;
		__u64 spec_fpacc : 1;
		__u64 sve_aes : 1;
		__u64 sve_bit_perm : 1;
		__u64 sve_sha3 : 1;
		__u64 sve_sm4 : 1;
		__u64 e0_pd : 1;
		__u64 gpa3 : 1;
		__u64 apa3_base : 1;
		__u64 apa3_ep : 1;
		__u64 apa3_ep2 : 1;
		__u64 apa3_ep2_fp : 1;
		__u64 apa3_ep2_fpc : 1;
		__u64 lrcpc3 : 1;
		__u64 sme : 1;
		__u64 sme_f32_f32 : 1;
		__u64 sme_b16_f32 : 1;
		__u64 sme_f16_f32 : 1;
		__u64 sme_i8_i32 : 1;
		__u64 sme_f64_f64 : 1;
		__u64 sme_i16_i64 : 1;
		__u64 reserved_bank1 : 4;
	};
};
#endif

#endif /* MSHV_HV_PROCESSOR_FEATURES_ARM64_H */
