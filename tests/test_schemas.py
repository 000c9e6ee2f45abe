"""The published schemas are those of the models, and what the commands write fits them."""

from __future__ import annotations

import json
import os
import sys
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from acceptance.report import sarif
from acceptance.report.view import View
from tests.build import judge
from tests.procurement import agreed, done, sftspec
from tests.test_report import AGREED, ROWS

HERE = Path(__file__).resolve().parent.parent / "docs/schemas"
jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")


def maker() -> ModuleType:
    spec = util.spec_from_file_location("make_schemas", HERE / "make.py")
    assert spec is not None and spec.loader is not None
    made = util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    return made


MAKER = maker()


@pytest.mark.parametrize("name", sorted(MAKER.MODELS))
def test_the_schema_is_that_of_the_model(name: str) -> None:
    assert (HERE / f"{name}.json").read_text() == MAKER.schema(name), "run `make schemas`"
    jsonschema.Draft202012Validator.check_schema(json.loads(MAKER.schema(name)))


def test_every_schema_has_its_model() -> None:
    assert {path.stem for path in HERE.glob("*.json")} == set(MAKER.MODELS)


def fits(name: str, document: Any) -> None:
    schema = json.loads((HERE / f"{name}.json").read_text())
    jsonschema.Draft202012Validator(schema).validate(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate({**document, "more": 1})


@pytest.fixture(scope="module")
def deal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return agreed(tmp_path_factory.mktemp("deal") / "deal")


def test_what_the_commands_write_fits(deal: Path, tmp_path: Path) -> None:
    delivery, receipt = deal.parent / "delivery", tmp_path / "receipt.json"
    words = ["validate", deal, delivery, "--receipt", receipt, "--format", "json"]
    fits("report", json.loads(done(sftspec(*words)).out))
    fits("receipt", json.loads(receipt.read_text()))
    fits("preview", json.loads(done(sftspec("preview", deal, delivery, "--format", "json")).out))
    fits("manifest", json.loads((delivery / "manifest.json").read_text()))
    fits("lock", json.loads((deal.parent / "contract.lock").read_text()))
    fits("seals", json.loads((deal.parent / "seals.json").read_text()))
    fits("exposure", json.loads((deal.parent / "private/exposures.jsonl").read_text()))


def test_sarif_fits_its_schema() -> None:
    """The schema is OASIS's and does not ship with us: name a copy in SARIF_SCHEMA."""
    path = os.environ.get("SARIF_SCHEMA")
    if path is None:
        pytest.skip("SARIF_SCHEMA does not name a copy of sarif-schema-2.1.0.json")
    log = json.loads(sarif.render(View(judge(AGREED, ROWS, show_values=True).ledger, AGREED, folder="delivery")))
    validator = jsonschema.Draft4Validator(json.loads(Path(path).read_text()))
    validator.validate(log)
    log["runs"][0]["results"][0]["level"] = "terrible"
    with pytest.raises(jsonschema.ValidationError):
        validator.validate(log)
