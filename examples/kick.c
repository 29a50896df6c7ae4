// SPDX-License-Identifier: LGPL-2.1-or-later OR BSD-2-Clause
/*
 * Stop a guest that never stops by itself, from another thread, with nothing
 * lost: what is asked for before the kick is seen when mshv_vp_run() returns.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>

#include "vm.h"

#define KICKS	1000
#define COUNT		0x1000		/* in the guest's memory */

/* again: inc dword [COUNT]; jmp again */
static const uint8_t code[] = {
	0x66, 0xff, 0x06, COUNT & 0xff, COUNT >> 8, 0xeb, 0xf9,
};

static atomic_int wanted, done;
static atomic_bool end;

static void *run(void *arg)
{
	struct vm *vm = arg;
	int ret = 0;

	while (!atomic_load(&end)) {
		ret = mshv_vp_run(vm->vp, NULL);
		if (ret != -EINTR)
			must(ret ? ret : -1, "run the VP");
		atomic_store(&done, atomic_load(&wanted));
	}
	return NULL;
}

int main(void)
{
	volatile uint32_t *count;
	pthread_t thread;
	struct vm vm;
	int i;

	vm_open(&vm, 0, code, sizeof(code));
	/* Any signal that the program has no other use for. */
	must(mshv_vp_enable_kick(vm.vp, SIGRTMIN), "enable kicks");
	if (pthread_create(&thread, NULL, run, &vm)) {
		perror("thread");
		return 1;
	}
	/* Kicks that follow each other may leave the guest no time to begin. */
	count = (volatile uint32_t *)(vm.ram + COUNT);
	while (!*count)
		;
	printf("the guest runs\n");
	for (i = 1; i <= KICKS; i++) {
		atomic_store(&wanted, i);
		must(mshv_vp_kick(vm.vp), "kick");
		/* It has been seen, wherever the other thread was. */
		while (atomic_load(&done) != i)
			;
	}
	atomic_store(&end, true);
	must(mshv_vp_kick(vm.vp), "kick");
	pthread_join(thread, NULL);
	printf("%d kicks, each was answered\n", KICKS);
	vm_close(&vm);
	return 0;
}
