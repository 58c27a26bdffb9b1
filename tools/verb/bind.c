// SPDX-License-Identifier: GPL-2.0
/* bind, unbind: which network devices are a VM's, beyond the taps that are found. */
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "cli/error.h"
#include "cli/opt.h"
#include "ipc/ipc.h"
#include "verb/verb.h"
#include "verb/vm.h"

/* a device's index is its namespace's: look there, and come back */
static unsigned int index_in(int netns, const char *device)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	unsigned int ifindex = 0;

	if (home < 0 || setns(netns, CLONE_NEWNET)) {
		error("cannot look into the namespace: %s", strerror(errno));
	} else {
		ifindex = if_nametoindex(device);
		if (!ifindex)
			error("%s: %s there", device, strerror(errno));
		if (setns(home, CLONE_NEWNET)) {
			error("cannot come back from the namespace: %s", strerror(errno));
			ifindex = 0;
		}
	}
	if (home >= 0)
		close(home);
	return ifindex;
}

static int bind_device(int argc, char **argv, bool bind)
{
	const char *netns = NULL;
	const struct opt opts[] = {
		{ "netns", 'n', "FILE", "the device is in this network namespace", OPT_STR,
		  &netns },
	};
	unsigned int ifindex;
	struct vm vm;
	int rc, fd = -1;

	opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 2, 2);
	/* before the namespace is changed: the family lives in the initial one */
	rc = vm_open(argv[0], &vm);
	if (rc)
		return rc;
	if (netns) {
		fd = open(netns, O_RDONLY | O_CLOEXEC);
		if (fd < 0) {
			error("%s: %s", netns, strerror(errno));
			return EXIT_FAILED;
		}
		ifindex = index_in(fd, argv[1]);
	} else {
		ifindex = if_nametoindex(argv[1]);
		if (!ifindex)
			error("%s: %s", argv[1], strerror(errno));
	}
	rc = ifindex ? report(ipc_net_bind(vm.id, ifindex, fd, bind)) : EXIT_FAILED;
	if (fd >= 0)
		close(fd);
	return rc;
}

int bind_main(int argc, char **argv)
{
	return bind_device(argc, argv, true);
}

int unbind_main(int argc, char **argv)
{
	return bind_device(argc, argv, false);
}
