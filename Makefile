# One command each: lab, run, test, check. Everything is set up on first use from the project's own files.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS_READY := $(VENV)/.docs-ready
NODE_CLIENTS := tests/node_clients
NODE_READY := $(NODE_CLIENTS)/node_modules/.ready

.PHONY: lab run test test-all test-suite check docs bench notebooks format clean setup

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "sfrunbook needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ..."; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --upgrade pip
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group dev --editable .
	@touch $@

$(DOCS_READY): $(READY)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group docs
	@touch $@

$(NODE_READY): $(NODE_CLIENTS)/package.json $(NODE_CLIENTS)/package-lock.json
	@if command -v npm >/dev/null; then npm ci --prefix $(NODE_CLIENTS) --no-audit --no-fund --loglevel=error && touch $@; \
	else echo "npm was not found: the tests with jsforce will be skipped"; fi

setup: $(READY)

lab: $(READY)  ## open JupyterLab on the runbook, with a practice org
	@$(BIN)/sfrunbook lab

run: $(READY)  ## run the whole runbook unattended against the practice org
	@$(BIN)/sfrunbook run

check: $(READY) docs  ## formatting, lint, types, import contracts, words, links
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python docs/voice.py

docs: $(DOCS_READY)  ## build the pages as a site in build/site; a broken link fails
	$(BIN)/zensical build --strict --clean

test: test-suite  ## every test but the long tails, with notebooks by nbval and JupyterLab in a browser

test-all: TAILS := --long --random-order --timeout 900
test-all: test-suite  ## the same in a random order with the long tails: all of every fuzz, all kill points, all pairs, screenshots

test-suite: $(READY) $(NODE_READY)
	$(BIN)/python tests/browser/ensure_browser.py
	$(BIN)/python -m compileall -q sfrunbook tests/support  # once, and not in each of some hundred processes
	PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n 3 --dist worksteal $(TAILS)  # tests too are compiled once

bench: $(READY)  ## figures, side by side; nothing is asserted
	$(BIN)/python -m bench

notebooks: $(READY)  ## run every notebook and keep what it shows, for nbval to compare with
	@for book in notebooks/*.ipynb; do $(BIN)/jupyter nbconvert --to notebook --execute --inplace --log-level ERROR --ExecutePreprocessor.record_timing=False $$book || exit 1; done

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) $(NODE_CLIENTS)/node_modules build dist .cache .pytest_cache .mypy_cache .ruff_cache .hypothesis
