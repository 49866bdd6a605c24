# make        set up, and run the main job: validate, coverage, exports, one answer
# make test   set up, and run everything that CI runs
# make help   the other targets
.DEFAULT_GOAL := all
.PHONY: all test lint types imports unit setup setup-dev npm frontend exports contracts golden docs conformance bench bench-full bench-engines gate peers test-spark clean help
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
say = @printf '\n== %s\n'

all: setup ## set up and run the main job
	$(say) 'validate: the records, their references, the graph'
	@$(BIN)/kb validate
	$(say) 'coverage: what was decided on every sentence'
	@all=$$($(BIN)/kb coverage) || { printf '%s\n' "$$all"; exit 1; }; printf '%s\n' "$$all" | tail -n 1
	$(say) 'export: every format and every named answer, into exports/'
	@$(BIN)/kb export -o exports/
	$(say) 'query: kb query indications'
	@$(BIN)/kb query indications
	$(say) 'show: kb show hallucinations, with the sentences behind it'
	@$(BIN)/kb show hallucinations
	$(say) 'where to look next'
	@printf '%s\n' '$(BIN)/kb query                     the questions that can be asked' \
	  '$(BIN)/kb --help                    all commands' \
	  'exports/README.md                 the files, ready to load' \
	  'README.md                         how to add a fact, how to load the exports'

setup: $(VENV)/.ready
setup-dev: $(VENV)/.ready-dev

$(VENV)/bin/python:
	@printf '== set up: a virtual environment in %s\n' '$(VENV)'
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'Python 3.11 or newer is needed; name it with PYTHON=...'; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.ready: $(VENV)/bin/python pyproject.toml constraints.txt
	@printf '== set up: kb and its libraries (once; about half a minute)\n'
	@$(PIP) install --constraint constraints.txt --editable .
	@$(BIN)/python -m compileall -q kb # as an installation from a wheel does
	@touch $@

$(VENV)/.ready-dev: $(VENV)/bin/python pyproject.toml constraints.txt
	@printf '== set up: kb with its test tools (once; about a minute)\n'
	@$(PIP) install --constraint constraints.txt --editable '.[dev]'
	@$(PIP) install --constraint constraints.txt --no-deps biolink-model # its classes need pydantic alone
	@$(BIN)/python -m compileall -q kb # as an installation from a wheel does
	@touch $@ $(VENV)/.ready

test: setup-dev lint types imports unit ## set up and run everything that CI runs

lint: setup-dev ## style
	$(say) 'lint: ruff'
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-dev ## types
	$(say) 'types: mypy --strict'
	@$(BIN)/mypy

imports: setup-dev ## who may import whom
	$(say) 'imports: the floors of the house'
	@$(BIN)/lint-imports

unit: setup-dev ## tests, with the coverage gate
	$(say) 'tests, with at least 95 % of lines and branches covered'
	@rm -f .coverage .coverage.*
	@$(BIN)/pytest -n auto --dist loadgroup --cov --cov-report= $(ARGS)
	@$(BIN)/coverage report

npm: ## install what some tests use from npm, where there is npm; they skip without it
	@for lock in $$(git ls-files '*package-lock.json'); do \
	  command -v npm >/dev/null || { echo 'npm is not there: tests that use it will skip'; exit 0; }; \
	  echo "== npm ci: $$(dirname $$lock)"; npm ci --prefix "$$(dirname $$lock)" --no-audit --no-fund --silent || exit 1; \
	done

frontend: ## bring in the editor of the query page of kb serve; without it that is a plain form
	@command -v npm >/dev/null || { echo 'npm is not there: the query page stays a plain form'; exit 0; }; \
	  npm ci --prefix kb/server/frontend --ignore-scripts --no-audit --no-fund --silent && \
	  mkdir -p kb/server/static/yasgui && \
	  cp kb/server/frontend/node_modules/@zazuko/yasgui/build/yasgui.min.js \
	     kb/server/frontend/node_modules/@zazuko/yasgui/build/yasgui.min.css kb/server/static/yasgui/

acceptance: setup-dev ## run the real clients on a fresh release, and write docs/clients.md (minutes, and gigabytes of clients)
	@$(BIN)/python tools/acceptance/run.py --write

acceptance-fast: setup-dev ## run those that install in well under a minute
	$(say) 'acceptance: clients that install quickly, on a fresh release'
	@$(BIN)/python tools/acceptance/run.py --fast

biolink: setup-dev ## make schemas/biolink.json anew from the package biolink-model
	@$(BIN)/python tools/biolink.py

exports: setup ## rebuild exports/
	@$(BIN)/kb export -o exports/

contracts: setup ## regenerate ontology, shapes and the generated part of the context from the JSON Schemas
	@$(BIN)/python tools/contracts.py
	@$(BIN)/kb schema

golden: setup-dev ## regenerate the golden files of the tests
	@$(BIN)/python tools/golden.py

docs: setup ## regenerate the generated parts of docs/
	@$(BIN)/python tools/reference.py

conformance: setup-dev ## hold kb serve against the W3C's tests; SUITE names a checkout of w3c/rdf-tests
	@$(BIN)/python tools/conformance.py $(SUITE)

bench: setup-dev peers ## measure speed beside the peers (minutes)
	@$(BIN)/python -m benchmarks.bench

bench-full: setup-dev peers ## the same with larger sizes, up to ten million facts (an hour, 15 GB of disk)
	@$(BIN)/python -m benchmarks.bench --full

bench-engines: setup-dev .venv-peers/engines/.ready ## compare engines for many machines (minutes)
	@$(BIN)/python -m benchmarks.generate .venv-peers/records 100000 >/dev/null
	@.venv-peers/engines/bin/python -m benchmarks.engines .venv-peers/records/facts/all.jsonl 3

gate: setup-dev ## hold the instructions of the hot step against a bound (a minute; needs valgrind)
	$(say) 'gate: instructions per fact'
	@$(BIN)/python -m benchmarks.instructions --gate

peers: .venv-peers/rdf/.ready .venv-peers/morph/.ready .venv-peers/linkml/.ready ## install the peers for measuring, each on its own
	@command -v cargo >/dev/null || { echo 'cargo is not there: the Rust program is left out'; exit 0; }; \
	  cargo build --release --offline --quiet --manifest-path benchmarks/peers/rust/Cargo.toml

.venv-peers/%/.ready: benchmarks/peers/requirements-%.txt
	@printf '== set up: %s\n' '$*'
	@$(PYTHON) -m venv .venv-peers/$*
	@.venv-peers/$*/bin/python -m pip --disable-pip-version-check install --quiet --requirement $<
	@touch $@

test-spark: setup-dev ## test the build on a cluster of several processes (minutes; needs Java)
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[spark]'
	@KB_SPARK=1 $(BIN)/pytest tests/cluster/test_spark.py $(ARGS)

clean: ## remove the virtual environment and caches
	@rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .acceptance .coverage .coverage.*

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12
