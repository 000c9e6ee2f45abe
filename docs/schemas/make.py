"""Our models to the JSON Schemas beside this file; `make schemas` writes them, a test holds them to the models."""

from __future__ import annotations

import ast
import inspect
import json
from itertools import pairwise
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from acceptance.certification.statement import Notice, Statement
from acceptance.delivery.manifest import Manifest
from acceptance.receipt import Receipt
from acceptance.report.machine import Report
from acceptance.report.preview import Record
from acceptance.signing.exposures import Exposure
from spec_lang.lock import Lock, Seals

HERE = Path(__file__).resolve().parent
MODELS: dict[str, tuple[type[BaseModel], str]] = {
    "report": (Report, "What `sftspec validate --format json` prints."),
    "preview": (Record, "What `sftspec preview --format json` prints."),
    "receipt": (Receipt, "What `sftspec validate --receipt` writes."),
    "statement": (Statement, "The payload of a certificate's envelope."),
    "notice": (Notice, "The payload of a notice's envelope."),
    "exposure": (Exposure, "A line of the buyer's `exposures.jsonl`."),
    "seals": (Seals, "`seals.json`, what `sftspec seal` writes."),
    "manifest": (Manifest, "`manifest.json` of a delivery."),
    "lock": (Lock, "`contract.lock`."),
}
"""File name -> model, and where it is met."""


def schema(name: str) -> str:
    """The schema as it is written. The text under a field becomes its description."""
    model, where = MODELS[name]
    made = model.model_json_schema(mode="serialization")
    documents = {one.__name__: one for one in known(model)}
    for part in (made, *made.get("$defs", {}).values()):
        if part.get("title") in documents:
            describe(part, documents[part["title"]])
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": where}
    return json.dumps(head | made, indent=2, ensure_ascii=False) + "\n"


def known(model: type[BaseModel]) -> list[type[BaseModel]]:
    """The model and every model in its fields."""
    found, open_ = [], [model]
    while open_:
        one = open_.pop()
        if one not in found:
            found.append(one)
            open_ += [inner for field in one.model_fields.values() for inner in inside(field.annotation)]
    return found


def inside(annotation: Any) -> list[type[BaseModel]]:
    """The models in `tuple[Entry, ...]`, `Ledger | None` and the like."""
    if inspect.isclass(annotation) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for part in getattr(annotation, "__args__", ()) for found in inside(part)]


def describe(part: dict[str, Any], model: type[BaseModel]) -> None:
    """Puts the texts under the model's fields into its schema."""
    for owner in reversed(model.__mro__):
        if owner is not BaseModel and issubclass(owner, BaseModel):
            for name, text in texts(owner).items():
                if name in part.get("properties", {}):
                    part["properties"][name]["description"] = text


def texts(model: type[BaseModel]) -> dict[str, str]:
    """Field -> the text that stands under it."""
    (body,) = (node.body for node in ast.parse(inspect.getsource(model)).body if isinstance(node, ast.ClassDef))
    found = {}
    for field, text in pairwise(body):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and isinstance(text, ast.Expr):
            found[field.target.id] = " ".join(inspect.cleandoc(ast.literal_eval(text.value)).split())
    return found


if __name__ == "__main__":
    for name in MODELS:
        (HERE / f"{name}.json").write_text(schema(name))
