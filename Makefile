# `make run` serves the site, `make test` proves it, `make check` reads the code.
PORT ?= 8000
LISTINGS ?= 1000000
PYTHON ?= python3
BIN = .venv/bin
# pip shows what goes wrong and nothing else.
PIP = $(BIN)/pip install -qq --disable-pip-version-check

.PHONY: help run test soak bench bench-migrations check format audit scan requirements clean

help: ## Say what can be done here
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1 — \2/p' Makefile

run: .venv/ready ## Serve the site at http://localhost:8000 (PORT=… for another port)
	@exec $(BIN)/flask serve --port $(PORT)

test: .venv/ready-to-test ## Run all tests but the long ones
	@$(BIN)/pytest --numprocesses 2 --dist worksteal

soak: .venv/ready-to-test ## Run the long tests: the guides as they are written, kills at every step, an older server
	@$(BIN)/pytest -m soak --numprocesses 2 --dist worksteal

bench: .venv/ready-to-test ## Measure the site with a million listings, and beside other frameworks; takes hours: see bench/README.md
	@$(BIN)/python -m bench --listings 1000000
	@$(BIN)/python -m bench --listings 1000000 --peers
	@$(BIN)/python -m bench --writing
	@$(BIN)/python -m bench --swaps

bench-migrations: .venv/ready-to-test ## Change the schema of a site with LISTINGS=1000000 under load, and so by plain Alembic
	@$(BIN)/python -m bench.migrations --listings $(LISTINGS)

check: .venv/ready-to-test ## Check style, types and imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@$(BIN)/bandit --quiet --recursive --configfile pyproject.toml marketplace migrations deploy wsgi.py

audit: .venv/ready-to-scan ## Ask whether a pinned package has a known vulnerability
	@.venv/scan/bin/python -m tests.scan.audit

scan: .venv/ready-to-test .venv/ready-to-scan ## Let two public scanners attack a site of their own
	@$(BIN)/python -m tests.scan

format: .venv/ready-to-test ## Format the code
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

requirements: .venv/ready ## Compile the .in files to pinned versions
	@$(PIP) pip-tools
	@for name in requirements requirements-dev requirements-scan; do \
		$(BIN)/pip-compile --quiet --generate-hashes --strip-extras --no-annotate --no-header \
			--no-emit-index-url --no-emit-find-links --output-file $$name.txt $$name.in; \
	done

clean: ## Remove the virtual environment (the data under instance/ stays)
	@rm -rf .venv

.venv/ready: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Kula needs Python 3.11 or newer: try make PYTHON=python3.12." if sys.version_info < (3, 11) else 0)'
	@$(PYTHON) -m venv .venv
	@$(PIP) --require-hashes --requirement requirements.txt
	@$(PIP) --no-deps --editable .
	@touch $@

.venv/ready-to-test: .venv/ready requirements-dev.txt tests/browser/package-lock.json
	@$(PIP) --require-hashes --requirement requirements-dev.txt
	@! command -v npm >/dev/null || npm ci --silent --no-audit --no-fund --prefix tests/browser
	@touch $@

# Scanners want packages that the site must not have, so they have an environment of their own.
.venv/ready-to-scan: .venv/ready requirements-scan.txt
	@$(PYTHON) -m venv .venv/scan
	@.venv/scan/bin/pip install -qq --disable-pip-version-check --require-hashes --requirement requirements-scan.txt
	@touch $@
