/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Units of settings: how people write a value that goes over the wire as an
 * unsigned number.
 */
#ifndef KVMETER_UNIT_H
#define KVMETER_UNIT_H

#include <stddef.h>
#include <stdint.h>

/**
 * enum unit - what a number on the wire stands for
 * @UNIT_NCR: nano-credits; people write credits
 * @UNIT_CAP: nano-credits, UINT64_MAX: none
 * @UNIT_BP: basis points; people write percent
 * @UNIT_MBIT: thousandths of a bit of surprise; people write bits
 * @UNIT_NS: nanoseconds; people write a time with its unit
 * @UNIT_MS: milliseconds
 * @UNIT_S: seconds
 * @UNIT_MIB: MiB; people write a size
 * @UNIT_KIB: KiB, or KiB per second
 * @UNIT_ONOFF: 1: on, 0: off
 * @UNIT_MODE: enum kvmeter_mode
 * @UNIT_ACTION: enum kvmeter_cap_action
 * @UNIT_RESOURCES: bits of enum kvmeter_resource
 */
enum unit {
	UNIT_NCR,
	UNIT_CAP,
	UNIT_BP,
	UNIT_MBIT,
	UNIT_NS,
	UNIT_MS,
	UNIT_S,
	UNIT_MIB,
	UNIT_KIB,
	UNIT_ONOFF,
	UNIT_MODE,
	UNIT_ACTION,
	UNIT_RESOURCES,
};

/** unit_arg - what stands for a value of @unit in the help text */
const char *unit_arg(enum unit unit);

/** unit_words - the names that values of @unit have; NULL: they are numbers */
const char * const *unit_words(enum unit unit, size_t *nr);

/**
 * unit_parse - a value as it was typed
 * @unit: what it is
 * @s: the text, all of it
 * @v: the number on the wire
 *
 * Return: NULL, or what is wrong with the text.
 */
const char *unit_parse(enum unit unit, const char *s, uint64_t *v);

/**
 * unit_fmt - a value as it would be typed; unit_parse() takes it
 * @buf: of FMT_LEN bytes at least
 * @unit: what it is, a number: no name
 * @v: the number on the wire
 * @like: a value that was typed; where a unit has two ways to be written, the
 *        way of this one; NULL: the usual way
 *
 * Return: @buf.
 */
char *unit_fmt(char *buf, enum unit unit, uint64_t v, const char *like);

#endif /* KVMETER_UNIT_H */
