"""A small contract as the compiler would give it, its folder and its scores: for tests of locks and certificates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath

import numpy as np

from spec_lang.contract import (
    Argument,
    Call,
    Clause,
    Const,
    Contract,
    HeldOut,
    Op,
    Path,
    Recipe,
    Reference,
    SetExpr,
    Shape,
    Statistic,
    TableDef,
)
from spec_lang.types import BOOL, JSON, PERCENT, TEXT, Enum, Named, Quantity, SetOf

POINTS = Quantity(unit="pp")
SOURCE = b"sftspec 1\n\ncontract small { ... }\n"


@dataclass(frozen=True)
class Row:
    """Stands in for acceptance.scores.ScoreRow."""

    arm: str
    seed: str
    suite: str
    item: str
    cluster: str
    score: float


def gain_call(suite: str, over: str = "base") -> Call:
    suite_is = Argument(name="suite", value=Const(value=suite, type=Named(what="heldout")))
    over_is = Argument(name="over", value=Const(value=over, type=Named(what="reference")))
    return Call(measure="gain", kind="aggregate", args=(suite_is, over_is), type=POINTS)


def gain_clause(name: str, suite: str, asked: str, over: str = "base", confidence: str = "0.95") -> Clause:
    bound = Const(value=asked, type=POINTS)
    return Clause(
        name=name,
        role="require",
        table="scores",
        expr=Op(name=">=", args=(gain_call(suite, over), bound), type=BOOL),
        stage="trial",
        basis="executed",
        statistic=Statistic(confidence=confidence),
        recipe="house",
    )


def review_clause() -> Clause:
    rubric = Argument(name="rubric", value=Const(value="rubric.md", type=TEXT))
    call = Call(measure="defective", kind="aggregate", args=(rubric,), type=PERCENT)
    return Clause(
        name="acceptance.by_eye",
        role="require",
        table="reviews",
        expr=Op(name="<=", args=(call, Const(value="2", type=PERCENT)), type=BOOL),
        stage="review",
        basis="reviewed",
        statistic=Statistic(confidence="0.95", accepting="0.005", accepting_at="0.9"),
    )


def part_clauses() -> tuple[Clause, Clause]:
    """Half of the delivery, and the delivery without each of two tasks, asked on `exam`."""
    suite = Argument(name="suite", value=Const(value="exam", type=Named(what="heldout")))
    shares = SetExpr(items=tuple(Const(value=part, type=PERCENT) for part in ("100", "50")), type=SetOf(item=PERCENT))
    task = Path(root="row", steps=("input", "task"), type=Enum(members=("refund", "invoice")))
    calls = (
        Call(measure="scaling", kind="aggregate", args=(suite, Argument(name="fractions", value=shares)), type=JSON),
        Call(measure="ablation", kind="aggregate", args=(suite, Argument(name="by", value=task)), type=JSON),
    )
    half, worth = (
        Clause(name=f"acceptance.{name}", role="report", table="scores", expr=call, otherwise="none", stage="trial",
               basis="executed", recipe="house")
        for name, call in zip(("half", "worth"), calls, strict=True)
    )  # fmt: skip
    return half, worth


def contract(
    attempts: int = 1, seeds: int = 5, size: int = 40, clusters: int | None = 20, parts: bool = False
) -> Contract:
    """A capability gain, the same over a reference, a guard, and a report; and parts of the delivery."""
    recipe = Recipe(
        name="house", table="Request", base="model", tokenizer="model/tokenizer.json", template="request.jinja",
        max_length=128, steps=10, batch=4, learning_rate="0.001", max_new_tokens=16, seeds=seeds,
    )  # fmt: skip
    report = Clause(
        name="acceptance.shown", role="report", table="scores", expr=gain_call("exam"), otherwise="none",
        stage="trial", basis="executed", recipe="house",
    )  # fmt: skip
    by = Path(root="row", steps=("input", "kind"), type=TEXT)
    return Contract(
        name="small",
        version="1.0.0",
        buyer="Harbour Ledger Ltd",
        vendor="Meridian Data Works",
        keys="keys.json",
        attempts=attempts,
        record="Request",
        tables=(TableDef(name="Request", shape="Request", key="id"),),
        shapes=(Shape(name="Request", fields=()),),
        recipes=(recipe,),
        heldouts=(
            HeldOut(
                name="exam", record="Request", items="sealed/exam.jsonl", size=size, clusters=clusters, cluster_by=by
            ),
            HeldOut(name="general", record="Request", items="sealed/general.jsonl", size=size),
        ),
        references=(Reference(name="house_mix", items="data/house.jsonl"),),
        clauses=(
            gain_clause("acceptance.exam", "exam", "3"),
            gain_clause("acceptance.beats_house", "exam", "1", over="house_mix"),
            gain_clause("acceptance.still_general", "general", "-20"),
            report,
            review_clause(),
            *(part_clauses() if parts else ()),
        ),
    )


def folder(at: FilePath) -> FilePath:
    """The files the contract names."""
    texts = {
        "model/model.safetensors": "weights",
        "model/tokenizer.json": "{}",
        "request.jinja": "{{ input }}",
        "data/house.jsonl": "{}\n",
        "keys.json": "{}",
        "rubric.md": "Defective is ...\n",
    }
    for name, text in texts.items():
        path = at / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return at


def scores(
    seeds: dict[str, list[str]], size: int = 40, clusters: int = 20, vendor: float = 0.9, other: float = 0.3
) -> Iterator[Row]:
    """Bernoulli scores of both suites: on `exam` the vendor's arm is far better, on `general` all arms are alike."""
    draws = np.random.default_rng(7)
    for arm, names in seeds.items():
        for seed in names:
            for item in range(size):
                solved = draws.random() < (vendor if arm.startswith("vendor") else other)
                yield Row(arm, seed, "exam", f"x{item:03}", f"c{item % clusters:03}", float(solved))
                yield Row(arm, seed, "general", f"g{item:03}", "", float(item % 10 != 0))
