/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blob's fields: numbers as little-endian bytes, each with a range.
 *
 * One walk goes over the fields, to write them or to read them.  A field that is out of
 * its range is a complaint; the first complaint stays.
 */
#ifndef KMC_BLOB_FIELD_H
#define KMC_BLOB_FIELD_H

#include "q.h"

/**
 * struct kmc_blob_walk - a walk over the fields
 * @at: the next byte
 * @end: behind the last byte
 * @why: the first complaint; NULL: none
 * @write: bytes are written; otherwise they are only read
 */
struct kmc_blob_walk {
	u8 *at;
	u8 *end;
	const char *why;
	bool write;
};

/**
 * kmc_crc32 - CRC-32 as of Ethernet, zlib and IEEE 802.3
 * @data: bytes
 * @len: how many
 *
 * Return: the checksum.
 */
u32 kmc_crc32(const void *data, size_t len);

/**
 * kmc_blob_refuse - complain of what the fields hold
 * @w: walk
 * @why: a sentence
 */
void kmc_blob_refuse(struct kmc_blob_walk *w, const char *why);

/**
 * kmc_blob_bytes - walk over one number, whatever its value
 * @w: walk
 * @v: the number to write
 * @nr: its bytes
 *
 * Return: the number written or read; @v when the bytes end before it.
 */
u64 kmc_blob_bytes(struct kmc_blob_walk *w, u64 v, u32 nr);

/*
 * Walk over a field: its value, its range, and the complaint when it is out of the
 * range.  An unsigned field without @least begins at 0; a kmc_blob_s8() is within
 * +-@most; all values are in the range of a kmc_blob_u16().
 */
void kmc_blob_u8(struct kmc_blob_walk *w, u8 *v, u8 most, const char *why);
void kmc_blob_u16(struct kmc_blob_walk *w, u16 *v);
void kmc_blob_u32(struct kmc_blob_walk *w, u32 *v, u32 least, u32 most, const char *why);
void kmc_blob_u64(struct kmc_blob_walk *w, u64 *v, u64 most, const char *why);
void kmc_blob_s8(struct kmc_blob_walk *w, s8 *v, s8 most, const char *why);
void kmc_blob_s32(struct kmc_blob_walk *w, s32 *v, s32 least, s32 most, const char *why);
void kmc_blob_s64(struct kmc_blob_walk *w, s64 *v, s64 least, s64 most, const char *why);

/**
 * kmc_blob_same - walk over a constant, which must be the same on both sides
 * @w: walk
 * @v: the constant
 * @nr: its bytes
 * @why: the complaint when it differs
 */
void kmc_blob_same(struct kmc_blob_walk *w, u64 v, u32 nr, const char *why);

#endif /* KMC_BLOB_FIELD_H */
