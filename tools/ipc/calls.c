// SPDX-License-Identifier: GPL-2.0
#include "ipc/calls.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/fmt.h"
#include "ipc/array.h"
#include "ipc/error.h"
#include "ipc/open.h"
#include "ipc/read_log.h"
#include "ipc/read_vm.h"
#include "ipc/request.h"

DUMPER(vm, struct vm)
DUMPER(vcpu, struct vcpu)
DUMPER(adjustment, struct adjustment)
DUMPER(price, struct price_change)
DUMPER(record, struct record)

static int on_host(const struct nlmsghdr *nlh, void *data)
{
	read_host(nlh, data);
	return EXIT_OK;
}

static int on_one_vm(const struct nlmsghdr *nlh, void *data)
{
	read_vm(nlh, data);
	return EXIT_OK;
}

static int on_one_adjustment(const struct nlmsghdr *nlh, void *data)
{
	read_adjustment(nlh, data);
	return EXIT_OK;
}

static int on_suggestion(const struct nlmsghdr *nlh, void *data)
{
	read_suggestion(nlh, data);
	return EXIT_OK;
}

int ipc_host_get(struct host *host)
{
	return request(module_request(KVMETER_CMD_HOST_GET, 0), on_host, host);
}

int ipc_vm_list(struct vm **vms, size_t *nr)
{
	return dump(module_request(KVMETER_CMD_VM_GET, NLM_F_DUMP), on_vm,
		    sizeof(struct vm), vms, nr);
}

int ipc_vm_get(uint32_t id, struct vm *vm)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_VM_GET, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_VM_ID, id);
	return request(nlh, on_one_vm, vm);
}

int ipc_vm_find(const char *id_or_name, struct vm *vm)
{
	struct vm *vms, *found = NULL;
	uint64_t gone_id;
	char id[16];
	size_t nr, i;
	int rc;

	rc = ipc_vm_list(&vms, &nr);
	if (rc)
		return rc;
	for (i = 0; i < nr; i++) {
		snprintf(id, sizeof(id), "%u", vms[i].id);
		if (strcmp(id, id_or_name) && (!*id_or_name || strcmp(vms[i].name, id_or_name)))
			continue;
		if (found) {
			rc = ipc_fail(EXIT_FAILED,
				      "\"%s\" is ambiguous: it may be VM %u or %u: give an id",
				      id_or_name, found->id, vms[i].id);
			break;
		}
		found = &vms[i];
	}
	if (found)
		*vm = *found;
	free(vms);
	if (found)
		return rc;

	/* one that is gone is not in the list, but its records answer to its id */
	if (!parse_u64(id_or_name, &gone_id) && gone_id <= UINT32_MAX && !ipc_vm_get(gone_id, vm))
		return EXIT_OK;
	return ipc_fail(EXIT_NOT_FOUND, "no VM \"%s\": kvmeter list shows those there are",
			id_or_name);
}

int ipc_vcpu_list(uint32_t vm_id, struct vcpu **vcpus, size_t *nr)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_VCPU_GET, NLM_F_DUMP);

	if (vm_id != ALL_VMS)
		mnl_attr_put_u32(nlh, KVMETER_A_VCPU_VM_ID, vm_id);
	return dump(nlh, on_vcpu, sizeof(struct vcpu), vcpus, nr);
}

int ipc_adjustment_get(uint64_t seq, struct adjustment *adjustment)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_ADJUSTMENT_GET, 0);

	mnl_attr_put_u64(nlh, KVMETER_A_ADJUSTMENT_SEQ, seq);
	return request(nlh, on_one_adjustment, adjustment);
}

int ipc_log(uint32_t vm_id, uint64_t since, struct adjustment **log, size_t *nr)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_LOG_GET, NLM_F_DUMP);

	if (vm_id != ALL_VMS)
		mnl_attr_put_u32(nlh, KVMETER_A_ADJUSTMENT_VM_ID, vm_id);
	mnl_attr_put_u64(nlh, KVMETER_A_ADJUSTMENT_SINCE_SEQ, since);
	return dump(nlh, on_adjustment, sizeof(struct adjustment), log, nr);
}

int ipc_prices(uint32_t vm_id, uint64_t since, struct price_change **prices, size_t *nr)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_PRICE_GET, NLM_F_DUMP);

	if (vm_id != ALL_VMS) {
		mnl_attr_put_u32(nlh, KVMETER_A_PRICE_VM_ID, vm_id);
		mnl_attr_put_u64(nlh, KVMETER_A_PRICE_SINCE_SEQ, since);
	}
	return dump(nlh, on_price, sizeof(struct price_change), prices, nr);
}

int ipc_ledger(uint32_t vm_id, uint64_t since, struct record **records, size_t *nr)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_LEDGER_GET, NLM_F_DUMP);

	mnl_attr_put_u32(nlh, KVMETER_A_RECORD_VM_ID, vm_id);
	mnl_attr_put_u64(nlh, KVMETER_A_RECORD_SINCE_SEQ, since);
	return dump(nlh, on_record, sizeof(struct record), records, nr);
}

int ipc_ledger_ack(uint32_t vm_id, uint64_t seq)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_LEDGER_ACK, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_RECORD_VM_ID, vm_id);
	mnl_attr_put_u64(nlh, KVMETER_A_RECORD_SEQ, seq);
	return request(nlh, NULL, NULL);
}

int ipc_cgroup_attach(uint32_t vm_id, int fd)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_CGROUP_ATTACH, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_HANDOVER_VM_ID, vm_id);
	mnl_attr_put_u32(nlh, KVMETER_A_HANDOVER_FD, fd);
	return request(nlh, NULL, NULL);
}

int ipc_cgroup_detach(uint32_t vm_id)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_CGROUP_DETACH, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_HANDOVER_VM_ID, vm_id);
	return request(nlh, NULL, NULL);
}

int ipc_net_bind(uint32_t vm_id, uint32_t ifindex, int netns_fd, bool bind)
{
	struct nlmsghdr *nlh = module_request(bind ? KVMETER_CMD_NET_BIND :
					   KVMETER_CMD_NET_UNBIND, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_NIC_BIND_VM_ID, vm_id);
	mnl_attr_put_u32(nlh, KVMETER_A_NIC_BIND_IFINDEX, ifindex);
	if (netns_fd >= 0)
		mnl_attr_put_u32(nlh, KVMETER_A_NIC_BIND_NETNS_FD, netns_fd);
	return request(nlh, NULL, NULL);
}

int ipc_suggest(uint32_t vm_id, uint32_t resource, uint32_t grant_bp, uint32_t duration_ms,
		struct quote *answer)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_SUGGEST, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_VM_ID, vm_id);
	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_RESOURCE, resource);
	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_GRANT_BP, grant_bp);
	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_DURATION_MS, duration_ms);
	return request(nlh, on_suggestion, answer);
}

int ipc_quote(uint32_t vm_id, uint32_t resource, uint32_t grant_bp, struct quote *quote)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_QUOTE, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_VM_ID, vm_id);
	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_RESOURCE, resource);
	mnl_attr_put_u32(nlh, KVMETER_A_SUGGESTION_GRANT_BP, grant_bp);
	return request(nlh, on_suggestion, quote);
}
