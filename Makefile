SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help install programs demo test lint types unit integration e2e e2e-local e2e-kind bench crds chart docs image monitoring requirements \
  clean

# The interpreter that makes .venv; 3.11 or newer.
BASE_PYTHON ?= python3
VENV := .venv
PYTHON := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate

help: ## show this list
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(INSTALLED) ## make .venv with everything that development needs

$(INSTALLED): requirements/dev.txt pyproject.toml
	@$(BASE_PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "livecost needs Python 3.11 or newer; name one: make $(MAKECMDGOALS) BASE_PYTHON=/path/to/python3" >&2; exit 1; }
	@$(BASE_PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo "installing python3-venv …"; apt-get update -qq; apt-get install -qq -y python3-venv >/dev/null; \
	  else echo "Python's venv module is missing: sudo apt install python3-venv" >&2; exit 1; fi; }
	@echo "installing the packages of requirements/dev.txt into $(VENV) …"
	@$(BASE_PYTHON) -m venv $(VENV)
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	@$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

programs: $(INSTALLED) ## fetch or build the local cluster's programs (minutes the first time, then nothing)
	@$(PYTHON) -m e2e.cluster programs

demo: $(INSTALLED) ## run the demo; options in ARGS="…"
	@$(PYTHON) -m e2e.demo $(ARGS)

test: lint types unit integration e2e ## everything below, in this order

lint: $(INSTALLED) ## style, formatting and which package may import which
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(VENV)/bin/lint-imports

types: $(INSTALLED) ## mypy, strict
	$(PYTHON) -m mypy

unit: $(INSTALLED) ## tests that need no cluster
	@$(PYTHON) -m e2e.cluster programs helm >/dev/null
	$(PYTHON) -m pytest tests -m "not cluster"

integration: $(INSTALLED) ## tests against a real API server and Prometheus's own rule checker
	@$(PYTHON) -m e2e.cluster programs etcd kube-apiserver kubectl promtool >/dev/null
	$(PYTHON) -m pytest tests -m cluster

e2e: e2e-local e2e-kind ## both kinds of end-to-end tests below

# kind is for what only kind can show; the rest is quicker on the local control plane.
integration e2e-local: export LIVECOST_CLUSTER ?= local

e2e-local: $(INSTALLED) ## tests against a real control plane with node pools and Prometheus, and in a real browser
	@$(PYTHON) -m e2e.cluster programs >/dev/null
	@$(PYTHON) -m e2e.web.chromium
	$(PYTHON) -m pytest e2e --ignore=e2e/kind

e2e-kind: $(INSTALLED) ## tests of image and chart in a kind cluster; skipped, with the reason, where there can be none
	@$(PYTHON) -m e2e.cluster programs >/dev/null
	$(PYTHON) -m pytest e2e/kind -rs

bench: $(INSTALLED) ## run the benchmarks
	@$(PYTHON) -m benchmarks

crds: $(INSTALLED) ## write crds/ anew from the models
	@$(PYTHON) -m livecost.crds crds/

chart: $(INSTALLED) ## write the generated files of charts/livecost anew
	@$(PYTHON) -m charts

image: $(INSTALLED) ## build the container image (needs docker; IMAGE and BASE_IMAGE name the result and the base)
	@$(PYTHON) -m image

monitoring: $(INSTALLED) ## write monitoring/ anew: alerting rules and dashboard
	@$(PYTHON) -m livecost.monitoring write monitoring/

docs: $(INSTALLED) ## write docs/cli.md anew from the commands
	@$(PYTHON) -m livecost.cli_reference docs/cli.md

requirements: ## pin requirements/*.txt anew from pyproject.toml (needs uv; add ARGS=--upgrade for newer releases)
	@command -v uv >/dev/null || { echo "uv is missing: pip install uv" >&2; exit 1; }
	@# One release of each for all interpreters: pip takes the builder's Python for the base's when it reads a marker.
	@$(COMPILE) $(ARGS) pyproject.toml --extra operator --extra web --fork-strategy fewest -o requirements/image.txt
	@echo pip | $(COMPILE) $(ARGS) - -o requirements/image-build.txt
	@$(COMPILE) $(ARGS) pyproject.toml -c requirements/image.txt --extra operator --extra analysis --extra web --group test --group lint -o requirements/dev.txt

clean: ## remove .venv and everything that tools left here (the programs stay in the user's cache)
	rm -rf $(VENV) dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
