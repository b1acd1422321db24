# Everything a developer or a build machine runs. Needs make and Python 3.11 or newer, nothing else.
# The environment in .venv is made from the lock file, and made again only when that file changes.

SHELL := /bin/sh
.DEFAULT_GOAL := help
.SUFFIXES:

VENV := .venv
PYTHON := $(VENV)/bin/python
LOCK := requirements-dev.lock
STAMP := $(VENV)/.installed

# Set on the command line when wanted, as in: make test PYTEST_ARGS="tests/demo -x"
PYTEST_ARGS ?= -n auto --dist worksteal
BENCH_ARGS ?=
SMOKE ?=

.PHONY: help install demo test torture lint format bench run lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) ## Make the environment in .venv from the lock file

# A name on PATH proves nothing (version managers put some there that do not run), so each is tried.
# A changed lock file is installed over the environment; `make clean install` starts from nothing.
$(STAMP): $(LOCK)
	@$(PYTHON) -c '' 2>/dev/null || { \
	  for name in $(PYTHON3) python3.13 python3.12 python3.11 python3; do \
	    if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then \
	      found="$$name"; break; \
	    fi; \
	  done; \
	  if [ -z "$$found" ]; then \
	    echo "Python 3.11 or newer is needed and was not found. Install it, or name it:" >&2; \
	    echo "  make install PYTHON3=/path/to/python3" >&2; \
	    exit 1; \
	  fi; \
	  if ! "$$found" -c 'import ensurepip, venv' >/dev/null 2>&1; then \
	    echo "$$found has no venv module. On Debian and Ubuntu: apt install python3-venv" >&2; \
	    exit 1; \
	  fi; \
	  echo "Making $(VENV) with $$("$$found" --version)"; \
	  "$$found" -m venv --clear $(VENV); \
	}
	@echo "Installing $(LOCK) into $(VENV)"
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-input \
	  --require-hashes --requirement $(LOCK)
	@touch $@

demo: $(STAMP) ## Run the portal with a seeded reseller until Ctrl-C (PORTAL_PORT, PORTAL_STATE_DIR)
	@exec $(PYTHON) manage.py demo

test: $(STAMP) ## Run all tests on servers and a browser of their own
	@CHROMIUM="$$($(PYTHON) -m tools.ci.find_chromium)" || exit 1; export CHROMIUM; \
	PGBOUNCER="$$($(PYTHON) -m tools.ci.find_pgbouncer)" || exit 1; export PGBOUNCER; \
	exec $(PYTHON) -m pytest $(PYTEST_ARGS)

torture: $(STAMP) ## Kill, cut, empty and flood everything ten times as often as the tests do
	@PGBOUNCER="$$($(PYTHON) -m tools.ci.find_pgbouncer)" || exit 1; export PGBOUNCER; \
	TENANTRY_TIMES=10 exec $(PYTHON) -m pytest tests/torture tests/isolation/test_b08_fuzz.py \
	  tests/organizations/provisioning/test_g01_failpoints.py -n 2 --dist worksteal

lint: $(STAMP) ## Check form, types, imports, templates, migrations and vendored files
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/ruff check .
	PORTAL_ENV=test $(VENV)/bin/mypy .
	PORTAL_ENV=test $(VENV)/bin/lint-imports
	find templates partnercenter portal tenants organizations billing -name '*.html' -exec $(VENV)/bin/djade --target-version 5.2 --check {} +
	PORTAL_ENV=test $(PYTHON) -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(PYTHON) tools/assets/sync.py --check

format: $(STAMP) ## Put Python files and templates into form
	$(VENV)/bin/ruff format .
	$(VENV)/bin/ruff check --fix .
	find templates partnercenter portal tenants organizations billing -name '*.html' -exec $(VENV)/bin/djade --target-version 5.2 {} +

# Without PgBouncer the results say what could not be measured.
bench: $(STAMP) ## Measure against the goals and write bench/results.json (SMOKE=1: small sizes)
	@PGBOUNCER="$$($(PYTHON) -m tools.ci.find_pgbouncer)" || true; export PGBOUNCER; \
	exec $(PYTHON) -m bench $(if $(SMOKE),--smoke) $(BENCH_ARGS)

run: $(STAMP) ## Run one management command against a demo: make run COMMAND="discover_tenants --help"
	@state="$${PORTAL_STATE_DIR:-.demo}"; \
	if [ ! -f "$$state/env" ]; then echo "No demo was started in $$state: make demo" >&2; exit 1; fi; \
	set -a; . "$$(cd "$$state" && pwd)/env"; set +a; exec $(PYTHON) manage.py $(COMMAND)

# uv comes from the registry into an environment of its own: it is a tool for this one file, and its
# universal mode writes one lock for every system. Hashes stay, addresses of indexes are left out.
lock: ## Resolve dependencies anew into the two lock files
	@rm -rf .lock-venv && $(or $(PYTHON3),python3) -m venv .lock-venv
	@.lock-venv/bin/python -m pip install --quiet --disable-pip-version-check uv
	.lock-venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade \
	  --output-file requirements.lock
	.lock-venv/bin/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	  --extra demo --extra dev --constraint requirements.lock \
	  --generate-hashes --no-emit-index-url --no-header --no-annotate --upgrade \
	  --output-file requirements-dev.lock
	@rm -rf .lock-venv

clean: ## Remove the environment and caches; the demo's data stays
	rm -rf $(VENV) .lock-venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
