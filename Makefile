# Two commands: `make site` builds dist/ from content/ and quota_state.yaml; `make test` proves it. `make serve` shows a preview.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# pip writes the environment's own path into its scripts, so it gets the real one (see PATH_IS_NOT_UTF8).
PIP := "$$(readlink -f $(VENV))"/bin/python -m pip --disable-pip-version-check
# Exactly what the lock pins. Without --no-deps, pip 23.0 resolves extras again, and a new release elsewhere breaks the set-up;
# without --only-binary, it may build a package with whatever setuptools is the newest.
PIP_INSTALL := $(PIP) install --quiet --require-hashes --no-deps --only-binary=:all:

# Compiled modules and templates are kept, so that a build starts in half the time.
unexport PYTHONDONTWRITEBYTECODE
# `python -m bench` and the like import from this folder.
unexport PYTHONSAFEPATH

# venv, pytest-xdist and ruff cannot write a path that is not UTF-8. In such a checkout .venv is a link into the cache folder, and the
# checks run in a copy.
PATH_IS_NOT_UTF8 := $(shell $(PYTHON) -c 'import os; path = os.getcwdb(); print("yes" * (path != path.decode(errors="ignore").encode()))')
CACHE := "$${XDG_CACHE_HOME:-$$HOME/.cache}"/quotabord

# What only some commands need: pyproject.toml says which.
EXTRAS := archive desk pictures store

.PHONY: $(EXTRAS:%=extra-%)
.PHONY: site serve test pywb coverage check lint types format bench guard measures golden cms schemas pictures lock sbom clean

site: $(VENV)/.site
	$(BIN)/python build.py

# A module's tests run in one process, in the order of their folders, because modules share what is slow to set up.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist loadscope --no-loadscope-reorder

ifneq ($(PATH_IS_NOT_UTF8),yes)
test: check
	$(PYTEST)

# The same tests with the share of lines and branches that they run; it takes about twice as long.
coverage: $(VENV)/.dev
	$(PYTEST) --cov

# The live files first: what would be published today, then the code.
check: $(VENV)/.dev
	$(BIN)/python build.py check
	$(MAKE) --no-print-directory lint types

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy
else
test check lint types: $(VENV)/.dev
	@mkdir -p $(CACHE)
	copy=$$(mktemp -d $(CACHE)/copy-XXXXXX) && cp -a . "$$copy" && $(MAKE) -C "$$copy" $@; code=$$?; rm -rf "$$copy"; exit $$code
endif

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# What house-keeping is measured by: lines, entered modules, opened files.
measures: $(VENV)/.dev
	$(BIN)/python -m bench.measures

# Runs all measurements, also after one that exceeds its budget, which fails at the end.
bench: $(VENV)/.dev
	@code=0; for measurement in bench bench.saving "bench.closing --runs 20" "bench.watching 24 1000" "bench.site_sizes 24 1000"; do \
		$(BIN)/python -m $$measurement || code=1; done; exit $$code

guard: $(VENV)/.dev
	$(BIN)/python -m bench.site_sizes --guard

# Renew the golden pages, and the schemas of openapi.json, after an intended change; read the difference before you commit it.
golden: $(VENV)/.dev
	$(BIN)/python -m pytest tests/render/test_api.py tests/render/test_golden.py --update-golden

# A live preview of every page in every state; Ctrl-C ends it.
serve: $(VENV)/.site
	$(BIN)/python build.py serve

# The editors' page in the browser, for a host of its own: deploy/README.md. Needs npm. `make cms REPO=owner/name`
cms: $(VENV)/.site
	$(BIN)/python -m reference.cms $(or $(REPO),$(error name the repository: make cms REPO=owner/name))
	npm ci --prefix deploy/cms --ignore-scripts --no-audit --no-fund

# Renew schemas/ and the tables of docs/reference.md after a change of a model of the input files.
schemas: $(VENV)/.site
	$(BIN)/python -m reference

# Renew docs/pictures after a change to the design, a notice or the preview; needs Chromium and fonts-noto-cjk.
pictures: $(VENV)/.dev
	$(BIN)/python -m tests.browser.pictures
	$(BIN)/python -m tests.support.preview_pictures

# All files come from pyproject.toml and name no host. The tests' lock has every extra; the site's has none.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --only-binary :all: \
	--no-emit-index-url --no-annotate --no-header --upgrade pyproject.toml
lock: $(VENV)/.dev
	$(LOCK) --output-file requirements.lock
	$(LOCK) --all-extras --group dev --constraint requirements.lock --output-file requirements-dev.lock
	for extra in $(EXTRAS); do $(LOCK) --extra $$extra --constraint requirements-dev.lock --output-file requirements-$$extra.lock || exit 1; done
	printf 'pywb>=2.10\nsetuptools<81\n' | $(LOCK:pyproject.toml=-) --no-binary surt --output-file requirements-pywb.lock

# The replay that tests compare the archive with, in an environment of its own. surt has no wheel, so it is built with the pinned setuptools.
pywb: .venv-pywb/.made

.venv-pywb/.made: requirements-pywb.lock
	rm -rf .venv-pywb && $(PYTHON) -m venv .venv-pywb
	sed -n '/^setuptools==/,/[^\\]$$/p' requirements-pywb.lock > .venv-pywb/first.lock
	for lock in .venv-pywb/first.lock requirements-pywb.lock; do .venv-pywb/bin/python -m pip --disable-pip-version-check install --quiet \
		--require-hashes --no-deps --no-build-isolation --only-binary :all: --no-binary surt --requirement $$lock || exit 1; done
	touch $@

# What the site's environment is made of, as CycloneDX JSON, from the lock: the same bytes for the same lock.
sbom: $(VENV)/.dev
	$(BIN)/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml --of JSON --output-reproducible --output-file sbom.cdx.json

clean:
	rm -rf $(VENV) .venv-pywb tests/browser/node_modules dist .dist.builds .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Quotabord needs Python 3.11 or newer; name it so: make PYTHON=python3.12 …")'
ifeq ($(PATH_IS_NOT_UTF8),yes)
	mkdir -p $(CACHE) && ln -sfn "$$(mktemp -d $(CACHE)/venv-XXXXXX)" $(VENV)
endif
	$(PYTHON) -m venv "$$(readlink -f $(VENV))" || { rm -rf $(VENV); exit 1; }

$(VENV)/.site: requirements.lock | $(VENV)/bin/python
	$(PIP_INSTALL) --requirement requirements.lock
	$(PIP) check
	touch $@

# What a command needs beyond the site: `make extra-desk`.
$(EXTRAS:%=extra-%): extra-%: $(VENV)/.extra-%

$(VENV)/.extra-%: requirements-%.lock $(VENV)/.site
	$(PIP_INSTALL) --requirement $<
	$(PIP) check
	touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.site
	$(PIP_INSTALL) --requirement requirements-dev.lock
	$(PIP) check
	touch $@
