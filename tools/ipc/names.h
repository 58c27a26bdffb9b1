/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Names of attributes, for errors that blame one.  ipc/names.c is generated
 * from the specification.
 */
#ifndef KVMETER_IPC_NAMES_H
#define KVMETER_IPC_NAMES_H

#include <stddef.h>
#include <stdint.h>

struct attr_set;

/**
 * struct attr_name - one attribute
 * @type: its number
 * @name: as in the specification
 * @nested: what lies in it, NULL: it is no nest
 */
struct attr_name {
	uint16_t type;
	const char *name;
	const struct attr_set *nested;
};

/** struct attr_set - the attributes of a message or of a nest */
struct attr_set {
	const struct attr_name *attrs;
	size_t nr;
};

/** attr_set_of - what a command's messages consist of; NULL: not known */
const struct attr_set *attr_set_of(uint8_t command);

#endif /* KVMETER_IPC_NAMES_H */
