/* SPDX-License-Identifier: GPL-2.0 */
/*
 * init - the only program of the Linux test guest: what its parts share
 */
#ifndef INIT_H
#define INIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NSEC_PER_SEC	1000000000ull
#define MAX_WORDS	8

uint64_t now_ns(void);
void sleep_until(uint64_t ns);

/*
 * A pace: so many bytes a second, 0 for as many as go. Who is kept back loses the time and does not
 * make up for it later, so that a limit lowers what is moved and does not only delay it.
 */
struct pace {
	uint64_t	rate;		/* bytes/s */
	uint64_t	next_ns;	/* not more before */
};

void pace_wait(struct pace *p, size_t bytes);

/* Work beside the console's: one of a kind at a time, each told to stop before the next begins. */
struct job {
	const char	*name;
	bool		running, stop;
	uint64_t	bytes;		/* moved by this one */
	uint64_t	start_ns;
	int		error;
};

bool job_start(struct job *job, void *(*work)(void *));
void job_stop(struct job *job);
void job_done(struct job *job);

/* Commands: false if the words are none. Each has its reports, as " key=value". */
bool net_command(int nr, char **words);
void net_up(char *addresses);
void net_report(void);

bool disk_command(int nr, char **words);
void disk_report(void);

void touch(size_t mb, bool again);
void memory_report(void);

/* A number with k, M or G for bytes behind it, in powers of 1024 */
bool parse_size(const char *word, uint64_t *value);

#endif
