"""The prices of a contract to the rows that two of them pay, and to those that none pays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import combinations

from spec_lang.contract import Const, Expr
from spec_lang.deals import Deal
from spec_lang.diagnostics import Diagnostic, Label
from spec_lang.domains import OTHER, Dimension, Space, Statement, TooMany, Value
from spec_lang.source import Span
from spec_lang.types import BOOL, DATE, Enum

LATEST = "add a latest day: `or 30 days`"
ALWAYS = Const(value=True, type=BOOL)


@dataclass(frozen=True, slots=True)
class Priced:
    """Price lines as statements, and every kind of row that the record's own clauses let pass."""

    space: Space
    statements: tuple[Statement, ...]
    kinds: tuple[Mapping[str, Value], ...]
    spans: tuple[Span, ...]
    units: tuple[str, ...]

    def of(self, row: Mapping[str, Value], *statements: Statement) -> str:
        """What the statements look at in a row, in words."""
        keys = dict.fromkeys(key for one in statements for key in one.keys)
        return ", ".join(_said(self.space.dimensions[key], row[key]) for key in keys) or "every record"


def prices_differ(deal: Deal) -> Iterator[Diagnostic]:
    """No row is paid by two lines of one unit: an invoice would have to choose."""
    try:
        read = _priced(deal)
    except TooMany:
        assert deal.symbols.payment is not None
        message = "the prices tell too many kinds of records apart to be compared"
        primary = Label(deal.symbols.payment.currency.span, "not proven")
        help = "nothing is wrong for certain; let fewer fields decide what is paid"
        yield Diagnostic("SFT4010", message, primary, (), (), help, "warning")
        return
    if read is None:
        return
    for one, other in combinations(range(len(read.statements)), 2):
        if read.units[one] != read.units[other]:
            continue
        pair = read.statements[one], read.statements[other]
        row = next((row for row in read.kinds if all(each.holds(row) for each in pair)), None)
        if row is not None:
            primary, why = Label(read.spans[other], "and by this one"), (Label(read.spans[one], "paid by this line"),)
            message = f"two prices pay the same record: {read.of(row, *pair)}"
            help = "let one condition exclude the other: `where ... and not (...)`"
            yield Diagnostic("SFT4121", message, primary, why, (), help)


def rows_have_prices(deal: Deal) -> Iterator[Diagnostic]:
    """Every row that may be accepted is paid by some line."""
    try:
        read = _priced(deal)
    except TooMany:
        return
    unpaid = (row for row in read.kinds if not any(one.holds(row) for one in read.statements)) if read else ()
    row = next(iter(unpaid), None)
    if read is not None and row is not None:
        message = f"no price pays a record like this: {read.of(row, *read.statements)}"
        help = "add a price for it, `price: 0 per record where ...` if nothing is due"
        yield Diagnostic("SFT4122", message, Label(read.spans[-1], "the last price"), (), (), help, "warning")


def holds_end(deal: Deal) -> Iterator[Diagnostic]:
    """What is held back is due some day, also where no certificate ever comes."""
    payment, block = deal.contract.payment, deal.symbols.payment
    if payment is None or block is None or payment.hold in (None, "0") or payment.hold_days is not None:
        return
    span = next(one.values[0].span for one in block.settings if one.label.text == "hold")
    message = "where no certificate comes, what is held back is never due"
    yield Diagnostic("SFT4123", message, Label(span, "no latest day"), (), (), LATEST, "warning")


def _priced(deal: Deal) -> Priced | None:
    """None where there are no prices. Raises TooMany."""
    payment, block = deal.contract.payment, deal.symbols.payment
    if payment is None or block is None or not payment.prices:
        return None
    spans = tuple(setting.span for setting in block.settings if setting.label.text == "price")
    record = deal.contract.record
    clauses = [item.clause for item in deal.clauses if item.clause.role == "require" and item.clause.table == record]
    marks = [clause.mark for clause in clauses if clause.mark is not None and clause.origin == "written"]
    wheres = [price.where or ALWAYS for price in payment.prices]
    units = tuple(price.per for price in payment.prices)
    try:
        return Priced(*_kinds(Space(record, deal.symbols), wheres, marks), spans, units)
    except TooMany:  # without the record's clauses more rows seem possible, so nothing is missed
        return Priced(*_kinds(Space(record, deal.symbols), wheres, []), spans, units)


def _kinds(
    space: Space, wheres: list[Expr], marks: list[Expr]
) -> tuple[Space, tuple[Statement, ...], tuple[Mapping[str, Value], ...]]:
    """Raises TooMany. Of the record's clauses those count that look at what a price looks at."""
    statements = tuple(space.read(where) for where in wheres)
    keys = dict.fromkeys(key for one in statements for key in one.keys)
    holding = [one for one in map(space.read, marks) if not keys.keys().isdisjoint(one.keys)]
    keys.update(dict.fromkeys(key for one in holding for key in one.keys))
    kinds = (row for row in space.rows(tuple(keys)) if all(one.holds(row) for one in holding))
    return space, statements, tuple(kinds)


def _said(dimension: Dimension, value: Value) -> str:
    """`run.outcome booked`, `run.reward 0`, `author absent`."""
    if value is None:
        return f"`{dimension.shown}` absent"
    if isinstance(value, bool):
        return f"`{dimension.shown}` {'true' if value else 'false'}"
    if isinstance(value, Fraction):
        shown = date.fromordinal(max(1, int(value))).isoformat() if dimension.type == DATE else f"{float(value):g}"
        return f"`{dimension.shown}` {shown}"
    if value == OTHER:
        words = dimension.type.members if isinstance(dimension.type, Enum) else ()
        value = next((word for word in words if word not in dimension.named), "anything else")
    return f"`{dimension.shown}` {value}"
