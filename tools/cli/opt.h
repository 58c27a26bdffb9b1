/* SPDX-License-Identifier: GPL-2.0 */
/* Options, from a table per verb. */
#ifndef KVMETER_OPT_H
#define KVMETER_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/change.h"
#include "data/settings.h"
#include "data/util.h"

/**
 * struct verb - one verb
 * @name: what is typed
 * @main: its body; argv[0] is the name
 * @args: operands, for the usage line
 * @desc: one line of what it does
 */
struct verb {
	const char *name;
	int (*main)(int argc, char **argv);
	const char *args;
	const char *desc;
};

extern const struct verb *verb;	/* the one that runs */

/**
 * enum opt_kind - what becomes of an option's value
 * @OPT_FLAG: sets a bool
 * @OPT_STR: sets a const char *
 * @OPT_U64: sets a uint64_t
 * @OPT_NS: sets a uint64_t, a duration; bare numbers are seconds
 * @OPT_SET: is a change of a setting
 */
enum opt_kind {
	OPT_FLAG,
	OPT_STR,
	OPT_U64,
	OPT_NS,
	OPT_SET,
};

/**
 * struct opt - one option
 * @name: without dashes
 * @letter: its short form, 0: none
 * @arg: what stands for its value in the help text; NULL: it takes none
 * @help: one line
 * @kind: what becomes of the value
 * @target: what is set; not of OPT_SET
 * @place: OPT_SET: where the setting belongs
 * @setting: OPT_SET: its row
 */
struct opt {
	const char *name;
	char letter;
	const char *arg;
	const char *help;
	enum opt_kind kind;
	void *target;
	enum place place;
	const struct setting *setting;
};

#define OPT_JSON(v)	{ "json", 'j', NULL, "print JSON", OPT_FLAG, &(v) }
#define OPT_CSV(v)	{ "csv", 0, NULL, "print comma-separated values", OPT_FLAG, &(v) }

/**
 * opt_set - the option of a setting
 * @place: where the setting belongs
 * @attr: its attribute
 * @resource: whose, of rows that share the attribute; else 0
 * @letter: short form, 0: none
 * @help: one line
 */
struct opt opt_set(enum place place, uint16_t attr, uint16_t resource, char letter,
		   const char *help);

/**
 * opts_parse - take the options out of a verb's arguments
 * @argc: number of arguments, the verb's name included
 * @argv: arguments; left with the operands in front, NULL-terminated
 * @opts: the options, or NULL
 * @nr: how many
 * @changes: where OPT_SET goes, or NULL
 * @min: fewest operands
 * @max: most operands
 *
 * Ends the program after --help and on wrong usage.
 *
 * Return: number of operands.
 */
int opts_parse(int argc, char **argv, const struct opt *opts, size_t nr,
	       struct changes *changes, int min, int max);

/** opt_resource - the resource that --resource names; ends the program if there is none */
int opt_resource(const char *name);

/** usage_error - say what is wrong with the command line, and end the program */
__printf(1, 2) __noreturn void usage_error(const char *fmt, ...);

#endif /* KVMETER_OPT_H */
