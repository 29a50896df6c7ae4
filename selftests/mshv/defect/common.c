// SPDX-License-Identifier: GPL-2.0-only
/* See defect.h. */
#include <sys/wait.h>
#include <unistd.h>

#include "defect.h"

const struct sweep_op nothing = { .name = "nothing", .stage = SWEEP_VP };
const struct sweep_op with_lapic = {
	.name = "nothing", .stage = SWEEP_VP, .pt_flags = PT(LAPIC),
};

struct sweep s;

void begin(const struct sweep_op *op)
{
	int ctl = sim_open();

	NEED(ctl);
	NEED(sweep_begin(&s, op, ctl));
}

void fail_once(uint16_t code, uint16_t status)
{
	NEED(sim_fail_once(s.ctl, code, 0, status));
}

void let_guest(int store, uint16_t gpa)
{
	const uint8_t code[] = { store ? 0xa2 : 0xa0, gpa & 0xff, gpa >> 8, 0xf4 };

	memcpy(guest_host(&s.g, 0x3000), code, sizeof(code));
	NEED(guest_set_reg(&s.g, 0, HV_X64_REGISTER_RIP, 0x3000));
}

int run(void)
{
	return vp_run(s.g.vp[0].fd, &s.g.vp[0].message);
}

int comes_back(int (*what)(void), unsigned int seconds)
{
	pid_t pid = fork();
	unsigned int i;

	if (!pid)
		_exit(what() ? 1 : 0);
	close(s.g.vp[0].fd);
	close(s.g.pt);
	for (i = 0; i < seconds * 10; i++) {
		if (waitpid(pid, NULL, WNOHANG) == pid)
			return RIGHT;
		usleep(100000);
	}
	fprintf(stderr, "no end after %u s\n", seconds);
	return WRONG;
}

int close_all(void)
{
	close(s.g.vp[0].fd);
	return close(s.g.pt);
}
