// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>

#include "cli/error.h"
#include "cli/opt.h"
#include "ipc/ipc.h"
#include "verb/verb.h"

static const struct verb verbs[] = {
	{ "list", list_main, "", "List the VMs" },
	{ "show", show_main, "VM", "Show all of one VM" },
	{ "top", top_main, "", "Show the VMs, again and again" },
	{ "watch", watch_main, "", "Print notices as they come" },
	{ "price", price_main, "VM", "Show a VM's price and its history" },
	{ "budget", budget_main, "VM|default", "Show or set a VM's budget" },
	{ "policy", policy_main, "VM|default [observe|elastic|guard]",
	  "Show or set a VM's policy" },
	{ "tariff", tariff_main, "VM|default", "Show or set a VM's tariff" },
	{ "suggest", suggest_main, "VM GRANT", "Ask for a grant for some time" },
	{ "quote", quote_main, "VM [RESOURCE] GRANT", "Ask what a grant would cost" },
	{ "hints", hints_main, "VM [on|off]", "Show or set whether a guest may suggest" },
	{ "forecast", forecast_main, "VM [on|off]",
	  "Show what a VM will want, or set if each vCPU is forecast, too" },
	{ "log", log_main, "[VM]", "Show the adjustments" },
	{ "ledger", ledger_main, "VM", "Show a VM's charges and reconcile them" },
	{ "explain", explain_main, "SEQ", "Tell the story of one adjustment" },
	{ "profile", profile_main, "[show|export|import|reset] [VM] [FILE]",
	  "Show, move or forget what is normal for a VM or image" },
	{ "model", model_main, "load|show|clear [IMAGE] [FILE]",
	  "Load, show or clear the network's weights" },
	{ "record", record_main, "", "Record what the VMs use, period by period" },
	{ "replay", replay_main, "FILE...", "Run the core over recorded traces" },
	{ "train", train_main, "FILE...", "Train the core's network on recorded traces" },
	{ "name", label_main, "VM NAME", "Name a VM" },
	{ "image", label_main, "VM IMAGE", "Say which image a VM runs" },
	{ "bind", bind_main, "VM DEVICE", "Make a network device a VM's" },
	{ "unbind", unbind_main, "VM DEVICE", "Take a network device from a VM" },
	{ "cgroup", cgroup_main, "VM [DIR]", "Hand over a VM's cgroup, or show it" },
	{ "doctor", doctor_main, "", "Say what works on this host, and why not" },
	{ "host", host_main, "", "Show or set host-wide settings" },
};

static void usage(FILE *file)
{
	size_t i;

	fputs("Usage: kvmeter [VERB] [OPTION]... [OPERAND]...\n\n", file);
	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		fprintf(file, "  %-8s %s\n", verbs[i].name, verbs[i].desc);
	fputs("\nWithout a verb: list.  A VM is named by its id or its name.\n"
	      "\"kvmeter VERB --help\" tells the options of a verb.\n", file);
}

static const struct verb *verb_by_name(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i].name, name))
			return &verbs[i];
	return NULL;
}

int main(int argc, char **argv)
{
	int rc;

	verb = &verbs[0];
	if (argc > 1 && (!strcmp(argv[1], "--help") || !strcmp(argv[1], "-h") ||
			 !strcmp(argv[1], "help"))) {
		usage(stdout);
		return EXIT_OK;
	}
	if (argc > 1 && (!strcmp(argv[1], "--version") || !strcmp(argv[1], "-V"))) {
		printf("kvmeter %s, netlink family version %d\n", TOOL_VERSION,
		       KVMETER_FAMILY_VERSION);
		return EXIT_OK;
	}
	if (argc > 1 && argv[1][0] != '-') {
		verb = verb_by_name(argv[1]);
		if (!verb) {
			error("unknown verb \"%s\"", argv[1]);
			usage(stderr);
			return EXIT_USAGE;
		}
		argc--;
		argv++;
	}
	rc = verb->main(argc, argv);
	ipc_close();
	if (fflush(stdout) || ferror(stdout)) {
		error("cannot write the output");
		return rc ? rc : EXIT_FAILED;
	}
	return rc;
}
