// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/mshv_sim: the device that tests steer the simulator with.  One table row
 * per command; sizes and reserved fields are looked at in one place.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "control.h"

static long sim_control_probe(struct sim_file *file, void *arg)
{
	struct mshv_sim_probe *p = arg;

	if (p->reserved)
		return -EINVAL;
	p->features = MSHV_SIM_HAS_FAULTS | MSHV_SIM_HAS_RECORDING | MSHV_SIM_HAS_OVERRIDES |
		      MSHV_SIM_HAS_MESSAGES | MSHV_SIM_HAS_VIOLATIONS | MSHV_SIM_HAS_CHECK |
		      MSHV_SIM_HAS_LEDGER | MSHV_SIM_HAS_HOLD | MSHV_SIM_HAS_HYPERCALLS;
	if (sim_owner_attached())
		p->features |= MSHV_SIM_HAS_OWNER;
	if (sim_engine == &sim_engine_scripted)
		p->features |= MSHV_SIM_HAS_SCRIPTS;
	else
		p->features |= MSHV_SIM_HAS_GUESTS;
	p->root_partition = sim_config.root_id;
	p->scheduler = sim_config.sched;
	p->l1vh = sim_config.l1vh;
	p->max_rules = SIM_MAX_RULES;
	p->max_records = SIM_MAX_RECORDS;
	p->max_messages = SIM_MAX_MESSAGES;
	p->max_script = SIM_MAX_STEPS;
	p->max_delay_us = SIM_MAX_DELAY_US;
	p->record_size = sizeof(struct mshv_sim_record);
	return 0;
}

struct sim_command {
	unsigned int cmd;
	u32 min;		/* size of the first version */
	u32 size;		/* size that this module knows */
	long (*fn)(struct sim_file *file, void *arg);
};

/* While there is but one version of each structure. */
#define COMMAND(_cmd, type, _fn)					\
	{ .cmd = MSHV_SIM_##_cmd, .min = sizeof(struct type),		\
	  .size = sizeof(struct type), .fn = _fn }

static const struct sim_command sim_commands[] = {
	COMMAND(PROBE, mshv_sim_probe, sim_control_probe),
	COMMAND(FAULT_ADD, mshv_sim_fault, sim_fault_add),
	COMMAND(FAULT_REMOVE, mshv_sim_fault, sim_fault_remove),
	COMMAND(FAULT_QUERY, mshv_sim_fault, sim_fault_query),
	COMMAND(FAULT_NEXT, mshv_sim_fault, sim_fault_next),
	COMMAND(FAULT_CLEAR, mshv_sim_fault, sim_fault_clear),
	COMMAND(RECORD_START, mshv_sim_recording, sim_record_start),
	COMMAND(RECORD_STOP, mshv_sim_recording, sim_record_stop),
	COMMAND(RECORD_QUERY, mshv_sim_recording, sim_record_query),
	COMMAND(OVERRIDE_ADD, mshv_sim_override, sim_override_add),
	COMMAND(OVERRIDE_REMOVE, mshv_sim_override, sim_override_remove),
	COMMAND(OVERRIDE_CLEAR, mshv_sim_override, sim_override_clear),
	COMMAND(POST_MESSAGE, mshv_sim_message, sim_inject_message),
	COMMAND(HOLD, mshv_sim_hold, sim_inject_hold),
	COMMAND(VIOLATIONS, mshv_sim_violations, sim_police_violations),
	COMMAND(CHECK, mshv_sim_check, sim_police_check),
	COMMAND(LEDGER, mshv_sim_ledger, sim_police_ledger),
	COMMAND(SCRIPT_PUSH, mshv_sim_step, sim_script_push),
	COMMAND(SCRIPT_QUERY, mshv_sim_script, sim_script_query),
	COMMAND(SCRIPT_CLEAR, mshv_sim_script, sim_script_clear),
	COMMAND(HYPERCALL, mshv_sim_hypercall, sim_call_hypercall),
	COMMAND(SINT, mshv_sim_sint, sim_call_sint),
};

static const struct sim_command *sim_command_find(unsigned int cmd)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(sim_commands); i++)
		if (sim_commands[i].cmd == cmd)
			return &sim_commands[i];
	return NULL;
}

static long sim_control_ioctl(struct file *filp, unsigned int cmd, unsigned long ptr)
{
	const struct sim_command *c = sim_command_find(cmd);
	struct sim_file *file = filp->private_data;
	void __user *user = (void __user *)ptr;
	u32 size;
	long ret;

	if (!c)
		return -ENOTTY;
	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < c->min)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	BUILD_BUG_ON(sizeof(file->arg) < sizeof(struct mshv_sim_step));
	BUILD_BUG_ON(sizeof(file->arg) < sizeof(struct mshv_sim_message));
	BUILD_BUG_ON(sizeof(file->arg) < sizeof(struct mshv_sim_script));
	BUILD_BUG_ON(sizeof(file->arg) < sizeof(struct mshv_sim_sint));

	if (mutex_lock_interruptible(&file->lock))
		return -EINTR;
	ret = copy_struct_from_user(file->arg, c->size, user, size);
	if (!ret) {
		/* The size may have changed since; nobody may go by it. */
		*(u32 *)file->arg = size;
		ret = c->fn(file, file->arg);
	}
	if (ret >= 0 && copy_to_user(user, file->arg, min(size, c->size)))
		ret = -EFAULT;
	mutex_unlock(&file->lock);
	return ret;
}

static ssize_t sim_control_read(struct file *filp, char __user *buf, size_t count, loff_t *pos)
{
	struct sim_file *file = filp->private_data;
	ssize_t ret;

	if (mutex_lock_interruptible(&file->lock))
		return -EINTR;
	ret = sim_record_read(file, buf, count);
	mutex_unlock(&file->lock);
	return ret;
}

static int sim_control_open(struct inode *inode, struct file *filp)
{
	struct sim_file *file;

	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	file = kzalloc_obj(*file, GFP_KERNEL_ACCOUNT);
	if (!file)
		return -ENOMEM;
	mutex_init(&file->lock);
	file->violations_seen = sim_violations_end();
	filp->private_data = file;
	return nonseekable_open(inode, filp);
}

static int sim_control_release(struct inode *inode, struct file *filp)
{
	struct sim_file *file = filp->private_data;

	sim_fault_clear(file, NULL);
	sim_override_clear(file, NULL);
	sim_record_close(file);
	sim_inject_close(file);
	sim_script_close(file);
	sim_call_close(file);
	mutex_destroy(&file->lock);
	kfree(file);
	return 0;
}

static const struct file_operations sim_control_fops = {
	.owner = THIS_MODULE,		/* an open file keeps the module */
	.open = sim_control_open,
	.release = sim_control_release,
	.read = sim_control_read,
	.unlocked_ioctl = sim_control_ioctl,
	.compat_ioctl = compat_ptr_ioctl,	/* same layout for 32 bits */
};

static struct miscdevice sim_control_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mshv_sim",
	.fops = &sim_control_fops,
	.mode = 0600,
};

int sim_control_init(void)
{
	return misc_register(&sim_control_device);
}

void sim_control_exit(void)
{
	misc_deregister(&sim_control_device);
}
