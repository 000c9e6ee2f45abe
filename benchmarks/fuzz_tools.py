"""Random and hostile JSON Schemas of tools, and arguments for them: judged within bounds, nothing fetched."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from acceptance.delivery import strict
from acceptance.delivery.limits import MAX_LINE
from acceptance.engine.evaluation import evaluate
from acceptance.measures._schemas import Schemas
from acceptance.report.view import View
from acceptance.tables import Batch, Malformed, Origin
from acceptance.values import jsontext
from benchmarks.fuzz_child import Files, Room
from benchmarks.fuzz_reader import Deals
from benchmarks.fuzz_reports import Reports
from benchmarks.mutations import hostile, hostile_text, mutated, nested, written

TYPES = (
    "string",
    "number",
    "integer",
    "boolean",
    "null",
    "array",
    "object",
    "dict",
    "any",
    "float",
    ["string", "null"],
    7,
)
PATTERNS = (
    "^(a+)+$",
    "(a|aa)+$",
    "(.*)*x",
    "a{1,1000}{1,1000}",
    "(?=a)b",
    r"(\w+\s?)+$",
    "(",
    "[",
    r"\p{L}+",
    "(?P<n>a)(?P=n)",
    "x" * 5_000,
    "((((((((((a*)*)*)*)*)*)*)*)*)*)*",
    ".{0,1000}" * 20,
    "\\",
    "(?i)ſ",
    "\0",
    r"\uD800",
)
REFERENCES = (
    "#",
    "#/",
    "#/$defs/a",
    "#/$defs/b",
    "#/properties/a",
    "#a",
    "http://127.0.0.1:9/s.json",
    "file:///etc/passwd",
    "other.json",
    "#/$defs/missing",
    "#/" + "a/" * 500,
    "",
    "#/%24defs/a",
    "https://json-schema.org/draft/2020-12/schema",
    "#/~0~1~2",
)
FORMATS = (
    "date-time",
    "email",
    "idn-email",
    "uri",
    "ipv6",
    "uuid",
    "regex",
    "json-pointer",
    "duration",
    "hostname",
    "x" * 99,
    "date",
    "time",
)
STRINGS = ("a" * 100_000 + "!", "a" * 40 + "!", "2027-02-30", "P1Y", "::1", "a@b", "http://[", "\u0660\u0661", "", "ſ")
MONSTERS: tuple[Callable[[], Any], ...] = (
    lambda: {"$ref": "#"},
    lambda: {"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"},
    lambda: {
        "$defs": {f"d{at}": {"allOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(40)} | {"d40": {}},
        "$ref": "#/$defs/d0",
    },
    lambda: {
        "$defs": {f"d{at}": {"anyOf": [{"$ref": f"#/$defs/d{at + 1}"}] * 2} for at in range(28)} | {"d28": False},
        "$ref": "#/$defs/d0",
    },
    lambda: {"oneOf": [{"$ref": "#"}] * 20},
    lambda: {"not": {"$ref": "#"}},
    lambda: {"$dynamicAnchor": "n", "$dynamicRef": "#n"},
    lambda: {"$recursiveAnchor": True, "$recursiveRef": "#"},
    lambda: {"$id": "http://127.0.0.1:9/", "$ref": "x"},
    lambda: {"$schema": "http://127.0.0.1:9/meta"},
    lambda: {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "definitions": {"a": {"$ref": "#/definitions/a"}},
        "$ref": "#/definitions/a",
    },
    lambda: {"enum": list(range(100_000))},
    lambda: {"enum": ["a" * 10_000] * 1_000},
    lambda: nested(5_000, "{"),
    lambda: {"allOf": [nested(30, "{")] * 100},
    lambda: {"anyOf": [{"anyOf": [{"anyOf": [{"const": at}] * 12}] * 12}] * 12} if (at := 3) else None,
    lambda: {"properties": {f"p{at}": {"pattern": f"^(a+)+{at}$"} for at in range(1_000)}},
    lambda: {"patternProperties": {f"^(a*)*{at}": {"minLength": 3} for at in range(900)}},
    lambda: {"uniqueItems": True, "items": {"uniqueItems": True}},
    lambda: {"contains": {"contains": {"contains": {"const": 1}}}, "minContains": 10**9},
    lambda: {
        "propertyNames": {"$ref": "#"},
        "dependentSchemas": {"a": {"$ref": "#"}},
        "if": {"$ref": "#"},
        "then": {"$ref": "#"},
    },
    lambda: {"multipleOf": 1e-320, "maximum": 1e308},
    lambda: {"multipleOf": 0.1, "minimum": -(10**60)},
    lambda: {"minLength": 10**30, "maxItems": 1e999},
)
WORDS = ("allOf", "anyOf", "oneOf", "prefixItems")
INNER = (
    "not",
    "if",
    "then",
    "else",
    "items",
    "contains",
    "additionalProperties",
    "propertyNames",
    "unevaluatedProperties",
    "additionalItems",
)
NAMED = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies")
NUMBERED = (
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "multipleOf",
    "minLength",
    "maxLength",
    "minItems",
    "maxProperties",
    "minContains",
)


def schema(rng: Random, depth: int = 0) -> Any:
    """A schema of random keywords; one in some is none."""
    if depth > 6 or rng.random() < 0.05:
        return rng.choice((True, False, {}, [], 3, "x", None))
    made: dict[str, Any] = {"type": rng.choice(TYPES)} if rng.random() < 0.6 else {}
    for _ in range(rng.choice((0, 1, 2, 3))):
        act = rng.randrange(9)
        if act == 0:
            made[rng.choice(WORDS)] = [schema(rng, depth + 1) for _ in range(rng.choice((0, 1, 2, 9)))]
        elif act == 1:
            made[rng.choice(INNER)] = schema(rng, depth + 1)
        elif act == 2:
            keys = (rng.choice(("a", "b", hostile_text(rng), rng.choice(PATTERNS))) for _ in range(3))
            made[rng.choice(NAMED)] = {key: schema(rng, depth + 1) for key in keys}
        elif act == 3:
            made["pattern"] = rng.choice(PATTERNS)
        elif act == 4:
            made["$ref"] = rng.choice(REFERENCES)
        elif act == 5:
            made["format"] = rng.choice(FORMATS)
        elif act == 6:
            made[rng.choice(NUMBERED)] = rng.choice((0, 1, -1, 0.1, 1e308, 10**30, 5e-324, "x"))
        elif act == 7:
            made[rng.choice(("enum", "const", "default", "required", "examples"))] = hostile(rng, 2)
        else:
            made[rng.choice(("$id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$schema", "$vocabulary"))] = (
                rng.choice(REFERENCES)
            )
    return made


def arguments(rng: Random, depth: int = 0) -> Any:
    """What a call may say: mostly an object with the keys that schemas here ask for."""
    if depth > 3 or rng.random() < 0.2:
        return rng.choice((rng.choice(STRINGS[1:] if depth else STRINGS), hostile(rng, 4)))
    if rng.random() < 0.3:
        return [arguments(rng, depth + 1)] * rng.choice((1, 2, 2 if depth else 30))
    return {
        rng.choice(("a", "b", "c", "a" * 60, hostile_text(rng))): arguments(rng, depth + 1)
        for _ in range(rng.choice((0, 1, 3)))
    }


class Part:
    """Tools and calls."""

    def __init__(self, folder: Path) -> None:
        self.deals = Deals(folder)
        self.reports = Reports()

    def draw(self, rng: Random) -> Files:
        """Some schemas with arguments for each; one case in eight comes as records."""
        files = {"records": b"1"} if rng.random() < 0.12 else {}
        for at in range(8):
            made = rng.choice(MONSTERS)() if rng.random() < 0.3 else schema(rng)
            if rng.random() < 0.2:
                made = mutated(made, rng)
            files[f"{at}.schema"] = written(made)
            files[f"{at}.arguments"] = written(arguments(rng))
        return files

    def play(self, files: Files, room: Room) -> None:
        pairs = [(read(files.get(f"{at}.schema")), read(files.get(f"{at}.arguments"), at % 2 == 0)) for at in range(8)]
        with room.kept():
            if files.get("records"):
                self._judged(pairs, room)
                return
            schemas = Schemas()
            for one, given in pairs:
                if not schemas.problem(one):
                    schemas.unchecked(one)
                    schemas.fault(one, given)

    def _judged(self, pairs: list[tuple[Any, Any]], room: Room) -> None:
        """Each pair as a tool and its call, in a record of the help desk and in one of the booking agent."""
        for name, deal in self.deals.deals.items():
            rows = [json.loads(json.dumps(row)) for row in self.deals.rows[name][: len(pairs)]]
            for row, (one, given) in zip(rows, pairs, strict=False):
                row["input"]["tools"] = [{"name": "t", "description": "x", "parameters": one}]
                inner = {
                    "name": "t",
                    "arguments": given if name == "support_chat" else json.dumps(given, default=float),
                }
                call = inner | {"id": "c"} if name == "support_chat" else {"id": "call_aaaaaa", "function": inner}
                row["target"]["messages"][1] = {"role": "assistant", "content": None, "tool_calls": [call]}
            record = deal.contract.record
            batch = Batch(record, 0, rows, [Origin("part-1.jsonl", at + 1, 1) for at in range(len(rows))])
            outcome = evaluate(
                deal.contract, {record: lambda batch=batch: iter([batch])}, folder=deal.folder, show_values=True
            )
            self.reports.sound(View(outcome.ledger, deal.contract), room.out)


def read(body: bytes | None, text: bool = False) -> Any:
    """As the reader gives a value of a record, or the value in a text; what is refused there, no record holds."""
    if len(body or b"") > MAX_LINE:
        return None
    try:
        if text:
            return jsontext.parse((body or b"null").decode("utf-8"))
        row, *_ = strict.parse(b'{"value":%s}' % (body or b"null"))
        return row["value"] if row else None
    except (UnicodeDecodeError, Malformed):
        return None
