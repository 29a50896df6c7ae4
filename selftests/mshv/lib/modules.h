/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The driver and the simulator as modules: for tests of how the driver is loaded.
 * Their files are $MSHV_ROOT_KO and $MSHV_SIM_KO, as vm/run says. Each function
 * gives 0 or -errno, that of the module's own start if it refuses.
 */
#ifndef MSHV_MODULES_H
#define MSHV_MODULES_H

#include <stddef.h>

/*
 * For MSHV_TEST_MAIN_OF(), after the device was found: whatever the tests of the program
 * do to the modules, the simulator is as it was, and the driver loaded, when it ends.
 */
int modules_borrow(char *why, size_t size);
/* The simulator's parameters, as sim_reload() takes them. */
const char *modules_before(void);
/* No modules to borrow: there is no simulator, or nobody said where they are. */
#define NEEDS_MODULES() do {							\
	if (!modules_before())							\
		SKIP(return, "needs mshv_sim, $MSHV_SIM_KO and $MSHV_ROOT_KO (vm/run)"); \
} while (0)
/* Not only at the end of the program: for tests that others follow. */
int modules_give_back(void);

/* After modules_borrow(): the simulator with these parameters, and no driver. */
int sim_want(const char *parameters);

int driver_load(void);
/* The driver in memory, and how to load it from there: no file system is involved. */
int driver_image(void);
int driver_load_image(int image);
/* No error if it is not there. */
int driver_unload(void);

/* Load the simulator with these parameters, after unloading the driver and it. */
int sim_reload(const char *parameters);
int sim_unload(void);

#endif /* MSHV_MODULES_H */
