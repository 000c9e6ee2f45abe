"""What was written: the syntax tree, with a span on every node. Spans do not compare, so trees compare by meaning.

In the order of the grammar, from what stands inside of a line to a whole file.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from spec_lang.source import Span


@dataclass(frozen=True, slots=True)
class Syntax:
    """A node. `span` covers all of it."""

    span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Word(Syntax):
    """A name, a path (`source.author`) or a label, dots included."""

    text: str

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(self.text.split("."))


# ------------------------------------------------------------------------------------------------ expressions


@dataclass(frozen=True, slots=True)
class Number(Syntax):
    """`8_000`, `18.50`, `30%`, `5pp`, `2_048 tokens`. `text` is the number as a plain decimal; `unit` may be empty."""

    text: str
    unit: str
    shown: str = field(default="", compare=False)
    """The number as it is printed: trailing zeros kept, so that prices stay prices."""


@dataclass(frozen=True, slots=True)
class Date(Syntax):
    text: str


@dataclass(frozen=True, slots=True)
class Text(Syntax):
    text: str
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Truth(Syntax):
    value: bool


@dataclass(frozen=True, slots=True)
class Path(Syntax):
    word: Word


@dataclass(frozen=True, slots=True)
class Argument(Syntax):
    label: Word | None
    value: Expr


@dataclass(frozen=True, slots=True)
class Call(Syntax):
    name: Word
    args: tuple[Argument, ...]


@dataclass(frozen=True, slots=True)
class Unary(Syntax):
    """`not x` and `-x`."""

    op: str
    operand: Expr


@dataclass(frozen=True, slots=True)
class Binary(Syntax):
    """`op` is an operator of the language; `implies` included."""

    op: str
    left: Expr
    right: Expr
    op_span: Span = field(compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Membership(Syntax):
    """`x in set` / `x in a..b`; in settings also `800 records in 160 clusters by path`."""

    left: Expr
    right: Expr
    by: Word | None = None


@dataclass(frozen=True, slots=True)
class Interval(Syntax):
    low: Expr
    high: Expr | None


@dataclass(frozen=True, slots=True)
class Set(Syntax):
    items: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Parens(Syntax):
    inner: Expr


@dataclass(frozen=True, slots=True)
class Quantified(Syntax):
    """`all x in list satisfies body`, `any ...`; as the argument of a measure, `body for each x in list`."""

    which: str
    variable: Word
    over: Expr
    body: Expr


Expr = Number | Date | Text | Truth | Path | Call | Unary | Binary | Membership | Interval | Set | Parens | Quantified


# ------------------------------------------------------------------------------------------------ types


@dataclass(frozen=True, slots=True)
class Bounds(Syntax):
    low: Number | Date | None
    high: Number | Date | None


@dataclass(frozen=True, slots=True)
class NamedType(Syntax):
    """`Text`, `Outcome`, `agent.Step`."""

    name: Word


@dataclass(frozen=True, slots=True)
class Alternatives(Syntax):
    """`easy | medium | hard`."""

    members: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class RefType(Syntax):
    table: Word


@dataclass(frozen=True, slots=True)
class ListType(Syntax):
    """`[Text 1..200 chars] 1..10`: the bounds behind an entry's type, those of an entry that is a list within it."""

    item: TypeExpr
    bounds: Bounds | None
    entry_bounds: Bounds | None = None
    matching: Text | None = None
    """The pattern of every entry."""


@dataclass(frozen=True, slots=True)
class OptionalType(Syntax):
    item: TypeExpr


@dataclass(frozen=True, slots=True)
class Parametrised(Syntax):
    """`Json(Invoice)`, `Money(USD)`, `File("image/*")`."""

    name: Word
    values: tuple[Word | Text, ...]


TypeExpr = NamedType | Alternatives | Parametrised | RefType | ListType | OptionalType


# ------------------------------------------------------------------------------------------------ fields and clauses


@dataclass(frozen=True, slots=True)
class Untrained(Syntax):
    """`untrained`, `untrained where role != assistant`: the model reads it and never imitates it."""

    where: Expr | None


@dataclass(frozen=True, slots=True)
class Field(Syntax):
    name: Word
    type: TypeExpr
    bounds: Bounds | None
    matching: Text | None
    default: Number | Date | Text | Truth | Word | None
    doc: Text | None
    untrained: Untrained | None = None


@dataclass(frozen=True, slots=True)
class Group(Syntax):
    name: Word
    doc: Text | None
    items: tuple[Item, ...]
    untrained: Untrained | None = None


@dataclass(frozen=True, slots=True)
class StatisticTail(Syntax):
    confidence: Number
    expecting: Number | None
    accepting: Number | None
    accepting_at: Number | None


@dataclass(frozen=True, slots=True)
class Option(Syntax):
    """One of several comparisons, with the effect planned for."""

    expr: Expr
    expecting: Number | Date | None


@dataclass(frozen=True, slots=True)
class AnyOf(Syntax):
    """`any of { gain(a) >= 3pp expecting 9pp, gain(b) >= 2pp expecting 8pp }`."""

    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class Clause(Syntax):
    role: str
    name: Word
    text: Text | None
    expr: Expr | AnyOf
    statistic: StatisticTail | None
    scope: Word | None
    otherwise: tuple[Word, Word] | None


@dataclass(frozen=True, slots=True)
class Let(Syntax):
    """`let long: chars(input.request) > 2_000 chars`: a name for an expression."""

    name: Word
    text: Text | None
    expr: Expr


Item = Field | Group | Clause | Let


# ------------------------------------------------------------------------------------------------ mixtures


@dataclass(frozen=True, slots=True)
class Amount(Syntax):
    """One entry's target: `kind` is exactly, around, between, a comparison operator, or a word such as `rest`."""

    kind: str
    first: Number | Date | None
    second: Number | Date | None


@dataclass(frozen=True, slots=True)
class Entry(Syntax):
    """`member` is a word of the enum, a text, or `each`."""

    member: Word | Text
    amount: Amount


@dataclass(frozen=True, slots=True)
class MixtureLine(Syntax):
    dimensions: tuple[Word, ...]
    entries: tuple[Entry, ...]


# ------------------------------------------------------------------------------------------------ settings


@dataclass(frozen=True, slots=True)
class Rate(Syntax):
    """`18.50 per record where ...`."""

    amount: Expr
    per: Word
    where: Expr | None


@dataclass(frozen=True, slots=True)
class Until(Syntax):
    """`20% until certified or 30 days`; without a latest day it lasts until the event."""

    amount: Expr
    event: Word
    latest: Number | Date | None


Value = Expr | Rate | Until


@dataclass(frozen=True, slots=True)
class Setting(Syntax):
    label: Word
    values: tuple[Value, ...]


# ------------------------------------------------------------------------------------------------ blocks


@dataclass(frozen=True, slots=True)
class Contract(Syntax):
    name: Word
    title: Text | None
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Amends(Syntax):
    """`amends "house.sftspec"`: the contract that this one fills in and changes."""

    file: Text


@dataclass(frozen=True, slots=True)
class Pin(Syntax):
    """What pins a plug-in: the words `plugin`, `version` and `sha256`, and what stands behind the last two."""

    words: tuple[Word, ...]
    version: Text
    sha256: Text


@dataclass(frozen=True, slots=True)
class Use(Syntax):
    """`use std.agent`, `use "terms.sftspec"` or `use plugin "plugins/scan.sftspec" version "1.2" sha256 "..."`."""

    target: Word | Text
    alias: Word | None
    pin: Pin | None = None


@dataclass(frozen=True, slots=True)
class Member(Syntax):
    """A word of an enum; in a taxonomy it holds narrower ones."""

    name: Word
    doc: Text | None
    members: tuple[Member, ...] = ()


@dataclass(frozen=True, slots=True)
class Enum(Syntax):
    name: Word
    doc: Text | None
    members: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class TypeDecl(Syntax):
    """`tag` names the field that tells the cases of a union apart; its groups are the cases."""

    name: Word
    tag: Word | None
    doc: Text | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Table(Syntax):
    name: Word
    file: Text
    key: Word | None
    doc: Text | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Record(Syntax):
    name: Word
    key: Word | None
    doc: Text | None
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Terms(Syntax):
    name: Word
    table: Word
    using: Word | None
    items: tuple[Clause | Let, ...]

    @property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(item for item in self.items if isinstance(item, Clause))


@dataclass(frozen=True, slots=True)
class Mixture(Syntax):
    name: Word | None
    table: Word
    by: Word
    of: Word | None
    lines: tuple[MixtureLine, ...]


@dataclass(frozen=True, slots=True)
class Reference(Syntax):
    name: Word
    file: Text
    matching: Word | None
    within: Number | None


@dataclass(frozen=True, slots=True)
class Recipe(Syntax):
    name: Word
    table: Word
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class HeldOut(Syntax):
    name: Word
    record: Word | None
    doc: Text | None
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Payment(Syntax):
    currency: Word
    settings: tuple[Setting, ...]


@dataclass(frozen=True, slots=True)
class Waive(Syntax):
    """What the parties do without, and why."""

    name: Word
    reason: Text
    clause: bool = field(default=False, compare=False)
    """Whether it takes a clause out of the contract that is amended."""


# ------------------------------------------------------------------------------------------------ signatures


@dataclass(frozen=True, slots=True)
class Parameter(Syntax):
    name: Word
    variadic: bool
    row: bool
    sort: tuple[str, ...]
    default: str | None


@dataclass(frozen=True, slots=True)
class Measure(Syntax):
    name: Word
    parameters: tuple[Parameter, ...]
    kind: str
    sort: tuple[str, ...]
    source: str | None
    text: Text


# ------------------------------------------------------------------------------------------------ a file

Declaration = (
    Contract
    | Amends
    | Use
    | Enum
    | TypeDecl
    | Table
    | Record
    | Terms
    | Mixture
    | Reference
    | Recipe
    | HeldOut
    | Payment
    | Waive
    | Measure
)


@dataclass(frozen=True, slots=True)
class Version(Syntax):
    number: str


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment as written, `#` included. `own_line` if nothing stands before it on its line."""

    text: str
    start: int
    own_line: bool


@dataclass(frozen=True, slots=True)
class File(Syntax):
    """One source file."""

    version: Version | None
    declarations: tuple[Declaration, ...]
    comments: tuple[Comment, ...] = field(default=(), compare=False)
    mistakes: tuple[int, ...] = field(default=(), compare=False)
    """Offsets of what could not be read as it stands."""
    lost: frozenset[str] = field(default=frozenset(), compare=False)
    """Words of lines and declarations that could not be kept whole: names that may have been declared there."""
