# make           set up, and run the main job: validate, coverage, exports, one answer
# make test      set up, and check style, types, imports and tests
# make test-all  what takes longer, too
# make help      the other targets
.DEFAULT_GOAL := all
.PHONY: all attack audit test test-all test-oldest lint types imports unit long coverage covered setup setup-dev npm frontend exports contracts golden docs conformance bench bench-full bench-engines faults fuzz contention writers gate peers test-spark clean help
SHELL := /bin/sh
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Without compiled files each of the hundreds of processes that tests start would compile kb again.
export PYTHONDONTWRITEBYTECODE :=
# One more than there are processors, because many tests wait for a server or a limit.
WORKERS ?= $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
# Tests write to memory where that is a file system with room: what they flush would wait for a disk.
TEMPROOT ?= $(shell df -Pk /dev/shm 2>/dev/null | awk '$$4 > 2000000 && $$6 == "/dev/shm" { print $$6 }')
# COVER=1 measures which lines and branches the tests run, and adds that to what is measured already.
COVER ?=
PYTEST = PYTEST_DEBUG_TEMPROOT=$(TEMPROOT) $(BIN)/pytest -n $(WORKERS) --dist loadgroup $(if $(COVER),--cov --cov-append --cov-report=)
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

test: setup-dev ## style, types, imports and tests: in about eight minutes on two cores
	@$(MAKE) --no-print-directory -j 4 lint types imports unit

test-all: setup-dev lint types imports coverage long test-spark ## all of that and the tests that take longer, with the coverage gate

lint: setup-dev ## style
	$(say) 'lint: ruff'
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup-dev ## types
	$(say) 'types: mypy --strict'
	@$(BIN)/mypy

imports: setup-dev ## the direction of imports
	$(say) 'imports: the layers of the package'
	@$(BIN)/lint-imports

unit: setup-dev ## tests, but for those that are marked as long
	$(say) 'tests'
	@$(PYTEST) $(ARGS)

long: setup-dev ## tests that are marked as long, but for those that need Spark (twenty minutes)
	$(say) 'long tests'
	@$(PYTEST) --hypothesis-profile thorough -m long --ignore tests/cluster/test_spark.py $(ARGS)

coverage: setup-dev ## the tests of 'make test', with at least 95 % of lines and branches covered (twenty minutes)
	@rm -f .coverage .coverage.*
	@$(MAKE) --no-print-directory unit COVER=1
	@$(MAKE) --no-print-directory covered

covered: setup-dev ## hold what COVER=1 has measured against 95 % of lines and branches
	$(say) 'coverage: at least 95 % of lines and branches'
	@$(BIN)/coverage report

npm: ## install what some tests use from npm, if npm is installed; they are skipped without
	@for lock in $$(git ls-files '*package-lock.json'); do \
	  command -v npm >/dev/null || { echo 'npm is not installed: tests that use it are skipped'; exit 0; }; \
	  echo "== npm ci: $$(dirname $$lock)"; npm ci --prefix "$$(dirname $$lock)" --no-audit --no-fund --silent || exit 1; \
	done

frontend: ## install Oxigraph for browsers, with which sites of kb site answer SPARQL
	@command -v npm >/dev/null || { echo 'npm is not installed: sites answer no SPARQL in the browser'; exit 0; }; \
	  npm ci --prefix kb/pages/frontend --ignore-scripts --no-audit --no-fund --silent && \
	  mkdir -p kb/pages/static/oxigraph && \
	  cp kb/pages/frontend/node_modules/oxigraph/web.js kb/pages/frontend/node_modules/oxigraph/web_bg.wasm kb/pages/static/oxigraph/

acceptance: setup-dev ## run the real clients on a fresh release, and write docs/clients.md (minutes, and gigabytes of clients)
	@$(BIN)/python tools/acceptance/run.py --write

acceptance-fast: setup-dev ## run those clients that install and run in about a minute
	$(say) 'acceptance: clients that install and run quickly, on a fresh release'
	@$(BIN)/python tools/acceptance/run.py --fast

biolink: setup-dev ## regenerate schemas/biolink.json from the package biolink-model
	@$(BIN)/python tools/biolink.py

exports: setup ## rebuild exports/
	@$(BIN)/kb export -o exports/

contracts: setup ## regenerate ontology, shapes and the generated part of the context from the JSON Schemas
	@$(BIN)/python tools/contracts.py
	@$(BIN)/kb schema --content kb/content

golden: setup-dev ## regenerate the golden files of the tests
	@$(BIN)/python tools/golden.py

docs: setup ## regenerate the generated parts of docs/
	@$(BIN)/python tools/reference.py

conformance: setup-dev ## run the W3C's tests on kb serve; SUITE names a checkout of w3c/rdf-tests
	$(say) 'conformance: tests of the W3C'
	@$(BIN)/python tools/conformance.py $(SUITE)

bench: setup-dev peers ## measure speed, and that of other programs for comparison (minutes)
	@$(BIN)/python -m benchmarks.bench

bench-full: setup-dev peers ## the same with larger sizes, up to ten million facts (an hour, 15 GB of disk)
	@$(BIN)/python -m benchmarks.bench --full

bench-engines: setup-dev .venv-peers/engines/.ready ## compare engines for many machines (minutes)
	@$(BIN)/python -m benchmarks.generate .venv-peers/records 100000 >/dev/null
	@.venv-peers/engines/bin/python -m benchmarks.engines .venv-peers/records/facts/all.jsonl 3

fuzz: setup-dev ## read a million mutated inputs with every reader of input from elsewhere (half an hour); ARGS such as --seed 2
	$(say) 'fuzz: a million mutated inputs'
	@$(BIN)/python -m tools.fuzz.run $(ARGS)

faults: setup-dev ## let every call that writes fail, be interrupted or be killed, for every command (half an hour); ARGS such as --case release
	$(say) 'faults, signals and kills at every call that writes'
	@$(BIN)/python -m tools.faults.run $(ARGS)

test-oldest: .venv-oldest/.ready ## run the tests with the oldest library versions that pyproject.toml allows
	$(say) 'tests with the oldest libraries'
	@.venv-oldest/bin/python -m pytest -n $(WORKERS) --dist loadgroup --ignore tests/architecture --ignore tests/docs $(ARGS)

.venv-oldest/.ready: pyproject.toml constraints.txt tools/oldest.py
	@printf '== set up: the oldest libraries (once; about a minute)\n'
	@$(PYTHON) -m venv .venv-oldest
	@$(PYTHON) tools/oldest.py >.venv-oldest/requirements.txt
	@.venv-oldest/bin/python -m pip --disable-pip-version-check install --quiet --requirement .venv-oldest/requirements.txt --editable .
	@.venv-oldest/bin/python -m pip --disable-pip-version-check install --quiet --constraint constraints.txt --no-deps biolink-model grimp
	@touch $@

audit: setup-dev ## look up known holes of the pinned libraries and of the oldest ones; it says so if it is offline
	$(say) 'audit: known holes of libraries'
	@$(BIN)/python tools/audit.py

attack: setup-dev ## measure kb serve for good clients under attack (minutes; needs an idle machine)
	$(say) 'attack: slow clients, endless queries and refused requests at once'
	@$(BIN)/python -m benchmarks.attack

contention: setup-dev ## let twenty processes write the same folder at once, fifty times, for seven commands (minutes)
	$(say) 'many writers of the same folder'
	@$(BIN)/python -m tools.faults.contention $(ARGS)

writers: setup-dev ## let twenty processes and an editor change one knowledge base, fifty times each (minutes); ARGS such as --rounds 5
	$(say) 'writers: twenty at a time'
	@$(BIN)/python -m tools.writers $(ARGS)

gate: setup-dev ## check the instructions per fact of the hot step against a limit (a minute; needs valgrind)
	$(say) 'gate: instructions per fact'
	@$(BIN)/python -m benchmarks.instructions --gate

peers: .venv-peers/rdf/.ready .venv-peers/morph/.ready .venv-peers/maplib/.ready .venv-peers/linkml/.ready ## install the programs that benchmarks compare with, each in its own environment
	@command -v cargo >/dev/null || { echo 'cargo is not installed: the Rust program is left out'; exit 0; }; \
	  cargo build --release --offline --quiet --manifest-path benchmarks/peers/rust/Cargo.toml

.venv-peers/%/.ready: benchmarks/peers/requirements-%.txt
	@printf '== set up: %s\n' '$*'
	@$(PYTHON) -m venv .venv-peers/$*
	@.venv-peers/$*/bin/python -m pip --disable-pip-version-check install --quiet --requirement $<
	@touch $@

test-spark: setup-dev ## test the build on a cluster of several processes (minutes; needs Java)
	$(say) 'tests on Spark'
	@$(PIP) install --quiet --constraint constraints.txt --editable '.[spark]'
	@$(BIN)/pytest -m '' tests/cluster/test_spark.py $(ARGS)

clean: ## remove the virtual environment and caches
	@rm -rf $(VENV) .venv-oldest .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache .acceptance .coverage .coverage.*

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12
