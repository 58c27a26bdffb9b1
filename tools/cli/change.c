// SPDX-License-Identifier: GPL-2.0
#include "cli/change.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "data/fmt.h"
#include "data/util.h"

static bool same_setting(const struct change *a, const struct change *b)
{
	return a->place == b->place && a->attr == b->attr && a->setting == b->setting;
}

void change_add(struct changes *changes, const struct change *change)
{
	size_t i;

	for (i = 0; i < changes->nr; i++)
		if (same_setting(&changes->c[i], change))
			break;
	if (i == ARRAY_SIZE(changes->c))
		abort();	/* there are not as many settings */
	changes->c[i] = *change;
	if (i == changes->nr)
		changes->nr++;
}

void change_set(struct changes *changes, enum place place, const struct setting *s,
		uint64_t value, const char *typed)
{
	const struct change c = {
		.place = place, .attr = s->attr, .setting = s, .unit = s->unit, .value = value,
		.typed = typed,
	};

	change_add(changes, &c);
}

/* what the module's text speaks of */
struct subject {
	const struct setting *setting;
	enum unit unit;
	const char *typed;	/* NULL: nothing was */
};

/* Rows that share a name have no lower limit: the largest value is the one that is refused */
static const struct change *change_by_name(const struct changes *changes, const char *name,
					   size_t len)
{
	const struct change *c, *found = NULL;

	for (c = changes->c; c < changes->c + changes->nr; c++) {
		const char *said = c->setting ? setting_said(c->setting) : "";

		if (strlen(said) == len && !strncmp(said, name, len) &&
		    (!found || c->value > found->value))
			found = c;
	}
	return found;
}

/* false: the word is no setting of the places that were touched */
static bool find_subject(const struct changes *changes, const char *word, size_t len,
			 struct subject *s)
{
	const struct change *c = change_by_name(changes, word, len);
	size_t i;

	s->setting = c ? c->setting : NULL;
	for (i = 0; i < changes->nr && !s->setting; i++)
		s->setting = setting_by_name(changes->c[i].place, word, len, 0);
	if (!s->setting || !s->setting->option)
		return false;
	s->unit = c ? c->unit : s->setting->unit;
	s->typed = c ? c->typed : NULL;
	return true;
}

/* "10000", "10^15"; false: no number */
static bool parse_number(const char *word, size_t len, uint64_t *v)
{
	char *end;

	*v = strtoull(word, &end, 10);
	if (end == word || *word < '0' || *word > '9')
		return false;
	if (*end == '^') {
		unsigned long n = strtoul(end + 1, &end, 10);
		uint64_t base = *v;

		for (*v = 1; n; n--)
			*v *= base;
	}
	return end == word + len;
}

struct text {
	char *s;
	size_t len, size;
};

static void put(struct text *t, const char *s, size_t len)
{
	int n = snprintf(t->s + t->len, t->size - t->len, "%.*s", (int)len, s);

	t->len += n;
	if (t->len >= t->size)
		t->len = t->size - 1;
}

static void put_str(struct text *t, const char *s)
{
	put(t, s, strlen(s));
}

static void put_subject(struct text *t, const struct subject *s)
{
	put_str(t, "--");
	put_str(t, s->setting->option);
	if (s->typed) {
		put_str(t, " ");
		put_str(t, s->typed);
	}
}

bool changes_explain(const struct changes *changes, const char *said, char *text, size_t size)
{
	struct text t = { text, 0, size };
	const char *word = said;
	struct subject first, s;
	char buf[FMT_LEN];
	uint64_t v;

	if (!find_subject(changes, said, strcspn(said, " "), &first))
		return false;
	while (*word) {
		size_t len = strcspn(word, " ,;");

		if (*word == '(' && strchr(word, ')')) {
			word = strchr(word, ')') + 1;
			t.len -= t.len && t.s[t.len - 1] == ' ';
			t.s[t.len] = 0;
		} else if (find_subject(changes, word, len, &s)) {
			put_subject(&t, &s);
			if (word == said && s.typed)
				put_str(&t, ":");
			word += len;
		} else if (parse_number(word, len, &v)) {
			put_str(&t, unit_fmt(buf, first.unit, v, first.typed));
			word += len;
		} else {
			put(&t, word, len);
			word += len;
		}
		len = strspn(word, " ,;");
		put(&t, word, len);
		word += len;
	}
	return true;
}
