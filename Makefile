# Two commands for people (demo, test); the rest for those who change the project.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed

.PHONY: demo test lint tables example-table example-plants example-scores example-data example-base fuzz-language fuzz-delivery fuzz-certificate benchmarks bench kills schemas clean orders acceptance characteristic

demo: $(INSTALLED)
	$(BIN)/python examples/back_office/demo.py

test: $(INSTALLED) lint
	$(BIN)/python -m pytest -n 2 --dist loadgroup

lint: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(INSTALLED): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt torch
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[trial,dev]'
	touch $@

# The outcome table of the example, from its committed scores; `make example-scores` measures them again.
example-table: $(INSTALLED)
	$(BIN)/python examples/back_office/make/table.py

example-scores: $(INSTALLED)
	$(BIN)/python examples/back_office/make/table.py --measure

# The parser's tables, worked out from the grammar, and the list of SPDX identifiers. Run it after every change of
# grammars/sftspec.lark, or of the pinned license-expression.
tables: $(INSTALLED)
	$(BIN)/python -m spec_lang.grammarfile > grammars/tables.new && mv grammars/tables.new grammars/tables.json
	$(BIN)/python -m spec_lang.licenses > grammars/licenses.new && mv grammars/licenses.new spec_lang/std/licenses.txt

example-data: $(INSTALLED)
	$(BIN)/python examples/back_office/make/data.py

# Every planted defect in all clean deliveries; rewrites docs/plants.md.
example-plants: $(INSTALLED)
	$(BIN)/python examples/corpus/table.py

example-base: $(INSTALLED)
	$(BIN)/python examples/back_office/make/base.py

# What a start, a check and a keystroke cost, and what check finds of mistakes planted into the examples.
benchmarks: $(INSTALLED)
	$(BIN)/python -m benchmarks.startup
	$(BIN)/python -m benchmarks.check
	$(BIN)/python -m benchmarks.recovery
	$(BIN)/python -m benchmarks.verify

# `validate` of 50,000 records with everything on, beside the fastest peer of each job. Takes a quarter of an hour.
bench: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[bench]'
	$(BIN)/python -m benchmarks.validate

# Ten thousand texts for each property of the language, where the suite tries some dozens. Takes an hour.
fuzz-language: $(INSTALLED)
	SFTSPEC_LONG=1 $(BIN)/python -m pytest --durations=0 -v tests/test_language_robustness.py

# Reader, templates, tool schemas and reports under hostile input, each in a process that is watched. Takes an hour.
fuzz-delivery: $(INSTALLED)
	$(BIN)/python -m benchmarks.fuzz_delivery --minutes 60

fuzz-certificate: $(INSTALLED)
	SFTSPEC_MUTATIONS=100000 $(BIN)/python -m pytest tests/test_end_to_end.py -k random_byte

# `certify` killed at twenty random moments and called again, against an unbroken one.
kills: $(INSTALLED)
	$(BIN)/python -m benchmarks.kills

# Whether arms that share an order of records share their luck: an hour on one core.
orders: $(INSTALLED)
	$(BIN)/python -m benchmarks.orders

# A trial with a base of 30 M parameters, from pretraining to the report: made for one GPU.
acceptance: $(INSTALLED)
	$(BIN)/python -m benchmarks.gpu_acceptance --out out/acceptance

# How often good, null and damaged deliveries are certified, decided again from the committed scores; rewrites
# docs/characteristic.md. With POOL=FOLDER it first trains what that folder lacks, for an hour or two on two cores.
characteristic: $(INSTALLED)
	$(BIN)/python -m benchmarks.characteristic --keep $(if $(POOL),--pool $(POOL))

# The JSON Schemas of what sftspec writes, from its models.
schemas: $(INSTALLED)
	$(BIN)/python docs/schemas/make.py

clean:
	rm -rf $(VENV) out
