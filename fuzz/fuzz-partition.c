// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/* The device and the partition, with a kernel that answers anything. */
#include "config.h"

#include "fuzz.h"

static void text(void)
{
	struct mshv_error error;
	char buf[200];
	size_t size = fuzz_u8() % sizeof(buf);
	int ret;

	fuzz_bytes(&error, sizeof(error));
	error.what = "test";
	ret = mshv_error_format(&error, buf, size);
	check(ret > 0);
	check(!size || strlen(buf) < size);
	check(mshv_error_format(mshv_last_error(), buf, sizeof(buf)) > 0);
}

static void create(struct fuzz_objects *o)
{
	union {
		struct mshv_partition_options options;
		char newer[256];	/* of a later version of the header */
	} u;
	struct mshv_partition *partition;
	struct mshv_vp *vp;

	fuzz_bytes(&u, sizeof(u));
	if (fuzz_u8() & 1)
		u.options.size = sizeof(u.options);
	u.options.size %= sizeof(u) + 1;
	if (!checked(mshv_partition_create(o->dev, &u.options, &partition)))
		mshv_partition_close(partition);
	if (!checked(mshv_vp_create(o->partition, fuzz_u32(), &vp)))
		mshv_vp_close(vp);
}

static void properties(struct fuzz_objects *o)
{
	char page[4096];
	uint64_t value;

	checked(mshv_dev_get_property(o->dev, fuzz_u32(), &value));
	checked(mshv_dev_get_property_ex(o->dev, fuzz_u32(), fuzz_u64(), page,
					 fuzz_u16() % sizeof(page)));
	checked(mshv_partition_get_property(o->partition, fuzz_u32(), &value));
	checked(mshv_partition_set_property(o->partition, fuzz_u32(),
					    fuzz_u64()));
	checked(mshv_partition_get_property_ex(o->partition, fuzz_u32(),
					       fuzz_u64(), page,
					       fuzz_u16() % sizeof(page)));
}

static void interrupts(struct mshv_partition *partition)
{
	uint64_t match = fuzz_u64();
	bool matches = fuzz_u8() & 1;
	uint64_t gpa = fuzz_u64();
	uint32_t size = fuzz_u8() % 10;

	checked(mshv_partition_assign_irqfd(partition, 0, -1, fuzz_u32()));
	checked(mshv_partition_deassign_irqfd(partition, 0, fuzz_u32()));
	checked(mshv_partition_assign_ioeventfd(partition, 0, gpa, size,
						matches ? &match : NULL));
	checked(mshv_partition_deassign_ioeventfd(partition, 0, gpa, size,
						  matches ? &match : NULL));
	checked(mshv_partition_assert_interrupt(partition, fuzz_u8(), fuzz_u8(),
						fuzz_u64(), fuzz_u16()));
	checked(mshv_partition_clear_interrupt(partition));
	checked(mshv_partition_notify_deliverable(partition, fuzz_u8(),
						  fuzz_u64()));
	checked(mshv_partition_install_intercept(partition, fuzz_u32(),
						 fuzz_u8(), fuzz_u64()));
}

static void registers(struct mshv_partition *partition)
{
	struct hv_register_assoc regs[200];
	size_t count = fuzz_u16() % ARRAY_SIZE(regs);

	memset(regs, 0, sizeof(regs));
	checked(mshv_partition_get_vp_registers(partition, fuzz_u8(), regs,
						count));
	checked(mshv_partition_set_vp_registers(partition, fuzz_u8(), regs,
						count));
}

static void ask(struct mshv_dev *dev)
{
	struct mshv_answer answers[LIBMSHV_ASK_COUNT + 2];
	size_t count = fuzz_u8() % (ARRAY_SIZE(answers) + 1);
	char buf[8192];
	int len, ret;

	/* It asks with pages that can't be read, and so on. */
	fuzz_kernel.blind = true;
	ret = checked(mshv_dev_ask(dev, fuzz_u8() & 1, answers, count));
	fuzz_kernel.blind = false;
	if (ret)
		return;
	len = mshv_answers_format(answers, count, buf, sizeof(buf));
	check(len >= 0 && (size_t)len < sizeof(buf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct mshv_dev_info info;
	struct fuzz_objects o;

	fuzz_begin(data, size);
	fuzz_open(&o);
	while (fuzz_left()) {
		switch (fuzz_u8() % 8) {
		case 0:
			memset(&info, 0, sizeof(info));
			info.size = fuzz_u8() & 1 ? sizeof(info) : fuzz_u16();
			if (info.size <= sizeof(info))
				checked(mshv_dev_probe(o.dev, &info));
			break;
		case 1:
			create(&o);
			break;
		case 2:
			properties(&o);
			break;
		case 3:
			interrupts(o.partition);
			break;
		case 4:
			registers(o.partition);
			break;
		case 5:
			checked(mshv_partition_initialize(o.partition));
			break;
		case 6:
			ask(o.dev);
			break;
		default:
			text();
			break;
		}
	}
	fuzz_close(&o);
	return 0;
}
