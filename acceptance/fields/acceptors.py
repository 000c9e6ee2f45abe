"""A declared field to a quick test of values, for rows where nothing is wrong; `fields` explains the others.

`acceptor(field, ...)(value)` is True exactly where `Checker.field` finds no defect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import re2

from acceptance.fields.constraints import constrained, mistyped, words_of
from acceptance.fields.defects import DEEPEST, Checker
from acceptance.tables import Malformed
from acceptance.values import jsontext
from spec_lang.contract import FieldDef, Shape
from spec_lang.types import JSON, Enum, File, JsonOf, ListOf, Money, OptionalOf, RecordOf, Scalar, Type, bare

Accept = Callable[[Any], bool]
SHORT, MOST = 64, 4_096
"""Characters of the texts and number of the values that a test remembers."""


def acceptor(field: FieldDef, checker: Checker, path: str = "", depth: int = 0) -> Accept:
    """Tests the value of a field; None is the value of one that is absent. `path` is without `$`."""
    inner = _typed(field.type, field, checker, path, depth)
    if bare(field.type) == JSON and depth <= DEEPEST:
        return lambda value: True  # a null is told from an absent value by the caller
    if field.default is not None or isinstance(field.type, OptionalOf):
        return _or_none(inner)
    return inner  # which accepts no None


def _or_none(good: Accept) -> Accept:
    return lambda value: value is None or good(value)


def record_acceptor(shape: Shape, checker: Checker, path: str = "", depth: int = 0) -> Accept:
    """Tests an object: no key that is not declared, every declared field good that no other clause looks after."""
    inside = [(field, f"{path}.{field.name}" if path else field.name) for field in shape.fields]
    checks = [
        (field.name, acceptor(field, checker, place, depth + 1), must_be_there(field), field.cases)
        for field, place in inside
        if place not in checker.covered
    ]
    if shape.tag is None:
        tests = {field.name: _anything for field in shape.fields} | {name: good for name, good, _, _ in checks}
        return _plain_record(tests, frozenset(name for name, good, needed, _ in checks if needed or not good(None)))
    names = frozenset(field.name for field in shape.fields)
    tag, words = shape.tag, words_of(shape)

    def accept(value: Any) -> bool:
        if not isinstance(value, dict) or not names.issuperset(value):
            return False
        case = value.get(tag)
        if not isinstance(case, str):
            return False
        return all(
            (good(value.get(name)) and (not needed or name in value))
            if not cases or case in cases
            else value.get(name) is None or case not in words
            for name, good, needed, cases in checks
        )

    return accept


def _plain_record(tests: dict[str, Accept], required: frozenset[str]) -> Accept:
    """An object of no union: each value by the test of its key."""

    def accept(value: Any) -> bool:
        if not isinstance(value, dict):
            return False
        for name, inner in value.items():
            test = tests.get(name)
            if test is None or not test(inner):
                return False
        return value.keys() >= required

    return accept


def _anything(value: Any) -> bool:
    return True


def _never(value: Any) -> bool:
    return False


def must_be_there(field: FieldDef) -> bool:
    """A required Json may be null but not absent."""
    return bare(field.type) == JSON and field.default is None and not isinstance(field.type, OptionalOf)


def _typed(type_: Type, field: FieldDef | None, checker: Checker, path: str, depth: int) -> Accept:
    if depth > DEEPEST:
        return _never  # for the slow way to say
    match bare(type_):
        case RecordOf(name=name):
            return _record(checker.contract.shape(name), checker, path, depth)
        case File() | Money():
            one = field or FieldDef(name="", type=type_)
            return lambda value: next(checker.value(value, type_, one, "", depth), None) is None
        case JsonOf(name=name):
            return _json(_record(checker.contract.shape(name), checker, path, depth))
        case ListOf(item=item):
            return _list(item, field, checker, path, depth)
        case Enum(members=members):
            words = frozenset(members)
            return lambda value: isinstance(value, str) and value in words
        case Scalar(name="Text") if field is not None:
            return _text(field)
        case other:
            return checker.once((type_, field), lambda: remembered(_scalar(other, field)))


def _scalar(type_: Type, field: FieldDef | None) -> Accept:
    limited = field if field is not None and (field.pattern or field.low or field.high) else None
    return lambda value: (
        not mistyped(value, type_) and (limited is None or next(constrained(value, limited, ""), None) is None)
    )


def remembered(test: Accept) -> Accept:
    """The same test, which looks at a short text or a number that it has accepted but once, and accepts no None."""
    texts, numbers = set[str](), set[tuple[type, Any]]()

    def accept(value: Any) -> bool:
        kind = type(value)
        if kind is str:
            if value in texts:
                return True
            good = test(value)
            if good and len(value) <= SHORT and len(texts) < MOST:
                texts.add(value)
            return good
        if kind is not int and kind is not float:
            return value is not None and test(value)
        if (kind, value) in numbers:
            return True
        good = test(value)
        if good and len(numbers) < MOST:
            numbers.add((kind, value))
        return good

    return accept


def _record(shape: Shape, checker: Checker, path: str, depth: int) -> Accept:
    """Made when first needed, since a type may hold itself; one for each depth, but on the way to a covered field."""
    if any(one.startswith(f"{path}.") for one in checker.covered):
        return record_acceptor(shape, checker, path, depth)
    alone = checker.uncovered()

    def accept(value: Any) -> bool:
        return alone.once((shape.name, depth), lambda: record_acceptor(shape, alone, path, depth))(value)

    return accept


def _list(item: Type, field: FieldDef | None, checker: Checker, path: str, depth: int) -> Accept:
    good = _typed(item, field.entries if field else None, checker, f"{path}[]", depth + 1)
    if isinstance(item, OptionalOf):
        good = _or_none(good)
    low = int(field.low) if field and field.low else 0
    high = int(field.high) if field and field.high else None

    def accept(value: Any) -> bool:
        if not isinstance(value, list) or len(value) < low or (high is not None and len(value) > high):
            return False
        return all(map(good, value))

    return accept


def _json(good: Accept) -> Accept:
    def accept(value: Any) -> bool:
        try:
            return isinstance(value, str) and good(jsontext.parse(value))
        except Malformed:
            return False

    return accept


def _text(field: FieldDef) -> Accept:
    pattern = re2.compile(field.pattern) if field.pattern else None
    low = int(field.low) if field.low else 0
    high = int(field.high) if field.high else None
    words = field.unit == "words"
    if pattern is None and not low and high is None:
        return lambda value: isinstance(value, str) and (value.isascii() or _whole(value))

    def accept(value: Any) -> bool:
        if not isinstance(value, str) or not (value.isascii() or _whole(value)):
            return False
        if pattern is not None and not pattern.fullmatch(value):
            return False
        length = len(value.split()) if words else len(value)
        return length >= low and (high is None or length <= high)

    return accept


def _whole(text: str) -> bool:
    """No half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
