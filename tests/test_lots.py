"""A delivery in lots, from the command line: what binds when, where a copy of an earlier lot is found, what stands."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from acceptance.cli import main

CONTRACT = """sftspec 1

contract lots "Questions in three lots" {
  version: "1"
  buyer: "B"
  vendor: "V"
  volume: 25..40 records in 3 lots
}

record Item key id {
  id: Text
  input { ask: Text   kind: pay | talk }
  training { split: train | validation }
}

terms quality on Item {
  require once: no(duplicate(input.ask, normalise: text)) otherwise drop record
  require own: no(near_duplicate(input.ask, shingle: 2 words, similarity: 0.5)) otherwise drop record
  require apart: no(crosses(input.ask, split: training.split, shingle: 2 words, similarity: 0.5))
  require mix: share(input.kind == pay) <= 50%
  require steady: share(input.kind == pay) <= 80% each lot
  require varied: compression_ratio(input.ask, by: zlib_6) <= 9 otherwise reject lot
  require filled: every(words(input.ask) >= 3 words)
}
"""
Rows = list[dict[str, Any]]


def rows(lot: int, count: int = 10, pay: int = 3) -> Rows:
    rng = random.Random(lot)
    asks = [" ".join(f"w{rng.randrange(9_999)}" for _ in range(8)) for _ in range(count)]
    kinds = ["pay"] * pay + ["talk"] * (count - pay)
    return [
        {"id": f"{lot}-{at}", "input": {"ask": ask, "kind": kind}, "training": {"split": "train"}}
        for at, (ask, kind) in enumerate(zip(asks, kinds, strict=True))
    ]


@pytest.fixture
def contract(tmp_path: Path) -> Path:
    (tmp_path / "lots.sftspec").write_text(CONTRACT)
    return tmp_path / "lots.sftspec"


Entries = dict[str, dict[str, Any]]


def validated(contract: Path, lots: dict[int, Rows], capsys: pytest.CaptureFixture[str], code: int) -> Entries:
    """The entries by clause. The records of a lot are dealt to two shards."""
    folder = contract.parent / f"delivery-{random.random()}"
    for lot, found in lots.items():
        place = folder / f"lot-{lot}"
        place.mkdir(parents=True)
        for shard, part in (("a", found[::2]), ("b", found[1::2])):
            (place / f"{shard}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in part))
    assert main(["manifest", str(contract), str(folder)]) == 0
    capsys.readouterr()
    assert main(["validate", str(contract), str(folder), "--format", "json"]) == code
    return {entry["clause"]: entry for entry in json.loads(capsys.readouterr().out)["ledger"]["entries"]}


def places(entry: dict[str, Any]) -> list[tuple[str, int]]:
    return [(one["file"], one["line"]) for one in entry["findings"]]


def test_sums_bind_at_the_last_lot_and_are_a_forecast_before(
    contract: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = validated(contract, {1: rows(1, pay=7)}, capsys, 0)
    for clause in ("delivery.volume", "quality.mix"):
        assert (first[clause]["verdict"], first[clause]["binding"]) == ("breached", False)
        assert first[clause]["reason"] == "a forecast after 1 of 3 lots; binding at the last lot"
    assert first["quality.mix"]["observed"].startswith("70 %")
    two = validated(contract, {1: rows(1, pay=7), 2: rows(2, pay=7)}, capsys, 0)
    assert two["quality.mix"]["binding"] is False
    bad = validated(contract, {1: rows(1, pay=7), 2: rows(2, pay=7), 3: rows(3, pay=7)}, capsys, 1)
    assert (bad["quality.mix"]["verdict"], bad["quality.mix"]["binding"]) == ("breached", True)
    good = validated(contract, {1: rows(1, pay=7), 2: rows(2, pay=2), 3: rows(3, pay=2)}, capsys, 0)
    assert (good["quality.mix"]["verdict"], good["delivery.volume"]["verdict"]) == ("met", "met")


def test_each_lot_and_reject_lot_bind_in_every_lot(contract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one = validated(contract, {1: rows(1), 2: rows(2, pay=9)}, capsys, 1)
    assert one["quality.steady"]["observed"].startswith("lot 2: 90 %") and one["quality.steady"]["binding"]
    dull = rows(2)
    for number, row in enumerate(dull):
        row["input"]["ask"] = f"{number} " + "the same words over and over again " * 90 + f"{number * 77}"
    found = validated(contract, {1: rows(1), 2: dull}, capsys, 1)
    assert found["quality.varied"]["binding"] and found["quality.varied"]["verdict"] == "breached"
    assert found["quality.varied"]["observed"].startswith("lot 2: ")


def test_a_row_clause_binds_in_every_lot(contract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    short = rows(2)
    short[4]["input"]["ask"] = "too short"
    found = validated(contract, {1: rows(1), 2: short}, capsys, 1)["quality.filled"]
    assert (found["binding"], found["verdict"], places(found)) == (True, "breached", [("lot-2/a.jsonl", 3)])


def test_a_copy_of_an_earlier_lot_is_found_and_dropped_where_it_came_again(
    contract: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = rows(1), rows(2)
    second[3]["input"]["ask"] = first[6]["input"]["ask"].upper()
    second[8]["input"]["ask"] = first[1]["input"]["ask"] + " and more"
    second[9]["id"] = "1-0"
    found = validated(contract, {1: first, 2: second}, capsys, 1)
    once, own = found["quality.once"], found["quality.own"]
    assert places(once) == [("lot-2/b.jsonl", 2)] and "lot-1/a.jsonl:4" in once["findings"][0]["message"]
    assert places(own) == [("lot-2/a.jsonl", 5), ("lot-2/b.jsonl", 2)]
    assert "lot-1/b.jsonl:1" in own["findings"][0]["message"]
    keys = next(entry for name, entry in found.items() if places(entry) == [("lot-2/b.jsonl", 5)])
    assert keys["verdict"] == "breached" and "lot-1/a.jsonl:1" in keys["findings"][0]["message"]


def test_a_copy_of_an_earlier_lot_in_another_split_crosses(contract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = contract.read_text().replace(
        "  require own: no(near_duplicate(input.ask, shingle: 2 words, similarity: 0.5)) otherwise drop record\n", ""
    )
    contract.write_text(text)
    first, second = rows(1), rows(2)
    second[2]["input"]["ask"] = first[5]["input"]["ask"] + " now"
    assert validated(contract, {1: first, 2: second}, capsys, 0)["quality.apart"]["verdict"] == "met"
    second[2]["training"]["split"] = "validation"
    found = validated(contract, {1: first, 2: second}, capsys, 1)["quality.apart"]
    assert places(found) == [("lot-2/a.jsonl", 2)] and "lot-1/b.jsonl:3" in found["findings"][0]["message"]


def test_an_accepted_lot_is_not_judged_anew(contract: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A row of lot 2 is half of one row of lot 1 and half of another: it is dropped, and both of them stay."""
    words = [f"v{number}" for number in range(20)]
    first, second = rows(1), rows(2)
    first[2]["input"]["ask"], first[7]["input"]["ask"] = " ".join(words[:12]), " ".join(words[6:18])
    assert validated(contract, {1: first}, capsys, 0)["quality.own"]["dropped"] == 0
    second[5]["input"]["ask"] = " ".join(words[3:15])
    found = validated(contract, {1: first, 2: second}, capsys, 0)["quality.own"]
    assert (found["dropped"], places(found)) == (1, [("lot-2/b.jsonl", 3)])
    moved = validated(contract, {1: [*first, second[5]]}, capsys, 0)["quality.own"]
    assert moved["dropped"] == 2  # in one lot they are one chain


@pytest.mark.parametrize(
    ("lots", "message"),
    [
        ([2], "lot 1 holds no records, and lot 2 is here"),
        ([1, 3], "lot 2 holds no records, and lot 3 is here"),
        ([1, 2, 3, 4], "lot 4, but 3 lots are agreed"),
    ],
)
def test_lots_that_cannot_be_judged_together_breach_the_delivery(
    lots: list[int], message: str, contract: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    listed = validated(contract, {lot: rows(lot) for lot in lots}, capsys, 1)["delivery.as_listed"]
    assert listed["verdict"] == "breached" and [one["message"] for one in listed["findings"]] == [message]
