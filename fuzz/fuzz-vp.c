// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * A VP, its register page and its messages, with a kernel and a hypervisor that
 * answer anything.
 */
#include "config.h"

#include "fuzz.h"

#define MAX_REGISTERS	300	/* more than one hypercall takes */

static struct hv_register_assoc regs[MAX_REGISTERS];
static _Alignas(4096) char ram[4 * 4096];
static struct mshv_memory *memory;

static void registers(struct mshv_vp *vp, bool set)
{
	size_t i, count = fuzz_u16() % MAX_REGISTERS;

	for (i = 0; i < count; i++) {
		memset(&regs[i], 0, sizeof(regs[i]));
		/* mostly those that the page has, too */
		regs[i].name = fuzz_u8() + 0x00020000;
		if (regs[i].name == 0x000200ff)
			regs[i].name = fuzz_u32();
		if (set)
			regs[i].value.reg64 = fuzz_u8();
	}
	if (set)
		checked(mshv_vp_set_registers(vp, regs, count));
	else
		checked(mshv_vp_get_registers(vp, regs, count));
}

static void others(struct mshv_vp *vp)
{
	struct mshv_fpu fpu;
	struct mshv_debug_registers debug;
	struct mshv_events events;
	struct mshv_activity activity;
	uint64_t xcr0;

	if (!checked(mshv_vp_get_fpu(vp, &fpu)))
		checked(mshv_vp_set_fpu(vp, &fpu));
	if (!checked(mshv_vp_get_debug_registers(vp, &debug)))
		checked(mshv_vp_set_debug_registers(vp, &debug));
	if (!checked(mshv_vp_get_events(vp, &events)))
		checked(mshv_vp_set_events(vp, &events));
	if (!checked(mshv_vp_get_activity(vp, &activity)))
		checked(mshv_vp_set_activity(vp, &activity));
	if (!checked(mshv_vp_get_xcr0(vp, &xcr0)))
		checked(mshv_vp_set_xcr0(vp, xcr0));
}

static int port(void *context, uint16_t number, int write, void *data,
		size_t size)
{
	unsigned int *calls = context;

	(void)number;
	check(size == 1 || size == 2 || size == 4);
	check(++*calls <= 4096);
	if (!write)
		fuzz_bytes(data, size);
	return fuzz_u8() == 0xff;
}

static void string_io(struct mshv_vp *vp)
{
	struct mshv_walk walk;
	unsigned int calls = 0;
	int ret = checked(mshv_vp_complete_string_io(vp, memory, port, &calls,
						     &walk));

	check(ret != -EFAULT || walk.vector);
	/* what was moved isn't moved again */
	if (calls && !ret)
		check(mshv_vp_complete_string_io(vp, memory, port, &calls,
						 &walk) == -EINVAL);
}

static void step(struct fuzz_objects *o, uint8_t what)
{
	struct mshv_standard_registers standard;
	struct mshv_special_registers special;
	const struct hv_message *message;
	struct mshv_activity activity;
	int ret;

	switch (what % 12) {
	case 0:
	case 1:
		ret = checked(mshv_vp_run(o->vp, &message));
		check(!ret == !!message);
		check(message == mshv_vp_message(o->vp));
		break;
	case 2:
		if (checked(mshv_vp_complete_io(o->vp, fuzz_u32())) == -EOPNOTSUPP)
			string_io(o->vp);
		/* of these, only what is there can be finished, and once */
		checked(mshv_vp_complete_msr(o->vp, UINT64_MAX));
		checked(mshv_vp_complete_cpuid(o->vp, NULL));
		checked(mshv_vp_skip_instruction(o->vp));
		break;
	case 3:
		checked(mshv_vp_get_standard_registers(o->vp, &standard));
		break;
	case 4:
		fuzz_bytes(&standard, sizeof(standard));
		checked(mshv_vp_set_standard_registers(o->vp, &standard));
		break;
	case 5:
		if (!checked(mshv_vp_get_special_registers(o->vp, &special)))
			checked(mshv_vp_set_special_registers(o->vp, &special));
		break;
	case 6:
		checked(mshv_vp_get_activity(o->vp, &activity));
		break;
	case 7:
		registers(o->vp, false);
		break;
	case 8:
		registers(o->vp, true);
		break;
	case 9:
	case 10:
		others(o->vp);
		break;
	default:
		fuzz_bytes((char *)o->page + fuzz_u8(), 128);
		break;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_objects o;

	fuzz_begin(data, size);
	fuzz_open(&o);
	memory = fuzz_memory(&o, ram, sizeof(ram));
	while (fuzz_left())
		step(&o, fuzz_u8());
	mshv_memory_close(memory);
	fuzz_close(&o);
	return 0;
}
