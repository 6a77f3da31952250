# Everything a developer types. `make` alone says what there is.

PORT ?= 8000
BIN := .venv/bin
SDK := .cache/zendesk_app_framework_sdk-2.0.11.tgz
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint clean

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile

demo: .venv/.installed ## the service, invented stores and a ticket page, on this machine only (PORT=8000)
	@$(BIN)/orderside demo --port $(PORT)

test: lint $(SDK) ## every check: format, lint, types, tests, the app in a real browser
	@if [ -f $(SDK) ]; then export ORDERSIDE_ZAF_SDK="$(CURDIR)/$(SDK)"; fi; $(BIN)/pytest -q

lint: .venv/.tested ## format, lint and types alone
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

clean: ## forget everything that was made here
	rm -rf .venv .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/output

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Orderside needs Python 3.11 or newer; found none on PATH."; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/.installed: pyproject.toml | .venv/bin/python
	@echo "Installing into .venv, once …"
	@$(BIN)/python -m pip install --quiet --editable .
	@touch $@

# Dependency groups need pip 25.1, which is newer than what many a Python brings along.
.venv/.tested: .venv/.installed
	@$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	@$(BIN)/python -m pip install --quiet --group dev
	@touch $@

# Zendesk's SDK as npm has it, for the browser tests. Without it they use the demo's stand-in.
$(SDK):
	@mkdir -p $(@D)
	@npm pack --silent --pack-destination $(@D) zendesk_app_framework_sdk@2.0.11 >/dev/null 2>&1 \
		|| echo "No npm, or no network: the browser tests use the demo's stand-in for Zendesk's SDK."
