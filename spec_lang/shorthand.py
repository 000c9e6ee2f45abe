"""The delivery itself, field types, keys and references to clauses."""

from __future__ import annotations

from collections.abc import Iterator

from spec_lang.blocks import head
from spec_lang.contract import Clause, Const, Op, Path, Range
from spec_lang.diagnostics import listing
from spec_lang.lowered import Lowered, call, marking, word
from spec_lang.nesting import inside
from spec_lang.symbols import Report, Symbols
from spec_lang.types import BOOL, File, Quantity, RecordOf, Ref, Type, bare


def delivery_clauses(record: str, volume: tuple[int, int] | None, symbols: Symbols) -> Iterator[Lowered]:
    """The files, the lines and the number of records."""
    contract = symbols.contract
    span = head(contract) if contract is not None else symbols.spans[record]
    yield Lowered(
        marking(
            "delivery.as_listed",
            "files",
            call("as_listed", BOOL),
            "delivery",
            "Every file is the one that the manifest lists",
        ),
        span,
    )
    yield Lowered(
        marking(
            "delivery.readable", "lines", call("readable", BOOL), "delivery", "Every line is one strict JSON object"
        ),
        span,
    )
    if volume is not None:
        unit = Quantity(unit="records")
        count = call("count", unit, ("condition", Const(value=True, type=BOOL)), ("of", word("accepted")))
        low, high = (Const(value=str(end), type=unit) for end in volume)
        expr = Op(name="in", args=(count, Range(low=low, high=high, type=unit)), type=BOOL)
        clause = Clause(
            name="delivery.volume",
            role="require",
            text="The number of accepted records",
            table=record,
            expr=expr,
            stage="delivery",
            basis="recomputed",
            origin="volume",
        )
        yield Lowered(clause, span)


def field_clauses(table: str, delivered: list[str], symbols: Symbols, report: Report) -> Iterator[Lowered]:
    """A table's fields are as declared, its references resolve, its key is unique."""
    span = symbols.spans[table]
    whole = Path(root="row", steps=(), type=RecordOf(name=table))
    mark = call("well_formed", BOOL, ("field", whole))
    yield Lowered(marking(f"{table}.closed", table, mark, "field", "No field that the contract does not name"), span)
    for path, type_, at in _leaves(table, (), table, symbols):
        field = Path(root="row", steps=path, type=type_)
        name = ".".join((table, *path))
        where = symbols.field_spans.get(at, span)
        yield Lowered(marking(name, table, call("well_formed", BOOL, ("field", field)), "field", ""), where)
        if not _is_group(type_, at):
            yield from _reference_clause(name, table, field, at, delivered, symbols, report)
    if any(isinstance(one, File) for _, one in inside(RecordOf(name=table), symbols.shapes.get)):
        mark = call("attached", BOOL, ("field", whole))
        text = "Every file that a row names is in the delivery as stated"
        yield Lowered(marking(f"{table}.attached", table, mark, "field", text), span)
    key = symbols.tables[table].key
    declared = symbols.field(table, key) if key is not None else None
    if key is not None and declared is not None:
        field = Path(root="row", steps=(key,), type=declared.type)
        not_repeated = Op(name="not", args=(call("repeated", BOOL, ("field", field)),), type=BOOL)
        yield Lowered(marking(f"{table}.{key}.unique", table, not_repeated, "field", "No two rows share a key"), span)


def _reference_clause(
    name: str, table: str, field: Path, at: str, delivered: list[str], symbols: Symbols, report: Report
) -> Iterator[Lowered]:
    """Every reference in a field, however deep, names a row that was delivered."""
    found = [(where, one) for where, one in inside(field.type, symbols.shapes.get, at) if isinstance(one, Ref)]
    where = symbols.field_spans.get(at, symbols.spans[table])
    for place, one in found:
        if one.table and one.table not in delivered:
            message = f"no rows of `{one.table}` are delivered, so nothing can refer to them"
            report.error(
                "SFT3020", message, symbols.field_spans.get(place, where), help=f"refer to {listing(delivered)}"
            )
    tables = list(dict.fromkeys(one.table for _, one in found if one.table in delivered))
    if tables:
        each = "It" if isinstance(bare(field.type), Ref) else "Every reference in it"
        mark = call("resolves", BOOL, ("field", field))
        text = f"{each} names a row of {' or '.join(tables)}"
        yield Lowered(marking(f"{name}.resolves", table, mark, "field", text), where)


def _is_group(type_: Type, at: str) -> bool:
    """Whether a field is a group, whose own fields follow."""
    return isinstance(type_, RecordOf) and type_.name == at


def _leaves(
    shape: str, path: tuple[str, ...], table: str, symbols: Symbols
) -> Iterator[tuple[tuple[str, ...], Type, str]]:
    """Fields of a table, groups opened, named types kept whole."""
    for field in symbols.shapes[shape].fields:
        here = (*path, field.name)
        group = f"{shape}.{field.name}"
        yield here, field.type, group
        if _is_group(field.type, group):
            yield from _leaves(group, here, table, symbols)
