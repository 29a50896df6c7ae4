// SPDX-License-Identifier: GPL-2.0-only
/* The pages of a VP that can be mapped: registers, intercept message. */
#include <setjmp.h>
#include <signal.h>

#include "x86/guest_test.h"

static void guest_outs(uint64_t arg)
{
	for (;;)
		guest_outl(0x100, arg++);
}

FIXTURE(state_page) {
	struct env env;
	struct guest g;
	int vp;
};

FIXTURE_SETUP(state_page)
{
	MSHV_SETUP(self);
	OK(guest_create(&self->g, 0));
	OK(guest_add_vp(&self->g, 0, guest_outs, 5));
	self->vp = self->g.vp[0].fd;
}

MSHV_TEARDOWN(state_page)

TEST_F(state_page, which_can_be_mapped)
{
	const unsigned int beyond[] = {
		MSHV_VP_MMAP_OFFSET_GHCB + 1, 4, 255, 1u << 16, INT32_MAX / 4096,
	};
	unsigned int i;

	EXPECT_NE(MAP_FAILED, vp_state_page(self->vp, MSHV_VP_MMAP_OFFSET_REGISTERS,
					    PROT_READ | PROT_WRITE));
	EXPECT_NE(MAP_FAILED, vp_state_page(self->vp, MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
					    PROT_READ));

	/* Only a VP of an encrypted partition has one. */
	errno = 0;
	EXPECT_EQ(MAP_FAILED, vp_state_page(self->vp, MSHV_VP_MMAP_OFFSET_GHCB, PROT_READ));
	EXPECT_EQ(ENODEV, errno);

	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		errno = 0;
		EXPECT_EQ(MAP_FAILED, vp_state_page(self->vp, beyond[i], PROT_READ));
		EXPECT_EQ(EINVAL, errno) {
			TH_LOG("offset %u", beyond[i]);
		}
	}
}

TEST_F(state_page, other_files_have_none)
{
	EXPECT_EQ(MAP_FAILED, vp_state_page(self->g.pt, 0, PROT_READ));
	EXPECT_EQ(ENODEV, errno);
	EXPECT_EQ(MAP_FAILED, vp_state_page(self->g.dev, 0, PROT_READ));
	EXPECT_EQ(ENODEV, errno);
}

/* What MSHV_RUN_VP copies is what lies in the page. */
TEST_F(state_page, message_is_that_of_run)
{
	struct hv_message *page = vp_state_page(self->vp,
						MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
						PROT_READ);
	const struct hv_x64_io_port_intercept_message *io =
		(const void *)page->u.payload;
	uint32_t i;

	ASSERT_NE(MAP_FAILED, page);
	for (i = 5; i < 10; i++) {
		RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
		EXPECT_EQ(0, memcmp(page, &self->g.vp[0].message, sizeof(*page)));
		EXPECT_EQ(i, (uint32_t)io->rax);
		OK(guest_skip_instruction(&self->g, 0));
	}
}

TEST_F(state_page, mapped_twice)
{
	struct hv_vp_register_page *page[2];
	int i;

	for (i = 0; i < 2; i++) {
		page[i] = vp_state_page(self->vp, MSHV_VP_MMAP_OFFSET_REGISTERS,
					PROT_READ | PROT_WRITE);
		ASSERT_NE(MAP_FAILED, page[i]);
	}
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	EXPECT_EQ(0, memcmp(page[0], page[1], sizeof(*page[0])));
	page[0]->rbx = 0x1234;
	EXPECT_U64(0x1234, page[1]->rbx);
	ASSERT_EQ(0, munmap(page[0], PAGE_BYTES));
	EXPECT_U64(0x1234, page[1]->rbx);
}

TEST_F(state_page, each_vp_has_its_own)
{
	struct hv_vp_register_page *page[2];
	int i;

	OK(guest_add_vp(&self->g, 1, guest_outs, 7));
	for (i = 0; i < 2; i++) {
		page[i] = vp_state_page(self->g.vp[i].fd, MSHV_VP_MMAP_OFFSET_REGISTERS,
					PROT_READ);
		ASSERT_NE(MAP_FAILED, page[i]);
		RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, i);
	}
	EXPECT_U64(5, (uint32_t)page[0]->rax);
	EXPECT_U64(7, (uint32_t)page[1]->rax);
	EXPECT_NE(page[0]->rsp, page[1]->rsp);
}

/* A mapping holds the VP, and the VP its partition, without any file. */
TEST_F(state_page, outlives_the_files)
{
	struct hv_vp_register_page *page =
		vp_state_page(self->vp, MSHV_VP_MMAP_OFFSET_REGISTERS, PROT_READ);

	ASSERT_NE(MAP_FAILED, page);
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	ASSERT_EQ(0, close(self->vp));
	ASSERT_EQ(0, close(self->g.pt));
	ASSERT_EQ(0, close(self->g.dev));
	EXPECT_EQ(1, page->isvalid);
	EXPECT_U64(5, (uint32_t)page->rax);
	ASSERT_EQ(0, munmap(page, PAGE_BYTES));
}

/* First touched after the file is closed: the fault must find the page. */
TEST_F(state_page, touched_after_close)
{
	struct hv_message *page = vp_state_page(self->vp,
						MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE,
						PROT_READ);

	ASSERT_NE(MAP_FAILED, page);
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	ASSERT_EQ(0, close(self->vp));
	ASSERT_EQ(0, close(self->g.pt));
	EXPECT_EQ(0, memcmp(page, &self->g.vp[0].message, sizeof(*page)));
}

static sigjmp_buf behind;

static void on_sigbus(int signal)
{
	(void)signal;
	siglongjmp(behind, 1);
}

/* 0: the page is there. */
static int touch(const volatile char *p)
{
	const struct sigaction action = { .sa_handler = on_sigbus };

	sigaction(SIGBUS, &action, NULL);
	if (sigsetjmp(behind, 1))
		return -EFAULT;
	return *p & 0;
}

/*
 * A mapping of several pages: each is that of its own offset, or there are no such
 * mappings. Behind the last there is nothing, also for what is left of a larger one.
 */
TEST_F(state_page, several_at_once)
{
	const struct hv_vp_register_page *regs;
	const struct hv_message *message;
	char *p = mmap(NULL, 4 * PAGE_BYTES, PROT_READ, MAP_SHARED, self->vp, 0);

	if (p == MAP_FAILED)
		return;
	_Static_assert(MSHV_VP_MMAP_OFFSET_REGISTERS == 0 &&
		       MSHV_VP_MMAP_OFFSET_INTERCEPT_MESSAGE == 1, "the order");
	RUN_TO(HVMSG_X64_IO_PORT_INTERCEPT, &self->g, 0);
	regs = (const void *)p;
	message = (const void *)(p + PAGE_BYTES);
	EXPECT_EQ(1, regs->isvalid);
	ASSERT_EQ(0, munmap(p, 0x3000));
	EXPECT_EQ(-EFAULT, touch(p + 0x3000));
	ASSERT_EQ(0, munmap(p + 0x3000, PAGE_BYTES));

	p = mmap(NULL, 2 * PAGE_BYTES, PROT_READ, MAP_SHARED, self->vp, 0);
	ASSERT_NE(MAP_FAILED, p);
	message = (const void *)(p + PAGE_BYTES);
	if (!memcmp(p, message, PAGE_BYTES))
		DRIVER_DEFECT(return, "F38: each page of a larger mapping is the first");
	EXPECT_EQ(0, memcmp(message, &self->g.vp[0].message, sizeof(*message)));
}

GUEST_TEST_MAIN
