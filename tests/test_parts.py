"""Parts of the delivery: who is in them, what they are worth in worlds where that is known, and a trial of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.certification import certificate
from acceptance.certification.admission import TRIAL
from acceptance.certification.statement import Ran
from acceptance.deal import open_deal
from acceptance.engine.trial_ledger import trial_entries, trial_entry
from acceptance.scores import ScoreRow, loads
from acceptance.signing.pem import load_private
from acceptance.statistics.cells import cells
from acceptance.statistics.gains import interval
from acceptance.statistics.variance import Sample, variance
from acceptance.trial import order, parts
from acceptance.trial.arms import Arm, Tally, Trained
from spec_lang.trialarms import AsMany, Part, Share, Without
from tests import synthetic
from tests.procurement import CONTRACT, PARTS, Answer, agreed_on, done, parted, sftspec, signing

SEEDS = ("11", "12", "13", "14", "15")
HALF = Share(Decimal(50))
REFUND = Without(("input", "task"), "refund")


def arm(count: int, copies: int = 1) -> Arm:
    """So many different examples, each as often as said; every third is a refund."""
    one = [Trained.of((at, at + 1), (False, True), 1.0, number=at + 1) for at in range(count) for _ in range(copies)]
    return Arm("vendor", tuple(one))


def task(at: int) -> dict[str, Any]:
    return {"input": {"task": "refund" if at % 3 == 0 else "invoice"}}


def chosen(part: Part, whole: Arm, vendor: Sequence[str] = SEEDS) -> dict[str, set[int]]:
    """Seed -> the first ids of the records that its run trains on."""
    left = parts.Left.of([part])
    for at, one in enumerate(whole.examples):
        left.add(at, task(one.ids[0]))
    drawn = parts.chosen({part.name: part}, digests(whole), left, {"vendor": vendor, part.name: SEEDS})[part.name]
    return {seed: {whole.examples[at].ids[0] for at in places} for seed, places in drawn.items()}


def digests(whole: Arm) -> tuple[bytes, ...]:
    return Tally.of(whole.examples).digests


# ------------------------------------------------------------------------------------------------ who is in them


@given(st.integers(4, 60), st.decimals("0.5", 50, places=1), st.decimals(50, "99.5", places=1))
def test_smaller_shares_lie_in_larger_ones(count: int, low: Any, high: Any) -> None:
    small, large = chosen(Share(low), arm(count)), chosen(Share(high), arm(count))
    assert all(small[seed] <= large[seed] for seed in SEEDS)
    assert {len(found) for found in large.values()} == {
        max(1, int((high * count / 100).quantize(Decimal(1), ROUND_HALF_UP)))
    }


@given(st.permutations(range(30)))
def test_shares_do_not_depend_on_the_order_of_records(order: list[int]) -> None:
    whole = arm(30)
    shuffled = replace(whole, examples=tuple(whole.examples[at] for at in order))
    for part in (Share(Decimal(40)), REFUND, AsMany(REFUND)):
        assert chosen(part, whole) == chosen(part, shuffled)


def test_the_nonce_decides_and_every_seed_draws_anew() -> None:
    half = chosen(HALF, arm(40))
    assert half == chosen(HALF, arm(40))
    assert half != chosen(HALF, arm(40), ("21", "22", "23", "24", "25"))
    assert len({frozenset(found) for found in half.values()}) == 5


def test_every_record_is_drawn_as_often_as_any_other() -> None:
    """A quarter of 20 records under 2,000 seeds: each is in it 500 times, give or take four standard deviations."""
    known = digests(arm(20))
    counts = Counter(at for seed in range(2_000) for at in parts.ranking(known, str(seed))[:5])
    assert all(abs(counts[at] - 500) < 4 * (2_000 * 0.25 * 0.75) ** 0.5 for at in range(20))


def test_copies_of_a_record_are_drawn_apart() -> None:
    whole = arm(10, copies=2)
    half = parts.ranking(digests(whole), "11")[:10]
    assert len({whole.examples[at].id_bytes for at in half}) > 1 and len(set(half)) == 10
    assert any(n == 1 for n in Counter(whole.examples[at].id_bytes for at in half).values())


def test_a_slice_is_left_out_and_as_many_others_in_its_place() -> None:
    without, others = chosen(REFUND, arm(31)), chosen(AsMany(REFUND), arm(31))
    assert all(found == {at for at in range(31) if at % 3} for found in without.values())
    assert {len(found) for found in (*without.values(), *others.values())} == {20}
    assert all(any(at % 3 == 0 for at in found) for found in others.values())


def test_a_slice_of_nothing_is_the_whole_and_a_slice_of_everything_leaves_nothing() -> None:
    none, every = Without(("input", "task"), "decline"), Without(("input", "task"), "refund")
    whole = replace(arm(30), examples=arm(30).examples[::3])
    assert {len(found) for found in chosen(none, whole).values()} == {10}
    assert {len(found) for found in chosen(every, whole).values()} == {0}
    assert {len(found) for found in chosen(AsMany(every), whole).values()} == {0}


# ------------------------------------------------------------------------------------------------ what they are worth


def scores(arms: dict[str, float], seeds: Sequence[str] = SEEDS, items: int = 40) -> list[ScoreRow]:
    """Of each arm the given share of items is solved, the same ones in every run."""
    rows = []
    for arm_name, share in arms.items():
        for seed in [""] if arm_name == "base" else seeds:
            for item in range(items):
                rows.append(ScoreRow(suite="exam", arm=arm_name, seed=seed, item=f"i{item}", cluster=f"c{item % 20}",
                                     score=float(item < share * items)))  # fmt: skip
    return rows


ARMS = {
    "base": 0.1, "vendor": 0.9, "vendor@50%": 0.7, "vendor-input.task.refund": 0.4, "vendor~input.task.refund": 0.8,
    "vendor-input.task.invoice": 0.85, "vendor~input.task.invoice": 0.85,
}  # fmt: skip


def ran(held: dict[str, int]) -> list[Any]:
    return [SimpleNamespace(arm=name, records=count) for name, count in held.items()]


def test_scaling_states_each_share_with_its_bounds() -> None:
    contract = synthetic.contract(parts=True)
    found = trial_entry(
        contract, contract.clause("acceptance.half"), cells(scores(ARMS)), ran({"vendor": 80, "vendor@50%": 40})
    )
    assert (found.verdict, found.bound, found.reason) == ("reported", "", "")
    assert [(one.of, one.delta, one.records) for one in found.statistics] == [
        ("50% of the records", "0.6", 40), ("100% of the records", "0.8", 80)]  # fmt: skip
    assert {one.confidence for one in found.statistics} == {"0.975"}  # both bounds hold together at 95 %
    assert found.observed.startswith("50% of the records 60 pp (")


def test_ablation_states_each_slice_twice_and_per_thousand_records() -> None:
    contract = synthetic.contract(parts=True)
    held = {"vendor": 1_000, "vendor-input.task.refund": 600, "vendor-input.task.invoice": 950}
    found = trial_entry(contract, contract.clause("acceptance.worth"), cells(scores(ARMS)), ran(held))
    assert [(one.of, one.delta, one.records) for one in found.statistics] == [
        ("refund over as many at random", "0.4", 400), ("refund over nothing", "0.5", 400),
        ("invoice over as many at random", "0", 50), ("invoice over nothing", "0.05", 50)]  # fmt: skip
    each = [one.per_thousand() for one in found.statistics]
    assert [one and float(one.delta) for one in each] == [1, 1.25, None, None]  # fifty records tell no rate
    assert "over nothing" not in found.observed  # the first of each pair is the one that size does not explain


ITEMS, CLUSTERS, SLICED = 200, 40, 0.5
KNOWN = (2 / 3 - (1 - SLICED)) * 0.6
"""What the slice is worth over as many at random, in percent of items."""


def world(draw: np.random.Generator) -> Sample:
    """A trial in which 90 records teach one skill each, 30 of them the slice; half of the items need one of its skills.

    Without the slice a run has the 60 other skills, and in its place 60 of all 90, drawn anew for each seed: so two
    thirds of what any item needs. Who has the skill solves an item 60 points more often. Clusters differ by up to 10
    points, runs by 3.
    """
    needed = np.where(draw.random(ITEMS) < SLICED, draw.integers(0, 30, ITEMS), draw.integers(30, 90, ITEMS))
    without = np.broadcast_to(needed >= 30, (5, ITEMS))
    others = np.stack([np.isin(needed, draw.permutation(90)[:60]) for _ in SEEDS])
    clusters = np.arange(ITEMS) % CLUSTERS
    ease = draw.uniform(-0.1, 0.1, CLUSTERS)[clusters]
    chance = 0.2 + 0.6 * np.stack([others, without]) + ease + draw.normal(0, 0.03, (2, 5, 1))
    solved = (draw.random((2, 5, ITEMS)) < chance).astype(float)
    return Sample(*solved.tolist(), clusters.tolist())


def test_a_known_worth_lies_within_its_bounds_as_often_as_promised() -> None:
    draw, worlds = np.random.default_rng(2027), 800
    samples = [world(draw) for _ in range(worlds)]
    found = [interval(variance(one), one, 0.0, 0.05)[2:4] for one in samples]
    outside = {"below": sum(lower > KNOWN for lower, _ in found), "above": sum(upper < KNOWN for _, upper in found)}
    for count in outside.values():  # promised 5 %, and three standard deviations of luck
        assert count / worlds <= 0.05 + 3 * (0.05 * 0.95 / worlds) ** 0.5
    assert sum(outside.values()) / worlds >= 0.03  # and not by bounds so wide that they say nothing
    assert np.mean([np.subtract(one.vendor, one.other) for one in samples]) == pytest.approx(KNOWN, abs=0.005)


# ------------------------------------------------------------------------------------------------ a trial of them


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Answer]:
    """The small procurement with half of its delivery, and without calls or replies, on a random base."""
    for name in TRIAL:
        pytest.importorskip(name)
    contract = agreed_on(parted(tmp_path_factory.mktemp("parts") / "deal"))
    return contract, certify(contract, "trial")


def certify(contract: Path, out: str) -> Answer:
    home = contract.parent
    options = ["--out", home / out, *signing(home), "--workers", 1, "--reuse", home / "store"]
    return sftspec("certify", contract, home / "delivery", *options)


def test_parts_are_trained_asked_and_certified(certified: tuple[Path, Answer]) -> None:
    contract, answer = certified
    done(answer)
    for part, count in (("@50%", 29), ("-input.task.call", 20), ("~input.task.call", 20), ("-input.task.reply", 38)):
        assert f"arm `vendor{part}` trains on {count} of 58 records" in answer.err
    trial = certificate.read(contract.parent / "trial/certificate.json")[1].predicate.trial
    assert trial is not None and len(trial.runs) == 1 + 7 * 5
    assert {(run.arm, run.records, run.steps) for run in trial.runs if "call" in run.arm} == {
        ("vendor-input.task.call", 20, 2), ("vendor~input.task.call", 20, 2)}  # fmt: skip
    assert len({run.weights_sha256 for run in trial.runs}) == 36  # no seed twice, and every draw is another
    verified = done(sftspec("verify", contract.parent / "trial/certificate.json", "--contract", contract,
                            "--delivery", contract.parent / "delivery"))  # fmt: skip
    assert (
        "  holds  records: Every run on the delivery or a part of it saw the records and trained tokens" in verified.out
    )
    assert "  holds  references: Every run on a reference saw the records and trained tokens" in verified.out
    assert verified.out.splitlines()[-1].endswith("certificate.json: valid; the delivery is met")


FEWER = {"": 56, "@50%": 28, "-input.task.reply": 38, "~input.task.reply": 38, "-input.task.call": 18,
         "~input.task.call": 18}  # fmt: skip
"""What parts would hold of a delivery with two replies fewer."""

RUN_LIES: dict[str, tuple[Callable[[Ran], dict[str, int]], str]] = {
    "fewer records, which all figures follow from": (
        lambda run: {"records": FEWER[run.arm.removeprefix("vendor")]} if run.arm.startswith("vendor") else {},
        "records: arm `vendor`, seed {seed}: 56 records were signed, the data gives 58",
    ),
    "a token more in every run of the delivery": (
        lambda run: {"trained_tokens": run.trained_tokens + 1} if run.arm == "vendor" else {},
        "records: arm `vendor`, seed {seed}: {more} trained tokens were signed, its order of the data sees {tokens} in "
        "2 steps",
    ),
    "a token more in every run of a part": (
        lambda run: {"trained_tokens": run.trained_tokens + 1} if run.arm == "vendor@50%" else {},
        "records: arm `vendor@50%`, seed {seed}: {more} trained tokens were signed, its order of the data sees",
    ),
    "a reference of other records": (
        lambda run: {"records": 55} if run.arm == "house_mix" else {},
        "references: arm `house_mix`, seed {seed}: 55 records were signed, the data gives 57",
    ),
    "a reference of other tokens": (
        lambda run: {"trained_tokens": run.trained_tokens + 1} if run.arm == "house_mix" else {},
        "references: arm `house_mix`, seed {seed}: {more} trained tokens were signed, its order of the data sees",
    ),
}


@pytest.mark.parametrize("name", RUN_LIES)
def test_runs_that_the_data_does_not_give_are_found(name: str, certified: tuple[Path, Answer], tmp_path: Path) -> None:
    """A certificate that agrees with itself, signed by runner and buyer, and the delivery beside it."""
    (contract, _), (change, says) = certified, RUN_LIES[name]
    first = signed_with(contract, change, tmp_path)
    words = ["verify", tmp_path / "certificate.json", "--contract", contract]
    assert "NOT VALID" not in done(sftspec(*words)).out
    answer = done(sftspec(*words, "--delivery", contract.parent / "delivery"), 1)
    told = {"seed": first.seed, "tokens": f"{first.trained_tokens:,}", "more": f"{first.trained_tokens + 1:,}"}
    assert f"  FAILS  {says.format(**told)}" in answer.out


def signed_with(contract: Path, change: Callable[[Ran], dict[str, int]], out: Path) -> Ran:
    """Write a certificate with other runs; the first of them as it was."""
    deal, (_, told) = open_deal(contract), certificate.read(contract.parent / "trial/certificate.json")
    assert told.predicate.trial is not None
    before, rows = told.predicate.trial.runs, (contract.parent / "trial/scores.jsonl").read_bytes()
    runs = tuple(run.model_copy(update=change(run)) for run in before)
    again, ledger = trial_entries(deal.contract, loads(rows), runs), told.predicate.ledger
    entries = tuple(again.get(entry.clause, entry) for entry in ledger.entries)
    lie = {"ledger": ledger.model_copy(update={"entries": entries}),
           "trial": told.predicate.trial.model_copy(update={"runs": runs})}  # fmt: skip
    statement = told.model_copy(update={"predicate": told.predicate.model_copy(update=lie)})
    private = [load_private(contract.parent / f"{role}.pem") for role in ("runner", "buyer")]
    certificate.write(out / "certificate.json", certificate.sign(statement, private), {"scores.jsonl": rows})
    return next(run for run in before if change(run))


def test_references_are_counted_only_where_they_are_the_ones(certified: tuple[Path, Answer]) -> None:
    contract = certified[0]
    words = ["verify", contract.parent / "trial/certificate.json", "--contract", contract,
             "--delivery", contract.parent / "delivery"]  # fmt: skip
    path = contract.parent / "reference/house.jsonl"
    whole = path.read_bytes()
    for data, says in (
        (None, "the reference `reference/house.jsonl`: "),
        (b"{}", "reference/house.jsonl: is not the file"),
    ):
        path.unlink() if data is None else path.write_bytes(data)
        answer = sftspec(*words)
        path.write_bytes(whole)
        assert f"  -      references: arm `house_mix`: {says}" in done(answer).out


@given(st.lists(st.integers(1, 9), max_size=9), st.integers(1, 5), st.integers(0, 9))
def test_what_a_run_sees_is_the_sum_over_its_batches(tokens: list[int], size: int, steps: int) -> None:
    drawn = [at for batch in order.batches(len(tokens), size, steps, "11") for at in batch]
    assert order.seen(tokens, size * steps, "11") == sum(tokens[at] for at in drawn)


def test_parts_are_drawn_on_the_page(certified: tuple[Path, Answer]) -> None:
    page = (certified[0].parent / "trial/report.html").read_text()
    assert "acceptance.half: gain on calls by share of the delivery" in page
    assert "acceptance.worth: each slice over as many records at random" in page
    assert "acceptance.worth: each slice over nothing in its place" in page


def test_parts_come_from_the_store_and_repeat(certified: tuple[Path, Answer]) -> None:
    contract = certified[0]
    assert "36 of 36 runs are known" in done(certify(contract, "again")).err
    same = [(contract.parent / out / "scores.jsonl").read_bytes() for out in ("trial", "again")]
    assert same[0] == same[1]


def test_a_model_that_nothing_is_left_for_is_the_base() -> None:
    assert list(order.batches(0, 4, 10, "11")) == []


# ------------------------------------------------------------------------------------------------ what check says


@pytest.mark.parametrize(
    ("clause", "says"),
    [
        ("scaling(calls, fractions: { 0%, 50% })", "error[SFT4012]: 0% of the delivery is no part of it"),
        ("scaling(calls, fractions: { 25, 50 })", "error[SFT4012]: `fractions` are shares; `25` is Number"),
        ("scaling(calls, fractions: { 1%, 50% })", "warning[SFT4012]: `a`: 1 % of 50 records are 0: the same few"),
        ("ablation(calls, by: input.language)", "error[SFT4012]: slices go by the words of an enum"),
        ("ablation(calls, by: input.task == refund)", "error[SFT4012]: slices go by the words of an enum"),
        ("ablation(calls, by: target.call.tool)", "error[SFT3007]: `ablation` needs an enum; this is Text?"),
    ],
)
def test_what_cannot_be_trained_is_said_before_anybody_signs(clause: str, says: str, tmp_path: Path) -> None:
    (tmp_path / "tiny.sftspec").write_text(CONTRACT.rstrip().removesuffix("}") + f"  report a: {clause}\n}}\n")
    answer = sftspec("check", tmp_path / "tiny.sftspec", "--plan")
    assert says in answer.out + answer.err


def test_a_slice_that_a_mixture_keeps_small_is_said(tmp_path: Path) -> None:
    mixture = "mixture on Request by records {\n  input.task: refund <= 2%, payment rest\n}\n"
    text = CONTRACT.rstrip().removesuffix("}") + "  report a: ablation(calls, by: input.task)\n}\n" + mixture
    (tmp_path / "tiny.sftspec").write_text(text)
    answer = sftspec("check", tmp_path / "tiny.sftspec")
    assert "`refund` has at most 1 records (a mixture allows at most 2 % of 70 records)" in answer.out + answer.err


def test_the_plan_counts_every_part(tmp_path: Path) -> None:
    (tmp_path / "tiny.sftspec").write_text(CONTRACT.rstrip().removesuffix("}") + PARTS + "}\n")
    answer = sftspec("check", tmp_path / "tiny.sftspec", "--plan", "--seconds-per-step", 1, "--seconds-per-item", 0)
    assert "  65 runs (" in answer.out and "  55 of them train parts of the delivery" in answer.out
