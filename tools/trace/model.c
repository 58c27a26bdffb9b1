// SPDX-License-Identifier: GPL-2.0
#include "trace/model.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "cli/error.h"

int model_read(const char *path, struct kmc_model *model)
{
	/* one byte more, so that what is too long is seen */
	union {
		struct kmc_model model;
		char byte[sizeof(struct kmc_model) + 1];
	} u;
	FILE *file = fopen(path, "rb");
	const char *why;
	size_t len;

	if (!file) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	len = fread(u.byte, 1, sizeof(u.byte), file);
	fclose(file);
	why = kmc_model_check(&u, len);
	if (why) {
		error("%s: %s", path, why);
		return EXIT_FAILED;
	}
	*model = u.model;
	return 0;
}

int model_write(const char *path, const struct kmc_model *m)
{
	FILE *file = fopen(path, "wb");
	bool good;

	if (!file) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	good = fwrite(m, sizeof(*m), 1, file) == 1;
	if (fclose(file) || !good) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	return 0;
}
