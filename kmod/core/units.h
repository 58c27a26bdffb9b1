/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Units of the core.  A name carries its unit:
 *
 *   _ns     nanoseconds; at_ns is an instant of CLOCK_MONOTONIC
 *   _bp     basis points, 10 000 is the whole
 *   _mbit   thousandths of a bit of surprise
 *   _ncr    nano-credits, an amount of money
 *   _ncr_h  nano-credits per hour, a price or a rate
 *   _q8 ... fixed point with 8 ... fractional bits
 */
#ifndef KMC_UNITS_H
#define KMC_UNITS_H

#include "port.h"

#define KMC_BP			10000U
#define KMC_NS_PER_MS		1000000ULL
#define KMC_NS_PER_S		1000000000ULL
#define KMC_NS_PER_HOUR		3600000000000ULL

/*
 * Largest amount, price and rate that any input may name: 10^15 ncr, a million
 * credits (per hour).  Products with a day of ns stay below 2^97, so that
 * kmc_accrue()'s 128-bit arithmetic cannot overflow.
 */
#define KMC_NCR_MAX		1000000000000000ULL

/**
 * enum kmc_resource - what is profiled; all but exits are also adjusted and charged
 * @KMC_RES_CPU: CPU time of the whole VM; sample unit: bp of its vCPUs' time;
 *               metered amount: ns of a vCPU
 * @KMC_RES_MEMORY: resident memory; sample unit: MiB; amount: MiB times ms
 * @KMC_RES_NETWORK: sample unit: KiB per second of the busier direction (a
 *                   link is sold full duplex); amount: bytes both ways
 * @KMC_RES_DISK: reads and writes by cost (kmod/disk/bio.c defines a cost byte);
 *                sample unit: cost KiB per second; amount: cost bytes
 * @KMC_RES_EXITS: VM exits and hypercalls; sample unit: exits per second
 * @KMC_NR_RES: how many there are
 *
 * Histogram and predictor reach to 24 bits (KMC_HIST_MAX).  In these sample units
 * 24 bits hold all of a large host: 16 TiB, 16 GiB/s.
 *
 * A further resource that is adjusted comes before @KMC_RES_EXITS, with a row
 * in each table that is sized by KMC_NR_RES or KMC_NR_ACT.
 */
enum kmc_resource {
	KMC_RES_CPU,
	KMC_RES_MEMORY,
	KMC_RES_NETWORK,
	KMC_RES_DISK,
	KMC_RES_EXITS,
	KMC_NR_RES,
};

/* the adjusted ones */
#define KMC_NR_ACT	KMC_RES_EXITS

/**
 * struct kmc_now - the one clock reading of a pass
 * @at_ns: CLOCK_MONOTONIC
 * @real_ns: CLOCK_REALTIME, for records that people read
 */
struct kmc_now {
	u64 at_ns;
	u64 real_ns;
};

#endif /* KMC_UNITS_H */
