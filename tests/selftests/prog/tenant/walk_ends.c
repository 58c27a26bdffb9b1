// SPDX-License-Identifier: GPL-2.0
/*
 * walk_ends - VMs that end while files are attached to them
 */
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "tenant.h"

static void gone(const char *how, int fd, const struct kvmeter_page *page)
{
	struct kvmeter_page last, p;
	struct kvmeter_ioc_get get;
	struct kvmeter_ioc_quote q;

	result(polled(fd, POLLHUP | POLLIN, 20000), name_of(how, "poll tells"), "it does not");
	want(name_of(how, "get"), kvmeter_get(fd, &get), ENODEV);
	want(name_of(how, "suggest"), kvmeter_suggest(fd, 0, 10000, 1, NULL), ENODEV);
	want(name_of(how, "quote"), kvmeter_quote(fd, 0, 10000, &q), ENODEV);
	want(name_of(how, "budget"), kvmeter_budget(fd, 1, 0, 0, 0), ENODEV);
	want(name_of(how, "map"), (long)mmap(NULL, page_size, PROT_READ, MAP_SHARED, fd, 0),
	     ENODEV);
	kvmeter_page_read(page, &last);
	wait_ms(1500);
	kvmeter_page_read(page, &p);
	result(p.flags & KVMETER_PAGE_GONE && p.charged_ncr &&
	       p.charged_ncr == last.charged_ncr && p.vm_id,
	       name_of(how, "the page has the last values"), "flags %x, charged %llu",
	       p.flags, p.charged_ncr);
}

void walk_close(void)
{
	int efd = eventfd(0, EFD_NONBLOCK), fd;
	const struct kvmeter_page *page;
	struct vm vm;

	vm_make(&vm, true);
	fd = attached(vm.fd);
	page = kvmeter_page_map(fd);
	kvmeter_eventfd(fd, efd, KVMETER_EVENT_GONE);
	wait_ms(500);
	vm_end(&vm);
	gone("closed", fd, page);
	result(polled(efd, POLLIN, 0), "closed: the eventfd tells", "it does not");
	close(fd);
	/* the mapping holds the file */
	result(page->flags & KVMETER_PAGE_GONE, "closed: the mapping stays", "flags %x",
	       page->flags);
	munmap((void *)page, page_size);
	close(efd);
}

void walk_kill(void)
{
	const struct kvmeter_page *page;
	int s[2], fd;
	pid_t pid;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, s))
		die("socketpair");
	pid = fork();
	if (!pid) {
		struct vm vm;

		vm_make(&vm, true);
		send_fd(s[1], attached(vm.fd));
		pause();
	}
	fd = receive_fd(s[0]);
	page = kvmeter_page_map(fd);
	wait_ms(500);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	gone("killed", fd, page);
	munmap((void *)page, page_size);
	close(fd);
	close(s[0]);
	close(s[1]);
}
