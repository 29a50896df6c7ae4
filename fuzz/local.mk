# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Fuzz targets. Part of the top Makefile.am.
#
# With --enable-fuzzing they are for libFuzzer, and "make fuzz" runs each for
# FUZZ_SECONDS. Otherwise replay.c drives them, as tests of "make check".

fuzz_targets = \
	%D%/fuzz-config \
	%D%/fuzz-irq \
	%D%/fuzz-memory \
	%D%/fuzz-message \
	%D%/fuzz-msr \
	%D%/fuzz-partition \
	%D%/fuzz-snapshot \
	%D%/fuzz-state \
	%D%/fuzz-vp \
	%D%/fuzz-vtl \
	%D%/fuzz-walk \
	%D%/fuzz-xsave
check_PROGRAMS += $(fuzz_targets)

fuzz_common = %D%/fuzz.h %D%/kernel.c
if FUZZING
fuzz_engine = -fsanitize=fuzzer
else
fuzz_common += %D%/replay.c
TESTS += $(fuzz_targets)
endif
fuzz_ldflags = $(AM_LDFLAGS) -Wl,--wrap=ioctl $(fuzz_engine)
fuzz_ldadd = lib/libobjects.la

%C%_fuzz_config_SOURCES = %D%/fuzz-config.c $(fuzz_common)
%C%_fuzz_config_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_config_LDADD = $(fuzz_ldadd)
%C%_fuzz_irq_SOURCES = %D%/fuzz-irq.c $(fuzz_common)
%C%_fuzz_irq_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_irq_LDADD = $(fuzz_ldadd)
%C%_fuzz_memory_SOURCES = %D%/fuzz-memory.c $(fuzz_common)
%C%_fuzz_memory_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_memory_LDADD = $(fuzz_ldadd)
%C%_fuzz_message_SOURCES = %D%/fuzz-message.c $(fuzz_common)
%C%_fuzz_message_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_message_LDADD = $(fuzz_ldadd)
%C%_fuzz_msr_SOURCES = %D%/fuzz-msr.c $(fuzz_common)
%C%_fuzz_msr_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_msr_LDADD = $(fuzz_ldadd)
%C%_fuzz_partition_SOURCES = %D%/fuzz-partition.c $(fuzz_common)
%C%_fuzz_partition_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_partition_LDADD = $(fuzz_ldadd)
%C%_fuzz_snapshot_SOURCES = %D%/fuzz-snapshot.c $(fuzz_common)
%C%_fuzz_snapshot_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_snapshot_LDADD = $(fuzz_ldadd)
%C%_fuzz_state_SOURCES = %D%/fuzz-state.c $(fuzz_common)
%C%_fuzz_state_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_state_LDADD = $(fuzz_ldadd)
%C%_fuzz_vp_SOURCES = %D%/fuzz-vp.c $(fuzz_common)
%C%_fuzz_vp_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_vp_LDADD = $(fuzz_ldadd)
%C%_fuzz_vtl_SOURCES = %D%/fuzz-vtl.c $(fuzz_common)
%C%_fuzz_vtl_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_vtl_LDADD = $(fuzz_ldadd)
%C%_fuzz_walk_SOURCES = %D%/fuzz-walk.c $(fuzz_common)
%C%_fuzz_walk_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_walk_LDADD = $(fuzz_ldadd)
%C%_fuzz_xsave_SOURCES = %D%/fuzz-xsave.c $(fuzz_common)
%C%_fuzz_xsave_LDFLAGS = $(fuzz_ldflags)
%C%_fuzz_xsave_LDADD = $(fuzz_ldadd)

# "make fuzz FUZZ_SECONDS=600"; what is found lands in fuzz-NAME.crash-*, and
# the inputs that reach something new stay in fuzz-corpus/.
FUZZ_SECONDS = 10
if FUZZING
fuzz: $(fuzz_targets)
	@$(srcdir)/scripts/fuzz-run $(srcdir) $(FUZZ_SECONDS) $(fuzz_targets)
else
fuzz:
	@echo 'fuzz: configure with CC=clang --enable-fuzzing first, or use scripts/fuzz' >&2; exit 1
endif
.PHONY: fuzz
EXTRA_DIST += scripts/fuzz scripts/fuzz-run %D%/seeds.py
