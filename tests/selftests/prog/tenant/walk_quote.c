// SPDX-License-Identifier: GPL-2.0
/*
 * walk_quote - the price that was quoted is what comes, at once, as the VM asked for it;
 * and the page shows it
 */
#include "tenant.h"

void walk_quote(int fd, const struct kvmeter_page *page)
{
	uint64_t end = now_ms() + 20000;
	struct kvmeter_ioc_quote q;
	struct kvmeter_page p;

	operator("kv ask vm-set id=%u tariff.base-ncr-h=1000000000,floor-ncr-h=0,"
		 "ceiling-ncr-h=10000000000,notice-ms=500,slew-ncr-h-min=0,"
		 "cost.resource=0+ncr-h=800000000", id_of(fd));
	wait_ms(2000);	/* what was suggested before is over */
	kvmeter_quote(fd, KVMETER_RES_CPU, 20000, &q);
	result(q.accepted_bp == 20000 && q.price_ncr_h == 1800000000 &&
	       q.diff_ncr_h == (int64_t)(q.price_ncr_h - q.now_ncr_h) &&
	       q.effective_at_ns / 1000000 <= now_ms(), "a quote, for now",
	       "%u bp, %llu ncr/h, %lld more", q.accepted_bp, q.price_ncr_h, q.diff_ncr_h);
	kvmeter_suggest(fd, KVMETER_RES_CPU, 20000, 60000, NULL);
	do {
		wait_ms(20);
		kvmeter_page_read(page, &p);
	} while (p.price_ncr_h != q.price_ncr_h && now_ms() < end);
	result(p.price_ncr_h == q.price_ncr_h && p.grant_bp[0] == 20000,
	       "it comes as quoted, in the page", "%llu ncr/h, %u bp", p.price_ncr_h,
	       p.grant_bp[0]);
	kvmeter_suggest(fd, KVMETER_RES_CPU, 0, 0, NULL);
}
