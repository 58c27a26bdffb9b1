/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vCPU threads, played by kernel threads: they enter when told, are switched in
 * and out by the real scheduler, and end.  And the structs of KVM that they run.
 */
#ifndef KVMETER_ACTOR_H
#define KVMETER_ACTOR_H

#include <linux/completion.h>
#include <linux/types.h>

struct kunit;
struct kvm;
struct kvm_vcpu;
struct kvmeter_slot;
struct task_struct;

/**
 * struct actor - a vCPU thread
 * @task: the thread, referenced
 * @go: it has something to do
 * @done: it has done it
 * @work: task work to run; NULL: none
 * @vcpu: to enter, if there is no @work; NULL: to end
 * @slot: that it was bound to when it entered last; NULL: none
 * @current_right: its CPU pointed to @slot then, and after a sleep
 */
struct actor {
	struct task_struct *task;
	struct completion go;
	struct completion done;
	struct callback_head *work;
	struct kvm_vcpu *vcpu;
	struct kvmeter_slot *slot;
	bool current_right;
};

struct actor *actor_new(struct kunit *test);
void actor_do(struct actor *actor, struct kvm_vcpu *vcpu);
void actor_work(struct actor *actor, struct callback_head *work);
void actor_end(struct actor *actor);

struct kvm *kvm_new(struct kunit *test);
struct kvm_vcpu *vcpu_new(struct kunit *test, struct kvm *kvm, int id);

/* slot_kunit.c: the slots as they are at load; how often the period was woken since */
void slot_kunit_reset(void);
extern unsigned int slot_kunit_wakes;

#endif /* KVMETER_ACTOR_H */
