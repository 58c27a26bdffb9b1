// SPDX-License-Identifier: GPL-2.0
#include "ipc/learned.h"

#include "ipc/array.h"
#include "ipc/error.h"
#include "ipc/open.h"
#include "ipc/read_learned.h"
#include "ipc/request.h"

DUMPER(model, struct weights)

static int on_profile(const struct nlmsghdr *nlh, void *data)
{
	read_profile(nlh, data);
	return EXIT_OK;
}

static int on_samples(const struct nlmsghdr *nlh, void *data)
{
	read_samples(nlh, data);
	return EXIT_OK;
}

static int on_blob(const struct nlmsghdr *nlh, void *data)
{
	struct blob *blob = data;

	read_blob(nlh, blob);
	return blob->len ? EXIT_OK : ipc_fail(EXIT_FAILED, "the module sent no profile");
}

static struct nlmsghdr *profile_request(uint8_t command, const struct profile_of *of)
{
	struct nlmsghdr *nlh = module_request(command, 0);

	if (of->image)
		mnl_attr_put_strz(nlh, KVMETER_A_PROFILE_IMAGE, of->image);
	else
		mnl_attr_put_u32(nlh, KVMETER_A_PROFILE_VM_ID, of->vm_id);
	if (of->resource >= 0)
		mnl_attr_put_u32(nlh, KVMETER_A_PROFILE_RESOURCE, of->resource);
	return nlh;
}

int ipc_profile_get(const struct profile_of *of, struct profile *profile)
{
	return request(profile_request(KVMETER_CMD_PROFILE_GET, of), on_profile, profile);
}

int ipc_profile_export(const struct profile_of *of, struct blob *blob)
{
	return request(profile_request(KVMETER_CMD_PROFILE_EXPORT, of), on_blob, blob);
}

int ipc_profile_import(const struct profile_of *of, const struct blob *blob)
{
	struct nlmsghdr *nlh = profile_request(KVMETER_CMD_PROFILE_IMPORT, of);

	mnl_attr_put(nlh, KVMETER_A_PROFILE_DATA, blob->len, blob->bytes);
	return request(nlh, NULL, NULL);
}

int ipc_profile_reset(const struct profile_of *of)
{
	return request(profile_request(KVMETER_CMD_PROFILE_RESET, of), NULL, NULL);
}

int ipc_model_set(const char *image, const struct blob *blob)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_MODEL_SET, 0);

	mnl_attr_put_strz(nlh, KVMETER_A_MODEL_IMAGE, image);
	mnl_attr_put(nlh, KVMETER_A_MODEL_DATA, blob->len, blob->bytes);
	return request(nlh, NULL, NULL);
}

int ipc_model_del(const char *image)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_MODEL_DEL, 0);

	mnl_attr_put_strz(nlh, KVMETER_A_MODEL_IMAGE, image);
	return request(nlh, NULL, NULL);
}

int ipc_model_list(struct weights **models, size_t *nr)
{
	return dump(module_request(KVMETER_CMD_MODEL_GET, NLM_F_DUMP), on_model,
		    sizeof(struct weights), models, nr);
}

int ipc_samples(uint32_t vm_id, uint64_t since, struct samples *samples)
{
	struct nlmsghdr *nlh = module_request(KVMETER_CMD_SAMPLE_GET, 0);

	mnl_attr_put_u32(nlh, KVMETER_A_SAMPLES_VM_ID, vm_id);
	mnl_attr_put_u64(nlh, KVMETER_A_SAMPLES_SINCE_SEQ, since);
	return request(nlh, on_samples, samples);
}
