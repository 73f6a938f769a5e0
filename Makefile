# make demo    a good and a bad release of a queue worker as they happen, and the bad one the old way; ROW=c and ROW=e
#              play those behind a load balancer
# make lab     a simulated account on port 4566 in which Serin runs; SPEED=20, SCENE=alarm/direct-metric
# make test    everything that is checked, cheap steps first, with a table of times at the end
# make swarm MINUTES=10   histories of releases under fault, drawn by chance and judged by all laws
# make swarm SEED=7       one of them again, told as it happens
# make sam-local   sam local invoke of every function, in a container against serin lab; needs a Docker engine
# make bench   start, alarm path, memory and size, side by side with an empty function and with Python
#
# Needs Rust, Python 3, Node and make; tools/setup brings in the rest. Each target below is also a step of `make test`.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
export PATH := $(CURDIR)/.venv/bin:$(PATH)
export SAM_CLI_TELEMETRY := 0
export AWS_DEFAULT_REGION ?= eu-central-1

# Every test target is named once, so that nothing is left out: what is neither a story nor a contract is integration.
targets = $(basename $(notdir $(wildcard $(1)/tests/*.rs))) $(notdir $(patsubst %/main.rs,%,$(wildcard $(1)/tests/*/main.rs)))
CONTRACTS := elb ledger recordings ssm
# Has a step of its own, as it needs a browser.
REPORT := report
STORIES := $(call targets,stories)
INTEGRATION := $(filter-out $(CONTRACTS) $(REPORT) $(STORIES),$(foreach c,functions/* shared/* simulator cli bench,$(call targets,$(c))))

# Always the whole workspace with the targets picked by name: picking by package would resolve other features and
# compile every SDK crate once more.
TEST := cargo test --quiet --workspace

# `serin` as the tests are built: without the tests' features every dependency would be compiled once more.
SERIN := $(TEST) --no-run --test policy

# The examples' programs, packages of their own: what they are built with changes nothing for the functions.
WORKER := examples/queue-worker/worker/Cargo.toml
WEB := examples/web/Cargo.toml

.PHONY: help demo lab test bench swarm cc setup fmt deny template compile unit integration stories contract aws-cli queue-worker web-service lint release report package emulator state-machine sam-local

help:
	@sed -n '1,/^$$/s/^# \?//p' Makefile

test:
	@tools/steps setup fmt deny template lint compile unit integration stories report contract aws-cli queue-worker web-service release package emulator state-machine sam-local

# Which of the systems that Serin replaces: a, c or e.
ROW ?= a

demo: cc
	@cargo build --quiet --workspace --bin serin
	@tools/with-target debug/serin demo --row $(ROW)

# Virtual seconds per second; the event whose scene is served instead of an account that lives.
SPEED ?= 1
SCENE ?=

lab: cc
	@cargo build --quiet --workspace --bin serin
	@tools/with-target debug/serin lab --speed $(SPEED) $(if $(SCENE),--scene $(SCENE))

bench: setup release
	@cargo build --quiet --workspace --bin bench
	@tools/with-target debug/bench --out $(CURDIR)/target/bench.md

# How long, and from which seed on; or one SEED alone, told.
MINUTES ?= 1
FIRST ?= 1
SEED ?=

swarm: cc
	@cargo build --quiet --workspace --bin swarm
	@tools/with-target debug/swarm $(if $(SEED),--seed $(SEED),--minutes $(MINUTES) --first $(FIRST))

# Rust links with it; all that building and testing needs beyond Rust itself.
cc:
	@tools/cc

setup: cc
	@tools/setup

fmt:
	@cargo fmt --all --check

deny: setup
	@cargo deny --workspace check --hide-inclusion-graph licenses bans sources
	@cargo deny --manifest-path $(WORKER) --config deny.toml --locked check --hide-inclusion-graph licenses bans sources
	@cargo deny --manifest-path $(WEB) --config deny.toml --locked check --hide-inclusion-graph licenses bans sources

template: setup
	@tools/check-template

lint: cc
	@cargo clippy --quiet --workspace --all-targets -- -D warnings

compile: cc
	@$(TEST) --no-run

unit: cc
	@$(TEST) --lib --bins
	@$(TEST) --doc
	@python3 -m unittest discover --start-directory tools/tests

integration: cc
	@$(if $(INTEGRATION),$(TEST) $(addprefix --test ,$(INTEGRATION)),echo 'no integration tests')

stories: cc
	@$(if $(STORIES),$(TEST) $(addprefix --test ,$(STORIES)),echo 'stories/tests holds no tests'; exit 1)

# The page of `serin report` in a browser; without one the step says that it was skipped.
report: cc
	@tools/chromium
	@$(TEST) --test $(REPORT)

contract: setup
	@tools/contract

aws-cli: setup
	@$(SERIN)
	@.venv-aws/bin/python tools/aws-cli
	@.venv-aws/bin/python tools/first-service

queue-worker: setup
	@cargo fmt --manifest-path $(WORKER) --check
	@cargo clippy --quiet --locked --manifest-path $(WORKER) --all-targets -- -D warnings
	@cargo test --quiet --locked --manifest-path $(WORKER)
	@cargo build --quiet --locked --manifest-path $(WORKER)
	@.venv-aws/bin/python tools/queue-worker

# Its tests run it as a process.
web-service: cc
	@cargo fmt --manifest-path $(WEB) --check
	@cargo clippy --quiet --locked --manifest-path $(WEB) --all-targets -- -D warnings
	@cargo test --quiet --locked --manifest-path $(WEB)

release: setup
	@cargo lambda build --quiet --release --package rollback --package advance --package open --package approve --package promote --package watch --package empty

package: setup release
	@tools/one-sdk-build

emulator: setup release
	@$(SERIN)
	@.venv-aws/bin/python tools/emulator
	@.venv-aws/bin/python tools/scenes

# The state machines' text under an interpreter from npm, the real functions behind its tasks.
state-machine: setup release
	@$(SERIN)
	@.venv-aws/bin/python tools/state-machine

sam-local: setup release
	@$(SERIN)
	@.venv-aws/bin/python tools/sam-local
