"""Reviews from sheet to certificate and back: `verify` decides by the marks, draws again, reads the sheet again.

The delivery is the first of two lots, so that what is signed is a forecast too.
"""

from __future__ import annotations

import csv
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from acceptance.certification import certificate
from acceptance.certification.admission import TRIAL
from acceptance.certification.statement import Statement
from acceptance.signing import pem
from tests.procurement import Answer, agreed_on, build, done, sftspec, signing, small

pytestmark = pytest.mark.xdist_group("reviews_certified")

for _name in TRIAL:
    pytest.importorskip(_name)

CLAUSES = """
terms review on Request {
  require by_eye: defective(rubric: "rubric.md") <= 10% at 95% confidence accepting 2% at 90%
  advise better: defective(rubric: "rubric.md") <= 8% at 95% confidence accepting 1% at 80%
  report found: defective(rubric: "rubric.md")
  report odds: defective(rubric: "rubric.md") <= 10% at 95% confidence accepting 2% at 90%
}
"""


@pytest.fixture(scope="module")
def deal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One defective row among those that were drawn: the plan of `by_eye` accepts it, that of `better` does not."""
    contract = build(tmp_path_factory.mktemp("reviewed") / "deal")
    home = contract.parent
    small(home / "base")
    (home / "rubric.md").write_text("An answer is defective if it is wrong.\n")
    text = "\n".join(line for line in contract.read_text().splitlines() if "house_mix" not in line)
    contract.write_text(text.replace("50..70 records", "50..130 records in 2 lots") + CLAUSES)
    agreed_on(contract)
    done(sftspec("sample", contract, home / "delivery", "--out", home / "blank"))
    filled(home / "blank/rubric.csv", home / "filled.csv", defective=3)
    words = ["--out", home / "trial", *signing(home), "--workers", 1, "--reviews", home / "filled.csv"]
    done(sftspec("certify", contract, home / "delivery", *words))
    return contract


def filled(blank: Path, path: Path, defective: int) -> Path:
    """The sheet as reviewers hand it back, with one row defective."""
    with blank.open(newline="") as file:
        rows = [row | {"reviewer": "Ada", "defective": "no"} for row in csv.DictReader(file)]
    rows[defective]["defective"] = "yes"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def verify(deal: Path, *more: object, of: str = "trial") -> Answer:
    return sftspec("verify", deal.parent / of / "certificate.json", "--contract", deal, *more)


def signed(deal: Path) -> Statement:
    return certificate.read(deal.parent / "trial/certificate.json")[1]


# ------------------------------------------------------------------------------------------------ what is signed


def test_the_certificate_shows_marks_and_what_they_do_not_say(deal: Path) -> None:
    told = signed(deal).predicate
    (one,) = told.reviews
    assert (one.rubric, one.rows, one.marks) == ("rubric.md", 60, "nnny" + "n" * 30)
    assert [(one.clause, one.verdict, one.binding) for one in told.ledger.entries if one.stage == "review"] == [
        ("quality.no_leak", "met", True), ("review.by_eye", "met", False), ("review.better", "breached", False),
        ("review.found", "reported", False), ("review.odds", "reported", False)]  # fmt: skip
    assert any(limit.startswith("reviews: the certificate shows what reviewers marked, not") for limit in told.limits)
    assert any(limit.startswith("after 1 of 2 lots: sums, reviews and gains are forecasts") for limit in told.limits)


def test_it_verifies_with_the_delivery_and_the_sheet(deal: Path) -> None:
    home = deal.parent
    answer = done(verify(deal, "--delivery", home / "delivery", "--reviews", home / "filled.csv"))
    for check in ("reviews", "samples", "sheets", "figures"):
        assert f"  holds  {check}: " in answer.out
    assert "not decided again here: quality.no_leak\n" in answer.out


def test_it_says_what_it_needs_to_look_further(deal: Path) -> None:
    answer = done(verify(deal))
    assert "  holds  reviews: Every clause that people decide follows from their marks" in answer.out
    assert "  -      samples: taken from the signature; name the delivery's folder with --delivery" in answer.out
    assert "  -      sheets: marks are taken from the signature; name the filled sheets with --reviews" in answer.out
    assert "review." not in answer.out.splitlines()[-2]
    alone = done(verify(deal, "--reviews", deal.parent / "filled.csv"), 2)
    assert "a sheet is read against its sample, which is drawn from the delivery; name its folder" in alone.err


def test_a_sheet_that_was_changed_since_is_found(deal: Path, tmp_path: Path) -> None:
    home = deal.parent
    other = filled(home / "blank/rubric.csv", tmp_path / "other.csv", defective=5)
    answer = done(verify(deal, "--delivery", home / "delivery", "--reviews", other), 1)
    assert "FAILS  sheets: " in answer.out and "other.csv: is not a sheet that was signed" in answer.out


def test_a_receipt_has_no_sheets(deal: Path) -> None:
    home = deal.parent
    words = ["--contract", deal, "--delivery", home / "delivery", "--reviews", home / "filled.csv"]
    answer = done(sftspec("verify", home / "trial/receipt.json", *words), 2)
    assert "a receipt is of the delivery alone; give sheets with a certificate" in answer.err


# ------------------------------------------------------------------------------------------------ signed lies

Change = Callable[[dict[str, Any]], object]


def sample(**changes: Any) -> Change:
    return lambda told: told["reviews"][0].update(changes)


def entry(name: str, **changes: Any) -> Change:
    return lambda told: next(one for one in told["ledger"]["entries"] if one["clause"] == name).update(changes)


LIES: dict[str, tuple[Change, str]] = {
    "more defects than were decided by": (sample(marks="y" * 34), "reviews: review.by_eye: verdict, observed, reason"),
    "a breach called met": (entry("review.better", verdict="met"), "reviews: review.better: verdict are not what the"),
    "a forecast called binding": (entry("review.by_eye", binding=True), "clauses: review.by_eye: is signed as binding"),
    "a gain's forecast called binding": (
        entry("acceptance.calls_kept", binding=True), "clauses: acceptance.calls_kept: is signed as binding",
    ),
    "another number of rows": (sample(rows=61), "reviews: `rubric.md`: its sample is of 61 rows, which the ledger"),
    "another draw": (sample(draw="0" * 16), "samples: `rubric.md`: draw 0000000000000000, 34 of 60 rows, was signed"),
    "marks of other rows": (sample(marks="y" + "n" * 33), "sheets: "),
    "the sheet of another": (sample(sheet="0" * 64), "reviews: review.by_eye: reason are not what the marks give"),
    "no sample": (lambda told: told.update(reviews=[]), "reviews: review.by_eye: is met, but nobody judged a sample"),
    "a sample twice": (lambda told: told.update(reviews=told["reviews"] * 2), "reviews: a rubric has two samples"),
    "another number of lots": (
        lambda told: told["ledger"].update(lots=2), "clauses: delivery.volume: is signed as not binding",
    ),
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_a_signed_lie_about_reviews_is_found(lie: str, deal: Path) -> None:
    home, (change, says) = deal.parent, LIES[lie]
    told = signed(deal).model_dump(mode="json", by_alias=True)
    change(told["predicate"])
    private = [pem.load_private(str(home / f"{role}.pem"), []) for role in ("runner", "buyer")]
    envelope = certificate.sign(Statement.model_validate_json(certificate.canonical(told)), private)
    shutil.rmtree(home / "lie", ignore_errors=True)
    (home / "lie").mkdir()
    shutil.copy(home / "trial/scores.jsonl", home / "lie")
    certificate.write(home / "lie/certificate.json", envelope)
    answer = verify(deal, "--delivery", home / "delivery", "--reviews", home / "filled.csv", of="lie")
    assert f"  FAILS  {says}" in done(answer, 1).out
