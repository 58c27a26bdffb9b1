// SPDX-License-Identifier: GPL-2.0
#include "show/json_log.h"

#include "show/json.h"

void json_adjustment_fields(const struct adjustment *a)
{
	json_u64("seq", a->seq);
	json_u64("epoch", a->epoch);
	json_u64("vm_id", a->vm_id);
	json_u64("real_ns", a->real_ns);
	json_str("resource", RESOURCE_NAME(a->resource));
	json_str("reason", REASON_NAME(a->reason));
	json_str("mode", MODE_NAME(a->mode));
	if (a->source)
		json_str("source", SOURCE_NAME(a->source));
	json_bool("would", a->would);
	json_bool("enforced", a->enforced);
	json_u64("old_grant_bp", a->old_grant_bp);
	json_u64("new_grant_bp", a->new_grant_bp);
	json_u64("factor_bp", a->factor_bp);
	json_u64("threshold_mbit", a->threshold_mbit);
	json_u64("surprise_mbit", a->surprise_mbit);
	json_u64("usage_bp", a->usage_bp);
	json_u64("demand_bp", a->demand_bp);
	json_u64("predicted_bp", a->predicted_bp);
	json_u64("p99_bp", a->p99_bp);
	json_u64("old_ncr_h", a->old_ncr_h);
	json_u64("new_ncr_h", a->new_ncr_h);
	json_u64("effective_real_ns", a->effective_real_ns);
}

void json_price_fields(const struct price_change *p)
{
	json_u64("seq", p->seq);
	json_u64("epoch", p->epoch);
	json_u64("vm_id", p->vm_id);
	json_u64("real_ns", p->real_ns);
	json_u64("effective_real_ns", p->effective_real_ns);
	json_u64("old_ncr_h", p->old_ncr_h);
	json_u64("new_ncr_h", p->new_ncr_h);
	json_u64("adjustment_seq", p->adjustment_seq);
}
