// SPDX-License-Identifier: GPL-2.0
/* The network's weights in the module: one set per image and a default. */
#include <stdlib.h>
#include <string.h>

#include "rnn.h"

#include "cli/error.h"
#include "cli/file.h"
#include "cli/opt.h"
#include "data/fmt.h"
#include "ipc/ipc.h"
#include "show/json.h"
#include "show/table.h"
#include "verb/verb.h"
#include "verb/vm.h"

static const char *image_name(const struct weights *m)
{
	return *m->image ? m->image : "(default)";
}

static int load(const char *image, const char *path)
{
	static struct blob blob;
	int rc = blob_load(path, &blob);

	/* the module judges, but a user without the module can be told, too */
	if (!rc) {
		const char *why = kmc_model_check(blob.bytes, blob.len);

		if (why) {
			error("%s: %s", path, why);
			return EXIT_FAILED;
		}
	}
	if (!rc)
		rc = module_open();
	return rc ? rc : report(ipc_model_set(image, &blob));
}

static int clear(const char *image)
{
	int rc = module_open();

	return rc ? rc : report(ipc_model_del(image));
}

static void print_json(const struct weights *m, size_t nr)
{
	size_t i;

	json_open(NULL, '[');
	for (i = 0; i < nr; i++) {
		json_open(NULL, '{');
		json_str("image", m[i].image);
		json_u64("checksum", m[i].checksum);
		json_u64("seq", m[i].seq);
		json_u64("set_real_ns", m[i].set_real_ns);
		json_u64("nr_vms", m[i].nr_vms);
		json_close('}');
	}
	json_close(']');
}

static void print_text(const struct weights *m, size_t nr)
{
	static const struct column columns[] = {
		{ "IMAGE", true, 0 }, { "CHECKSUM", true, 0 }, { "VMS", false, 0 },
		{ "SET", true, 0 },
	};
	char buf[FMT_LEN];
	size_t i;

	table_begin(columns, ARRAY_SIZE(columns));
	for (i = 0; i < nr; i++) {
		table_cell("%s", image_name(&m[i]));
		table_cell("%08x", m[i].checksum);
		table_cell("%u", m[i].nr_vms);
		table_cell("%s", fmt_time(buf, m[i].set_real_ns));
	}
	table_print();
}

/* @image: NULL: all */
static int show(const char *image, bool json)
{
	struct weights *m = NULL;
	size_t nr = 0, i, kept = 0;
	int rc = ipc_open();

	if (!rc)
		rc = ipc_model_list(&m, &nr);
	if (rc)
		return report(rc);
	for (i = 0; i < nr; i++)
		if (!image || !strcmp(m[i].image, image))
			m[kept++] = m[i];
	if (image && !kept) {
		error("there is no model for %s%s", *image ? "image " : "", *image ? image :
		      "images without one");
		rc = EXIT_NOT_FOUND;
	} else if (json) {
		print_json(m, kept);
	} else {
		print_text(m, kept);
	}
	free(m);
	return rc;
}

int model_main(int argc, char **argv)
{
	bool by_default = false, json = false;
	const struct opt opts[] = {
		{ "default", 0, NULL, "what images without a model of their own use", OPT_FLAG,
		  &by_default },
		OPT_JSON(json),
	};
	int nr = opts_parse(argc, argv, opts, ARRAY_SIZE(opts), NULL, 1, 3);
	const char *what = argv[0], *image = NULL;
	int at = 1;

	if (by_default)
		image = "";
	else if (at < nr)
		image = argv[at++];
	if (image && !*image && !by_default)
		usage_error("an image's name is not empty: --default is what you mean");
	if (!strcmp(what, "show") && at == nr)
		return show(image, json);
	if (!strcmp(what, "load") && image && at + 1 == nr)
		return load(image, argv[at]);
	if (!strcmp(what, "clear") && image && at == nr)
		return clear(image);
	usage_error("needs load IMAGE|--default FILE, show [IMAGE], or clear IMAGE|--default");
}
