# Everything starts here. On a fresh machine Python 3.11 or newer and make are enough.
.DEFAULT_GOAL := help
.PHONY: help demo demo-code demo-reset test check bench soak lock wheel

SHELL := /bin/bash
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check -q
RUN := .venv/.runtime
DEV := .venv/.dev
export PYTHONDONTWRITEBYTECODE :=

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it and run make again." >&2; exit 2; }
	$(PYTHON) -m venv .venv

$(RUN): requirements/build.txt requirements/runtime.txt pyproject.toml | $(BIN)/python
	@echo "Installing what the hashed lock names (once, some minutes with a slow network) ..."
	@$(PIP) install --require-hashes -r requirements/build.txt
	@$(PIP) install --require-hashes -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): requirements/dev.txt $(RUN)
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@touch $@

demo: $(RUN) ## the whole product with demo people on http://localhost:8000; Ctrl-C ends it, again continues
	@$(BIN)/formulary demo

demo-code: ## the present one-time code of a demo person: make demo-code PERSON
	@$(BIN)/formulary demo --code $(word 2,$(MAKECMDGOALS))

demo-reset: $(RUN) ## forget the demo's state
	@$(BIN)/formulary demo --reset

test: $(DEV) ## all tests: SQLite, PostgreSQL, Valkey, real browser; ARGS="-n 0 tests/web" for some of them
	@bash tests/browser/find-or-install
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

check: $(DEV) ## format, lint, types, import contracts, templates
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/djlint templates --check --quiet
	$(BIN)/djlint templates --lint --quiet

bench: $(DEV) ## benchmarks, as ratios against a baseline of the same run
	$(BIN)/python -m bench

soak: $(DEV) ## long simulations; the last result stands in docs/soak.md
	$(BIN)/python -m bench.soak

wheel: $(DEV) ## the wheels of server and client, in dist/
	$(BIN)/python -m build --wheel --no-isolation
	$(BIN)/python -m build --wheel --no-isolation --outdir dist client

lock: $(DEV) ## write the hashed locks anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml -o requirements/runtime.txt
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements/runtime.txt --extra dev pyproject.toml -o requirements/dev.txt
	printf 'editables\nhatchling\n' | uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header -c requirements/dev.txt - -o requirements/build.txt

# `make demo-code kim`: the name is an argument and no target.
ifeq (demo-code,$(firstword $(MAKECMDGOALS)))
$(eval $(word 2,$(MAKECMDGOALS)):;@:)
endif
