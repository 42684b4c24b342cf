# What can be done with this project. Nothing here needs a display, OpenGL or
# root; the scripts in .ci say what is missing and how to get it.

SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules

GO            ?= go
TAGS          ?= headless
RACE          ?= -race
TIMEOUT       ?= 20m
FUZZTIME      ?= 30s
MODEL_RUNS    ?= 1000000
KILL_COUNT    ?= 2000
SOAK          ?= 10000
COVER_MINIMUM ?= 90

GOLANGCI_VERSION    := v2.15.0
# Later versions need golang.org/x/telemetry in a version that not every proxy serves.
GOVULNCHECK_VERSION := v1.8.0
NFPM_VERSION        := v2.45.0
CYCLONEDX_VERSION   := v1.10.0

TOOLS   := $(CURDIR)/build/tools
VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null)
COMMIT  ?= $(shell git rev-parse HEAD 2>/dev/null)

export GO TAGS
LDFLAGS := -s -w -X main.version=$(VERSION) -X main.commit=$(COMMIT)
# -buildvcs=false: the flags above carry the version, and git refuses to answer
# where the checkout belongs to another user.
BUILD   := $(GO) build -buildvcs=false -trimpath -tags '$(TAGS)' -ldflags '$(LDFLAGS)'

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: build
build: need-go ## the program, as build/posagent
	$(BUILD) -o build/posagent ./cmd/posagent

.PHONY: demo
demo: build ## every outcome of a payment, shown on a pretend gateway
	build/posagent demo --headless


.PHONY: test
test: need-race format vet windows mutants race ## all checks and tests of a change

.PHONY: format
format:
	@unformatted=$$(find . -name '*.go' -not -path './build/*' -print0 | xargs -0 gofmt -l); \
	if [ -n "$$unformatted" ]; then echo "not formatted (run gofmt -w):"; echo "$$unformatted"; exit 1; fi

.PHONY: vet
vet: need-go
	$(GO) vet -tags '$(TAGS)' ./...

# Compiles for Windows everything that needs no C compiler.
.PHONY: windows
windows: need-go
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GO) build -buildvcs=false -tags '$(TAGS)' -o /dev/null ./cmd/posagent
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 $(GO) build -buildvcs=false -tags '$(TAGS)' ./...

.PHONY: race
race: need-race
	$(GO) test -tags '$(TAGS)' $(RACE) -timeout $(TIMEOUT) ./...

# The model has no goroutines and is ten times slower under the race detector,
# which therefore plays a part of it only: here it is played with its mutants.
.PHONY: mutants
mutants: need-go
	$(GO) test ./offline/offlinetest -count=1 -run Model

.PHONY: arch
arch: need-go ## import rules, package state, documents: seconds
	$(GO) test -count=1 .

.PHONY: lint
lint: $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION) ## golangci-lint; the first run builds it
	$< run --build-tags '$(TAGS)' ./...

$(TOOLS)/golangci-lint-$(GOLANGCI_VERSION): | need-go
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION)
	mv $(TOOLS)/golangci-lint $@

.PHONY: cover
cover: need-go ## statements covered in offline and queue; fails below COVER_MINIMUM %
	.ci/coverage $(COVER_MINIMUM) posagent/offline posagent/queue


.PHONY: model
model: need-go ## MODEL_RUNS runs of the adversary against the payment policy, and its mutants
	$(GO) test ./offline/offlinetest -count=1 -run Model -timeout 4h -v -model.runs=$(MODEL_RUNS)

.PHONY: crash
crash: need-go ## the whole crash matrix; make test plays a twelfth of it
	$(GO) test ./internal/crashtest -count=1 -timeout 1h -v

.PHONY: kill
kill: need-go ## KILL_COUNT processes killed with SIGKILL, against the pretend gateway's ledger
	$(GO) test ./internal/e2e -count=1 -run Kill -timeout 4h -v -kill.count=$(KILL_COUNT)

.PHONY: rig
rig: need-rig ## scanners on a real Linux kernel's USB stack, in a machine of its own: ten minutes
	$(GO) run ./internal/rig/host -tags '$(TAGS)' $(RIG)

.PHONY: rig-quick
rig-quick: need-rig ## the same with small counts: two minutes
	$(GO) run ./internal/rig/host -tags '$(TAGS)' -quick $(RIG)

.PHONY: fuzz
fuzz: need-go ## every fuzz target for FUZZTIME
	.ci/fuzz $(FUZZTIME)

.PHONY: bench
bench: need-go ## the benchmarks
	$(GO) test -tags '$(TAGS)' -run '^$$' -bench . -benchmem $$($(GO) list -tags '$(TAGS)' ./... | grep -v /internal/bench)
	$(GO) test -tags '$(TAGS)' -run '^$$' -bench . -benchtime 300x ./internal/bench

.PHONY: bench-large
bench-large: need-go ## the journal's benchmarks with 1,000,000 payments in it: minutes, and some GB of disk
	POSAGENT_BENCH_LARGE=1000000 $(GO) test ./queue ./internal/bench -run '^$$' -bench . -benchmem -timeout 2h

.PHONY: vuln
vuln: $(TOOLS)/govulncheck-$(GOVULNCHECK_VERSION) ## known faults in what is linked in; says so where its database cannot be reached
	.ci/vuln $<

$(TOOLS)/govulncheck-$(GOVULNCHECK_VERSION): | need-go
	@mkdir -p $(TOOLS)
	GOBIN=$(TOOLS) $(GO) install golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION) || \
	{ echo "govulncheck could not be fetched: the Go module proxy must serve golang.org/x/vuln and golang.org/x/telemetry"; exit 1; }
	mv $(TOOLS)/govulncheck $@

.PHONY: nightly
nightly: test lint cover model crash kill rig fuzz bench bench-large vuln journald-test packages-test proof ansible-test packages-same msi-test monitoring-test window-test window-soak ## everything, one after another: hours


.PHONY: golden
golden: need-go ## write the golden messages of the wire anew; read the difference before committing
	$(GO) test ./offline/alipay -count=1 -run Golden -update

.PHONY: schema
schema: need-go ## write configs/posagent.schema.json anew
	$(GO) test ./internal/config -count=1 -run Schema -update

.PHONY: window
window: need-window ## the program with the cashier's window, as build/posagent-ui; the first time takes minutes
	CC=$(CURDIR)/.ci/cc-window CGO_ENABLED=1 $(GO) build -buildvcs=false -trimpath -tags 'window,x11' -ldflags '$(LDFLAGS)' -o build/posagent-ui ./cmd/posagent

.PHONY: window-test
window-test: window need-xvfb ## a day at the till in the real window, on an X server without a screen; pictures in build/screenshots
	@mkdir -p build/screenshots
	POSAGENT_WINDOW=$(CURDIR)/build/posagent-ui POSAGENT_SCREENSHOTS=$(CURDIR)/build/screenshots \
	$(GO) test ./ui/windowtest -count=1 -timeout 10m -v

.PHONY: window-figures
window-figures: window need-xvfb ## measures the window: start, keys, events, memory, processor
	POSAGENT_FIGURES=1 POSAGENT_WINDOW=$(CURDIR)/build/posagent-ui $(GO) test ./ui/windowtest -count=1 -timeout 10m -v -run Figures

.PHONY: window-soak
window-soak: window need-xvfb ## SOAK sales in the real window, which must not grow: ten minutes
	POSAGENT_SOAK=$(SOAK) POSAGENT_WINDOW=$(CURDIR)/build/posagent-ui $(GO) test ./ui/windowtest -count=1 -timeout 1h -v -run Soak

.PHONY: window-record
window-record: window need-xvfb ## write anew when the keys of an emulated scanner reach the window
	POSAGENT_RECORD=$(CURDIR)/ui/model/keystream/testdata POSAGENT_WINDOW=$(CURDIR)/build/posagent-ui $(GO) test ./ui/windowtest -count=1 -timeout 10m -v -run Record

.PHONY: screenshots
screenshots: need-go ## every screen in every language, drawn without a display, into build/screenshots
	@mkdir -p build/screenshots
	POSAGENT_SCREENSHOTS=$(CURDIR)/build/screenshots POSAGENT_SCREENSHOTS_LARGE=1 $(GO) test ./ui -count=1 -timeout 20m -run Screenshots
	$(MAKE) manual

.PHONY: manual
manual: need-go ## the pictures of docs/cashier anew: after screens or their words have changed
	$(GO) test ./ui -count=1 -run Manual -manual.update

.PHONY: fonts
fonts: need-fonts ## write the subsets of fonts anew: after texts of the window have changed
	$(GO) test ./ui/fonts -count=1 -run Characters -update
	ui/fonts/make
	$(GO) test ./ui/fonts -count=1

PACKAGE_TOOLS := $(TOOLS)/nfpm-$(NFPM_VERSION) $(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION)
MAKE_PACKAGES := COMMIT='$(COMMIT)' NFPM=$(TOOLS)/nfpm-$(NFPM_VERSION) CYCLONEDX=$(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION) packaging/make

.PHONY: packages
packages: need-packages $(PACKAGE_TOOLS) ## .deb and .rpm of daemon and window for ARCHES (this machine's; "amd64 arm64"), in build/packages
	VERSION='$(VERSION)' $(MAKE_PACKAGES) build/packages

# Root for the chroot and the mounts in it; the rest needs none.
.PHONY: packages-test
packages-test: need-packages-test packages-for-test ## the packages' whole life in a fresh Debian and under systemd in a machine of its own, as root
	a=$$($(GO) env GOARCH) && PACKAGES=$(CURDIR)/build/packages-test packaging/test/chroot bash /test/lifecycle $$a
	packaging/test/window build/packages-test
	cd build/packages-test && ../../packaging/test/rpm $$($(GO) env GOARCH)
	a=$$($(GO) env GOARCH) && packaging/test/systemd build/packages-test/posagent_0.9.0-1_$$a.deb build/packages-test/posagent_0.9.1-1_$$a.deb
	packaging/test/arm64 build/packages-test

# 0.9.2 knows a journal that 0.9.1 does not: a downgrade must be refused.
.PHONY: ansible-test
ansible-test: need-packages-test packages-for-test ## the Ansible role in a fresh Debian, and under systemd in a machine of its own, as root
	a=$$($(GO) env GOARCH) && PACKAGES=$(CURDIR)/build/packages-test packaging/test/chroot bash /test/ansible $$a
	a=$$($(GO) env GOARCH) && LIMIT=1500 packaging/test/systemd build/packages-test/posagent_0.9.0-1_$$a.deb build/packages-test/posagent_0.9.1-1_$$a.deb \
		systemd-ansible-guest ansible-core python3-apt

.PHONY: packages-for-test
packages-for-test: need-packages $(PACKAGE_TOOLS)
	rm -rf build/packages-test
	for v in 0.9.0 0.9.1; do VERSION=v$$v PACKAGE_VERSION=$$v PACKAGE_MAINTAINER='$(TEST_MAINTAINER)' $(MAKE_PACKAGES) build/packages-test; done
	PACKAGE_MAINTAINER='$(TEST_MAINTAINER)' $(subst packaging/make,packaging/test/newer-journal,$(MAKE_PACKAGES)) build/packages-test
	VERSION=v0.9.1 PACKAGE_VERSION=0.9.1 PACKAGES=posagent ARCHES=arm64 PACKAGE_MAINTAINER='$(TEST_MAINTAINER)' $(MAKE_PACKAGES) build/packages-test

TEST_MAINTAINER := nobody <nobody@posagent.invalid>

.PHONY: journald-test
journald-test: build ## a sale's log in a real systemd journal, found by its fields; as root, seconds
	packaging/test/journald build/posagent

# MACHINE=qemu is slower by far and has a kernel of its own.
.PHONY: proof
proof: need-packages-test packages-for-test ## a till's life with store IT, and what goes wrong on purpose, in a Debian of its own, as root: five minutes
	.ci/need container
	a=$$($(GO) env GOARCH) && MACHINE=$${MACHINE:-container} packaging/test/proof build/packages-test/posagent_0.9.0-1_$$a.deb build/packages-test/posagent_0.9.1-1_$$a.deb

.PHONY: packages-same
packages-same: need-packages $(PACKAGE_TOOLS) ## two builds of all packages, each from nothing, have the same bytes: half an hour
	PACKAGE_MAINTAINER='$(TEST_MAINTAINER)' $(subst packaging/make,packaging/test/reproducible,$(MAKE_PACKAGES))

# WINDOW= leaves the cashier's window out, whose first build takes minutes.
.PHONY: msi msi-test
msi: export WINDOW ?= 1
msi: need-msi $(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION) ## the Windows package, in build/packages; signed where SIGN_CERT and SIGN_KEY are given
	VERSION='$(VERSION)' COMMIT='$(COMMIT)' CYCLONEDX=$(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION) packaging/msi build/packages

msi-test: need-msi-test $(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION) ## the Windows package: two builds, signature, tables, and its whole life under wine: minutes
	CYCLONEDX=$(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION) packaging/test/msi

# "go install" asks for a list of versions that the proxy does not have.
$(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION): | need-go
	@mkdir -p $(TOOLS)
	rm -rf build/cyclonedx-gomod
	cp -r "$$(cd / && $(GO) mod download -json github.com/CycloneDX/cyclonedx-gomod@$(CYCLONEDX_VERSION) | sed -n 's/.*"Dir": "\(.*\)".*/\1/p')" build/cyclonedx-gomod
	chmod -R u+w build/cyclonedx-gomod
	cd build/cyclonedx-gomod && CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=false -o $@ ./cmd/cyclonedx-gomod
	rm -rf build/cyclonedx-gomod

.PHONY: monitoring-test
monitoring-test: need-monitoring build ## alert rules by their tests, then rules and dashboard against a real Prometheus that watches a till: minutes
	cd packaging/monitoring && promtool check rules posagent.rules.yml && promtool test rules posagent.rules.test.yml posagent.rules.long.test.yml
	packaging/test/monitoring build/posagent build/monitoring

# Later versions need modules that the proxy does not serve.
$(TOOLS)/nfpm-$(NFPM_VERSION): | need-go
	@mkdir -p $(TOOLS)
	CGO_ENABLED=0 GOBIN=$(TOOLS) $(GO) install github.com/goreleaser/nfpm/v2/cmd/nfpm@$(NFPM_VERSION)
	mv $(TOOLS)/nfpm $@

.PHONY: clean
clean: ## remove build/
	rm -rf build

.PHONY: need-window need-xvfb
need-window:
	@.ci/need go window
need-xvfb:
	@.ci/need xvfb

.PHONY: need-go need-race need-rig need-fonts need-packages need-packages-test need-monitoring need-msi need-msi-test
need-fonts:
	@.ci/need go fonts
need-packages:
	@.ci/need go cc binutils window $(if $(filter arm64,$(ARCHES)),arm64)
need-packages-test:
	@.ci/need go cc binutils window arm64 emulator chroot rig xvfb
need-msi:
	@.ci/need go msi
need-msi-test:
	@.ci/need go msi wine
need-rig:
	@.ci/need go cc rig
need-go:
	@.ci/need go
need-monitoring:
	@.ci/need go monitoring
need-race:
	@.ci/need go $(if $(RACE),cc)
