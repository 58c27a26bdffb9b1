# SPDX-License-Identifier: GPL-2.0
#
#   make                 the module for the running kernel (KDIR=...) and the tools
#   make demo            the main job on real guests, in a virtual machine
#   make check           all tests; ends with "N passed, N failed"
#   make bench           the measurements, with spread
#   make bench-predict   forecasts and alerts on the traces in the folder DATA=, and
#                        their cost
#   make model           the network's weights, trained on the traces in DATA=
#   make install         module, tools, man page (DESTDIR=, PREFIX=)
#   make dkms-install    module by DKMS, so that it follows kernel updates
#   make nl-gen          netlink code from the specification
#   make style           checkpatch and sparse
#
# demo, check and bench do their own set-up on a fresh Debian 12, as root.

KDIR ?= /lib/modules/$(shell uname -r)/build
PREFIX ?= /usr/local
VERSION := $(shell sed -n 's/.*KVMETER_VERSION "\(.*\)"/\1/p' kmod/base/version.h)

all: modules tools

modules:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

tools:
	$(MAKE) -C tools

setup:
	tests/setup

check: setup
	tests/check

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

.PHONY: all modules tools setup check demo bench bench-predict model style nl-gen install dkms-install clean
