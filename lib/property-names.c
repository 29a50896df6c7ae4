// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Names of partition properties: those of the constants, in lower case.
 * scripts/check-tables holds this list against <mshv/hv_partition_property.h>.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <mshv/partition_config.h>

#include "internal.h"

static const struct {
	uint32_t code;
	const char *name;
} properties[] = {
#define PROPERTY(name, text)	{ name, text }
	PROPERTY(HV_PARTITION_PROPERTY_PRIVILEGE_FLAGS, "privilege_flags"),
	PROPERTY(HV_PARTITION_PROPERTY_SYNTHETIC_PROC_FEATURES,
		 "synthetic_proc_features"),
	PROPERTY(HV_PARTITION_PROPERTY_SUSPEND, "suspend"),
	PROPERTY(HV_PARTITION_PROPERTY_CPU_RESERVE, "cpu_reserve"),
	PROPERTY(HV_PARTITION_PROPERTY_CPU_CAP, "cpu_cap"),
	PROPERTY(HV_PARTITION_PROPERTY_CPU_WEIGHT, "cpu_weight"),
	PROPERTY(HV_PARTITION_PROPERTY_CPU_GROUP_ID, "cpu_group_id"),
	PROPERTY(HV_PARTITION_PROPERTY_INTEGRATED_SCHEDULER_ENABLED,
		 "integrated_scheduler_enabled"),
	PROPERTY(HV_PARTITION_PROPERTY_TIME_FREEZE, "time_freeze"),
	PROPERTY(HV_PARTITION_PROPERTY_REFERENCE_TIME, "reference_time"),
	PROPERTY(HV_PARTITION_PROPERTY_DEBUG_CHANNEL_ID, "debug_channel_id"),
	PROPERTY(HV_PARTITION_PROPERTY_VIRTUAL_TLB_PAGE_COUNT,
		 "virtual_tlb_page_count"),
	PROPERTY(HV_PARTITION_PROPERTY_VSM_CONFIG, "vsm_config"),
	PROPERTY(HV_PARTITION_PROPERTY_ZERO_MEMORY_ON_RESET,
		 "zero_memory_on_reset"),
	PROPERTY(HV_PARTITION_PROPERTY_PROCESSORS_PER_SOCKET,
		 "processors_per_socket"),
	PROPERTY(HV_PARTITION_PROPERTY_NESTED_TLB_SIZE, "nested_tlb_size"),
	PROPERTY(HV_PARTITION_PROPERTY_GPA_PAGE_ACCESS_TRACKING,
		 "gpa_page_access_tracking"),
	PROPERTY(HV_PARTITION_PROPERTY_VSM_PERMISSIONS_DIRTY_SINCE_LAST_QUERY,
		 "vsm_permissions_dirty_since_last_query"),
	PROPERTY(HV_PARTITION_PROPERTY_SGX_LAUNCH_CONTROL_CONFIG,
		 "sgx_launch_control_config"),
	PROPERTY(HV_PARTITION_PROPERTY_DEFAULT_SGX_LAUNCH_CONTROL0,
		 "default_sgx_launch_control0"),
	PROPERTY(HV_PARTITION_PROPERTY_DEFAULT_SGX_LAUNCH_CONTROL1,
		 "default_sgx_launch_control1"),
	PROPERTY(HV_PARTITION_PROPERTY_DEFAULT_SGX_LAUNCH_CONTROL2,
		 "default_sgx_launch_control2"),
	PROPERTY(HV_PARTITION_PROPERTY_DEFAULT_SGX_LAUNCH_CONTROL3,
		 "default_sgx_launch_control3"),
	PROPERTY(HV_PARTITION_PROPERTY_ISOLATION_STATE, "isolation_state"),
	PROPERTY(HV_PARTITION_PROPERTY_ISOLATION_CONTROL, "isolation_control"),
	PROPERTY(HV_PARTITION_PROPERTY_ALLOCATION_ID, "allocation_id"),
	PROPERTY(HV_PARTITION_PROPERTY_MONITORING_ID, "monitoring_id"),
	PROPERTY(HV_PARTITION_PROPERTY_IMPLEMENTED_PHYSICAL_ADDRESS_BITS,
		 "implemented_physical_address_bits"),
	PROPERTY(HV_PARTITION_PROPERTY_NON_ARCHITECTURAL_CORE_SHARING,
		 "non_architectural_core_sharing"),
	PROPERTY(HV_PARTITION_PROPERTY_HYPERCALL_DOORBELL_PAGE,
		 "hypercall_doorbell_page"),
	PROPERTY(HV_PARTITION_PROPERTY_ISOLATION_POLICY, "isolation_policy"),
	PROPERTY(HV_PARTITION_PROPERTY_UNIMPLEMENTED_MSR_ACTION,
		 "unimplemented_msr_action"),
	PROPERTY(HV_PARTITION_PROPERTY_SEV_VMGEXIT_OFFLOADS,
		 "sev_vmgexit_offloads"),
	PROPERTY(HV_PARTITION_PROPERTY_PARTITION_DIAG_BUFFER_CONFIG,
		 "partition_diag_buffer_config"),
	PROPERTY(HV_PARTITION_PROPERTY_GICD_BASE_ADDRESS, "gicd_base_address"),
	PROPERTY(HV_PARTITION_PROPERTY_GITS_TRANSLATER_BASE_ADDRESS,
		 "gits_translater_base_address"),
	PROPERTY(HV_PARTITION_PROPERTY_GIC_LPI_INT_ID_BITS,
		 "gic_lpi_int_id_bits"),
	PROPERTY(HV_PARTITION_PROPERTY_GIC_PPI_OVERFLOW_INTERRUPT_FROM_CNTV,
		 "gic_ppi_overflow_interrupt_from_cntv"),
	PROPERTY(HV_PARTITION_PROPERTY_GIC_PPI_OVERFLOW_INTERRUPT_FROM_CNTP,
		 "gic_ppi_overflow_interrupt_from_cntp"),
	PROPERTY(HV_PARTITION_PROPERTY_GIC_PPI_PERFORMANCE_MONITORS_INTERRUPT,
		 "gic_ppi_performance_monitors_interrupt"),
	PROPERTY(HV_PARTITION_PROPERTY_GIC_PPI_PMBIRQ, "gic_ppi_pmbirq"),
	PROPERTY(HV_PARTITION_PROPERTY_PROCESSOR_VENDOR, "processor_vendor"),
	PROPERTY(HV_PARTITION_PROPERTY_PROCESSOR_FEATURES_DEPRECATED,
		 "processor_features_deprecated"),
	PROPERTY(HV_PARTITION_PROPERTY_PROCESSOR_XSAVE_FEATURES,
		 "processor_xsave_features"),
	PROPERTY(HV_PARTITION_PROPERTY_PROCESSOR_CL_FLUSH_SIZE,
		 "processor_cl_flush_size"),
	PROPERTY(HV_PARTITION_PROPERTY_ENLIGHTENMENT_MODIFICATIONS,
		 "enlightenment_modifications"),
	PROPERTY(HV_PARTITION_PROPERTY_COMPATIBILITY_VERSION,
		 "compatibility_version"),
	PROPERTY(HV_PARTITION_PROPERTY_PHYSICAL_ADDRESS_WIDTH,
		 "physical_address_width"),
	PROPERTY(HV_PARTITION_PROPERTY_XSAVE_STATES, "xsave_states"),
	PROPERTY(HV_PARTITION_PROPERTY_MAX_XSAVE_DATA_SIZE,
		 "max_xsave_data_size"),
	PROPERTY(HV_PARTITION_PROPERTY_PROCESSOR_CLOCK_FREQUENCY,
		 "processor_clock_frequency"),
	PROPERTY(HV_PARTITION_PROPERTY_PROCESSOR_FEATURES0,
		 "processor_features0"),
	PROPERTY(HV_PARTITION_PROPERTY_PROCESSOR_FEATURES1,
		 "processor_features1"),
	PROPERTY(HV_PARTITION_PROPERTY_GUEST_OS_ID, "guest_os_id"),
	PROPERTY(HV_PARTITION_PROPERTY_PROCESSOR_VIRTUALIZATION_FEATURES,
		 "processor_virtualization_features"),
	PROPERTY(HV_PARTITION_PROPERTY_VMM_CAPABILITIES, "vmm_capabilities"),
	PROPERTY(HV_PARTITION_PROPERTY_ASSIGNABLE_SYNTHETIC_PROC_FEATURES,
		 "assignable_synthetic_proc_features"),
};

const char *mshv_property_name(uint32_t code)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(properties); i++)
		if (properties[i].code == code)
			return properties[i].name;
	return NULL;
}

int mshv_property_find(const char *name, uint32_t *code)
{
	size_t i;

	if (!name || !code)
		return libmshv_fail(EINVAL, "find property: NULL argument");
	for (i = 0; i < ARRAY_SIZE(properties); i++) {
		if (!strcmp(properties[i].name, name)) {
			*code = properties[i].code;
			return 0;
		}
	}
	return libmshv_fail(ENOENT, "find property: no property has this name");
}
