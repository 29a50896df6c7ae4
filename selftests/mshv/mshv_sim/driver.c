// SPDX-License-Identifier: GPL-2.0-only
/*
 * The driver above us: whether it is there, and its interrupt handler, which we
 * call instead of raising the vector that a machine without Hyper-V has no gate for.
 *
 * It calls into us from its first hypercall to its last, so it must not outlive
 * us.  It doesn't depend on our symbols; hence a reference taken when it is about
 * to start and dropped when it has gone.
 */
#include <linux/module.h>
#include <linux/string.h>

#include "mshv_sim.h"

static const char *sim_driver_name;
static const struct module *sim_driver;

bool sim_driver_has(unsigned long address)
{
	const struct module *mod = READ_ONCE(sim_driver);

	return mod && within_module(address, mod);
}

static int sim_driver_event(struct notifier_block *nb, unsigned long event, void *data)
{
	struct module *mod = data;

	if (strcmp(mod->name, sim_driver_name))
		return NOTIFY_DONE;
	if (event == MODULE_STATE_COMING && !sim_driver) {
		/* We are just being unloaded: too late for a driver. */
		if (!try_module_get(THIS_MODULE))
			return notifier_from_errno(-EBUSY);
		WRITE_ONCE(sim_driver, mod);
	} else if (event == MODULE_STATE_GOING && sim_driver) {
		WRITE_ONCE(sim_driver, NULL);
		module_put(THIS_MODULE);
	}
	return NOTIFY_OK;
}

static struct notifier_block sim_driver_nb = {
	.notifier_call = sim_driver_event,
};

int sim_driver_watch(const char *name)
{
	sim_driver_name = name;
	return register_module_notifier(&sim_driver_nb);
}

void sim_driver_unwatch(void)
{
	unregister_module_notifier(&sim_driver_nb);
}

/* -------------------------------------------------- the interrupt handler */

typedef void (*sim_handler_fn)(void);

static sim_handler_fn sim_handler;

void sim_driver_set_handler(void (*handler)(void))
{
	WRITE_ONCE(sim_handler, handler);
	/* The driver frees what its handler uses once this has returned. */
	if (!handler)
		synchronize_rcu();
}

bool sim_driver_has_handler(void)
{
	return READ_ONCE(sim_handler);
}

void sim_driver_interrupt(void)
{
	sim_handler_fn handler = READ_ONCE(sim_handler);

	if (handler)
		handler();
}
