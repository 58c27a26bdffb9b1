/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Blob's contents: the fields of profile, predictor and detector that travel, and
 * the ranges that keep arithmetic within its bounds, whoever wrote them.
 */
#ifndef KMC_BLOB_LEARNED_H
#define KMC_BLOB_LEARNED_H

#include "blob_field.h"
#include "detect.h"
#include "predict.h"

/**
 * kmc_blob_profile - walk over a profile
 * @w: walk
 * @p: profile
 */
void kmc_blob_profile(struct kmc_blob_walk *w, struct kmc_profile *p);

/**
 * kmc_blob_predict - walk over what a change of the period's length leaves of a predictor
 * @w: walk
 * @p: predictor
 */
void kmc_blob_predict(struct kmc_blob_walk *w, struct kmc_predict *p);

/**
 * kmc_blob_detect - walk over a detector, without where it was in time
 * @w: walk
 * @d: detector
 */
void kmc_blob_detect(struct kmc_blob_walk *w, struct kmc_detect *d);

#endif /* KMC_BLOB_LEARNED_H */
