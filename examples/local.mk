# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# Short programs that show one thing each. Part of the top Makefile.am.
#
# Not installed. They want /dev/mshv, so examples/run skips without, and
# scripts/check runs it in a virtual machine:
#	vm/run --env srcdir=DIR -- DIR/examples/run

if HOST_X86_64
noinst_PROGRAMS = \
	%D%/dirty \
	%D%/doorbell \
	%D%/kick \
	%D%/save-restore \
	%D%/smallest
endif

%C%_dirty_SOURCES = %D%/dirty.c %D%/vm.c %D%/vm.h
%C%_dirty_LDADD = lib/libmshv.la
%C%_doorbell_SOURCES = %D%/doorbell.c %D%/vm.c %D%/vm.h
%C%_doorbell_LDADD = lib/libmshv.la -lpthread
%C%_kick_SOURCES = %D%/kick.c %D%/vm.c %D%/vm.h
%C%_kick_LDADD = lib/libmshv.la -lpthread
%C%_save_restore_SOURCES = %D%/save-restore.c %D%/vm.c %D%/vm.h
%C%_save_restore_LDADD = lib/libmshv.la
%C%_smallest_SOURCES = %D%/smallest.c
%C%_smallest_LDADD = lib/libmshv.la
