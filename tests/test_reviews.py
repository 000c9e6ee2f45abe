"""A sample is drawn by a sealed seed, judged on a sheet, read back: hostile sheets are refused, honest ones decide."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import pytest
from scipy import stats

from acceptance.arguments import parser
from acceptance.certification.procedure import Request, before_trial
from acceptance.cli import main
from acceptance.commands.validate import reviews
from acceptance.deal import open_deal
from acceptance.signing import secrets
from acceptance.statistics.reviews import Reviewed, bounds
from acceptance.validation import decide, open_delivery
from spec_lang.planning.sampling import SamplingPlan, hypergeometric, plan_of

CONTRACT = """sftspec 1

contract answers "Short answers" {
  version: "1.0.0"
  buyer: "B"
  vendor: "V"
  volume: 100..500 records
}

record Answer key id {
  id: Text
  target { reply: Text 1..200 chars }

  require spoken: target.reply != "none" otherwise drop record
}

terms quality on Answer {
  require by_eye "Few answers are wrong":
    defective(rubric: "rubric.md") <= 5% at 95% confidence accepting 1% at 90%
}
"""
ROWS = 300
RISKS = (Fraction("0.05"), Fraction("0.05"), Fraction("0.01"), Fraction("0.9"))
Sheet = list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Desk:
    """A locked deal and a delivery of 300 rows of which ten are dropped."""

    folder: Path

    @property
    def contract(self) -> str:
        return str(self.folder / "answers.sftspec")

    @property
    def delivery(self) -> str:
        return str(self.folder / "delivery")

    def sample(self, out: str = "reviews", *more: str) -> Path:
        assert main(["sample", self.contract, self.delivery, "--out", str(self.folder / out), *more]) == 0
        return self.folder / out / "rubric.csv"

    def validate(self, sheet: Path, *more: str) -> int:
        return main(["validate", self.contract, self.delivery, "--reviews", str(sheet), *more])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return opened(tmp_path, CONTRACT)


def opened(place: Path, contract: str) -> Desk:
    (place / "answers.sftspec").write_text(contract)
    for name in ("rubric.md", "rubric.txt"):
        (place / name).write_text("An answer is defective if it is wrong.\n")
    made = Desk(place)
    assert main(["seal", made.contract]) == 0 and main(["lock", made.contract]) == 0
    folder = place / "delivery"
    folder.mkdir()
    rows = ({"id": f"a{n}", "target": {"reply": "none" if n % 30 == 0 else f"Answer {n}"}} for n in range(ROWS))
    (folder / "=part.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["manifest", made.contract, made.delivery]) == 0
    return made


def judged(path: Path, defective: int, blank: int = 0) -> Sheet:
    """The sheet with the first rows defective and the last ones not looked at."""
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    for at, row in enumerate(rows):
        if at < len(rows) - blank:
            row |= {"reviewer": "Ada", "defective": "yes" if at < defective else "No "}
    return rows


def written(rows: Sheet, path: Path) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


# ------------------------------------------------------------------------------------------------ from draw to verdict


def test_the_sample_is_that_of_the_plan_and_the_same_each_time(desk: Desk) -> None:
    plan = plan_of(290, *RISKS)
    rows = judged(desk.sample(), 0)
    assert len(rows) == plan.size and len({row["line"] for row in rows}) == plan.size
    assert [int(row["row"]) for row in rows] == list(range(1, plan.size + 1))
    assert not {int(row["line"]) for row in rows} & {n + 1 for n in range(0, ROWS, 30)}  # dropped rows are not drawn
    again = desk.sample("again", "--records")
    assert again.read_bytes() == (desk.folder / "reviews" / "rubric.csv").read_bytes()
    records = [json.loads(line) for line in again.with_suffix(".jsonl").read_text("utf-8").splitlines()]
    assert [one["id"] for one in records] == [f"a{int(row['line']) - 1}" for row in rows]


DECIDED = [(0, 0, "met", 0), (1, 0, "breached", 1), (0, 3, "undecided", 4), (1, 3, "breached", 1)]


@pytest.mark.parametrize(("more", "blank", "verdict", "code"), DECIDED)
def test_reviews_decide(
    more: int, blank: int, verdict: str, code: int, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = plan_of(290, *RISKS)
    path = desk.sample()
    written(judged(path, plan.accept + more, blank), path)
    capsys.readouterr()
    assert desk.validate(path, "--format", "json") == code
    entry = next(
        one for one in json.loads(capsys.readouterr().out)["ledger"]["entries"] if one["clause"].endswith("by_eye")
    )
    assert (entry["verdict"], entry["basis"]) == (verdict, "reviewed")
    assert f"the plan accepts {plan.accept} of {plan.size}" in entry["reason"]
    assert ("of all 290 at least" in entry["reason"]) == (blank == 0)
    assert (hashlib.sha256(path.read_bytes()).hexdigest() in entry["reason"]) == (verdict != "undecided")


def test_without_reviews_it_is_left_to_the_intake(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["validate", desk.contract, desk.delivery]) == 0
    assert "decided at the buyer's intake" in capsys.readouterr().out


def test_certify_decides_by_the_same_sheets(desk: Desk) -> None:
    path = desk.sample()
    written(judged(path, 0), path)
    words = ["certify", desk.contract, desk.delivery, "--out", str(desk.folder / "out"), "--reviews", str(path)]
    arguments = parser().parse_args(words)
    deal = open_deal(Path(desk.contract))
    delivery = open_delivery(Path(desk.delivery), deal)
    found = reviews(deal, delivery, arguments, partial(decide, deal, delivery))
    private = secrets.read(desk.folder / "private" / "secrets.json")
    request = Request(deal, delivery, private, path, [], path, 1, None, 1, "", 1, reviews=found)
    assert before_trial(request, str).ledger.verdict(("review",)) == "met"
    assert before_trial(replace(request, reviews=None), str).ledger.verdict(("review",)) == "undecided"


def test_a_receipt_is_of_the_delivery_alone(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    path, receipt = desk.sample(), desk.folder / "receipt.json"
    written(judged(path, 0), path)
    assert desk.validate(path, "--receipt", str(receipt)) == 2 and not receipt.exists()
    assert "write it without --reviews" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------ hostile sheets


def changed(**cells: str) -> Callable[[Sheet], Sheet]:
    return lambda rows: [rows[0], rows[1] | cells, *rows[2:]]


HOSTILE: dict[str, tuple[Callable[[Sheet], Sheet], str]] = {
    "a row left out": (lambda rows: [*rows[:3], *rows[4:]], "row 4 of the draw is missing"),
    "many left out": (lambda rows: rows[:10], "and"),
    "decided twice": (lambda rows: [*rows, rows[0] | {"defective": "no"}], "row 1 stands on line 2 already"),
    "a row of nothing": (changed(row="0"), "`row` is no number"),
    "a row beyond": (changed(row="999"), "`row` is no number"),
    "no number": (changed(row="9" * 5_000), "`row` is no number"),
    "another line": (changed(line="1"), "row 2 names another record"),
    "another file": (changed(file="b.jsonl"), "row 2 names another record"),
    "another record": (changed(record="0" * 32), "row 2 names another record"),
    "another draw": (changed(draw="0" * 16), "not drawn for this contract"),
    "rows swapped": (changed(row="3"), "row 3 names another record"),
    "another word": (changed(defective="perhaps"), "`defective` is `yes`, `no`, or empty"),
    "judged by nobody": (changed(reviewer=" "), "judged by nobody"),
    "no rows": (lambda rows: [dict.fromkeys(rows[0], "")], "not drawn for this contract"),
    "a column more": (lambda rows: [row | {"more": "x"} for row in rows], "the columns are not"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_sheet_is_refused(name: str, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    path = desk.sample()
    damage, says = HOSTILE[name]
    written(damage(judged(path, 0)), path)
    capsys.readouterr()
    assert desk.validate(path) == 1
    told = capsys.readouterr()
    assert says in told.err and told.out == "" and "perhaps" not in told.err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not drawn"),
        ("draw,row".encode("utf-16"), "may be UTF-16"),
        (b"draw,row\n", "the columns are not"),
        (b"draw;row;file\n", "part cells by commas"),
        (b'"open', "has no end"),
        (b"\x00" * 100, "NUL"),
        (b"caf\xe9,row\n", "not UTF-8"),
    ],
)
def test_bytes_that_are_no_sheet_are_refused(
    data: bytes, says: str, desk: Desk, capsys: pytest.CaptureFixture[str]
) -> None:
    path = desk.folder / "sheet.csv"
    path.write_bytes(data)
    assert desk.validate(path) == 1
    assert says in capsys.readouterr().err


def test_a_spreadsheet_may_save_it(desk: Desk) -> None:
    path = desk.sample()
    assert all(row["file"] == "'=part.jsonl" for row in judged(path, 0))
    written(judged(path, 0), path)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes() + b",,,,,,,\r\n\r\n")
    assert desk.validate(path) == 0


def test_two_sheets_of_one_sample_are_refused(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    path = desk.sample()
    written(judged(path, 0), path)
    assert desk.validate(path, "--reviews", str(path)) == 1
    assert "a sample is judged once" in capsys.readouterr().err


def test_a_sheet_is_for_its_delivery_and_never_overwritten(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    path = desk.sample()
    written(judged(path, 0), path)
    assert main(["sample", desk.contract, desk.delivery, "--out", str(path.parent)]) == 2
    (Path(desk.delivery) / "more.jsonl").write_text('{"id":"b","target":{"reply":"Another"}}\n')
    assert main(["manifest", desk.contract, desk.delivery]) == 0
    assert desk.validate(path) == 1
    assert "not drawn for this contract, lock, delivery" in capsys.readouterr().err


def test_two_rubrics_need_two_sheets(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    clause = CONTRACT[CONTRACT.index("  require by_eye") : CONTRACT.rindex("}")]
    other = clause.replace("by_eye", "by_ear").replace("rubric.md", "rubric.txt")
    desk = opened(tmp_path, CONTRACT.replace(clause, clause + other))
    assert main(["sample", desk.contract, desk.delivery, "--out", str(tmp_path / "reviews")]) == 2
    assert "rubric.csv: the sheet of two rubrics" in capsys.readouterr().err
    assert not (tmp_path / "reviews").exists()


def test_the_draw_needs_the_secrets_that_were_sealed(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    private = desk.folder / "private" / "secrets.json"
    private.unlink()
    assert main(["sample", desk.contract, desk.delivery, "--out", str(desk.folder / "x")]) == 2
    assert main(["seal", desk.contract, "--out", str(desk.folder / "other.json")]) == 0
    assert main(["sample", desk.contract, desk.delivery, "--out", str(desk.folder / "x")]) == 1
    assert "commits to other secrets" in capsys.readouterr().err
    (desk.folder / "contract.lock").unlink()
    assert main(["sample", desk.contract, desk.delivery, "--out", str(desk.folder / "x")]) == 1
    assert "sealed seed" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------ exact figures


@pytest.mark.parametrize("rows", [1, 2, 19, 20, 21, 100, 290, 1_000, 10_000])
def test_a_plan_for_so_many_rows_protects_both_parties_and_no_smaller_does(rows: int) -> None:
    plan, bad, fair = plan_of(rows, *RISKS), rows * 5 // 100 + 1, rows // 100

    def protects(size: int, accept: int) -> bool:
        cdf = stats.hypergeom.cdf
        return bool(cdf(accept, rows, bad, size) <= 0.05 + 1e-12 and cdf(accept, rows, fair, size) >= 0.9 - 1e-12)

    assert protects(plan.size, plan.accept)
    assert not any(protects(plan.size - 1, accept) for accept in range(plan.accept + 3))


def test_the_table_in_the_documents() -> None:
    text = (Path(__file__).parent.parent / "docs" / "reviews.md").read_text("utf-8")
    risks = (Fraction("0.02"), Fraction("0.05"), Fraction("0.005"), Fraction("0.9"))
    for rows in (49, 300, 1_000, 10_000, 50_000):
        plan = plan_of(rows, *risks)
        assert f"| {rows:,} | {plan.size} | {plan.accept} |" in text


def test_chances_are_exact() -> None:
    for bad, size, rows in ((3, 5, 10), (0, 5, 10), (10, 5, 10), (7, 7, 12), (40, 60, 300)):
        for k in range(-1, size + 1):
            assert float(hypergeometric(k, size, bad, rows)) == pytest.approx(stats.hypergeom.cdf(k, rows, bad, size))


def test_bounds_hold_as_often_as_they_say() -> None:
    """Over every sample that 30 rows of which `bad` are defective allow: each bound fails with 5 % at most."""
    for bad in range(31):
        chances = {x: stats.hypergeom.pmf(x, 30, bad, 10) for x in range(11)}
        found = {x: bounds(30, 10, x, Fraction("0.05")) for x in chances if chances[x] > 0}
        assert sum(chances[x] for x, (low, _) in found.items() if low > bad) <= 0.05
        assert sum(chances[x] for x, (_, high) in found.items() if high < bad) <= 0.05


def test_met_by_the_plan_is_met_by_the_bound() -> None:
    plan = plan_of(290, *RISKS)
    assert bounds(290, plan.size, plan.accept, Fraction("0.05"))[1] <= 290 * 5 // 100
    assert Reviewed(290, (True, None, False), "").counts(1) == (1, 1)
    assert SamplingPlan(0, 0) == plan_of(0, *RISKS)
