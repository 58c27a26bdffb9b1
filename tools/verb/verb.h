/* SPDX-License-Identifier: GPL-2.0 */
#ifndef KVMETER_VERB_H
#define KVMETER_VERB_H

/* Each verb's body: argv[0] is the verb, the result enum status. */
#include "data/status.h"

int list_main(int argc, char **argv);
int show_main(int argc, char **argv);
int top_main(int argc, char **argv);
int watch_main(int argc, char **argv);
int price_main(int argc, char **argv);
int budget_main(int argc, char **argv);
int policy_main(int argc, char **argv);
int tariff_main(int argc, char **argv);
int suggest_main(int argc, char **argv);
int quote_main(int argc, char **argv);
int hints_main(int argc, char **argv);
int forecast_main(int argc, char **argv);
int bind_main(int argc, char **argv);
int unbind_main(int argc, char **argv);
int log_main(int argc, char **argv);
int ledger_main(int argc, char **argv);
int explain_main(int argc, char **argv);
int profile_main(int argc, char **argv);
int model_main(int argc, char **argv);
int record_main(int argc, char **argv);
int replay_main(int argc, char **argv);
int train_main(int argc, char **argv);
int label_main(int argc, char **argv);
int doctor_main(int argc, char **argv);
int cgroup_main(int argc, char **argv);
int host_main(int argc, char **argv);

#endif /* KVMETER_VERB_H */
