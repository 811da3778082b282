# Every target but help, env, lock and clean first brings the set-up up to date, which takes a moment when nothing changed.

.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# The first Python that is new enough; tools/setup.py explains what is wrong where there is none.
ifndef PYTHON
PYTHON := $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo "$$name" && exit; done; echo python3)
endif
SETUP := "$(PYTHON)" -m tools.setup
READY := lines="$$($(SETUP) --env --build)" && eval "$$lines" &&

.PHONY: help setup setup-node env demo demo-yaml test test-all test-node test-browser picture fuzz bench contract clients lint types check lock openapi release clean live

help: ## Print this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name text; do \
		printf '  make %-12s  %s\n' "$$name" "$$text"; done

setup: ## Prepare .venv and a Pulumi CLI
	@$(SETUP)

setup-node: ## The same with the Node.js language host, for the tests marked node
	@$(SETUP) --node

env: ## Print shell lines that put both on PATH: eval "$(make -s env)"; it makes nothing
	@$(SETUP) --env

demo: ## Run the demonstration against the emulator
	@$(READY) python -m examples.promotion.demo $(ARGS)

demo-yaml: ## The same from programs in YAML
	@$(READY) python -m examples.promotion.demo yaml

test: ## Run the tests of every day, the core of those on Pulumi's engine included; ARGS='-k name' goes to pytest
	@$(READY) python -m pytest -n auto --dist worksteal -m "not node and not browser and not slow and (not engine or core)" $(ARGS)

test-all: ## Run all tests but those of test-node and test-browser
	@$(READY) python -m pytest -n auto --dist worksteal -m "not node and not browser" $(ARGS)

test-node: ## Run the tests that need Node.js, npm and Go, and fetch packages from npm
	@$(subst --build,--build --node,$(READY)) python -m pytest -m node $(ARGS)

test-browser: ## Run the tests of the report's page, which need Chromium (Debian: apt-get install chromium)
	@$(READY) python -m pytest -m browser $(ARGS)

picture: ## Draw docs/report.svg anew; needs Chromium
	@$(READY) python -m tools.picture

live: ## Try the laws on the account of BOOMI_*, which WRITES: ARGS='--component NAME --environment NAME'
	@$(READY) boomi-pulumi live $(ARGS)

fuzz: ## Try 10000 random histories; FUZZ=100 tries fewer; a failure prints its program
	@$(READY) FUZZ="$(or $(FUZZ),10000)" python -m pytest -n auto --dist worksteal tests/faults/test_model.py $(ARGS)

bench: ## Measure requests and time; ARGS='--n 100 --runs 1'
	@$(READY) python -m benchmarks.run $(ARGS)

contract: ## Let schemathesis make up requests from Boomi's document, 4 minutes at most
	@$(READY) python -m tests.contract.fuzz

clients: ## Run published clients against the emulator; write who can do what into docs/emulator.md
	@$(READY) python -m tests.clients --write

lint: ## Check style, format, and who imports whom
	@$(READY) ruff check . && ruff format --check . && lint-imports

types: ## Check types
	@$(READY) mypy

check: lint types test ## All of lint, types and test; .ci/run has test-all in its place

lock: ## Pin the newest packages in requirements.lock
	@"$(PYTHON)" tools/lock.py

openapi: ## Cut Boomi's OpenAPI for the contract tests: SOURCE=path
	@"$(PYTHON)" tools/openapi_cut.py "$(SOURCE)"

release: ## Build a release twice, look into it, install it elsewhere, run the promotion
	@$(READY) python -m tools.release $(ARGS)

clean: ## Remove what the set-up and the checks left in this folder
	rm -rf .venv .tools .import_linter_cache .mypy_cache .pytest_cache .ruff_cache .hypothesis dist
