.DEFAULT_GOAL := help
.PHONY: help setup demo bench test lint unit browser sanity build cores scenario scenarios fuzz mutants clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

setup: ## install what tests and demo need: Debian packages (as root), Python packages in .cache
	@tests/setup

demo: setup ## seven mail domains on real servers in containers, published and proven; stays up until make clean
	@tests/env molecule/lab/demo

test: setup ## everything below; ends with counts
	@tests/env tests/run images lint browser scenarios unit cores sanity build

lint: setup ## ruff, mypy, yamllint, ansible-lint, changelog and documentation linters
	@tests/env tests/run lint

unit: setup ## unit tests; ARGS="-k name" to choose
	@tests/env tests/run unit -- $(ARGS)

browser: setup ## the page of an audit in headless Chromium; ARGS="-k name" to choose
	@tests/env tests/run browser -- $(ARGS)

sanity: setup ## ansible-test sanity
	@tests/env tests/run sanity

build: setup ## build the collection, install it from the tarball, use it from there
	@tests/env tests/run build

cores: setup ## unit tests with the oldest and the newest ansible-core
	@tests/env tests/run cores

scenarios: setup ## all Molecule scenarios
	@tests/env tests/run scenarios

scenario: setup ## one Molecule scenario: make scenario S=default
	@tests/env tests/run scenario:$(or $(S),default)

bench: ## how fast deployment, audit and reports are, beside what is usual: docs/performance.md; B=audit for one of them
	@tests/setup parsedmarc
	@tests/env molecule/lab/images # first: they find out how podman works on this machine
	@set -e; for bench in $(or $(B),deployment audit reports); do tests/env tests/bench/$$bench/run $(ARGS); done

fuzz: ## every parser with input made up to break it; FUZZ_SECONDS=20 for each; not part of make test
	@tests/setup fuzz
	@tests/env tests/fuzz/run

mutants: ## do the unit tests of the core notice 200 small faults? MUTANTS=n, SEED=n, ARGS="names.py"; not part of make test
	@tests/setup mutants
	@tests/env .cache/mutants/bin/python3 tests/mutants/run $(ARGS)

clean: ## remove the lab's containers and networks, and .cache; images stay, see molecule/lab/README.md
	@molecule/lab/down --all
	@rm -rf .cache
