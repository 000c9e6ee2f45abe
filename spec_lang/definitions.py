"""Every `let` to what it stands for. A definition sees those above it, so none can contain itself."""

from __future__ import annotations

from collections.abc import Iterable

from spec_lang import syntax as s
from spec_lang.contract import Argument, Call, Expr, Op, Quantified, SetExpr
from spec_lang.symbols import Report, Symbols
from spec_lang.typechecker import Checker
from spec_lang.typed import Definition, Definitions

MOST = 5_000
"""Parts of one definition, written out: a chain of definitions may double at each step."""


def define(symbols: Symbols, report: Report) -> None:
    """The definitions of records and tables, for every expression about their rows."""
    for table in dict.fromkeys(table for table, _ in symbols.lets):
        lets = [let for owner, let in symbols.lets if owner == table]
        if table in symbols.tables:
            symbols.definitions[table] = _defined(lets, table, {}, symbols, report)
            continue
        for let in lets:
            help = "write it in a record, a table or a `terms` block"
            report.error("SFT3020", f"`{table}` is a type, and no rows of it are delivered", let.name.span, help=help)


def within(terms: s.Terms, table: str, symbols: Symbols, report: Report) -> Definitions:
    """The definitions that hold inside a block: the table's and the block's own."""
    known = dict(symbols.definitions.get(table, {}))
    lets = [item for item in terms.items if isinstance(item, s.Let)]
    return known | _defined(lets, table, known, symbols, report)


def unused(definitions: Iterable[Definition], report: Report) -> None:
    """A definition that nothing uses is probably a slip."""
    for item in definitions if not report.failed() else ():
        if not item.used and item.typed is not None:
            message = f"`{item.let.name.text}` is defined and never used"
            help = "use it, or remove it"
            report.error("SFT4004", message, item.let.name.span, help=help, warning=True)


def _defined(lets: list[s.Let], table: str, known: Definitions, symbols: Symbols, report: Report) -> Definitions:
    own: Definitions = {}
    for position, let in enumerate(lets):
        name = let.name.text
        later = frozenset(item.name.text for item in lets[position:])
        checker = Checker(symbols, report, table, definitions={**known, **own}, later=later)
        if name in checker.definitions or symbols.field(table, name) is not None:
            report.error("SFT2002", f"`{name}` already has a meaning here", let.name.span, help="choose another name")
            continue
        typed = checker.expression(let.expr)
        size = _size(typed.ir, MOST + 1) if typed is not None else 0
        if size > MOST:
            message = f"`{name}` stands for more than {MOST:,} parts once the definitions in it are written out"
            report.error("SFT1004", message, let.name.span, help="say less with one name")
            typed = None
        own[name] = Definition(let, typed, size)
    return own


def _size(expr: Expr | Argument, most: int) -> int:
    """Nodes of an expression, counted no further than `most`."""
    match expr:
        case Argument(value=value):
            return _size(value, most)
        case Call(args=args):
            parts: tuple[Expr | Argument, ...] = args
        case Op(args=args):
            parts = args
        case Quantified(over=over, body=body):
            parts = (over, body)
        case SetExpr(items=items):
            parts = items
        case _:
            parts = ()
    total = 1
    for part in parts:
        if total >= most:
            break
        total += _size(part, most - total)
    return total
