/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Stock: empty slots for the event path, and the new ones that came of it.
 */
#ifndef KVMETER_STOCK_H
#define KVMETER_STOCK_H

#include <linux/types.h>

struct kvmeter_slot;
struct list_head;

#define KVMETER_STOCK_SLOTS	256	/* vCPU threads that can appear between two passes */
#define KVMETER_STOCK_GROUP	64	/* of these, of one process */
#define KVMETER_STOCK_USER	192	/* of these, of one user */

/**
 * struct kvmeter_claim - whom a new slot counts for until it is adopted
 * @group: hash of the process
 * @user: hash of the user
 */
struct kvmeter_claim {
	u8 group;
	u8 user;
};

/* the event path */
struct kvmeter_slot *kvmeter_stock_take(void);
void kvmeter_stock_taken(struct kvmeter_slot *slot);
bool kvmeter_stock_ask(void);

/* the period and its works */
bool kvmeter_stock_wanted(void);
void kvmeter_stock_add(struct kvmeter_slot *slot);
bool kvmeter_stock_has_new(void);
void kvmeter_stock_new(struct list_head *slots);
void kvmeter_stock_settle(struct kvmeter_slot *slot);

/* unload */
void kvmeter_stock_collect(struct list_head *stock);

#endif /* KVMETER_STOCK_H */
