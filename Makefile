# Each target does one thing; `make help` lists them. `make run` and `make test` are all that a newcomer needs.
SHELL := /bin/bash

# HAVE_FDATASYNC: SQLite syncs data without the inode's times, 15 % fewer flushes. nomsgpack: gin without a codec that
# nobody uses. sqlite_omit_load_extension: a database never loads code.
export CGO_CFLAGS := -O2 -DHAVE_FDATASYNC=1
# Compiling SQLite takes a third of the time without the slower optimisations, which the race detector hides anyway.
export RACE_CFLAGS := -O1 -DHAVE_FDATASYNC=1
TAGS := nomsgpack,sqlite_omit_load_extension
# -trimpath everywhere, also for the tools, so that program, tests, vet and staticcheck share what is compiled.
export GOFLAGS := -tags=$(TAGS) -trimpath
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD := 1

VERSION ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
# Each route of the API is an instance of the library's generic code: without inlining there the program is a megabyte smaller.
GCFLAGS := github.com/tidegate/tidegate/web=-l
TOOL := GOFLAGS='-mod=mod -trimpath' go tool -modfile=$(CURDIR)/.tools/go.mod
UI := web/ui
PEERS := mqtt/mqtttest/peers/javascript
MODBUS_PEERS := drivers/modbus/peers
UI_SOURCES := $(shell find $(UI)/src $(UI)/public $(UI)/index.html $(UI)/vite.config.ts $(UI)/package-lock.json 2>/dev/null)

.DEFAULT_GOAL := build
.PHONY: build run serve dev ui test lint vet race fuzz e2e screens bench soak generate deb help go compiler node prerequisites clean

build: compiler $(UI)/dist/index.html ## build the page and the program: build/tidegate
	@go build -ldflags '$(LDFLAGS)' -gcflags '$(GCFLAGS)' -o build/tidegate ./cmd/tidegate

run: build ## start the demo: a simulated plant, the gateway and a cloud of its own
	@exec build/tidegate demo --data .data/demo $(ARGS)

serve: build ## start the real service with an empty configuration
	@exec build/tidegate serve --data .data/serve $(ARGS)

dev: build ## run the demo with the page served by Vite, which reloads on each edit
	@cd $(UI) && npx vite --clearScreen false & \
	build/tidegate demo --data .data/demo $(ARGS); kill %1

test: go node ## everything: lint, unit, front end, end to end; installs what it needs
	@.tools/test.sh

lint: ## golangci-lint with all linters (its first build takes minutes)
	@cd .tools/golangci && GOFLAGS=-mod=mod go build -o ../../build/golangci-lint github.com/golangci/golangci-lint/v2/cmd/golangci-lint
	@build/golangci-lint run ./...

vet: ## go vet, staticcheck, gofumpt
	@go vet ./...
	@$(TOOL) staticcheck -tags=$(TAGS) ./...
	@bad=$$($(TOOL) gofumpt -l bridge cmd drivers gateway mqtt storage web/*.go web/ui/*.go); \
	  test -z "$$bad" || { echo "not formatted by gofumpt: $$bad"; exit 1; }

race: ## all Go tests with the race detector
	@CGO_CFLAGS='$(RACE_CFLAGS)' go test -race ./...

fuzz: ## each fuzz target for FUZZTIME (default 10m), those against other implementations too
	@.tools/fuzz.sh $(or $(FUZZTIME),10m)

e2e: build node ## browser tests against the built program
	@cd $(UI) && npx playwright test

screens: build node ## take the pictures of the help anew
	@cd $(UI) && npx playwright test --config playwright.screens.config.ts

bench: ## Go benchmarks with allocations; our bridge beside Mosquitto's
	@go test -run '^$$' -bench . -benchmem ./...
	@TIDEGATE_BRIDGE_SPEED=5 go test -count=1 -timeout 60m -run BridgeSpeed -v ./cmd/tidegate

soak: build prerequisites ## the long forms of the proofs: 20 outages, one of a day with 10 million messages, 30 minutes of clients that come and go, 10 million queued, failing disks, 1,000 kills and power cuts, 10,000 points
	@cd $(UI) && npx playwright test --reporter=line
	@TIDEGATE_OUTAGES=20 go test -count=1 -timeout 60m -run Outage -v ./cmd/tidegate
	@TIDEGATE_SOAK_MINUTES=30 go test -count=1 -timeout 60m -run Soak -v ./cmd/tidegate
	@TIDEGATE_DAY_MESSAGES=10000000 go test -count=1 -timeout 120m -run OutageOfADay -v ./cmd/tidegate
	@TIDEGATE_DRAIN_KILLS=200 go test -count=1 -timeout 60m -run DrainIsKilled -v ./cmd/tidegate
	@TIDEGATE_QUEUED=10000000 go test -count=1 -timeout 60m -run LongQueues -v ./cmd/tidegate
	@TIDEGATE_FAULT_POINTS=100 go test -count=1 -timeout 60m -run Disks -v ./cmd/tidegate
	@TIDEGATE_KILLS=1000 TIDEGATE_CUTS=1000 TIDEGATE_POINTS=400 go test -count=1 -timeout 180m -v ./cmd/tidegate/faults
	@TIDEGATE_POINTS=100 go test -count=1 -timeout 60m -tags=$(TAGS),faultpoints -run PowerCut -v ./storage
	@TIDEGATE_CLOCK_STEPS=500 go test -count=1 -timeout 60m -run ClockSteps -v ./storage/queue
	@TIDEGATE_FORGETS=50 go test -count=1 -timeout 60m -run CloudForgetsAnd -v ./bridge
	@cd bridge/peers && GOFLAGS="-mod=mod -trimpath" go test -count=1 -timeout 10m -v .
	@TIDEGATE_LINK_MESSAGES=50000 go test -count=1 -timeout 120m -run Links -v ./bridge
	@TIDEGATE_ATTACKS=40 go test -race -count=1 -timeout 60m -run Attack -v ./mqtt/broker
	@go test -race -count=1 -timeout 60m -run Model -v ./mqtt/broker ./storage/queue ./storage/history -rapid.checks=1000
	@TIDEGATE_BAD_WIRE=10000 go test -count=1 -timeout 60m -run BadWire -v ./drivers/modbus
	@TIDEGATE_DEAD_SECONDS=60 go test -count=1 -timeout 10m -run ThreeDead -v ./drivers
	@TIDEGATE_SCALE=200 go test -count=1 -timeout 10m -run Scale -v ./cmd/tidegate
	@TIDEGATE_HISTORY_MINUTES=40 TIDEGATE_HISTORY_POINTS=1000 go test -count=1 -timeout 60m -run 'Thirty|TenThousand|UnderLoad|DoesNotWait' -v ./storage/history

generate: ## write web/openapi.yaml and the page's types anew
	@go test ./web -run OpenAPI -update
	@cd $(UI) && npm run --silent api

ui: $(UI)/dist/index.html ## build the page alone

deb: build ## a Debian package for this architecture: build/tidegate_*.deb
	@.tools/deb.sh '$(VERSION)'

clean: ## remove what was built; data stay
	@rm -rf build $(UI)/dist/assets $(UI)/dist/index.html $(UI)/node_modules

help: ## this list
	@sed -n 's/^\([a-z0-9]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

$(UI)/node_modules/.package-lock.json: $(UI)/package-lock.json | node
	@cd $(UI) && npm ci --silent --no-audit --no-fund

$(UI)/dist/index.html: $(UI)/node_modules/.package-lock.json $(UI_SOURCES)
	@cd $(UI) && npm run --silent build

go:
	@.tools/need.sh go

compiler: go
	@.tools/need.sh compiler

node:
	@.tools/need.sh node

prerequisites: $(PEERS)/node_modules/.package-lock.json $(MODBUS_PEERS)/node_modules/.package-lock.json
	@.tools/prerequisites.sh

$(PEERS)/node_modules/.package-lock.json $(MODBUS_PEERS)/node_modules/.package-lock.json: %/node_modules/.package-lock.json: %/package-lock.json | node
	@cd $* && npm ci --silent --no-audit --no-fund
