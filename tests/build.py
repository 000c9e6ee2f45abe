"""Short words for building contracts, clauses and batches by hand in tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path as FilePath
from typing import Any

from acceptance.engine.evaluation import Outcome, evaluate
from acceptance.ledger import Entry
from acceptance.tables import Batch, Origin
from spec_lang.contract import (
    Argument,
    Call,
    Clause,
    Const,
    Contract,
    Expr,
    FieldDef,
    Op,
    Path,
    Quantified,
    Range,
    SetExpr,
    Shape,
    TableDef,
)  # fmt: skip
from spec_lang.types import (
    BOOL,
    DATE,
    INT,
    NUMBER,
    PERCENT,
    TEXT,
    Enum,
    ListOf,
    Named,
    OptionalOf,
    Quantity,
    RecordOf,
    Ref,
    Type,
)  # fmt: skip

TASK = Enum(name="Task", members=("payment", "refund", "general"))
LEVEL = Enum(members=("easy", "hard"))

STEP = Shape(name="Step", fields=(FieldDef(name="tool", type=TEXT), FieldDef(name="took", type=OptionalOf(item=INT))))
EXPERT = Shape(
    name="Expert",
    fields=(
        FieldDef(name="id", type=TEXT),
        FieldDef(name="valid_from", type=DATE),
        FieldDef(name="valid_until", type=OptionalOf(item=DATE)),
    ),
)
RECORD = Shape(
    name="Request",
    fields=(
        FieldDef(name="id", type=TEXT, pattern="R-[0-9]+"),
        FieldDef(name="input", type=RecordOf(name="Request.input")),
        FieldDef(name="source", type=RecordOf(name="Request.source")),
        FieldDef(name="weight", type=NUMBER, low="0", high="4", default="1"),
        FieldDef(name="steps", type=OptionalOf(item=ListOf(item=RecordOf(name="Step"))), low="1", unit="items"),
        FieldDef(name="parents", type=OptionalOf(item=ListOf(item=Ref(table="Request")))),
    ),
)
INPUT = Shape(
    name="Request.input",
    fields=(
        FieldDef(name="text", type=TEXT, low="3", high="20", unit="chars"),
        FieldDef(name="task", type=TASK),
        FieldDef(name="level", type=OptionalOf(item=LEVEL)),
        FieldDef(name="tags", type=OptionalOf(item=ListOf(item=TEXT))),
    ),
)
SOURCE = Shape(
    name="Request.source",
    fields=(
        FieldDef(name="author", type=Ref(table="Expert")),
        FieldDef(name="reviewer", type=Ref(table="Expert")),
        FieldDef(name="written_at", type=DATE),
        FieldDef(name="generator", type=OptionalOf(item=TEXT)),
    ),
)
TYPES: dict[str, Type] = {
    "id": TEXT,
    "input": RecordOf(name="Request.input"),
    "input.text": TEXT,
    "input.task": TASK,
    "input.level": OptionalOf(item=LEVEL),
    "source.author": Ref(table="Expert"),
    "source.reviewer": Ref(table="Expert"),
    "source.written_at": DATE,
    "source.generator": OptionalOf(item=TEXT),
    "source.author.->Expert.valid_from": DATE,
    "source.author.->Expert.valid_until": OptionalOf(item=DATE),
    "weight": NUMBER,
    "steps": OptionalOf(item=ListOf(item=RecordOf(name="Step"))),
    "parents": OptionalOf(item=ListOf(item=Ref(table="Request"))),
    "valid_from": DATE,
}


def contract(*clauses: Clause, **more: Any) -> Contract:
    return Contract(
        name="test",
        version="1",
        buyer="B",
        vendor="V",
        record="Request",
        tables=(
            TableDef(name="Request", shape="Request", key="id"),
            TableDef(name="Expert", shape="Expert", key="id", file="experts.jsonl"),
        ),
        shapes=(RECORD, INPUT, SOURCE, STEP, EXPERT),
        clauses=clauses,
        **more,
    )


# expressions


def path(name: str, type_: Type | None = None, root: str = "row") -> Path:
    return Path(root=root, steps=tuple(name.split(".")) if name else (), type=type_ or TYPES[name])


def const(value: Any, type_: Type | None = None) -> Const:
    kind: Type = BOOL if isinstance(value, bool) else INT if isinstance(value, int) else TEXT
    return Const(value=value if isinstance(value, bool) else str(value), type=type_ or kind)


def pct(value: str) -> Const:
    return Const(value=value, type=PERCENT)


def op(name: Any, *args: Expr, type_: Type = BOOL) -> Op:
    return Op(name=name, args=args, type=type_)


def eq(left: Expr, right: Expr) -> Op:
    return op("==", left, right)


def between(value: Expr, low: Const | None, high: Const | None) -> Op:
    end = low or high
    assert end is not None
    return op("in", value, Range(low=low, high=high, type=end.type))


def among(value: Expr, *words: str) -> Op:
    return op("in", value, SetExpr(items=tuple(const(word) for word in words), type=TEXT))


def forall(variable: str, over: Expr, body: Expr, which: Any = "all") -> Quantified:
    return Quantified(which=which, variable=variable, over=over, body=body, type=BOOL)


def call(measure: str, type_: Type = BOOL, kind: Any = "row", **args: Any) -> Call:
    listed = []
    for name, given in args.items():
        for value in given if isinstance(given, (list, tuple)) else [given]:
            expr = Const(value=value, type=Named(what="word")) if isinstance(value, str) else value
            listed.append(Argument(name=name.rstrip("_"), value=expr))
    return Call(measure=measure, kind=kind, args=tuple(listed), type=type_)


def agg(measure: str, type_: Type = PERCENT, **args: Any) -> Call:
    return call(measure, type_, "aggregate", **args)


def share(condition: Expr, **more: Any) -> Call:
    return agg("share", condition=condition, **more)


def count(condition: Expr | None = None, **more: Any) -> Call:
    return agg("count", Quantity(unit="records"), condition=condition or const(True), **more)


def well(field: str) -> Call:
    place = Path(root="row", steps=tuple(field.split(".")) if field else (), type=RecordOf(name="Request"))
    return call("well_formed", field=place)


# clauses


def clause(name: str, expr: Expr, **more: Any) -> Clause:
    defaults: dict[str, Any] = {"role": "require", "table": "Request", "stage": "delivery", "basis": "recomputed"}
    return Clause(name=name, expr=expr, **{**defaults, **more})


def every(name: str, mark: Expr, **more: Any) -> Clause:
    return clause(name, agg("every", BOOL, condition=mark), mark=mark, **more)


def no(name: str, predicate: Expr, **more: Any) -> Clause:
    return clause(name, agg("no", BOOL, condition=predicate), mark=op("not", predicate), **more)


# rows


def row(number: int, **changes: Any) -> dict[str, Any]:
    """A good row. `input__task="refund"` changes a field; None removes it."""
    found: dict[str, Any] = {
        "id": f"R-{number}",
        "input": {"text": f"text {number}", "task": "payment"},
        "source": {"author": "E1", "reviewer": "E2", "written_at": "2027-01-01"},
    }
    for name, value in changes.items():
        *groups, last = name.split("__")
        owner = found
        for group in groups:
            owner = owner[group]
        if value is None:
            owner.pop(last, None)
        else:
            owner[last] = value
    return found


EXPERTS: list[dict[str, Any]] = [
    {"id": "E1", "valid_from": "2020-01-01", "valid_until": "2026-12-31"},
    {"id": "E2", "valid_from": "2027-01-01"},
]


def batches(table: str, rows: Sequence[dict[str, Any]], size: int = 7, lots: Sequence[int] = ()) -> Any:
    def source() -> Iterator[Batch]:
        for start in range(0, len(rows), size):
            part = list(rows[start : start + size])
            origins = [
                Origin(f"part-{start + i >= len(rows) // 2:d}.jsonl", start + i + 1, lots[start + i] if lots else 1)
                for i in range(len(part))
            ]
            yield Batch(table, start, part, origins)

    return source


def judge(agreed: Contract, rows: Sequence[dict[str, Any]], size: int = 7, **more: Any) -> Outcome:
    experts = more.pop("experts", EXPERTS)
    lots = more.pop("lots", ())
    tables: dict[str, Callable[[], Iterator[Batch]]] = {"Request": batches("Request", rows, size, lots)}
    if experts is not None:
        tables["Expert"] = batches("Expert", experts)
    return evaluate(agreed, tables, folder=FilePath(), **more)


def decided(one: Clause, rows: Sequence[dict[str, Any]], **more: Any) -> Entry:
    """The only clause's entry."""
    return judge(contract(one), rows, **more).ledger.entries[0]
