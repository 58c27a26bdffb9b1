/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blob: what a VM's profiles and predictors learned, as bytes that travel.
 *
 * Problem: a VM that migrates in is a stranger: the new host watches it for minutes
 * before it can tell an alarm from a boot, while the host that it left knows
 * its nature.  Structures cannot travel: they differ between hosts, versions
 * and byte orders, and a wrong field would be believed for hours.
 *
 * Model: a list of fields, each written as little-endian bytes and each with a
 * range.  One function walks the list for writing and for reading, so that the
 * two cannot differ.  A head holds version, size and the CRC-32 of all that
 * follows it.  A blob is read whole into a structure of its own; the caller takes
 * it over only if nothing is wrong with it.
 *
 *   magic, version, size of the head, size of all, CRC-32
 *   shape: resources, bins, lag, experts, contexts, filters, band
 *   period_ns, half-life in periods, the network's checksum, resources in it
 *   per resource in it: profile, predictor, detector
 *
 * Of a predictor, what a change of the period's length leaves travels: averages,
 * scales, losses, filters and bands.  The past and the forecasts that wait
 * belong to the host that it left; they are learned anew in as many periods.  Of a
 * detector, all but its place in time travels: the profiles of working days
 * and weekends took a week to learn.
 *
 * What was learned in periods of another length is taken as far as it holds.
 * Predictor and detector are treated as when a host's own period changes.  The
 * profile's tails are those of longer or shorter averages: it is taken as an
 * image's prior, which gives way to the VM's own samples.
 *
 * The checksum shows that the bytes are those that were written, not that they are
 * true.  The ranges keep arithmetic within its bounds, whoever wrote the bytes.
 */
#ifndef KMC_BLOB_H
#define KMC_BLOB_H

#include "pipeline.h"

#define KMC_BLOB_MAGIC		0x31504d4bU	/* "KMP1" */
#define KMC_BLOB_VERSION	2
#define KMC_BLOB_HEAD		16		/* bytes before what is summed */
/* more than a whole one takes */
#define KMC_BLOB_MAX		(256 + KMC_NR_RES * 3840)

/**
 * struct kmc_blob - what is written and read
 * @period_ns: length of the periods that it was learned in; 0: any (an image's)
 * @half_life: in periods, where it was learned; for inspection
 * @model_checksum: of the network that the predictors used, 0: none
 * @has_profile: bit per resource
 * @has_predict: bit per resource; within @has_profile
 * @has_detect: bit per resource; within @has_profile
 * @profile: those in @has_profile; after a read, without a half-life
 * @predict: those in @has_predict; after a read, only what travels is set
 * @detect: those in @has_detect; after a read, only what travels is set
 */
struct kmc_blob {
	u64 period_ns;
	u32 half_life;
	u32 model_checksum;
	u32 has_profile;
	u32 has_predict;
	u32 has_detect;
	struct kmc_profile profile[KMC_NR_RES];
	struct kmc_predict predict[KMC_NR_RES];
	struct kmc_detect detect[KMC_NR_RES];
};

#define KMC_BLOB_ALL	((1U << KMC_NR_RES) - 1)

/**
 * kmc_blob_write - write a blob as bytes
 * @b: what is written
 * @out: set
 * @room: bytes at @out, KMC_BLOB_MAX are always enough
 *
 * Return: bytes written; 0: @room is too small, or @b could not be read back.
 */
size_t kmc_blob_write(struct kmc_blob *b, void *out, size_t room);

/**
 * kmc_blob_read - read a blob from bytes
 * @data: bytes
 * @len: how many
 * @b: set; of no use when something is wrong
 *
 * Return: NULL, or what is wrong.
 */
const char *kmc_blob_read(const void *data, size_t len, struct kmc_blob *b);

/**
 * kmc_blob_from_vm - copy what a VM learned
 * @b: set
 * @vm: VM
 * @mask: of these resources (1 << enum kmc_resource)
 */
void kmc_blob_from_vm(struct kmc_blob *b, const struct kmc_vm *vm, u32 mask);

/**
 * kmc_blob_to_vm - take over what was read
 * @b: read, whole
 * @vm: changed only when nothing is wrong
 * @mask: of these resources (1 << enum kmc_resource); all must be in @b
 *
 * Half-lives are those of @vm's policies; alarms follow.  The clock that tells
 * the time of day is taken to be the same.
 *
 * Return: NULL, or what is wrong.
 */
const char *kmc_blob_to_vm(const struct kmc_blob *b, struct kmc_vm *vm, u32 mask);

#endif /* KMC_BLOB_H */
