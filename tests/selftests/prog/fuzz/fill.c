// SPDX-License-Identifier: GPL-2.0
/*
 * fill - what the module keeps a bounded number of is there before memory is measured
 *
 * It keeps dead VMs for their records, images for the VMs to come, and models. Each table is filled
 * beyond its bound, which is 64 for dead VMs and 256 for the others.
 */
#include "fuzz.h"
#include "tenant/tenant.h"

#define DEAD_VMS	70
#define IMAGES		260

static void fill_images(void)
{
	struct answer a;
	char name[16];
	unsigned int i;

	for (i = 0; i < IMAGES; i++) {
		snprintf(name, sizeof(name), "fill%u", i);
		nl_begin(&nl, KVMETER_CMD_PROFILE_IMPORT, false);
		mnl_attr_put_strz(nl.nlh, KVMETER_A_PROFILE_IMAGE, name);
		mnl_attr_put(nl.nlh, KVMETER_A_PROFILE_DATA, profile.len, profile.bytes);
		nl_ask(&nl, &a, NULL, NULL);
		if (a.err)
			bad("a profile for image %s is refused: %s", name, a.text);
		nl_begin(&nl, KVMETER_CMD_MODEL_SET, false);
		mnl_attr_put_strz(nl.nlh, KVMETER_A_MODEL_IMAGE, name);
		mnl_attr_put(nl.nlh, KVMETER_A_MODEL_DATA, model.len, model.bytes);
		nl_ask(&nl, &a, NULL, NULL);	/* no more of them is an answer, too */
	}
}

void fill_tables(struct progress *p)
{
	unsigned int i;
	struct vm vm;
	int fd;

	work_begin(p);
	for (i = 0; i < DEAD_VMS; i++) {
		vm_make(&vm, true);
		fd = attached(vm.fd);
		vm_id = id_of(fd);
		if (!i) {
			blobs_get();
			fill_images();
		}
		close(fd);
		vm_end(&vm);
	}
}
