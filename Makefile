# Pingyi: the two commands are `make run` and `make test`; `make help` lists all.
PYTHON ?= python3
PORT ?= 8000
LAN ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all:

.DEFAULT_GOAL := help
.PHONY: help run test lint bench bench-sampling bench-analysis bench-workbook bench-coverage bench-web bench-load bench-phone lock translations clean

help: ## list these commands
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/.run ## install, create the database, load the demo county on first start, serve (LAN=1: to phones in the local network; PORT=8000)
	@exec $(BIN)/python -m survey_app serve --demo --port $(PORT) $(if $(LAN),--lan)

test: $(VENV)/.dev ## install what the tests need, Chromium included, and run them all
	@sh tests/install_chromium.sh
	@$(BIN)/python -m pytest --numprocesses auto --dist loadfile --no-loadscope-reorder --max-worker-restart 0 $(ARGS)

lint: $(VENV)/.dev ## ruff, mypy strict, import rules
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev ## figures as ratios to a plain baseline in the same run
	@$(BIN)/python -m benchmarks

bench-sampling: $(VENV)/.dev ## speed and memory of the draw beside a plain NumPy floor (FULL=1: the whole country, some minutes)
	@FULL=$(FULL) $(BIN)/python -m benchmarks.sampling_bench

bench-analysis: $(VENV)/.dev ## speed and memory of scores, errors and ranks beside a plain NumPy floor, and R survey where it is installed (FULL=1: a whole country, some minutes)
	@FULL=$(FULL) $(BIN)/python -m benchmarks.analysis_bench

bench-phone: $(VENV)/.dev ## how long a phone on a slow line waits for its questionnaire, in a real Chromium
	@sh tests/install_chromium.sh
	@$(BIN)/python -m benchmarks.phone_bench

bench-workbook: $(VENV)/.dev ## the formulas of scores.xlsx worked out by LibreOffice, which must be installed, beside our figures
	@$(BIN)/python -m benchmarks.recalculate $(FOLDER)

bench-coverage: $(VENV)/.dev ## how often 95 % intervals hold the truth, by simulation (some minutes)
	@$(BIN)/python -m benchmarks.coverage

bench-web: $(VENV)/.dev ## pages and full responses a second beside a bare Flask app on the same server (ROUNDS=5 SECONDS=4 ONLY=sqlite)
	@ROUNDS=$(ROUNDS) SECONDS=$(SECONDS) ONLY=$(ONLY) $(BIN)/python -m benchmarks.web_bench

bench-load: $(VENV)/.dev ## 2,090 respondents while the server is killed and the disk fills up (SPREAD=600: over ten minutes; PEOPLE, SEED, ONLY)
	@SPREAD=$(SPREAD) PEOPLE=$(PEOPLE) SEED=$(SEED) ONLY=$(ONLY) $(BIN)/python -m benchmarks.load

lock: ## write the lock files anew (needs uv)
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --upgrade pyproject.toml --group build -o requirements/run.lock
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --quiet --upgrade pyproject.toml --group build --group dev -c requirements/run.lock -o requirements/dev.lock

translations: $(VENV)/.dev ## collect the sentences of the pages and compile the catalogues
	@$(BIN)/pybabel -q extract -F survey_app/translations/babel.cfg -k _ --no-location --sort-output -o survey_app/translations/messages.pot .
	@$(BIN)/pybabel -q update -i survey_app/translations/messages.pot -d survey_app/translations --no-fuzzy-matching --ignore-obsolete
	@$(BIN)/pybabel -q compile -d survey_app/translations

clean: ## remove the virtual environment (the data in instance/ stays)
	rm -rf $(VENV)

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { echo "Pingyi needs Python 3.11 or newer as '$(PYTHON)'; install it, or name it: make PYTHON=/path/to/python3 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || { echo "Python's venv module is missing; on Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: $(VENV)/bin/python requirements/run.lock pyproject.toml
	@echo "Installing into $(VENV) (once) …"
	@$(PIP) -r requirements/run.lock
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.dev: $(VENV)/.run requirements/dev.lock
	@echo "Installing what the tests need (once) …"
	@$(PIP) -r requirements/dev.lock
	@touch $@
