# SPDX-License-Identifier: GPL-2.0
#
# "make help" says what there is to make.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
VERSION := $(shell sed -n 's/.*KVMETER_VERSION "\(.*\)"/\1/p' kmod/base/version.h)

all: modules tools

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools:
	$(MAKE) -C tools

help:
	@echo 'Build and install:'
	@echo '  all (default)  - the module for the running kernel (KDIR=...) and the tools'
	@echo '  modules, tools - one of them'
	@echo '  install        - module, tools, man page (DESTDIR=, PREFIX=)'
	@echo '  dkms-install   - the module by DKMS, so that it follows kernel updates'
	@echo '  clean          - remove what was built'
	@echo
	@echo 'Show and test; on a Debian 12 these install what they need, as root, and say'
	@echo 'so; "make setup" does no more than that:'
	@echo '  demo           - the main job on real guests, in a virtual machine'
	@echo '  check          - the tests, in 45 minutes on two CPUs; the last line is'
	@echo '                   "N passed, N failed"'
	@echo '  check STAGES="unit style"'
	@echo '                 - some of them; "tests/check --list" has their names'
	@echo '  check-all      - every group of tests on every kernel, some hours'
	@echo '  bench          - the measurements, with spread'
	@echo
	@echo 'While working, without a set-up:'
	@echo '  unit           - the core in userspace, under sanitizers; seconds'
	@echo '  kunit          - the core, slots and lives of VMs in a kernel with checkers'
	@echo '  selftests      - the loaded module with real guests:'
	@echo '                   TESTS="throttle lease" KERNEL=6.12|6.1|debug'
	@echo '  style          - checkpatch, sparse, shellcheck'
	@echo '  docs           - kernel-doc comments, without output but for complaints'
	@echo
	@echo 'Generated:'
	@echo '  nl-gen         - netlink code, from the specification'
	@echo '  bench-predict  - forecasts and alerts on the traces in the folder DATA=, and'
	@echo '                   their cost'
	@echo "  model          - the network's weights, trained on the traces in DATA="
	@echo '  tags           - an index for editors'

setup:
	tests/setup

check: setup
	tests/check $(STAGES)

check-all: setup
	tests/check --all

unit:
	$(MAKE) -s -C tests/unit check

kunit:
	tests/kunit/run

selftests:
	tests/selftests/run --kernel $(or $(KERNEL),6.12) $(TESTS)

docs:
	$$(tests/vm/kernel source)/scripts/kernel-doc -none -Werror \
		$$(git ls-files 'kmod/*.[ch]' 'uapi/*.h' | grep -v 'gen\.[ch]$$')

tags:
	ctags $$(git ls-files '*.[ch]')

demo: setup
	tests/demo/run

bench: setup
	tests/bench/run

bench-predict: tools
	$(MAKE) -s -C tests/bench $(CURDIR)/build/bench/predict $(CURDIR)/build/bench/detect \
		B=$(CURDIR)/build/bench
	tests/bench/predict $(DATA)

# all sets in "id,v0,v1,..." lines, in the order of their names
model: tools
	build/tools/kvmeter train --epochs 40 --output tools/model/default.kmm \
		$$(find $(DATA) -name '*_cpu.csv.gz' -o -name '*_avg.csv.gz' -o -name '*_max.csv.gz' | sort)

style:
	tests/style

nl-gen:
	tools/nl-gen

install: all
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules_install
	$(MAKE) -C tools install PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)

dkms-install:
	install -d /usr/src/kvmeter-$(VERSION)
	cp -r Kbuild Makefile dkms.conf kmod uapi /usr/src/kvmeter-$(VERSION)/
	dkms add kvmeter/$(VERSION) || true
	dkms install --force kvmeter/$(VERSION)
	$(MAKE) -C tools install PREFIX=$(PREFIX)

clean:
	rm -rf build
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean

.PHONY: all help modules tools setup check check-all demo bench bench-predict model unit kunit \
	selftests style docs tags nl-gen install dkms-install clean
