# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# mshv-info; mshv-run and its guest images; their tests. Part of the top
# Makefile.am.

bashcompletiondir = $(datarootdir)/bash-completion/completions

bin_PROGRAMS += tools/mshv-info
dist_man1_MANS += man/mshv-info.1
dist_bashcompletion_DATA = tools/completion/mshv-info

# mshv-run drives an x64 processor.
if HOST_X86_64
bin_PROGRAMS += tools/mshv-run
dist_man1_MANS += man/mshv-run.1
dist_bashcompletion_DATA += tools/completion/mshv-run
endif

tools_mshv_info_SOURCES = \
	tools/info.c tools/info.h \
	tools/ioctls.c tools/ioctls.h \
	tools/mshv-info.c \
	tools/report.c tools/report.h
tools_mshv_info_LDADD = lib/libmshv.la

tools_mshv_run_SOURCES = \
	tools/exits.c tools/exits.h \
	tools/memory.c tools/memory.h \
	tools/mshv-run.c \
	tools/report.c tools/report.h \
	tools/serial.c tools/serial.h \
	tools/stop.c tools/stop.h \
	tools/vmm.c tools/vmm.h
tools_mshv_run_LDADD = lib/libmshv.la

# Guest images: flat files, linked where they are loaded. One command line, for
# a compiler that need not be the one for the host (see configure).
guest_dir = $(top_srcdir)/tools/guest
guest_link = $(GUEST_CC) -m64 -nostdlib -static -I$(guest_dir) \
	-Wl,--build-id=none -Wl,--oformat=binary -Wl,-T,$(guest_dir)/image.ld

demo_guest_sources = \
	tools/guest/demo.S \
	tools/guest/demo.h \
	tools/guest/long.S \
	tools/guest/protected.S \
	tools/guest/real.S \
	tools/guest/text.S

# Each is a source of the same name.
test_guests = \
	tools/tests/guest-bios.img \
	tools/tests/guest-delay.img \
	tools/tests/guest-entry.img \
	tools/tests/guest-hlt.img \
	tools/tests/guest-hlt-if.img \
	tools/tests/guest-loop.img \
	tools/tests/guest-port-in.img \
	tools/tests/guest-port-out.img \
	tools/tests/guest-serial.img \
	tools/tests/guest-status.img \
	tools/tests/guest-triple.img \
	tools/tests/guest-unmapped.img

if BUILD_GUEST
noinst_DATA += tools/guest/demo.img
check_DATA += $(test_guests)
endif
CLEANFILES += tools/guest/demo.img $(test_guests)

tools/guest/demo.img: $(demo_guest_sources) tools/guest/image.ld
	$(AM_V_GEN)$(MKDIR_P) tools/guest && \
	$(guest_link) -o $@ $(top_srcdir)/tools/guest/demo.S

$(test_guests): tools/tests/guest.h tools/guest/demo.h tools/guest/image.ld
.S.img:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(guest_link) -o $@ $<

# cli.sh needs no device; info.sh uses one if it is there. guests.sh needs one and
# skips without; it is meant to be run in the build directory, as: vm/run --
# tools/tests/guests.sh (and with --env srcdir=DIR if the source is elsewhere).
tool_tests = \
	tools/tests/cli.sh \
	tools/tests/guests.sh
TESTS += tools/tests/info.sh
if HOST_X86_64
TESTS += $(tool_tests)
if HAVE_CMOCKA
check_PROGRAMS += tools/tests/test-exits
TESTS += tools/tests/test-exits
endif
endif

# Messages that no processor sends, without a device.
tools_tests_test_exits_SOURCES = \
	tools/tests/test-exits.c \
	tools/exits.c tools/exits.h \
	tools/memory.c tools/memory.h \
	tools/serial.c tools/serial.h
tools_tests_test_exits_CPPFLAGS = $(AM_CPPFLAGS) $(CMOCKA_CPPFLAGS) \
	-I$(top_srcdir)/tools \
	-Dmshv_vp_complete_io=fake_complete_io \
	-Dmshv_vp_get_registers=fake_get_registers
tools_tests_test_exits_LDADD = lib/libobjects.la $(CMOCKA_LIBS)

EXTRA_DIST += \
	$(demo_guest_sources) \
	tools/guest/image.ld \
	$(test_guests:.img=.S) \
	tools/tests/guest.h \
	tools/tests/info.sh \
	tools/tests/tap.sh \
	$(tool_tests)
