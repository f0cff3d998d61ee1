# The commands of the project. "make help" lists them. Nothing here needs the network but pip.

PYTHON  ?= python3
SERVE   ?= 1
WORKERS ?= 2

VENV := .venv
BIN  := $(VENV)/bin
# The variable pins what builds the package, too.
PIP  := PIP_CONSTRAINT=constraints.txt $(BIN)/python -m pip --disable-pip-version-check install --quiet -c constraints.txt

.DEFAULT_GOAL := help
.PHONY: help install demo test lint bars bench docs clean

help: ## list the commands
	@awk -F':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed ## make .venv with what crmkit and its demo need

demo: $(VENV)/.installed ## make a working customer base in demo/ (SERVE=0: end after the tour)
	@mkdir -p demo
	@cd demo && ../$(BIN)/crmkit demo $(if $(filter 0 no false,$(SERVE)),--no-serve)

test: lint ## ruff, pyright and all tests, with a real PostgreSQL
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder

lint: $(VENV)/.installed-test ## ruff and pyright
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python crmkit/core crmkit/hooks

bars: $(VENV)/.installed-test ## the attack and race tests in full size
	CRMKIT_BARS=1 $(BIN)/python -m pytest -m bars

bench: $(VENV)/.installed-test $(VENV)/.installed-bench ## the benchmarks, on SQLite and PostgreSQL
	$(BIN)/python -m benchmarks

docs: $(VENV)/.installed-docs ## build the documentation into site/
	$(BIN)/mkdocs build --strict

clean: ## remove .venv, the demo and everything that was built
	rm -rf $(VENV) demo site build dist .pytest_cache .ruff_cache .hypothesis

# A stamp per set of dependencies: made anew when their names or pins change, and quick otherwise.

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'crmkit needs Python 3.11 or later; "$(PYTHON)" is not. Try: make PYTHON=python3.12' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { \
	  echo 'This Python cannot make virtual environments; on Debian: apt install python3-venv' >&2; exit 1; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) -e '.[analytics,churn,exchange,experience,feedback,integration,journey,knowledge,lifecycle,loyalty,messaging,needs,quality,reports,sales,service,value,web,work]'
	@touch $@

$(VENV)/.installed-%: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(PIP) -e '.[$*]'
	@touch $@ $(VENV)/.installed
