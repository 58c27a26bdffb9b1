// SPDX-License-Identifier: GPL-2.0
/*
 * sysfs - any text into any file that can be written, and reads of any file
 */
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz.h"

#define MAX_FILES	2048

static char *files[MAX_FILES], *writable[MAX_FILES];
static unsigned int nr_files, nr_writable;

static int take(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)at;
	if (type != FTW_F || nr_files >= MAX_FILES)
		return 0;
	files[nr_files] = strdup(path);
	if (files[nr_files] && st->st_mode & 0200)
		writable[nr_writable++] = files[nr_files];
	nr_files += !!files[nr_files];
	return 0;
}

/* Files of VMs that are gone stay in the list for a while: they are tried as well. */
static void find(void)
{
	unsigned int i;

	for (i = 0; i < nr_files; i++)
		free(files[i]);
	nr_files = 0;
	nr_writable = 0;
	nftw("/sys/kernel/kvmeter", take, 16, FTW_PHYS);
}

static unsigned int make_text(struct tape *t, char *text, unsigned int max)
{
	static const char *const words[] = {
		"none", "max", "observe", "guard", "follow", "floor", "pause", "warn", "cpu",
		"memory", "disk", "network", "", "-", "+", "0x", "=", ",", " ", "\n", "a", "%s", "\xff",
		"/", "..", "1 2", "1\n2", "18446744073709551616",
	};
	unsigned int len = 0, parts = 1 + below(t, 3);

	while (parts--) {
		switch (below(t, 4)) {
		case 0:
		case 1:
			len += snprintf(text + len, 32, "%s", words[below(t, ARRAY_SIZE(words))]);
			break;
		case 2:
			len += snprintf(text + len, 32, one_in(t, 8) ? "-%llu" : "%llu",
					(unsigned long long)odd_value(t));
			break;
		default:
			text[len++] = draw(t);
		}
	}
	if (one_in(t, 2))
		text[len++] = '\n';
	if (one_in(t, 20)) {
		memset(text + len, 'x', max - len);
		len += below(t, max - len);
	}
	return len;
}

static uint32_t hash(const char *s)
{
	uint32_t h = 0;

	for (; *s; s++)
		if (*s < '0' || *s > '9')	/* VMs' numbers do not count */
			h = h * 31 + *s;
	return h;
}

static void run(struct tape *t, struct outcome *o)
{
	static char text[8192];
	bool set = nr_writable && !one_in(t, 4);
	const char *path = set ? writable[below(t, nr_writable)] : files[below(t, nr_files)];
	unsigned int len;
	ssize_t ret;
	int fd;

	o->what = set ? "write" : "read";
	o->words = hash(path);
	o->sets = set;
	fd = open(path, (set ? O_WRONLY : O_RDONLY) | O_CLOEXEC);
	if (fd < 0) {
		o->err = errno;
		return;
	}
	if (set) {
		len = make_text(t, text, 4200);
		ret = one_in(t, 10) ? pwrite(fd, text, len, odd_value(t)) : write(fd, text, len);
	} else {
		ret = one_in(t, 4) ? pread(fd, text, below(t, sizeof(text)), odd_value(t)) :
				     read(fd, text, sizeof(text));
	}
	o->err = ret < 0 ? errno : 0;
	close(fd);
}

const struct target target_sysfs = {
	.name = "sysfs", .weight = 2, .open = find, .run = run, .renew = find,
};
