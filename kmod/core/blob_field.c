// SPDX-License-Identifier: GPL-2.0
#include "blob_field.h"

/* CRC-32 four bits at a time: a table that fits a cache line */
static const u32 blob_crc[16] = {
	0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
	0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
	0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
	0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
};

u32 kmc_crc32(const void *data, size_t len)
{
	const u8 *byte = data;
	u32 crc = U32_MAX;

	while (len--) {
		crc ^= *byte++;
		crc = crc >> 4 ^ blob_crc[crc & 15];
		crc = crc >> 4 ^ blob_crc[crc & 15];
	}
	return ~crc;
}

void kmc_blob_refuse(struct kmc_blob_walk *w, const char *why)
{
	if (!w->why)
		w->why = why;
}

u64 kmc_blob_bytes(struct kmc_blob_walk *w, u64 v, u32 nr)
{
	u64 read = 0;
	u32 i;

	if (w->end - w->at < nr) {
		kmc_blob_refuse(w, "the blob is cut short");
		return v;
	}
	for (i = 0; i < nr; i++) {
		if (w->write)
			*w->at = v >> 8 * i;
		read |= (u64)*w->at++ << 8 * i;
	}
	return read;
}

static u64 blob_field(struct kmc_blob_walk *w, u64 v, u32 nr, u64 least, u64 most, const char *why)
{
	v = kmc_blob_bytes(w, v, nr);
	if (v < least || v > most)
		kmc_blob_refuse(w, why);
	return v;
}

static s64 blob_signed(struct kmc_blob_walk *w, s64 v, u32 nr, s64 least, s64 most, const char *why)
{
	u32 spare = 64 - 8 * nr;

	v = (s64)(kmc_blob_bytes(w, v, nr) << spare) >> spare;
	if (v < least || v > most)
		kmc_blob_refuse(w, why);
	return v;
}

void kmc_blob_u8(struct kmc_blob_walk *w, u8 *v, u8 most, const char *why)
{
	*v = blob_field(w, *v, 1, 0, most, why);
}

void kmc_blob_u16(struct kmc_blob_walk *w, u16 *v)
{
	*v = kmc_blob_bytes(w, *v, 2);
}

void kmc_blob_u32(struct kmc_blob_walk *w, u32 *v, u32 least, u32 most, const char *why)
{
	*v = blob_field(w, *v, 4, least, most, why);
}

void kmc_blob_u64(struct kmc_blob_walk *w, u64 *v, u64 most, const char *why)
{
	*v = blob_field(w, *v, 8, 0, most, why);
}

void kmc_blob_s8(struct kmc_blob_walk *w, s8 *v, s8 most, const char *why)
{
	*v = blob_signed(w, *v, 1, -most, most, why);
}

void kmc_blob_s32(struct kmc_blob_walk *w, s32 *v, s32 least, s32 most, const char *why)
{
	*v = blob_signed(w, *v, 4, least, most, why);
}

void kmc_blob_s64(struct kmc_blob_walk *w, s64 *v, s64 least, s64 most, const char *why)
{
	*v = blob_signed(w, *v, 8, least, most, why);
}

void kmc_blob_same(struct kmc_blob_walk *w, u64 v, u32 nr, const char *why)
{
	blob_field(w, v, nr, v, v, why);
}
