// SPDX-License-Identifier: GPL-2.0
/*
 * Usage: peer OBJECT
 *
 * Loads a BPF object, attaches all of its programs, prints "attached" and
 * stays until standard input ends.
 */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <bpf/libbpf.h>

int main(int argc, char **argv)
{
	struct bpf_program *prog;
	struct bpf_object *obj;
	int err, fd;
	char c;

	if (argc != 2) {
		fputs("Usage: peer OBJECT\n", stderr);
		return 2;
	}
	obj = bpf_object__open_file(argv[1], NULL);
	if (!obj) {
		perror(argv[1]);
		return 1;
	}
	err = bpf_object__load(obj);
	if (err) {
		fprintf(stderr, "peer: load: %s\n", strerror(-err));
		return 1;
	}
	bpf_object__for_each_program(prog, obj) {
		if (!bpf_program__attach(prog)) {
			perror(bpf_program__name(prog));
			return 1;
		}
	}
	fd = bpf_object__find_map_fd_by_name(obj, "accounts");
	puts("attached");
	fflush(stdout);
	while (read(STDIN_FILENO, &c, 1) > 0)
		;
	return fd < 0;
}
