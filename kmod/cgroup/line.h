/* SPDX-License-Identifier: GPL-2.0 */
/* Lines of control files: a key, perhaps more words, a number. */
#ifndef KVMETER_CGROUP_LINE_H
#define KVMETER_CGROUP_LINE_H

#include <linux/types.h>

#define KVMETER_CG_TEXT		96	/* a value, or a line, with the final 0 */

size_t kvmeter_key_len(const char *text);
bool kvmeter_same_key(const char *a, const char *b);
void kvmeter_line_of(const char *buf, const char *key, char line[KVMETER_CG_TEXT]);
bool kvmeter_line_has(const char *line, const char *text);
u64 kvmeter_line_number(const char *line);

#endif /* KVMETER_CGROUP_LINE_H */
