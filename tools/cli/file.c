// SPDX-License-Identifier: GPL-2.0
#include "cli/file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/error.h"

int blob_load(const char *path, struct blob *blob)
{
	bool is_stdin = !strcmp(path, "-");
	FILE *file = is_stdin ? stdin : fopen(path, "rb");
	bool bad;

	if (!file) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	blob->len = fread(blob->bytes, 1, sizeof(blob->bytes), file);
	bad = ferror(file);
	if (!is_stdin)
		fclose(file);
	if (bad) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	if (blob->len > BLOB_MAX) {
		error("%s: larger than any that kvmeter writes", path);
		return EXIT_FAILED;
	}
	return EXIT_OK;
}

int blob_save(const char *path, const struct blob *blob)
{
	bool is_stdout = !strcmp(path, "-");
	FILE *file = is_stdout ? stdout : fopen(path, "wb");
	bool good;

	if (!file) {
		error("%s: %s", path, strerror(errno));
		return EXIT_FAILED;
	}
	good = fwrite(blob->bytes, 1, blob->len, file) == blob->len && !fflush(file);
	if (!is_stdout)
		good &= !fclose(file);
	if (good)
		return EXIT_OK;
	error("%s: %s", path, strerror(errno));
	if (!is_stdout)
		unlink(path);	/* half a profile is none */
	return EXIT_FAILED;
}
