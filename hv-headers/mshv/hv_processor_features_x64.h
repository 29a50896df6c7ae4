/* SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause */
/*
 * Feature banks of a partition's processors: those of both processors, then those of x86.
 *
 * TLFS "Partition Properties". The first of the x86 banks and the start of the second: Linux 7.2, further bits:
 * rust-vmm/mshv 0.7.
 */
#ifndef MSHV_HV_PROCESSOR_FEATURES_X64_H
#define MSHV_HV_PROCESSOR_FEATURES_X64_H

#include "hv_types.h"

#define HV_PARTITION_SYNTHETIC_PROCESSOR_FEATURES_BANKS	1
#define HV_PARTITION_PROCESSOR_FEATURES_BANKS		2

/*
 * HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES: what the hypervisor itself adds to a processor. A bit marked with one
 * processor is reserved on the other.
 */
__extension__ union hv_partition_synthetic_processor_features {
	__u64 as_uint64[HV_PARTITION_SYNTHETIC_PROCESSOR_FEATURES_BANKS];
	struct {
		__u64 hypervisor_present : 1;
		__u64 hv1 : 1;
		__u64 access_vp_run_time_reg : 1;
		__u64 access_partition_reference_counter : 1;
		__u64 access_synic_regs : 1;
		__u64 access_synthetic_timer_regs : 1;
		__u64 access_intr_ctrl_regs : 1;
		__u64 access_hypercall_regs : 1;
		__u64 access_vp_index : 1;
		__u64 access_partition_reference_tsc : 1;
		__u64 access_guest_idle_reg : 1;		/* x86 */
		__u64 access_frequency_regs : 1;
		__u64 reserved_z12 : 1;
		__u64 reserved_z13 : 1;
		__u64 reserved_z14 : 1;
		__u64 enable_extended_gva_ranges_for_flush_virtual_address_list : 1; /* x86 */
		__u64 access_vsm : 1;
		__u64 reserved_z17 : 1;
		__u64 fast_hypercall_output : 1;
		__u64 reserved_z19 : 1;
		__u64 start_virtual_processor : 1;
		__u64 reserved_z21 : 1;
		__u64 direct_synthetic_timers : 1;
		__u64 reserved_z23 : 1;
		__u64 extended_processor_masks : 1;
		__u64 tb_flush_hypercalls : 1;
		__u64 synthetic_cluster_ipi : 1;
		__u64 notify_long_spin_wait : 1;
		__u64 query_numa_distance : 1;
		__u64 signal_events : 1;
		__u64 retarget_device_interrupt : 1;
		__u64 restore_time : 1;				/* x86 */
		__u64 enlightened_vmcs : 1;			/* x86 */
		__u64 nested_debug_ctl : 1;			/* x86 */
		__u64 synthetic_time_unhalted_timer : 1;	/* x86 */
		__u64 idle_spec_ctrl : 1;			/* x86 */
		__u64 register_intercepts_v1 : 1;		/* arm64 */
		__u64 wake_vps : 1;
		__u64 access_vp_regs : 1;
		__u64 sync_context : 1;				/* arm64 */
		__u64 management_vtl_synic_support : 1;
		__u64 proxy_interrupt_doorbell_support : 1;	/* x86 */
		__u64 intercept_system_reset : 1;		/* arm64 */
		__u64 mmio_hypercalls : 1;
		__u64 management_vtl_spi_support : 1;		/* arm64 */
		__u64 map_partition_event_log_buffer : 1;
		__u64 lower_vtl_guest_request_support : 1;	/* x86 */
		__u64 proxy_interrupt_redirect_support : 1;	/* x86 */
		__u64 install_intercept : 1;
		__u64 access_reserved_sint_interrupt_id : 1;	/* arm64 */
		__u64 pin_gpa_page_range_support : 1;
		__u64 heat_hint_beneficial_support : 1;
		__u64 ring_buffer_message_port_support : 1;
		__u64 flush_guest_physical_address_space : 1;	/* x86 */
		__u64 reserved : 10;
	};
};

#if defined(__x86_64__)
/* HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0 and 1, two banks */
__extension__ union hv_partition_processor_features {
	__u64 as_uint64[HV_PARTITION_PROCESSOR_FEATURES_BANKS];
	struct {
		__u64 sse3_support : 1;
		__u64 lahf_sahf_support : 1;
		__u64 ssse3_support : 1;
		__u64 sse4_1_support : 1;
		__u64 sse4_2_support : 1;
		__u64 sse4a_support : 1;
		__u64 xop_support : 1;
		__u64 pop_cnt_support : 1;
		__u64 cmpxchg16b_support : 1;
		__u64 altmovcr8_support : 1;
		__u64 lzcnt_support : 1;
		__u64 mis_align_sse_support : 1;
		__u64 mmx_ext_support : 1;
		__u64 amd3dnow_support : 1;
		__u64 extended_amd3dnow_support : 1;
		__u64 page_1gb_support : 1;
		__u64 aes_support : 1;
		__u64 pclmulqdq_support : 1;
		__u64 pcid_support : 1;
		__u64 fma4_support : 1;
		__u64 f16c_support : 1;
		__u64 rd_rand_support : 1;
		__u64 rd_wr_fs_gs_support : 1;
		__u64 smep_support : 1;
		__u64 enhanced_fast_string_support : 1;
		__u64 bmi1_support : 1;
		__u64 bmi2_support : 1;
		__u64 hle_support_deprecated : 1;
		__u64 rtm_support_deprecated : 1;
		__u64 movbe_support : 1;
		__u64 npiep1_support : 1;
		__u64 dep_x87_fpu_save_support : 1;
		__u64 rd_seed_support : 1;
		__u64 adx_support : 1;
		__u64 intel_prefetch_support : 1;
		__u64 smap_support : 1;
		__u64 hle_support : 1;
		__u64 rtm_support : 1;
		__u64 rdtscp_support : 1;
		__u64 clflushopt_support : 1;
		__u64 clwb_support : 1;
		__u64 sha_support : 1;
		__u64 x87_pointers_saved_support : 1;
		__u64 invpcid_support : 1;
		__u64 ibrs_support : 1;
		__u64 stibp_support : 1;
		__u64 ibpb_support : 1;
		__u64 unrestricted_guest_support : 1;
		__u64 mdd_support : 1;
		__u64 fast_short_rep_mov_support : 1;
		__u64 l1dcache_flush_support : 1;
		__u64 rdcl_no_support : 1;
		__u64 ibrs_all_support : 1;
		__u64 skip_l1df_support : 1;
		__u64 ssb_no_support : 1;
		__u64 rsb_a_no_support : 1;
		__u64 virt_spec_ctrl_support : 1;
		__u64 rd_pid_support : 1;
		__u64 umip_support : 1;
		__u64 mbs_no_support : 1;
		__u64 mb_clear_support : 1;
		__u64 taa_no_support : 1;
		__u64 tsx_ctrl_support : 1;
		__u64 reserved_bank0 : 1;

		/* bank 1 */
		__u64 acount_mcount_support : 1;
		__u64 tsc_invariant_support : 1;
		__u64 cl_zero_support : 1;
		__u64 rdpru_support : 1;
		__u64 la57_support : 1;
		__u64 mbec_support : 1;
		__u64 nested_virt_support : 1;
		__u64 psfd_support : 1;
		__u64 cet_ss_support : 1;
		__u64 cet_ibt_support : 1;
		__u64 vmx_exception_inject_support : 1;
		__u64 enqcmd_support : 1;
		__u64 umwait_tpause_support : 1;
		__u64 movdiri_support : 1;
		__u64 movdir64b_support : 1;
		__u64 cldemote_support : 1;
		__u64 serialize_support : 1;
		__u64 tsc_deadline_tmr_support : 1;
		__u64 tsc_adjust_support : 1;
		__u64 fzlrep_movsb : 1;
		__u64 fsrep_stosb : 1;
		__u64 fsrep_cmpsb : 1;
		__u64 tsx_ld_trk_support : 1;
		__u64 vmx_ins_outs_exit_info_support : 1;
		__u64 hlat_support : 1;
		__u64 sbdr_ssdp_no_support : 1;
		__u64 fbsdp_no_support : 1;
		__u64 psdp_no_support : 1;
		__u64 fb_clear_support : 1;
		__u64 btc_no_support : 1;
		__u64 ibpb_rsb_flush_support : 1;
		__u64 stibp_always_on_support : 1;
		__u64 perf_global_ctrl_support : 1;
		__u64 npt_execute_only_support : 1;
		__u64 npt_ad_flags_support : 1;
		__u64 npt1_gb_page_support : 1;
		__u64 amd_processor_topology_node_id_support : 1;
		__u64 local_machine_check_support : 1;
		__u64 extended_topology_leaf_fp256_amd_support : 1;
		__u64 gds_no_support : 1;
		__u64 cmpccxadd_support : 1;
		__u64 tsc_aux_virtualization_support : 1;
		__u64 rmp_query_support : 1;
		__u64 bhi_no_support : 1;
		__u64 bhi_dis_support : 1;
		__u64 prefetch_i_support : 1;
		__u64 sha512_support : 1;
		__u64 mitigation_ctrl_support : 1;
		__u64 rfds_no_support : 1;
		__u64 rfds_clear_support : 1;
		__u64 sm3_support : 1;
		__u64 sm4_support : 1;
		__u64 secure_avic_support : 1;
		__u64 guest_intercept_ctrl_support : 1;
		__u64 sbpb_supported : 1;
		__u64 ibpb_br_type_supported : 1;
		__u64 srso_no_supported : 1;
		__u64 srso_user_kernel_no_supported : 1;
		__u64 vrew_clear_supported : 1;
		__u64 tsa_l1_no_supported : 1;
		__u64 tsa_sq_no_supported : 1;
		__u64 reserved_bank1_61 : 1;
		__u64 reserved_bank1_62 : 1;
		__u64 tsa_fill_no_supported : 1;
	};
};
#endif

/* HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES */
__extension__ union hv_partition_processor_xsave_features {
	struct {
		__u64 xsave_support : 1;
		__u64 xsaveopt_support : 1;
		__u64 avx_support : 1;
		__u64 avx2_support : 1;
		__u64 fma_support : 1;
		__u64 mpx_support : 1;
		__u64 avx512_support : 1;
		__u64 avx512_dq_support : 1;
		__u64 avx512_cd_support : 1;
		__u64 avx512_bw_support : 1;
		__u64 avx512_vl_support : 1;
		__u64 xsave_comp_support : 1;
		__u64 xsave_supervisor_support : 1;
		__u64 xcr1_support : 1;
		__u64 avx512_bitalg_support : 1;
		__u64 avx512_i_fma_support : 1;
		__u64 avx512_v_bmi_support : 1;
		__u64 avx512_v_bmi2_support : 1;
		__u64 avx512_vnni_support : 1;
		__u64 gfni_support : 1;
		__u64 vaes_support : 1;
		__u64 avx512_v_popcntdq_support : 1;
		__u64 vpclmulqdq_support : 1;
		__u64 avx512_bf16_support : 1;
		__u64 avx512_vp2_intersect_support : 1;
		__u64 avx512_fp16_support : 1;
		__u64 xfd_support : 1;
		__u64 amx_tile_support : 1;
		__u64 amx_bf16_support : 1;
		__u64 amx_int8_support : 1;
		__u64 avx_vnni_support : 1;
		__u64 avx_ifma_support : 1;
		__u64 avx_ne_convert_support : 1;
		__u64 avx_vnni_int8_support : 1;
		__u64 avx_vnni_int16_support : 1;
		__u64 avx10_1_256_support : 1;
		__u64 avx10_1_512_support : 1;
		__u64 amx_fp16_support : 1;
		__u64 apx_support : 1;
		__u64 apx_nci_ndd_nf_support : 1;
		__u64 reserved : 24;
	};
	__u64 as_uint64;
};

#endif /* MSHV_HV_PROCESSOR_FEATURES_X64_H */
