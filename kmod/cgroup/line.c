// SPDX-License-Identifier: GPL-2.0
/*
 * Lines of control files.
 *
 * A control file holds one value ("max", "1048576"), or a line per key: io.max
 * has "8:0 rbps=1048576 wbps=max", io.weight "default 200".  The key is the first
 * word, the number, if there is one, the last.
 */
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/string.h>

#include "cgroup/line.h"

/* kvmeter_key_len - how long the first word of @text is */
size_t kvmeter_key_len(const char *text)
{
	return strcspn(text, "\n ");
}

/* kvmeter_same_key - do two texts begin with the same word? */
bool kvmeter_same_key(const char *a, const char *b)
{
	size_t len = kvmeter_key_len(a);

	return len == kvmeter_key_len(b) && !strncmp(a, b, len);
}

/**
 * kvmeter_line_of - find a line by its key
 * @buf: all lines
 * @key: begins with the key; NULL: the first line
 * @line: set to the line, cut to fit; empty: there is none
 */
void kvmeter_line_of(const char *buf, const char *key, char line[KVMETER_CG_TEXT])
{
	size_t len;

	for (;;) {
		len = strcspn(buf, "\n");
		if (!key || kvmeter_same_key(buf, key))
			break;
		buf += len;
		if (!*buf++) {
			line[0] = 0;
			return;
		}
	}
	len = min_t(size_t, len, KVMETER_CG_TEXT - 1);
	memcpy(line, buf, len);
	line[len] = 0;
	strim(line);
}

/**
 * kvmeter_line_has - is each word of @text a word of @line?
 * @line: as the kernel shows it: with words for what it was not told
 * @text: as it was written
 */
bool kvmeter_line_has(const char *line, const char *text)
{
	const char *at;
	size_t len;

	for (; *text; text += len + strspn(text + len, " ")) {
		len = kvmeter_key_len(text);
		for (at = line; *at; at += kvmeter_key_len(at) +
					   strspn(at + kvmeter_key_len(at), " "))
			if (kvmeter_same_key(at, text))
				break;
		if (!*at)
			return false;
	}
	return true;
}

/* kvmeter_line_number - the last word as a number; U64_MAX: "max", or not a number */
u64 kvmeter_line_number(const char *line)
{
	const char *word = strrchr(line, ' ');
	u64 number;

	return kstrtou64(word ? word + 1 : line, 10, &number) ? U64_MAX : number;
}
