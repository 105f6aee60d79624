# The commands of the house; the work is done in scripts/. `make` alone lists them.
PROFILE ?= dev
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help demo build test test-console check fmt gen bench bench-matching

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

demo: ## start the hub with example data (PROFILE=release for speed)
	@scripts/explorer
	@scripts/console
	cargo run --profile $(PROFILE) -- demo $(ARGS)

build: ## build the binary (PROFILE=release for use)
	@scripts/explorer
	@scripts/console
	cargo build --profile $(PROFILE) $(ARGS)

test: ## run every test on SQLite and on a throw-away PostgreSQL (ARGS='sync::' for some)
	scripts/test $(ARGS)

test-console: ## the console in a real Chromium (SCREENS=docs/screens writes its pictures)
	scripts/test-console

check: ## formatting, lints, licences, generated files (ADVISORIES=1 for known vulnerabilities too)
	scripts/check

fmt: ## format the Rust sources
	cargo fmt --all

gen: ## write the generated files of schema/ anew
	scripts/gen

bench: ## measure, with PostgreSQL as durable as in production (ARGS='--bench matching' for one)
	scripts/bench $(ARGS)

bench-matching: ## accuracy and cost of matching on labelled sets, beside Splink and GoldenMatch (ARGS='crm_100k' for one)
	scripts/bench-matching $(ARGS)
