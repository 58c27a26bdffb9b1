/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Changes: the settings that a command line asks for, and errors about them in
 * the words of that command line.
 */
#ifndef KVMETER_CHANGE_H
#define KVMETER_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "data/settings.h"

/**
 * struct change - one of them
 * @place: where it belongs
 * @attr: its attribute there
 * @setting: its row; NULL: it has none
 * @unit: of @value; the row's, unless the resource has one of its own
 * @value: number on the wire
 * @str: not NULL: a string, instead of @value
 * @typed: the value as it was typed; NULL: it was not
 */
struct change {
	enum place place;
	uint16_t attr;
	const struct setting *setting;
	enum unit unit;
	uint64_t value;
	const char *str;
	const char *typed;
};

/** struct changes - those of one request; the last word on a setting counts */
struct changes {
	struct change c[32];
	size_t nr;
};

/** change_add - take one up; one of the same setting is replaced */
void change_add(struct changes *changes, const struct change *change);

/** change_set - a setting, with its value as it was typed */
void change_set(struct changes *changes, enum place place, const struct setting *s,
		uint64_t value, const char *typed);

/**
 * changes_explain - a refusal in the words of the command line
 * @changes: what was asked for
 * @said: the module's text, which begins with a setting's name:
 *        "floor_bp must be 100 to 10000"
 * @text: where it goes: "--floor 150%: must be 1% to 100%"
 * @size: room in @text
 *
 * Names become options, with the values that were typed.  Numbers become values
 * of the unit, written as the typed one was.  Text in brackets repeats a number
 * and is left out.
 *
 * Return: false when @said names no setting of the places that @changes touch;
 * @text is then not written.
 */
bool changes_explain(const struct changes *changes, const char *said, char *text, size_t size);

#endif /* KVMETER_CHANGE_H */
