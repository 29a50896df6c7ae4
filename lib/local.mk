# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The library and its tests. Part of the top Makefile.am.

lib_headers = \
	%D%/include/mshv/device.h \
	%D%/include/mshv/downstream.h \
	%D%/include/mshv/error.h \
	%D%/include/mshv/export.h \
	%D%/include/mshv/ioctl.h \
	%D%/include/mshv/ioctl_vtl.h \
	%D%/include/mshv/irq.h \
	%D%/include/mshv/lapic.h \
	%D%/include/mshv/memory.h \
	%D%/include/mshv/message.h \
	%D%/include/mshv/mshv.h \
	%D%/include/mshv/msr.h \
	%D%/include/mshv/partition.h \
	%D%/include/mshv/partition_config.h \
	%D%/include/mshv/probe.h \
	%D%/include/mshv/registers.h \
	%D%/include/mshv/snapshot.h \
	%D%/include/mshv/state.h \
	%D%/include/mshv/trace.h \
	%D%/include/mshv/translate.h \
	%D%/include/mshv/vp.h \
	%D%/include/mshv/vtl.h \
	%D%/include/mshv/vtl_devices.h \
	%D%/include/mshv/xsave.h
mshvinclude_HEADERS += $(lib_headers)

# All objects, which the unit tests link without the walls of libmshv.so.
noinst_LTLIBRARIES += %D%/libobjects.la
%C%_libobjects_la_SOURCES = \
	%D%/ask.c \
	%D%/complete.c \
	%D%/cpuid.c \
	%D%/device.c \
	%D%/dirty.c \
	%D%/downstream.c \
	%D%/error.c \
	%D%/feature-names.c \
	%D%/feature-sets.c \
	%D%/gva.c \
	%D%/hvcall-more.c \
	%D%/hvcall.c \
	%D%/internal.h \
	%D%/io-string.c \
	%D%/io.c \
	%D%/ioctl-vtl.c \
	%D%/ioctl.c \
	%D%/irq-table.c \
	%D%/irq.c \
	%D%/kick.c \
	%D%/lapic-page.c \
	%D%/memory.c \
	%D%/message-format.c \
	%D%/message-table.c \
	%D%/message-table.h \
	%D%/message.c \
	%D%/msr.c \
	%D%/needs.c \
	%D%/needs.h \
	%D%/partition-build.c \
	%D%/partition-config.c \
	%D%/partition-config.h \
	%D%/partition-text.c \
	%D%/partition.c \
	%D%/probe.c \
	%D%/property-names.c \
	%D%/regions.c \
	%D%/register-list.c \
	%D%/register-list.h \
	%D%/register-names.c \
	%D%/register-sets.c \
	%D%/registers.c \
	%D%/snapshot-blob.c \
	%D%/snapshot-vp.c \
	%D%/snapshot.c \
	%D%/snapshot.h \
	%D%/state.c \
	%D%/status.c \
	%D%/sys.c \
	%D%/trace.c \
	%D%/translate.c \
	%D%/version.c \
	%D%/vp.c \
	%D%/vtl-cpu.c \
	%D%/vtl-devices.c \
	%D%/vtl-internal.h \
	%D%/vtl.c \
	%D%/walk.c \
	%D%/xsave-layout.c \
	%D%/xsave.c \
	%D%/xsave.h

lib_LTLIBRARIES += %D%/libmshv.la
%C%_libmshv_la_SOURCES =
%C%_libmshv_la_LIBADD = %D%/libobjects.la $(THREAD_LIBS)
%C%_libmshv_la_LDFLAGS = $(AM_LDFLAGS) $(NO_UNDEFINED_LDFLAGS) -no-undefined \
	-version-info $(LIBMSHV_LT_VERSION) \
	-Wl,--version-script=$(srcdir)/%D%/libmshv.map
%C%_libmshv_la_DEPENDENCIES = %D%/libobjects.la %D%/libmshv.map
EXTRA_DIST += %D%/libmshv.map

pkgconfigdir = $(libdir)/pkgconfig
pkgconfig_DATA = %D%/libmshv.pc

# Checks of what the compiler doesn't see. Each runs everywhere, or says why it
# was skipped.
lib_checks = \
	scripts/check-abi \
	scripts/check-docs \
	scripts/check-include \
	scripts/check-install \
	scripts/check-kernel-doc \
	scripts/check-parity \
	scripts/check-sim-table \
	scripts/check-symbols \
	scripts/check-tables \
	scripts/check-test-table \
	scripts/check-tested
TESTS += $(lib_checks)
EXTRA_DIST += %D%/abi/libmshv-x86_64.abi
EXTRA_DIST += $(lib_checks) scripts/coverage-summary scripts/dist-files

# Unit tests: no root, no kernel, no hypervisor. The linker puts tests/fake.c
# between the library and the system calls.
lib_unit_tests = \
	%D%/tests/test-ask \
	%D%/tests/test-complete \
	%D%/tests/test-device \
	%D%/tests/test-downstream \
	%D%/tests/test-error \
	%D%/tests/test-fast-path \
	%D%/tests/test-hvcall \
	%D%/tests/test-hvcall-more \
	%D%/tests/test-ioctl \
	%D%/tests/test-irq \
	%D%/tests/test-kick \
	%D%/tests/test-lapic-page \
	%D%/tests/test-linux-6-15 \
	%D%/tests/test-memory \
	%D%/tests/test-message \
	%D%/tests/test-message-format \
	%D%/tests/test-msr \
	%D%/tests/test-partition \
	%D%/tests/test-partition-build \
	%D%/tests/test-partition-config \
	%D%/tests/test-register-list \
	%D%/tests/test-register-sets \
	%D%/tests/test-registers \
	%D%/tests/test-snapshot \
	%D%/tests/test-snapshot-blob \
	%D%/tests/test-snapshot-lack \
	%D%/tests/test-state \
	%D%/tests/test-string-io \
	%D%/tests/test-trace \
	%D%/tests/test-translate \
	%D%/tests/test-vp \
	%D%/tests/test-vtl \
	%D%/tests/test-walk \
	%D%/tests/test-wrappers \
	%D%/tests/test-xsave
if HAVE_CMOCKA
check_PROGRAMS += $(lib_unit_tests)
TESTS += $(lib_unit_tests)
else
TESTS += scripts/no-cmocka
endif
EXTRA_DIST += scripts/no-cmocka

lib_test_common = %D%/tests/fake.c %D%/tests/fake.h
lib_test_vp = %D%/tests/fake-vp.c %D%/tests/fake-vp.h
lib_test_cppflags = $(AM_CPPFLAGS) $(CMOCKA_CPPFLAGS) -I$(top_srcdir)/%D%
lib_test_ldflags = $(AM_LDFLAGS) -Wl,--wrap=ioctl,--wrap=malloc,--wrap=calloc,--wrap=mmap
lib_test_ldadd = %D%/libobjects.la $(CMOCKA_LIBS) $(THREAD_LIBS)

%C%_tests_test_device_SOURCES = %D%/tests/test-device.c $(lib_test_common)
%C%_tests_test_error_SOURCES = %D%/tests/test-error.c $(lib_test_common)
%C%_tests_test_fast_path_SOURCES = %D%/tests/test-fast-path.c \
	$(lib_test_common) $(lib_test_vp)
%C%_tests_test_hvcall_SOURCES = %D%/tests/test-hvcall.c $(lib_test_common)
%C%_tests_test_ioctl_SOURCES = %D%/tests/test-ioctl.c $(lib_test_common)
%C%_tests_test_message_SOURCES = %D%/tests/test-message.c $(lib_test_common)
%C%_tests_test_partition_SOURCES = %D%/tests/test-partition.c $(lib_test_common)
%C%_tests_test_register_sets_SOURCES = %D%/tests/test-register-sets.c \
	$(lib_test_common) $(lib_test_vp)
%C%_tests_test_registers_SOURCES = %D%/tests/test-registers.c \
	$(lib_test_common) $(lib_test_vp)
%C%_tests_test_vp_SOURCES = %D%/tests/test-vp.c $(lib_test_common)
%C%_tests_test_device_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_device_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_device_LDADD = $(lib_test_ldadd)
%C%_tests_test_error_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_error_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_error_LDADD = $(lib_test_ldadd)
%C%_tests_test_fast_path_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_hvcall_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_fast_path_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_hvcall_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_fast_path_LDADD = $(lib_test_ldadd)
%C%_tests_test_hvcall_LDADD = $(lib_test_ldadd)
%C%_tests_test_ioctl_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_ioctl_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_ioctl_LDADD = $(lib_test_ldadd)
%C%_tests_test_message_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_message_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_message_LDADD = $(lib_test_ldadd)
%C%_tests_test_partition_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_partition_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_partition_LDADD = $(lib_test_ldadd)
%C%_tests_test_register_sets_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_register_sets_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_register_sets_LDADD = $(lib_test_ldadd)
%C%_tests_test_registers_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_registers_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_registers_LDADD = $(lib_test_ldadd)
%C%_tests_test_vp_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_vp_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_vp_LDADD = $(lib_test_ldadd)
%C%_tests_test_kick_SOURCES = %D%/tests/test-kick.c $(lib_test_common)
%C%_tests_test_kick_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_kick_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_kick_LDADD = $(lib_test_ldadd)
%C%_tests_test_hvcall_more_SOURCES = %D%/tests/test-hvcall-more.c \
	$(lib_test_common)
%C%_tests_test_hvcall_more_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_hvcall_more_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_hvcall_more_LDADD = $(lib_test_ldadd)
%C%_tests_test_msr_SOURCES = %D%/tests/test-msr.c \
	$(lib_test_common) $(lib_test_vp)
%C%_tests_test_msr_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_msr_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_msr_LDADD = $(lib_test_ldadd)
%C%_tests_test_irq_SOURCES = %D%/tests/test-irq.c $(lib_test_common)
%C%_tests_test_irq_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_irq_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_irq_LDADD = $(lib_test_ldadd)
%C%_tests_test_memory_SOURCES = %D%/tests/test-memory.c $(lib_test_common)
%C%_tests_test_memory_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_memory_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_memory_LDADD = $(lib_test_ldadd)
%C%_tests_test_state_SOURCES = %D%/tests/test-state.c \
	$(lib_test_common) $(lib_test_vp)
%C%_tests_test_state_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_state_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_state_LDADD = $(lib_test_ldadd)
%C%_tests_test_trace_SOURCES = %D%/tests/test-trace.c \
	$(lib_test_common) $(lib_test_vp)
%C%_tests_test_trace_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_trace_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_trace_LDADD = $(lib_test_ldadd)
%C%_tests_test_translate_SOURCES = %D%/tests/test-translate.c \
	$(lib_test_common) $(lib_test_vp)
%C%_tests_test_translate_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_translate_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_translate_LDADD = $(lib_test_ldadd)
%C%_tests_test_walk_SOURCES = %D%/tests/test-walk.c $(lib_test_common)
%C%_tests_test_walk_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_walk_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_walk_LDADD = $(lib_test_ldadd)
%C%_tests_test_snapshot_SOURCES = %D%/tests/test-snapshot.c \
	%D%/tests/fake-snapshot.c %D%/tests/fake-snapshot.h $(lib_test_common)
%C%_tests_test_snapshot_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_snapshot_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_snapshot_LDADD = $(lib_test_ldadd)
%C%_tests_test_snapshot_lack_SOURCES = %D%/tests/test-snapshot-lack.c \
	%D%/tests/fake-snapshot.c %D%/tests/fake-snapshot.h $(lib_test_common)
%C%_tests_test_snapshot_lack_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_snapshot_lack_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_snapshot_lack_LDADD = $(lib_test_ldadd)
%C%_tests_test_snapshot_blob_SOURCES = %D%/tests/test-snapshot-blob.c $(lib_test_common)
%C%_tests_test_snapshot_blob_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_snapshot_blob_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_snapshot_blob_LDADD = $(lib_test_ldadd)
%C%_tests_test_message_format_SOURCES = %D%/tests/test-message-format.c \
	$(lib_test_common)
%C%_tests_test_message_format_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_message_format_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_message_format_LDADD = $(lib_test_ldadd)

%C%_tests_test_partition_build_SOURCES = %D%/tests/test-partition-build.c \
	$(lib_test_common)
%C%_tests_test_partition_build_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_partition_build_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_partition_build_LDADD = $(lib_test_ldadd)
%C%_tests_test_partition_config_SOURCES = %D%/tests/test-partition-config.c \
	$(lib_test_common)
%C%_tests_test_partition_config_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_partition_config_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_partition_config_LDADD = $(lib_test_ldadd)
%C%_tests_test_ask_SOURCES = %D%/tests/test-ask.c $(lib_test_common)
%C%_tests_test_ask_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_ask_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_ask_LDADD = $(lib_test_ldadd)
%C%_tests_test_complete_SOURCES = %D%/tests/test-complete.c \
	$(lib_test_common) $(lib_test_vp)
%C%_tests_test_complete_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_complete_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_complete_LDADD = $(lib_test_ldadd)
%C%_tests_test_vtl_SOURCES = %D%/tests/test-vtl.c $(lib_test_common)
%C%_tests_test_vtl_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_vtl_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_vtl_LDADD = $(lib_test_ldadd)
%C%_tests_test_downstream_SOURCES = %D%/tests/test-downstream.c \
	$(lib_test_common)
%C%_tests_test_downstream_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_downstream_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_downstream_LDADD = $(lib_test_ldadd)
%C%_tests_test_lapic_page_SOURCES = %D%/tests/test-lapic-page.c $(lib_test_common)
%C%_tests_test_lapic_page_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_lapic_page_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_lapic_page_LDADD = $(lib_test_ldadd)
%C%_tests_test_register_list_SOURCES = %D%/tests/test-register-list.c $(lib_test_common)
%C%_tests_test_register_list_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_register_list_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_register_list_LDADD = $(lib_test_ldadd)
%C%_tests_test_string_io_SOURCES = %D%/tests/test-string-io.c \
	$(lib_test_common) $(lib_test_vp)
%C%_tests_test_string_io_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_string_io_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_string_io_LDADD = $(lib_test_ldadd)
%C%_tests_test_linux_6_15_SOURCES = %D%/tests/test-linux-6-15.c \
	%D%/tests/fake-linux-6-15.c %D%/tests/fake-linux-6-15.h $(lib_test_common)
%C%_tests_test_linux_6_15_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_linux_6_15_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_linux_6_15_LDADD = $(lib_test_ldadd)
%C%_tests_test_wrappers_SOURCES = %D%/tests/test-wrappers.c $(lib_test_common)
%C%_tests_test_wrappers_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_wrappers_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_wrappers_LDADD = $(lib_test_ldadd)
%C%_tests_test_xsave_SOURCES = %D%/tests/test-xsave.c $(lib_test_common)
%C%_tests_test_xsave_CPPFLAGS = $(lib_test_cppflags)
%C%_tests_test_xsave_LDFLAGS = $(lib_test_ldflags)
%C%_tests_test_xsave_LDADD = $(lib_test_ldadd)

# Not tests of "make check": they want the driver. scripts/check runs them.
if HOST_X86_64
lib_vm_tests = \
	%D%/tests/smoke \
	%D%/tests/vm-cloud-hypervisor \
	%D%/tests/vm-config \
	%D%/tests/vm-qemu \
	%D%/tests/vm-vtl
check_PROGRAMS += $(lib_vm_tests)
lib_vm_guest = %D%/tests/smoke.h %D%/tests/smoke-guest.c
lib_vm_client = $(lib_vm_guest) %D%/tests/vm-client.c %D%/tests/vm-client.h
%C%_tests_smoke_SOURCES = %D%/tests/smoke.c $(lib_vm_guest) \
	%D%/tests/smoke-devices.c \
	%D%/tests/smoke-instructions.c \
	%D%/tests/smoke-registers.c \
	%D%/tests/smoke-snapshot.c \
	%D%/tests/smoke-string.c \
	%D%/tests/smoke-translate.c
%C%_tests_smoke_LDADD = %D%/libmshv.la
%C%_tests_vm_cloud_hypervisor_SOURCES = %D%/tests/vm-cloud-hypervisor.c \
	$(lib_vm_client)
%C%_tests_vm_cloud_hypervisor_LDADD = %D%/libmshv.la
%C%_tests_vm_config_SOURCES = %D%/tests/vm-config.c $(lib_vm_guest)
%C%_tests_vm_config_LDADD = %D%/libmshv.la
%C%_tests_vm_qemu_SOURCES = %D%/tests/vm-qemu.c $(lib_vm_client)
%C%_tests_vm_qemu_LDADD = %D%/libmshv.la
%C%_tests_vm_vtl_SOURCES = %D%/tests/vm-vtl.c $(lib_vm_guest)
%C%_tests_vm_vtl_LDADD = %D%/libmshv.la
endif
