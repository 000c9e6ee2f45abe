"""The published schemas are those of the models, and what the commands write fits them."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from importlib import util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from acceptance.report import mistakes, sarif
from acceptance.report.view import View
from spec_lang.codes import codes
from spec_lang.compiler import compile_source
from spec_lang.source import Source
from tests.build import judge
from tests.procurement import agreed, done, sftspec
from tests.test_report import AGREED, ROWS

HERE = Path(__file__).resolve().parent.parent / "docs/schemas"
jsonschema = pytest.importorskip("jsonschema", reason="jsonschema is not installed")


def closed(*required: str, **properties: Any) -> dict[str, Any]:
    """An object with these properties and no others."""
    return {"type": "object", "additionalProperties": False, "properties": properties, "required": list(required)}


def listed(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


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


TEXT = {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}
COUNT = {"type": "integer", "minimum": 1}
REGION = closed(startLine=COUNT, startColumn=COUNT, endLine=COUNT, endColumn=COUNT)
ARTIFACT = closed("uri", uri={"type": "string", "format": "uri-reference"})
PLACE = closed(
    physicalLocation=closed(artifactLocation=ARTIFACT, region=REGION),
    logicalLocations=listed(closed(fullyQualifiedName={"type": "string"})),
    message=TEXT,
)
CHANGE = closed(artifactLocation=ARTIFACT, replacements=listed(closed(deletedRegion=REGION, insertedContent=TEXT)))
LEVEL = {"enum": ["none", "note", "warning", "error"]}
RESULT = closed(
    "message",
    "ruleId",
    ruleId={"type": "string"},
    level=LEVEL,
    kind={"enum": ["notApplicable", "pass", "fail", "review", "open", "informational"]},
    message=TEXT,
    locations=listed(PLACE),
    relatedLocations=listed(PLACE),
    fixes=listed(closed(description=TEXT, artifactChanges=listed(CHANGE))),
    occurrenceCount=COUNT,
)
RULE = closed("id", id={"type": "string"}, shortDescription=TEXT, defaultConfiguration=closed(level=LEVEL))
DRIVER = closed("name", name={"const": "sftspec"}, version={"type": "string"}, rules=listed(RULE))
RUN = closed(
    "tool",
    "results",
    tool=closed("driver", driver=DRIVER),
    columnKind={"const": "unicodeCodePoints"},
    results=listed(RESULT),
)
SHAPE = closed(
    "version", "runs", **{"$schema": {"const": sarif.SCHEMA}, "version": {"const": "2.1.0"}, "runs": listed(RUN)}
)
"""What we use of SARIF 2.1.0, closed: a property that the standard does not have cannot slip in."""


def logs() -> Iterator[Any]:
    """A ledger's findings, and what every code of the language earns."""
    yield "".join(sarif.render(View(judge(AGREED, ROWS, show_values=True).ledger, AGREED, folder="delivery")))
    for code in codes().values():
        yield mistakes.render(code.earned(code.bad, code.encoding))
    yield mistakes.render(compile_source(Source("many", "sftspec 1\nenum E {" + " a" * 1_500 + "}")).diagnostics)


@pytest.mark.parametrize("schema", [SHAPE, os.environ.get("SARIF_SCHEMA")], ids=["ours", "oasis"])
def test_sarif_fits_its_schema(schema: dict[str, Any] | str | None) -> None:
    """The whole schema is OASIS's and does not ship with us: name a copy in SARIF_SCHEMA."""
    if schema is None:
        pytest.skip("SARIF_SCHEMA does not name a copy of sarif-schema-2.1.0.json")
    read = json.loads(Path(schema).read_text()) if isinstance(schema, str) else schema
    validator = jsonschema.validators.validator_for(read)(read)
    for log in map(json.loads, logs()):
        validator.validate(log)
        log["runs"][0]["results"][0]["level"] = "terrible"
        with pytest.raises(jsonschema.ValidationError):
            validator.validate(log)
