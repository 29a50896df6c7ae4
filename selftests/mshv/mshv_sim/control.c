// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/mshv_sim: the device that tests steer the simulator with.  Sizes are
 * looked at here, for all commands.
 */
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "control.h"

/* What it can do in either module; sim_commands has the rest. */
static const struct sim_command sim_common_commands[] = {
	COMMAND(FAULT_ADD, mshv_sim_fault, sim_fault_add),
	COMMAND(FAULT_REMOVE, mshv_sim_fault, sim_fault_remove),
	COMMAND(FAULT_QUERY, mshv_sim_fault, sim_fault_query),
	COMMAND(FAULT_NEXT, mshv_sim_fault, sim_fault_next),
	COMMAND(FAULT_CLEAR, mshv_sim_fault, sim_fault_clear),
	COMMAND(RECORD_START, mshv_sim_recording, sim_record_start),
	COMMAND(RECORD_STOP, mshv_sim_recording, sim_record_stop),
	COMMAND(RECORD_QUERY, mshv_sim_recording, sim_record_query),
	{}
};

static const struct sim_command *sim_command_find(const struct sim_command *c, unsigned int cmd)
{
	for (; c->cmd; c++)
		if (c->cmd == cmd)
			return c;
	return NULL;
}

static long sim_control_ioctl(struct file *filp, unsigned int cmd, unsigned long ptr)
{
	const struct sim_command *c = sim_command_find(sim_commands, cmd) ?:
				      sim_command_find(sim_common_commands, cmd);
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
	sim_commands_open(file);
	filp->private_data = file;
	return nonseekable_open(inode, filp);
}

static int sim_control_release(struct inode *inode, struct file *filp)
{
	struct sim_file *file = filp->private_data;

	sim_fault_clear(file, NULL);
	sim_record_close(file);
	sim_commands_close(file);
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
