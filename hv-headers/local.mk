# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The headers that are installed. Part of the top Makefile.am; sorted.
mshvinclude_HEADERS += \
	%D%/mshv/hv.h \
	%D%/mshv/hv_cpuid.h \
	%D%/mshv/hv_device.h \
	%D%/mshv/hv_hypercall.h \
	%D%/mshv/hv_intercept.h \
	%D%/mshv/hv_interrupt.h \
	%D%/mshv/hv_memory.h \
	%D%/mshv/hv_message_arm64.h \
	%D%/mshv/hv_message_x64.h \
	%D%/mshv/hv_msr_x64.h \
	%D%/mshv/hv_nested.h \
	%D%/mshv/hv_page.h \
	%D%/mshv/hv_partition.h \
	%D%/mshv/hv_partition_property.h \
	%D%/mshv/hv_port.h \
	%D%/mshv/hv_processor_features_arm64.h \
	%D%/mshv/hv_processor_features_x64.h \
	%D%/mshv/hv_register_names.h \
	%D%/mshv/hv_register_names_arm64.h \
	%D%/mshv/hv_register_names_arm64_id.h \
	%D%/mshv/hv_register_names_x64.h \
	%D%/mshv/hv_registers.h \
	%D%/mshv/hv_registers_arm64.h \
	%D%/mshv/hv_registers_x64.h \
	%D%/mshv/hv_root_scheduler.h \
	%D%/mshv/hv_snp.h \
	%D%/mshv/hv_stats.h \
	%D%/mshv/hv_stats_counters.h \
	%D%/mshv/hv_stats_counters_arm64.h \
	%D%/mshv/hv_stats_counters_x64.h \
	%D%/mshv/hv_status.h \
	%D%/mshv/hv_synic.h \
	%D%/mshv/hv_system.h \
	%D%/mshv/hv_types.h \
	%D%/mshv/hv_vp_set.h \
	%D%/mshv/hv_vp_state.h \
	%D%/mshv/hv_vtl.h \
	%D%/mshv/hvgdk.h \
	%D%/mshv/hvgdk_ext.h \
	%D%/mshv/hvgdk_mini.h \
	%D%/mshv/hvhdk.h \
	%D%/mshv/hvhdk_mini.h \
	%D%/mshv/uapi.h \
	%D%/mshv/uapi_create_v2.h \
	%D%/mshv/uapi_root.h \
	%D%/mshv/uapi_vtl.h \
	%D%/mshv/vtl_run.h

# The headers can be used without the library. They are the same files for both architectures, so is this.
hvpkgconfigdir = $(datadir)/pkgconfig
hvpkgconfig_DATA = %D%/mshv-headers.pc
CLEANFILES += %D%/mshv-headers.pc
EXTRA_DIST += %D%/mshv-headers.pc.in
%D%/mshv-headers.pc: %D%/mshv-headers.pc.in Makefile
	$(AM_V_GEN)$(MKDIR_P) %D% && $(SED) -e 's|@prefix[@]|$(prefix)|' -e 's|@includedir[@]|$(includedir)|' \
		-e 's|@PACKAGE_VERSION[@]|$(PACKAGE_VERSION)|' -e 's|@PACKAGE_URL[@]|$(PACKAGE_URL)|' \
		$(srcdir)/%D%/mshv-headers.pc.in >$@.tmp && mv $@.tmp $@

# Each runs everywhere, or says why it was skipped.
hv_checks = \
	%D%/tests/check-checker \
	%D%/tests/check-compile \
	%D%/tests/check-consumer \
	%D%/tests/check-kernel \
	%D%/tests/check-names \
	%D%/tests/check-uapi
TESTS += $(hv_checks)
EXTRA_DIST += $(hv_checks) \
	%D%/tests/compilers.sh \
	%D%/tests/consumer.c \
	%D%/tests/consumer.cc \
	%D%/tests/layout-rows.h \
	%D%/tests/layout.c \
	%D%/tests/uapi-use.c \
	scripts/check-headers \
	scripts/headers/compare.py \
	scripts/headers/dwarf.py \
	scripts/headers/facts.py \
	scripts/headers/justified.txt \
	scripts/headers/layout.py \
	scripts/headers/render.py \
	scripts/headers/sets.py \
	scripts/headers/shim/linux/bits.h \
	scripts/headers/shim/linux/ioctl.h \
	scripts/headers/shim/linux/types.h
