/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Settings: policy, tariff, budget and what is set of the host and of a VM.
 *
 * One table tells of each setting where it is: in the netlink messages, in the
 * core's structs, in JSON and parameters, among the options.  Code that reads,
 * writes or shows settings walks the table.  So a new setting is one row here,
 * and a line of help where its option is.
 */
#ifndef KVMETER_SETTINGS_H
#define KVMETER_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy.h"

#include "data/unit.h"

/**
 * enum place - where a setting belongs
 * @IN_POLICY: struct kmc_policy, KVMETER_A_POLICY_*
 * @IN_TARIFF: struct kmc_tariff, KVMETER_A_TARIFF_*
 * @IN_BUDGET: struct kmc_budget_conf, KVMETER_A_BUDGET_*
 * @IN_HOST: struct host, KVMETER_A_HOST_*
 * @IN_VM: struct vm, KVMETER_A_VM_*
 * @NR_PLACES: how many there are
 */
enum place {
	IN_POLICY,
	IN_TARIFF,
	IN_BUDGET,
	IN_HOST,
	IN_VM,
	NR_PLACES,
};

/**
 * struct setting - one setting
 * @name: in JSON and in parameters
 * @said: the core's name of it, where several rows share one; NULL: @name
 * @option: its option without dashes; NULL: it has none
 * @attr: attribute on the wire
 * @nested: that is a nest, KVMETER_A_COST_*, which says the resource, too
 * @resource: of rows that share @said, whose this one is
 * @offset: in the struct of its place
 * @size: bytes there; one of 8 bytes is 64 bits wide on the wire, too, and any
 *        other 32
 * @unit: of its value
 */
struct setting {
	const char *name;
	const char *said;
	const char *option;
	uint16_t attr;
	bool nested;
	uint16_t resource;
	uint16_t offset;
	uint8_t size;
	enum unit unit;
};

/** struct settings - the rows of a place, in the order of JSON */
struct settings {
	const struct setting *row;
	size_t nr;
};

extern const struct settings settings[NR_PLACES];

#define for_each_setting(s, place)					\
	for (s = settings[place].row; s < settings[place].row + settings[place].nr; s++)

/** setting_said - how the core calls a setting */
static inline const char *setting_said(const struct setting *s)
{
	return s->said ? s->said : s->name;
}

uint64_t setting_get(const struct setting *s, const void *in);
void setting_put(const struct setting *s, void *in, uint64_t v);

/** setting_by_attr - the row of an attribute of @place; one must be there */
const struct setting *setting_by_attr(enum place place, uint16_t attr, uint16_t resource);

/**
 * setting_by_name - a row by the core's name
 * @place: where to look
 * @name: as in the core's errors; it may go on
 * @len: of the name
 * @resource: whose, of rows that share the name
 *
 * Return: the row, or NULL.
 */
const struct setting *setting_by_name(enum place place, const char *name, size_t len,
				      uint16_t resource);

#endif /* KVMETER_SETTINGS_H */
