// SPDX-License-Identifier: GPL-2.0
#include "show/json_settings.h"

#include "show/json.h"

static void json_resources(const char *key, uint64_t bits)
{
	uint32_t r;

	json_open(key, '[');
	for (r = 0; r < NR_RESOURCES; r++)
		if (bits & 1U << r)
			json_str(NULL, resource_names[r]);
	json_close(']');
}

static void json_setting(const struct setting *s, uint64_t v)
{
	switch (s->unit) {
	case UNIT_MODE:
		json_str(s->name, MODE_NAME(v));
		break;
	case UNIT_ACTION:
		json_str(s->name, CAP_ACTION_NAME(v));
		break;
	case UNIT_ONOFF:
		json_bool(s->name, v);
		break;
	case UNIT_RESOURCES:
		json_resources(s->name, v);
		break;
	case UNIT_CAP:
		json_u64_or_null(s->name, v);
		break;
	default:
		json_u64(s->name, v);
	}
}

void json_settings(enum place place, const void *from)
{
	const struct setting *s;
	bool nested = false;

	for_each_setting(s, place) {
		if (s->nested && !nested)
			json_open(s->said, '{');
		if (!s->nested && nested)
			json_close('}');
		nested = s->nested;
		json_setting(s, setting_get(s, from));
	}
	if (nested)
		json_close('}');
}

void json_policies(const char *key, const struct kmc_policy policy[NR_ACT])
{
	uint32_t r;

	json_open(key, '{');
	for (r = 0; r < NR_ACT; r++) {
		json_open(resource_names[r], '{');
		json_settings(IN_POLICY, &policy[r]);
		json_close('}');
	}
	json_close('}');
}

void json_tariff(const char *key, const struct kmc_tariff *t)
{
	json_open(key, '{');
	json_settings(IN_TARIFF, t);
	json_close('}');
}
