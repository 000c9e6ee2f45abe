"""Plans of trials: what a pilot measures, how it reaches `check`, and what `check --plan` prints."""

from __future__ import annotations

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acceptance import cli
from acceptance.engine.wording import sure
from acceptance.scores import BASE, ScoreRow, ScoresError
from acceptance.statistics import pilot
from spec_lang import feasibility
from spec_lang.claims import Bound, Claim, Part
from spec_lang.compiler import compile_source
from spec_lang.contract import Const, Statistic
from spec_lang.domains import Dimension, Space, Statement
from spec_lang.planning.power import Plan, power, seeds_for
from spec_lang.source import Source
from spec_lang.symbols import Symbols
from spec_lang.types import BOOL, Enum

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "back_office"


def rows(trained: Any, base: Any) -> list[ScoreRow]:
    """Scores of a suite: trained (seeds, items), base (items,)."""
    runs = [("house", str(seed), run) for seed, run in enumerate(trained, 1)] + [(BASE, "", base)]
    return [
        ScoreRow(suite="exam", arm=arm, seed=seed, item=f"{at:03}", cluster=f"{at // 2}", score=float(score))
        for arm, seed, run in runs
        for at, score in enumerate(run)
    ]


def test_a_pilot_measures_what_it_was_drawn_from() -> None:
    """Item variance of the mean gain, noise of the arm's mean over seeds."""
    random = np.random.default_rng(1)
    trained = (random.random((5, 400)) < 0.7).astype(float)
    base = (random.random(400) < 0.5).astype(float)
    (found,) = pilot.measured(rows(trained, base))
    assert (found.heldout, found.items, found.seeds) == ("exam", 400, 5)
    assert float(found.item_variance) == pytest.approx(np.var(trained.mean(axis=0) - base, ddof=1), rel=1e-6)
    (same,) = pilot.measured(rows(np.tile(trained[0], (5, 1)), base))
    assert float(same.seed_sd) == 0 < float(found.seed_sd)


def test_where_nothing_changed_three_items_might_have() -> None:
    """Rule of three: 200 items without a change do not promise that none ever changes."""
    (found,) = pilot.measured(rows(np.ones((5, 200)), np.ones(200)))
    assert (found.item_variance, found.changed) == ("0.015", 0)


@pytest.mark.parametrize(
    ("broken", "message"),
    [
        (lambda found: [], "holds none"),
        (lambda found: [row for row in found if row.arm != BASE], "holds the arm `base`"),
        (lambda found: [row for row in found if row.seed in ("", "1")], "at least two seeds"),
    ],
)
def test_what_is_no_pilot_is_refused(broken: Any, message: str) -> None:
    with pytest.raises(ScoresError, match=message):
        pilot.measured(broken(rows(np.ones((5, 20)), np.zeros(20))))


def test_seeds_for_is_the_least_number_with_the_power() -> None:
    plan = Plan(2_000, 2_000, 5, 2, seed_sd=0.02)
    found = seeds_for(plan, 0.03, 0.0, 0.05, 0.8)
    assert found is not None
    assert power(Plan(2_000, 2_000, found, 2, seed_sd=0.02), 0.03, 0.0, 0.05) >= 0.8
    assert power(Plan(2_000, 2_000, found - 1, 2, seed_sd=0.02), 0.03, 0.0, 0.05) < 0.8
    assert seeds_for(plan, 0.001, 0.0, 0.05, 0.8) is None


@pytest.fixture
def deal(tmp_path: Path) -> Path:
    """The example without its lock: its trial is then planned with defaults."""
    for name in ("back_office.sftspec", "contract.lock"):
        shutil.copy(EXAMPLE / name, tmp_path)
    return tmp_path


def test_the_pilot_in_the_lock_decides_what_defaults_cannot(deal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the pilot's spread the guards have their power; without it they do not."""
    contract = str(deal / "back_office.sftspec")
    assert cli.main(["check", "--plan", contract]) == 0
    shown = capsys.readouterr().out
    assert "as the pilot in contract.lock measured" in shown and "10 runs (vendor 5, house_mix 5)" in shown
    (deal / "contract.lock").unlink()
    assert cli.main(["check", contract]) == 1
    assert "error[SFT4002]: the trial is too small for `still_declines`" in capsys.readouterr().err


def test_expanded_clauses_say_how_surely_and_in_which_words(deal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--expand", str(deal / "back_office.sftspec")]) == 0
    shown = capsys.readouterr().out
    gain = "gain(calls, over: base) >= 40pp at 95% confidence expecting 48pp otherwise reject lot  [trial, executed]"
    assert f"require acceptance.calls_gain on scores: {gain}  # back_office.sftspec:" in shown
    assert "of: delivered) <= 1% each lot otherwise reject lot" in shown
    assert 'require Request.four_eyes "Nobody reviews their own work" on Request: every(source.r' in shown


def test_where_nothing_is_tried_or_reviewed_the_plan_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parties = 'contract c { version: "1" buyer: "b" vendor: "v" }'
    (tmp_path / "c.sftspec").write_text(f"sftspec 1\n{parties}\nrecord Row key id {{ id: Text }}\n")
    assert cli.main(["check", "--plan", str(tmp_path / "c.sftspec")]) == 0
    assert capsys.readouterr().out.startswith("the plan\n  nothing to plan: no clause asks for a trial or a review\n")


def test_a_guard_that_no_still_trial_can_meet_is_told(deal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The pilot saw no change on `declines`: 200 records without one rule out a loss of 1.5 pp, and no smaller one."""
    contract = deal / "back_office.sftspec"
    text = contract.read_text()
    contract.write_text(text.replace("gain(declines) >= -4pp", "gain(declines) >= -1pp"))
    assert cli.main(["check", str(contract)]) == 1
    shown = " ".join(capsys.readouterr().err.split())
    assert "the trial is too small for `still_declines`: its power is 0%, and a guard needs 99%" in shown
    assert "in 100% of trials no record changes, which rules out no loss up to 1.49pp" in shown
    assert "any of these is enough: 2,368 records; `>= -3.5pp`" in shown


def test_hours_and_cost_rest_on_the_buyers_own_figures(deal: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without them there are none; with them they are sums that a reader can repeat."""
    contract = str(deal / "back_office.sftspec")
    assert cli.main(["check", "--plan", "--format", "json", contract]) == 0
    plan = json.loads(capsys.readouterr().out)["plan"]
    assert (plan["runs"], plan["steps"], plan["answers"], plan["hours"], plan["cost"]) == (
        10,
        4_000,
        11_000,
        None,
        None,
    )
    rates = ["--seconds-per-step", "0.9", "--seconds-per-item", "0.36", "--price-per-hour", "2"]
    assert cli.main(["check", "--plan", "--format", "json", *rates, contract]) == 0
    plan = json.loads(capsys.readouterr().out)["plan"]
    assert (plan["hours"], plan["cost"]) == ("2.10", "4.20")


# ------------------------------------------------------------------------------------------------ the two roads agree

WORDS = ("a", "b", "c")
percents = st.integers(0, 10).map(lambda tenths: Fraction(10 * tenths))
bounds = st.builds(Bound, percents, st.booleans())


def reads(given_: list[tuple[str, str, Bound]]) -> list[list[feasibility.Read]]:
    out = []
    for word, side, bound in given_:
        part = Part(Const(value=True, type=BOOL), bound if side == "low" else None, bound if side == "high" else None)
        claim = Claim(None, "accepted", "%", (part,))  # type: ignore[arg-type]
        statement = Statement(("task",), lambda row, word=word: row["task"] == word, (("task", word),))
        out.append(feasibility.Read(claim, [statement], None, ("task",), None))
    return [out]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(WORDS), st.sampled_from(("low", "high")), bounds), min_size=1, max_size=6))
def test_bounds_on_single_words_are_judged_alike_without_a_search(given_: list[tuple[str, str, Bound]]) -> None:
    """The short road for mixtures gives the answer of the exact check."""
    enum = Enum(members=WORDS)
    space = Space("T", Symbols(), {"task": Dimension(enum, False, None, named=set(WORDS))})
    parts = reads(given_)
    short = feasibility._boxes(parts, space)
    assert short is not None
    two = [Statement(one.keys, one.holds) for part in parts for read in part for one in read.statements]
    unknown = [
        [feasibility.Read(read.claim, [said], None, read.keys, None) for read, said in zip(parts[0], two, strict=True)]
    ]
    assert (feasibility._conflict(unknown, space) is None) == (short[0] is None)


def test_a_statement_of_too_many_conditions_is_said_to_be_unproven() -> None:
    """Fourteen fields of two words have more combinations than are gone through; that is told, not skipped."""
    fields = "\n".join(f"  f{number}: a | b" for number in range(14))
    every = " and ".join(f"f{number} == a" for number in range(14))
    text = (
        'sftspec 1\n\ncontract x {\n  version: "1"\n  buyer: "B"\n  vendor: "V"\n}\n\n'
        f"record R key id {{\n  id: Text\n{fields}\n  require all: {every} or f0 == b\n}}\n"
    )
    found = {item.code: item.message for item in compile_source(Source("x.sftspec", text)).diagnostics}
    assert found["SFT4010"] == "`R.all` is not proven to go together with the other clauses"


def test_every_certainty_of_a_clause_has_its_words() -> None:
    each = Statistic(confidence="0.975", effects=("0.12", None, "0.15"))
    assert sure(each) == "at 97.5% confidence expecting 12pp, nothing, 15pp"
    plan = Statistic(confidence="0.95", accepting="0.005", accepting_at="0.9")
    assert sure(plan) == "at 95% confidence accepting 0.5% at 90%"
