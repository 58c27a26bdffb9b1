/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_STATUS_H
#define KVMETER_STATUS_H

/**
 * enum status - exit statuses of the tool, and results of its functions
 * @EXIT_OK: done
 * @EXIT_FAILED: refused by the module or by the system
 * @EXIT_USAGE: wrong option or operand
 * @EXIT_UNRECONCILED: the ledger's sums disagree
 * @EXIT_NOT_FOUND: no such VM, adjustment or model
 * @EXIT_NO_MODULE: the module is not loaded
 */
enum status {
	EXIT_OK,
	EXIT_FAILED,
	EXIT_USAGE,
	EXIT_UNRECONCILED,
	EXIT_NOT_FOUND,
	EXIT_NO_MODULE,
};

#endif /* KVMETER_STATUS_H */
