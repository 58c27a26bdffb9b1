/* SPDX-License-Identifier: GPL-2.0 */
#define KVMETER_VERSION "0.1.0"
