# Two commands: `make site` builds dist/ from content/ and quota_state.yaml; `make test` proves it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes

# Compiled modules and templates are kept, so that a build starts in half the time.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: site test check lint types format bench golden pictures lock clean

site: $(VENV)/.site
	$(BIN)/python build.py

test: check
	$(BIN)/python -m pytest --cov --numprocesses auto --dist loadscope --no-loadscope-reorder

# The live files first: what would be published today, then the code.
check: $(VENV)/.dev
	$(BIN)/python build.py check
	$(MAKE) --no-print-directory lint types

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: $(VENV)/.dev
	$(BIN)/python -m bench

# Renew the golden pages, and the schemas of openapi.json, after an intended change; read the difference before you commit it.
golden: $(VENV)/.dev
	$(BIN)/python -m pytest tests/render/test_api.py tests/render/test_golden.py --update-golden

# Renew docs/pictures after a change to the design, a notice or the preview; needs Chromium and fonts-noto-cjk.
pictures: $(VENV)/.dev
	$(BIN)/python -m tests.browser.pictures
	$(BIN)/python -m tests.support.preview_pictures

# Both files come from pyproject.toml and name no host.
lock: $(VENV)/.dev
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade pyproject.toml --output-file requirements.lock
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header --upgrade pyproject.toml --group dev --constraint requirements.lock --output-file requirements-dev.lock

clean:
	rm -rf $(VENV) tests/browser/node_modules dist .dist.builds .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Quotabord needs Python 3.11 or newer; name it so: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 1; }

$(VENV)/.site: requirements.lock | $(VENV)/bin/python
	$(PIP_INSTALL) --requirement requirements.lock
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.site
	$(PIP_INSTALL) --requirement requirements-dev.lock
	touch $@
