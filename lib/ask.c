// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Question by question: what can this kernel and this hypervisor do? One row
 * for each, which says how it is found out. See <mshv/probe.h>.
 *
 * Whether the kernel passes a hypercall on: it looks at the code before it
 * reads the input. With an input that isn't there, EINVAL means that it doesn't
 * like the code, and EFAULT that it does; the hypervisor never hears of it.
 */
#include "config.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <mshv/ioctl.h>
#include <mshv/probe.h>

#include "internal.h"

struct asker {
	struct mshv_dev *dev;
	struct mshv_dev_info info;
	int partition_fd, vp_fd;	/* -1: there is none, ... */
	const char *why_not;		/* ... for this reason */
	size_t page_size;
	char *pages;			/* one that isn't there, two to write to */
};

struct question {
	const char *name;
	void (*ask)(const struct asker *asker, uint64_t arg,
		    struct mshv_answer *answer);
	uint64_t arg;
};

static void set_answer(struct mshv_answer *answer, bool yes, const char *how)
{
	answer->answer = yes ? LIBMSHV_ANSWER_YES : LIBMSHV_ANSWER_NO;
	answer->how = how;
}

static void ask_driver(const struct asker *asker, uint64_t driver,
		       struct mshv_answer *answer)
{
	if (asker->info.driver == LIBMSHV_DRIVER_UNKNOWN)
		answer->how = "neither driver's calls are answered as expected";
	else
		set_answer(answer, asker->info.driver == driver,
			   "which calls are answered with ENOTTY");
}

/* False if the answer doesn't depend on how mshv_root was built. */
static bool is_root(const struct asker *asker, struct mshv_answer *answer)
{
	if (asker->info.driver == LIBMSHV_DRIVER_ROOT)
		return true;
	if (asker->info.driver == LIBMSHV_DRIVER_VTL)
		set_answer(answer, false, "the driver creates no partitions");
	else
		answer->how = "neither driver's calls are answered as expected";
	return false;
}

static void ask_create(const struct asker *asker, uint64_t arg,
		       struct mshv_answer *answer)
{
	(void)arg;
	if (!is_root(asker, answer))
		return;
	set_answer(answer, true, "the create call is there");
	answer->value = asker->info.create_flags;
}

/* What mshv_dev_probe() found out. */
#define HOLE	"a create call with arguments that end at a hole"

static void ask_create_v2(const struct asker *asker, uint64_t arg,
			  struct mshv_answer *answer)
{
	(void)arg;
	if (is_root(asker, answer))
		set_answer(answer, asker->info.features & LIBMSHV_DEV_CREATE_V2,
			   HOLE);
}

static void ask_create_flag(const struct asker *asker, uint64_t flag,
			    struct mshv_answer *answer)
{
	if (is_root(asker, answer))
		set_answer(answer, asker->info.create_flags >> flag & 1, HOLE);
}

static void ask_isolation(const struct asker *asker, uint64_t isolation,
			  struct mshv_answer *answer)
{
	if (is_root(asker, answer))
		set_answer(answer, asker->info.isolations >> isolation & 1, HOLE);
}

static void ask_hvcall_on(const struct asker *asker, int fd, uint16_t code,
			  struct mshv_answer *answer)
{
	struct mshv_root_hvcall args = {
		.code = code,
		.in_sz = sizeof(uint64_t),
		.in_ptr = (uintptr_t)asker->pages,
	};
	int ret = libmshv_ioctl0(fd, MSHV_ROOT_HVCALL, &args, "ask");

	if (ret == -EFAULT)
		set_answer(answer, true, "a call with an input that isn't there");
	else if (ret == -EINVAL)
		set_answer(answer, false, "the code is refused");
	else if (ret == -ENOTTY)
		set_answer(answer, false, "no hypercalls on this fd");
	else
		answer->how = "an answer that was not expected";
}

static void ask_own_hvcall(const struct asker *asker, uint64_t code,
			   struct mshv_answer *answer)
{
	ask_hvcall_on(asker, asker->dev->fd, (uint16_t)code, answer);
}

static void ask_hvcall(const struct asker *asker, uint64_t code,
		       struct mshv_answer *answer)
{
	if (asker->partition_fd < 0)
		answer->how = asker->why_not;
	else
		ask_hvcall_on(asker, asker->partition_fd, (uint16_t)code, answer);
}

/* How a property was asked for and what came of it. */
static bool property_told(int ret, struct mshv_answer *answer)
{
	if (!ret)
		set_answer(answer, true, "the hypervisor told");
	else if (mshv_last_error()->hv_status)
		set_answer(answer, false, "the hypervisor refused");
	else
		set_answer(answer, false, "the kernel doesn't pass it on");
	return !ret;
}

static void ask_own_property(const struct asker *asker, uint64_t code,
			     struct mshv_answer *answer)
{
	uint64_t value = 0;

	if (property_told(mshv_dev_get_property(asker->dev, (uint32_t)code,
						&value), answer))
		answer->value = value;
}

/* Those that are a number of banks and the banks. */
static void ask_own_banks(const struct asker *asker, uint64_t code,
			  struct mshv_answer *answer)
{
	struct hv_partition_property_vmm_capabilities banks;

	memset(&banks, 0, sizeof(banks));
	if (!property_told(mshv_dev_get_property_ex(asker->dev, (uint32_t)code,
						    0, &banks, sizeof(banks)),
			   answer))
		return;
	if (banks.bank_count)
		answer->value = banks.as_uint64[0];
	else
		set_answer(answer, false, "the hypervisor has no banks of flags");
}

static void ask_integrated_scheduler(const struct asker *asker, uint64_t arg,
				     struct mshv_answer *answer)
{
	struct hv_partition_property_vmm_capabilities caps;

	(void)arg;
	memset(&caps, 0, sizeof(caps));
	caps.as_uint64[0] = asker->info.vmm_capabilities;
	if (asker->info.features & LIBMSHV_DEV_VMM_CAPABILITIES)
		set_answer(answer, caps.vmm_enable_integrated_scheduler,
			   "the VMM capabilities");
	else
		answer->how = "there are no VMM capabilities to read";
}

static void ask_root_scheduler(const struct asker *asker, uint64_t arg,
			       struct mshv_answer *answer)
{
	(void)asker;
	(void)arg;
	answer->how = "no call of the driver tells";
}

static void ask_page(const struct asker *asker, uint64_t offset,
		     struct mshv_answer *answer)
{
	void *page;

	if (asker->vp_fd < 0) {
		answer->how = asker->why_not;
		return;
	}
	page = mmap(NULL, asker->page_size, PROT_READ, MAP_SHARED, asker->vp_fd,
		    (off_t)(offset * asker->page_size));
	if (page != MAP_FAILED) {
		munmap(page, asker->page_size);
		set_answer(answer, true, "it was mapped");
	} else if (errno == ENODEV) {
		set_answer(answer, false, "the VP has none");
	} else if (errno == EINVAL) {
		set_answer(answer, false, "the kernel doesn't know it");
	} else {
		answer->how = "mapping it failed for another reason";
	}
}

static void ask_state(const struct asker *asker, uint64_t type,
		      struct mshv_answer *answer)
{
	struct mshv_get_set_vp_state args = {
		.type = (uint8_t)type,
		/* not the size of any of them, to see whether it is written */
		.buf_sz = (uint32_t)(2 * asker->page_size),
		.buf_ptr = (uintptr_t)(asker->pages + asker->page_size),
	};
	uint32_t size = args.buf_sz;
	int ret;

	if (asker->vp_fd < 0) {
		answer->how = asker->why_not;
		return;
	}
	ret = mshv_ioctl_get_vp_state(asker->vp_fd, &args);
	if (!ret || args.buf_sz > size) {
		set_answer(answer, true, ret ? "its size was told" :
					       "it was read");
		answer->value = args.buf_sz;
	} else if (args.buf_sz != size) {
		set_answer(answer, false, "the hypervisor refused");
	} else if (ret == -EINVAL || ret == -ENOTTY) {
		set_answer(answer, false, "the kernel doesn't know it");
	} else {
		answer->how = "reading it failed for another reason";
	}
}

static void ask_vtl(const struct asker *asker, uint64_t capability,
		    struct mshv_answer *answer)
{
	int ret;

	if (asker->info.driver == LIBMSHV_DRIVER_ROOT) {
		set_answer(answer, false, "the driver is another one");
		return;
	}
	ret = mshv_ioctl_check_extension(asker->dev->fd, (uint32_t)capability);
	if (ret >= 0)
		set_answer(answer, ret, "the driver told");
	else if (ret == -EOPNOTSUPP)
		set_answer(answer, false, "the driver doesn't know it");
	else
		answer->how = "an answer that was not expected";
}

#define HVCALL(q, name, code) \
	[LIBMSHV_ASK_HVCALL_##q] = { "hypercall-" name, ask_hvcall, code }
#define STATE(q, name, type) \
	[LIBMSHV_ASK_STATE_##q] = { "state-" name, ask_state, type }
#define OWN(q, name, ask, code) \
	[LIBMSHV_ASK_##q] = { name, ask, HV_PARTITION_PROPERTY_##code }
#define FLAG(q, name, bit) \
	[LIBMSHV_ASK_##q] = { name, ask_create_flag, MSHV_PT_BIT_##bit }

static const struct question questions[LIBMSHV_ASK_COUNT] = {
	[LIBMSHV_ASK_ROOT_DRIVER] = {
		"root-driver", ask_driver, LIBMSHV_DRIVER_ROOT },
	[LIBMSHV_ASK_VTL_DRIVER] = {
		"vtl-driver", ask_driver, LIBMSHV_DRIVER_VTL },
	[LIBMSHV_ASK_CREATE_V1] = { "create-v1", ask_create, 0 },
	[LIBMSHV_ASK_CREATE_V2] = { "create-v2", ask_create_v2, 0 },
	FLAG(NESTED, "nested", NESTED_VIRTUALIZATION),
	FLAG(SMT, "smt", SMT_ENABLED_GUEST),
	[LIBMSHV_ASK_ISOLATION_SNP] = {
		"isolation-snp", ask_isolation, MSHV_PT_ISOLATION_NONE + 1 },
	[LIBMSHV_ASK_OWN_PROPERTY] = {
		"own-property", ask_own_hvcall, HVCALL_GET_PARTITION_PROPERTY },
	[LIBMSHV_ASK_OWN_PROPERTY_EX] = {
		"own-property-ex", ask_own_hvcall,
		HVCALL_GET_PARTITION_PROPERTY_EX },
	OWN(HOST_FEATURES, "host-features", ask_own_property,
	    PROCESSOR_FEATURES0),
	OWN(HOST_FEATURES1, "host-features1", ask_own_property,
	    PROCESSOR_FEATURES1),
	OWN(HOST_XSAVE, "host-xsave", ask_own_property,
	    PROCESSOR_XSAVE_FEATURES),
	OWN(HOST_SYNTHETIC, "host-synthetic", ask_own_banks,
	    ASSIGNABLE_SYNTHETIC_PROC_FEATURES),
	OWN(VMM_CAPABILITIES, "vmm-capabilities", ask_own_banks,
	    VMM_CAPABILITIES),
	[LIBMSHV_ASK_INTEGRATED_SCHEDULER] = {
		"integrated-scheduler", ask_integrated_scheduler, 0 },
	[LIBMSHV_ASK_ROOT_SCHEDULER] = {
		"root-scheduler", ask_root_scheduler, 0 },
	HVCALL(GET_PROPERTY, "get-property", HVCALL_GET_PARTITION_PROPERTY),
	HVCALL(GET_PROPERTY_EX, "get-property-ex",
	       HVCALL_GET_PARTITION_PROPERTY_EX),
	HVCALL(SET_PROPERTY, "set-property", HVCALL_SET_PARTITION_PROPERTY),
	HVCALL(INSTALL_INTERCEPT, "install-intercept",
	       HVCALL_INSTALL_INTERCEPT),
	HVCALL(GET_VP_REGISTERS, "get-vp-registers", HVCALL_GET_VP_REGISTERS),
	HVCALL(SET_VP_REGISTERS, "set-vp-registers", HVCALL_SET_VP_REGISTERS),
	HVCALL(TRANSLATE, "translate", HVCALL_TRANSLATE_VIRTUAL_ADDRESS),
	HVCALL(CLEAR_INTERRUPT, "clear-interrupt",
	       HVCALL_CLEAR_VIRTUAL_INTERRUPT),
	HVCALL(INTERCEPT_RESULT, "intercept-result",
	       HVCALL_REGISTER_INTERCEPT_RESULT),
	HVCALL(ASSERT_INTERRUPT, "assert-interrupt",
	       HVCALL_ASSERT_VIRTUAL_INTERRUPT),
	HVCALL(SIGNAL_EVENT, "signal-event", HVCALL_SIGNAL_EVENT_DIRECT),
	HVCALL(POST_MESSAGE, "post-message", HVCALL_POST_MESSAGE_DIRECT),
	HVCALL(PAGE_STATES, "page-states", HVCALL_GET_GPA_PAGES_ACCESS_STATES),
	HVCALL(GET_CPUID, "get-cpuid", HVCALL_GET_VP_CPUID_VALUES),
	[LIBMSHV_ASK_REGISTER_PAGE] = {
		"register-page", ask_page, MSHV_VP_MMAP_OFFSET_REGISTERS },
	[LIBMSHV_ASK_INTERCEPT_PAGE] = {
		"intercept-page", ask_page,
		MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE },
	[LIBMSHV_ASK_GHCB_PAGE] = {
		"ghcb-page", ask_page, MSHV_VP_MMAP_OFFSET_GHCB },
	STATE(LAPIC, "lapic", MSHV_VP_STATE_LAPIC),
	STATE(XSAVE, "xsave", MSHV_VP_STATE_XSAVE),
	STATE(SIMP, "simp", MSHV_VP_STATE_SIMP),
	STATE(SIEFP, "siefp", MSHV_VP_STATE_SIEFP),
	STATE(TIMERS, "timers", MSHV_VP_STATE_SYNTHETIC_TIMERS),
	[LIBMSHV_ASK_VTL_REGISTER_PAGE] = {
		"vtl-register-page", ask_vtl, MSHV_CAP_REGISTER_PAGE },
	[LIBMSHV_ASK_VTL_RETURN_ACTION] = {
		"vtl-return-action", ask_vtl, MSHV_CAP_VTL_RETURN_ACTION },
	[LIBMSHV_ASK_VTL_DR6_SHARED] = {
		"vtl-dr6-shared", ask_vtl, MSHV_CAP_DR6_SHARED },
};

/* A partition and a VP to ask, which nobody else will see. */
static void trial_open(struct asker *asker, uint32_t flags)
{
	struct mshv_create_partition args = {
		.pt_flags = 1ULL << MSHV_PT_BIT_LAPIC,
	};

	asker->partition_fd = asker->vp_fd = -1;
	if (asker->info.driver != LIBMSHV_DRIVER_ROOT) {
		asker->why_not = "the driver creates no partitions";
		return;
	}
	if (flags & LIBMSHV_ASK_PASSIVE) {
		asker->why_not = "not asked, as it needs a partition";
		return;
	}

	asker->why_not = "no partition could be created for the trial";
	asker->partition_fd = mshv_ioctl_create_partition(asker->dev->fd, &args);
	if (asker->partition_fd < 0)
		return;
	asker->why_not = "no VP could be created for the trial";
	if (!mshv_ioctl_initialize_partition(asker->partition_fd))
		asker->vp_fd = mshv_ioctl_create_vp(asker->partition_fd, 0);
}

static void trial_close(const struct asker *asker)
{
	if (asker->vp_fd >= 0)
		libmshv_fd_close(asker->vp_fd);
	if (asker->partition_fd >= 0)
		libmshv_fd_close(asker->partition_fd);
}

static int pages_map(struct asker *asker)
{
	asker->page_size = (size_t)sysconf(_SC_PAGESIZE);
	asker->pages = mmap(NULL, 3 * asker->page_size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (asker->pages == MAP_FAILED)
		return libmshv_fail(errno, "ask: no memory");
	if (mprotect(asker->pages, asker->page_size, PROT_NONE)) {
		int err = errno;

		munmap(asker->pages, 3 * asker->page_size);
		return libmshv_fail(err, "ask: no memory");
	}
	return 0;
}

int mshv_dev_ask(struct mshv_dev *dev, uint32_t flags,
		 struct mshv_answer *answers, size_t count)
{
	struct mshv_error before = *mshv_last_error();
	struct asker asker = { .dev = dev, .info = { .size = sizeof(asker.info) } };
	size_t i;
	int ret;

	if (!dev || (!answers && count))
		return libmshv_fail(EINVAL, "ask: NULL argument");
	if (flags & ~LIBMSHV_ASK_PASSIVE)
		return libmshv_fail(EINVAL, "ask: unknown flags");
	ret = mshv_dev_probe(dev, &asker.info);
	if (ret)
		return ret;
	ret = pages_map(&asker);
	if (ret)
		return ret;
	trial_open(&asker, flags);

	for (i = 0; i < count; i++) {
		answers[i] = (struct mshv_answer) {
			.how = "not a question of this library",
		};
		if (i < LIBMSHV_ASK_COUNT)
			questions[i].ask(&asker, questions[i].arg, &answers[i]);
	}

	trial_close(&asker);
	munmap(asker.pages, 3 * asker.page_size);
	/* A "no" is no failure. */
	libmshv_error_restore(&before);
	return 0;
}

const char *mshv_question_name(unsigned int question)
{
	return question < LIBMSHV_ASK_COUNT ? questions[question].name : NULL;
}

static int format_answer(const char *name, const struct mshv_answer *answer,
			 char *buf, size_t size)
{
	static const char *const words[] = {
		[LIBMSHV_ANSWER_UNKNOWN] = "unknown",
		[LIBMSHV_ANSWER_NO] = "no",
		[LIBMSHV_ANSWER_YES] = "yes",
	};
	const char *word = answer->answer < ARRAY_SIZE(words) ?
		words[answer->answer] : "unknown";
	char value[32] = "";

	if (answer->value)
		snprintf(value, sizeof(value), " 0x%llx",
			 (unsigned long long)answer->value);
	return snprintf(buf, size, "%s: %s%s (%s)\n", name, word, value,
			answer->how);
}

int mshv_answers_format(const struct mshv_answer *answers, size_t count,
			char *buf, size_t size)
{
	size_t length = 0, room, i;

	if ((!answers && count) || (!buf && size))
		return libmshv_fail(EINVAL, "format answers: NULL argument");
	if (size)
		buf[0] = '\0';
	for (i = 0; i < count && i < LIBMSHV_ASK_COUNT; i++) {
		room = length < size ? size - length : 0;
		length += (size_t)format_answer(questions[i].name, &answers[i],
						room ? buf + length : NULL,
						room);
	}
	return (int)length;
}
