# SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
# The manual pages of the library, made from its headers. Part of the top
# Makefile.am.
#
# One for each function, so they are not listed here, but installed as they come
# out. A release has them, for a machine without python3.

all-local: man/pages/stamp
man_example = $(srcdir)/examples/smallest.c
man/pages/stamp: $(srcdir)/%D%/pages.py $(mshvinclude_HEADERS) $(man_example) Makefile
	$(AM_V_GEN)rm -rf $(@D) && $(MKDIR_P) $(@D) && \
	if $(PYTHON3) -c '' 2>/dev/null; then \
		$(PYTHON3) $(srcdir)/%D%/pages.py $(PACKAGE_VERSION) \
			$(srcdir)/lib/include/mshv $(man_example) $(@D); \
	elif [ -d $(srcdir)/%D%/released ]; then \
		cp $(srcdir)/%D%/released/*.[1-9] $(@D)/; \
	else \
		echo 'no python3: no manual pages of the library' >&2; \
	fi && touch $@

install-data-local: man/pages/stamp
	for section in 3 7; do \
		$(MKDIR_P) "$(DESTDIR)$(mandir)/man$$section" || exit 1; \
		for page in man/pages/*.$$section; do \
			[ ! -f "$$page" ] || $(INSTALL_DATA) "$$page" \
				"$(DESTDIR)$(mandir)/man$$section" || exit 1; \
		done; \
	done
# Their names are known from them only.
uninstall-local: man/pages/stamp
	for page in man/pages/*.[37]; do \
		rm -f "$(DESTDIR)$(mandir)/man$${page##*.}/$${page##*/}"; \
	done

EXTRA_DIST += %D%/pages.py scripts/check-man
TESTS += scripts/check-man
