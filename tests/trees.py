"""Random syntax trees that a text can say: what the round-trip tests of the formatter and the parser start from."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from spec_lang import syntax as s
from spec_lang.grammarfile import grammar
from spec_lang.lexer import HIDDEN
from spec_lang.source import Source, Span
from spec_lang.types import UNITS, plain

NOWHERE = Span(Source("tree", ""), 0, 0)
HERE = st.just(NOWHERE)


@cache
def reserved() -> frozenset[str]:
    """Every word that is not free."""
    return frozenset(
        t.pattern.value.removesuffix("\\b") for t in grammar().terminals if t.pattern.value.endswith("\\b")
    )


NAMES = st.from_regex(r"[a-z_][a-z0-9_]{0,5}", fullmatch=True).filter(lambda name: name not in reserved())
WORDS = NAMES.map(lambda name: s.Word(NOWHERE, name))
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(lambda parts: s.Word(NOWHERE, ".".join(parts)))
CHARS = st.characters(exclude_categories=["Cs", "Cc", "Cf", "Zl", "Zp"], exclude_characters="\r") | st.sampled_from(
    '"\\\n\t'
)
STRINGS = st.text(CHARS, max_size=12).filter(lambda text: not HIDDEN.search(text)).map(lambda t: s.Text(NOWHERE, t))
RAWS = st.from_regex(re.compile(r'[^"\x00-\x1f\x7f-\xff]{0,8}', re.ASCII), fullmatch=True)
TEXTS = STRINGS | RAWS.filter(lambda text: not HIDDEN.search(text)).map(lambda text: s.Text(NOWHERE, text, raw=True))
DOCS = st.none() | STRINGS
DATES = st.dates(date(1900, 1, 1), date(2199, 1, 1)).map(lambda day: s.Date(NOWHERE, day.isoformat()))


def number(value: Decimal, unit: str) -> s.Number:
    return s.Number(NOWHERE, plain(value), unit)


DECIMALS = st.decimals(0, 10**6, places=3) | st.integers(0, 10**9).map(Decimal)
UNITLESS = DECIMALS.map(lambda value: number(value, ""))
QUANTITIES = st.builds(number, DECIMALS, st.sampled_from((*UNITS, "USD", "JPY")))
NUMBERS = UNITLESS | QUANTITIES
SIGNED = NUMBERS | st.builds(lambda n: s.Number(NOWHERE, plain(-Decimal(n.text)), n.unit), NUMBERS)
SCALARS = SIGNED | DATES
TRUTHS = st.booleans().map(lambda value: s.Truth(NOWHERE, value))

LEVELS = {"implies": 1, "or": 2, "and": 3, "+": 7, "-": 7, "*": 8, "/": 8}
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


def level(node: s.Expr) -> int:
    """How tightly a node binds."""
    match node:
        case s.Binary(op=op):
            return LEVELS.get(op, 5)
        case s.Membership():
            return 5
        case s.Quantified() | s.Unary(op="not"):
            return 4
        case s.Interval():
            return 6
        case s.Unary():
            return 9
        case s.Number(text=text):
            return 9 if text.startswith("-") else 10
        case _:
            return 10


def open_ended(node: s.Expr) -> bool:
    """Whether the node ends in something that takes all that follows."""
    match node:
        case s.Quantified():
            return True
        case s.Binary(right=last) | s.Unary(operand=last):
            return open_ended(last)
        case s.Membership(right=last, by=None):
            return open_ended(last)
        case s.Interval(high=last) if last is not None:
            return open_ended(last)
        case _:
            return False


def unbounded(node: s.Expr) -> bool:
    """Whether the node ends in an open range, which takes what follows on its line."""
    match node:
        case s.Interval(high=None):
            return True
        case s.Quantified(body=last) | s.Binary(right=last) | s.Unary(operand=last) | s.Interval(high=last):
            return unbounded(last)
        case s.Membership(right=last, by=None):
            return unbounded(last)
        case _:
            return False


def untrained(where: s.Expr | None) -> s.Untrained:
    return s.Untrained(NOWHERE, s.Parens(NOWHERE, where) if where is not None and unbounded(where) else where)


def at_least(node: s.Expr, wanted: int, last: bool = True) -> s.Expr:
    """The node, in parentheses where it must be."""
    fits = level(node) >= wanted and (last or not open_ended(node))
    return node if fits else s.Parens(NOWHERE, node)


def binary(op: str, left: s.Expr, right: s.Expr) -> s.Expr:
    own = LEVELS.get(op, 5)
    wanted = (own + 1, own) if op == "implies" else (6, 6) if own == 5 else (own, own + 1)
    return s.Binary(NOWHERE, op, at_least(left, wanted[0], last=False), at_least(right, wanted[1]), NOWHERE)


def negated(op: str, operand: s.Expr) -> s.Expr:
    if op == "not":
        return s.Unary(NOWHERE, "not", at_least(operand, 4))
    return s.Unary(NOWHERE, "-", s.Parens(NOWHERE, operand) if isinstance(operand, s.Number) else at_least(operand, 9))


def membership(left: s.Expr, right: s.Expr, by: s.Word | None) -> s.Expr:
    return s.Membership(NOWHERE, at_least(left, 6, last=False), at_least(right, 6, last=by is None), by)


def interval(low: s.Expr, high: s.Expr | None) -> s.Expr:
    return s.Interval(NOWHERE, at_least(low, 7, last=False), None if high is None else at_least(high, 7))


PATH_EXPRS = PATHS.map(lambda word: s.Path(NOWHERE, word))


def calls(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    over = PATH_EXPRS | PATHS.map(lambda word: s.Call(NOWHERE, word, ()))
    each = st.builds(s.Quantified, st.just(NOWHERE), st.just("for each"), WORDS, over, inner)
    arguments = st.builds(s.Argument, st.just(NOWHERE), st.none() | WORDS, inner | each)
    return st.builds(s.Call, st.just(NOWHERE), PATHS, st.lists(arguments, max_size=3).map(tuple))


def larger(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(
        st.builds(binary, st.sampled_from([*LEVELS, *COMPARISONS]), inner, inner),
        st.builds(negated, st.sampled_from(["not", "-"]), inner),
        st.builds(membership, inner, inner, st.none() | PATHS),
        st.builds(interval, inner, st.none() | inner),
        st.builds(lambda items: s.Set(NOWHERE, tuple(items)), st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda node: s.Parens(NOWHERE, node), inner),
        calls(inner),
        st.builds(
            s.Quantified, st.just(NOWHERE), st.sampled_from(["all", "any"]), WORDS, PATH_EXPRS | calls(inner), inner
        ),
    )


EXPRS: st.SearchStrategy[Any] = st.recursive(SIGNED | DATES | TEXTS | TRUTHS | PATH_EXPRS, larger, max_leaves=14)

# types and fields

BOUNDS = st.tuples(SCALARS | st.none(), SCALARS | st.none()).filter(any).map(lambda b: s.Bounds(NOWHERE, *b))


def listed(item: Any, bounds: Any, entry_bounds: Any, matching: Any) -> s.ListType:
    own = None if isinstance(item, s.ListType) else entry_bounds
    return s.ListType(NOWHERE, item, bounds, own, matching)


PLAIN_TYPES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        PATHS.map(lambda word: s.NamedType(NOWHERE, word)),
        PATHS.map(lambda word: s.RefType(NOWHERE, word)),
        st.lists(PATHS, min_size=2, max_size=4).map(lambda words: s.Alternatives(NOWHERE, tuple(words))),
        st.builds(s.Parametrised, HERE, PATHS, st.lists(PATHS | STRINGS, min_size=1, max_size=3).map(tuple)),
    ),
    lambda inner: st.builds(  # a list is never inside a parametrised type
        listed,
        inner | inner.map(lambda t: s.OptionalType(NOWHERE, t)),
        st.none() | BOUNDS,
        st.none() | BOUNDS,
        st.none() | TEXTS,
    ),
    max_leaves=3,
)
TYPES = PLAIN_TYPES | PLAIN_TYPES.map(lambda item: s.OptionalType(NOWHERE, item))


def field(name: Any, type_: Any, bounds: Any, matching: Any, default: Any, doc: Any, untrained: Any) -> s.Field:
    own = None if isinstance(type_, s.ListType) else bounds  # behind a list the bounds are the list's
    return s.Field(NOWHERE, name, type_, own, matching, default, doc, untrained)


UNTRAINED = st.none() | st.builds(untrained, st.none() | EXPRS)
FIELDS = st.builds(
    field,
    WORDS,
    TYPES,
    st.none() | BOUNDS,
    st.none() | TEXTS,
    st.none() | SCALARS | STRINGS | TRUTHS | WORDS,
    DOCS,
    UNTRAINED,
)
TAILS = st.builds(
    lambda confidence, expecting, accepting: s.StatisticTail(
        NOWHERE, confidence, expecting, *(accepting or (None, None))
    ),
    QUANTITIES,
    st.none() | SCALARS,
    st.none() | st.tuples(SCALARS, QUANTITIES),
)
OPTIONS = st.lists(st.builds(s.Option, HERE, EXPRS, st.none() | SCALARS), min_size=1, max_size=3).map(tuple)
CLAUSES = st.builds(
    s.Clause,
    st.just(NOWHERE),
    st.sampled_from(["require", "advise", "report"]),
    WORDS,
    DOCS,
    EXPRS | st.builds(s.AnyOf, HERE, OPTIONS),
    st.none() | TAILS,
    st.none() | WORDS,
    st.none() | st.tuples(WORDS, WORDS),
)
LETS = st.builds(s.Let, HERE, WORDS, DOCS, EXPRS)
ITEMS: st.SearchStrategy[Any] = st.recursive(
    FIELDS | CLAUSES | LETS,
    lambda inner: st.builds(s.Group, st.just(NOWHERE), WORDS, DOCS, st.lists(inner, max_size=3).map(tuple), UNTRAINED),
    max_leaves=5,
)
BODIES = st.lists(ITEMS, max_size=4).map(tuple)

# blocks

VALUES = st.one_of(
    EXPRS,
    st.builds(s.Rate, st.just(NOWHERE), EXPRS, WORDS, st.none() | EXPRS),
    st.builds(s.Until, st.just(NOWHERE), EXPRS, WORDS, st.none() | SCALARS),
)
SETTINGS = st.lists(
    st.builds(s.Setting, st.just(NOWHERE), WORDS, st.lists(VALUES, min_size=1, max_size=2).map(tuple)), max_size=3
).map(tuple)
AMOUNTS = st.one_of(
    SCALARS.map(lambda first: s.Amount(NOWHERE, "exactly", first, None)),
    st.builds(
        lambda kind, a, b: s.Amount(NOWHERE, kind, a, b), st.sampled_from(["around", "between"]), SCALARS, SCALARS
    ),
    st.builds(lambda kind, a: s.Amount(NOWHERE, kind, a, None), st.sampled_from(COMPARISONS), SCALARS),
    NAMES.map(lambda word: s.Amount(NOWHERE, word, None, None)),
)
EACH = st.just(s.Word(NOWHERE, "each"))
ENTRIES = st.builds(s.Entry, st.just(NOWHERE), PATHS | STRINGS | EACH, AMOUNTS)
LINES = st.builds(
    s.MixtureLine,
    st.just(NOWHERE),
    st.lists(PATHS, min_size=1, max_size=2).map(tuple),
    st.lists(ENTRIES, min_size=1, max_size=3).map(tuple),
)
MEMBERS: st.SearchStrategy[Any] = st.recursive(
    st.builds(s.Member, HERE, WORDS, DOCS),
    lambda inner: st.builds(s.Member, HERE, WORDS, DOCS, st.lists(inner, min_size=1, max_size=3).map(tuple)),
    max_leaves=5,
)
MATCHED = st.tuples(st.none(), st.none()) | st.tuples(WORDS, QUANTITIES)
DECLARATIONS: st.SearchStrategy[Any] = st.one_of(
    st.builds(s.Contract, HERE, WORDS, DOCS, SETTINGS),
    st.builds(s.Amends, HERE, STRINGS),
    st.builds(s.Waive, HERE, PATHS, STRINGS),
    st.builds(s.Use, HERE, PATHS | STRINGS, st.none() | WORDS),
    st.builds(s.Enum, HERE, WORDS, DOCS, st.lists(MEMBERS, min_size=1, max_size=4).map(tuple)),
    st.builds(s.TypeDecl, HERE, WORDS, st.none() | WORDS, DOCS, BODIES),
    st.builds(s.Table, HERE, WORDS, STRINGS, st.none() | WORDS, DOCS, BODIES),
    st.builds(s.Record, HERE, WORDS, st.none() | WORDS, DOCS, BODIES),
    st.builds(s.Terms, HERE, WORDS, PATHS, st.none() | WORDS, st.lists(CLAUSES | LETS, max_size=3).map(tuple)),
    st.builds(
        s.Mixture, HERE, st.none() | WORDS, PATHS, WORDS, st.none() | WORDS, st.lists(LINES, max_size=3).map(tuple)
    ),
    st.builds(lambda n, f, m: s.Reference(NOWHERE, n, f, *m), WORDS, STRINGS, MATCHED),
    st.builds(s.Recipe, HERE, WORDS, PATHS, SETTINGS),
    st.builds(s.HeldOut, HERE, WORDS, st.none() | PATHS, DOCS, SETTINGS),
    st.builds(s.Payment, HERE, WORDS, SETTINGS),
)
VERSIONS = st.none() | st.just(s.Version(NOWHERE, "1"))
FILES = st.builds(s.File, HERE, VERSIONS, st.lists(DECLARATIONS, max_size=4).map(tuple))
