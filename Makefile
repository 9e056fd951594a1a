VENV := .venv
PYTHON ?= python3
RUN := $(VENV)/bin/python -m
SERVICES := tests/kafka tests/deploy

.DEFAULT_GOAL := help
.PHONY: help demo test lint bench

help: ## Show what there is to do
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/'

# One environment serves every target, and gets what developers need when they need it; it is made
# anew when what it is made of changes.
INSTALL = $(RUN) pip install --quiet --constraint constraints.txt --editable

$(VENV)/installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(INSTALL) '.[demo]'
	touch $@

$(VENV)/developed: $(VENV)/installed
	$(INSTALL) '.[dev]'
	touch $@

demo: $(VENV)/installed ## Learn a real sensor stream, event by event
	$(VENV)/bin/streamrnn demo

test: $(VENV)/developed ## Run the tests (with CI set, the slow ones too)
ifdef CI
# Services are mostly waited for while kernels compile, so both go on side by side.
	$(RUN) pytest $(SERVICES) > $(VENV)/services.log 2>&1 & services=$$!; \
	$(RUN) pytest $(SERVICES:%=--ignore=%); others=$$?; \
	wait $$services; services=$$?; cat $(VENV)/services.log; \
	exit $$((services || others))
else
	$(RUN) pytest -m "not slow"
endif

lint: $(VENV)/developed ## Check style and types
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy

bench: $(VENV)/developed ## Measure the speed, beside those peers that are installed
	$(RUN) benchmarks
