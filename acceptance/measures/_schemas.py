"""A tool's JSON Schema and arguments to what is wrong with them, within bounds that a hostile schema cannot leave.

References stay inside the schema, patterns are RE2, and the number of steps is limited; nothing is fetched.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

import re2
from jsonschema import Draft7Validator, Draft202012Validator, exceptions, validators
from referencing import Registry
from referencing.exceptions import Unresolvable

from acceptance.errors import panicked
from acceptance.measures import _formats
from acceptance.tables import Malformed
from acceptance.values.scalar import number

VALUES, DEPTH, STEPS, ARGUMENTS, FRAMES = 2_000, 32, 10_000, 2_000, 600
"""Values and levels of a schema, steps of one validation, values in one call's arguments, frames of the stack."""
UNSUPPORTED = ("$dynamicRef", "$recursiveRef", "unevaluatedItems", "unevaluatedProperties")
VALUE_WORDS = ("const", "default", "enum", "example", "examples")
"""Keywords under which values stand, not schemas."""
UNDECIDED, DEEP = "the schema cannot be decided within bounds", "the schema is too deep"
KEPT = 1_000
"""Schemas remembered."""
LONG, SPELT = 10_000, 100
"""Characters of a text that cost a step more, and of the longest text that the library's messages may spell out."""


class _Exhausted(Exception):
    """A validation took more steps than any honest one."""


class _Budget:
    left = 0
    deepest = 0
    """Frames of the stack."""

    def begin(self) -> None:
        """Steps, and levels of the stack from here on: fewer than Python's own limit, which Rust cannot bear."""
        self.left, self.deepest = STEPS, FRAMES
        frame = sys._getframe()
        while frame.f_back is not None:
            self.deepest, frame = self.deepest + 1, frame.f_back

    def spend(self, steps: int = 1) -> None:
        self.left -= steps
        if self.left < 0 or _stands(self.deepest):
            raise _Exhausted


def _stands(depth: int) -> bool:
    """Whether the stack is as deep as this."""
    try:
        sys._getframe(depth)
    except ValueError:
        return False
    return True


class _Dict(dict[str, Any]):
    __repr__ = object.__repr__


class _List(list[Any]):
    __repr__ = object.__repr__


class _Text(str):
    __slots__ = ()
    __repr__ = object.__repr__


def curt(value: Any) -> Any:
    """The same value, which says nothing of itself: the library spells it out in a message of each step that fails."""
    if isinstance(value, Mapping):
        return _Dict({name: curt(inner) for name, inner in value.items()})
    if isinstance(value, list):
        return _List(map(curt, value))
    return _Text(value) if isinstance(value, str) and len(value) > SPELT else value


class Schemas:
    """Judges schemas and arguments; remembers the schemas it has judged, since most records share a few."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[str, Any]] = {}

    def problem(self, schema: Any) -> str:
        """What is wrong with the schema itself; empty if nothing."""
        return self._judged(schema)[0]

    def fault(self, schema: Any, arguments: Any) -> tuple[str, str] | None:
        """(place below the arguments, what is wrong there), names of keywords and no values. Of a good schema only."""
        validator = self._judged(schema)[1]
        if _exceeds(arguments, ARGUMENTS):
            return "", f"more than {ARGUMENTS:,} values"
        _machinery()[1].begin()
        try:
            error = next(validator.iter_errors(curt(arguments)), None)
        except (_Exhausted, RecursionError):
            return "", UNDECIDED
        except Unresolvable:
            return "", "the schema refers to something that is not in it"
        except BaseException as error:  # in Rust, Python's limit of recursion is a panic
            if panicked(error):
                return "", UNDECIDED
            raise
        if error is None:
            return None
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
        return place, f"`{error.validator}` of the tool's schema does not hold"

    def unchecked(self, schema: Any) -> frozenset[str]:
        """The formats in a schema that are not decided: by name where JSON Schema has it, else `other`."""
        if not self._judged(schema)[1] or '"format"' not in json.dumps(schema, default=repr):
            return frozenset()
        return frozenset(_undecided(schema))

    def _judged(self, schema: Any) -> tuple[str, Any]:
        if _exceeds(schema, VALUES, DEPTH):
            return f"the schema has more than {VALUES:,} values or {DEPTH} levels", None
        key = json.dumps(schema, sort_keys=True, default=repr)
        if key not in self.known:
            if len(self.known) >= KEPT:
                self.known.clear()
            self.known[key] = _judge(schema)
        return self.known[key]


def _judge(schema: Any) -> tuple[str, Any]:
    """(problem, validator)"""
    if not isinstance(schema, Mapping):
        return "the schema is no object", None
    classes, budget = _machinery()
    which = "7" if "draft-07" in str(schema.get("$schema", "")) else "2020-12"
    budget.left = STEPS * 10
    try:
        (Draft7Validator if which == "7" else Draft202012Validator).check_schema(schema)
    except exceptions.SchemaError as error:
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
        return f"no JSON Schema: `{place.lstrip('.') or 'the schema'}` is wrong", None
    except RecursionError:
        return DEEP, None
    except BaseException as error:
        if panicked(error):
            return DEEP, None
        raise
    problem = next(_objections(schema, schema), "")
    return problem, None if problem else classes[which](curt(schema), registry=Registry())


def _objections(node: Any, root: Any) -> Iterator[str]:
    """References that leave the schema or lead nowhere, patterns beyond RE2, keywords that are not checked here."""
    if isinstance(node, list):
        for inner in node:
            yield from _objections(inner, root)
    if not isinstance(node, Mapping):
        return
    reference, pattern = node.get("$ref"), node.get("pattern")
    if isinstance(reference, str) and not _leads(reference, root):
        yield "`$ref` leaves the schema or leads nowhere"
    patterns = [pattern] if isinstance(pattern, str) else []
    inside = node.get("patternProperties")
    patterns += inside if isinstance(inside, Mapping) else []
    if any(_compiled(one) is None for one in patterns):
        yield "`pattern` is no regular expression that RE2 takes"
    if node is root and (used := next((word for word in UNSUPPORTED if word in json.dumps(root)), "")):
        yield f"`{used}` is not checked here"
    for word, inner in node.items():
        if word not in VALUE_WORDS:
            yield from _objections(inner, root)


def _undecided(node: Any) -> Iterator[str]:
    if isinstance(node, list):
        for inner in node:
            yield from _undecided(inner)
    if not isinstance(node, Mapping):
        return
    name = node.get("format")
    if isinstance(name, str) and name not in _formats.FORMATS:
        yield f"`{name}`" if name in _formats.UNDECIDED else "other"
    for word, inner in node.items():
        if word not in VALUE_WORDS:
            yield from _undecided(inner)


def _leads(reference: str, root: Any) -> bool:
    """Whether a pointer such as `#/$defs/day` names a part of the schema."""
    if not reference.startswith("#"):
        return False
    node = root
    for step in reference[1:].split("/")[1:]:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(node, list) and name.isdigit() and int(name) < len(node):
            node = node[int(name)]
        elif isinstance(node, Mapping) and name in node:
            node = node[name]
        else:
            return False
    return reference == "#" or reference.startswith("#/")


def _exceeds(value: Any, values: int, depth: int = 200) -> bool:
    """Whether a value holds more values, or is deeper, than allowed; without recursion."""
    waiting, seen = [(value, 0)], 0
    while waiting:
        node, level = waiting.pop()
        seen += 1
        if seen > values or level > depth:
            return True
        if isinstance(node, Mapping):
            waiting += [(inner, level + 1) for inner in node.values()]
        elif isinstance(node, list):
            waiting += [(inner, level + 1) for inner in node]
    return False


@lru_cache(maxsize=KEPT)
def _compiled(pattern: str) -> Any:
    try:
        options = re2.Options()
        options.max_mem, options.log_errors = 1 << 20, False
        return re2.compile(pattern, options)
    except re2.error:
        return None


@cache
def _machinery() -> tuple[dict[str, Any], _Budget]:
    """The library's validators with every keyword counted and those replaced that would run Python's `re`."""
    budget = _Budget()

    def counted(keyword: Callable[..., Any]) -> Callable[..., Any]:
        def apply(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
            budget.spend(1 + len(instance) // LONG if isinstance(instance, str) else 1)
            return keyword(validator, value, instance, schema)

        return apply

    def made(base: Any) -> Any:
        kept = {name: keyword for name, keyword in base.VALIDATORS.items() if name not in UNSUPPORTED} | OWN
        return validators.create(
            base.META_SCHEMA, {name: counted(keyword) for name, keyword in kept.items()},
            type_checker=base.TYPE_CHECKER.redefine("integer", lambda _, one: _whole(one)), id_of=lambda schema: "",
        )  # fmt: skip

    return {"7": made(Draft7Validator), "2020-12": made(Draft202012Validator)}, budget


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    if isinstance(instance, str) and not _compiled(pattern).search(instance):
        yield exceptions.ValidationError("does not match")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, schema: Any) -> Iterator[Any]:
    for pattern, inner in patterns.items() if isinstance(instance, Mapping) else ():
        for name in filter(_compiled(pattern).search, instance):
            yield from validator.descend(instance[name], inner, path=name, schema_path=pattern)


def _additional(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, Mapping):
        return
    patterns = [_compiled(one) for one in schema.get("patternProperties", {})]
    for name in instance:
        if name in schema.get("properties", {}) or any(one.search(name) for one in patterns):
            continue
        if isinstance(allowed, Mapping):
            yield from validator.descend(instance[name], allowed, path=name)
        elif allowed is False:
            yield exceptions.ValidationError("is not declared", path=[name])


def _unique(validator: Any, wanted: Any, instance: Any, schema: Any) -> Iterator[Any]:
    listed = instance if wanted and isinstance(instance, list) else []
    texts = [json.dumps(one, sort_keys=True, default=repr) for one in listed]
    _machinery()[1].spend(sum(map(len, texts)) // LONG)
    if len(set(texts)) < len(texts):
        yield exceptions.ValidationError("has an entry twice")


def _format(validator: Any, name: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if isinstance(instance, str) and isinstance(name, str) and not _formats.has(instance, name):
        yield exceptions.ValidationError("has another format")


def _multiple(validator: Any, of: Any, instance: Any, schema: Any) -> Iterator[Any]:
    """Exactly, as numbers are written: 1.13 is a multiple of 0.01."""
    if not validator.is_type(instance, "number"):
        return
    try:
        shared = Fraction(number(instance)) / Fraction(number(of))
    except Malformed:  # more digits than are calculated with
        raise _Exhausted from None
    if shared.denominator != 1:
        yield exceptions.ValidationError("is no multiple")


def _whole(value: Any) -> bool:
    """Whether a number is an integer: 2.0 is, in a text of JSON too, whose decimals are exact."""
    if isinstance(value, Decimal):
        return value == value.to_integral_value()
    return not isinstance(value, bool) and (isinstance(value, int) or (isinstance(value, float) and value.is_integer()))


OWN: dict[str, Callable[..., Any]] = {
    "format": _format, "pattern": _pattern, "patternProperties": _pattern_properties,
    "additionalProperties": _additional, "uniqueItems": _unique, "multipleOf": _multiple,
}  # fmt: skip
