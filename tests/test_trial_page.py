"""A statement in, what its report tells of the trial out: all runs, all sets, every limit, before the clauses."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from acceptance.commands.certify import tried
from acceptance.report import html
from acceptance.report.tried import Arm, Suite, Tried
from acceptance.report.view import View
from spec_lang.contract import STAGES
from tests import synthetic
from tests.test_certificate import Deal, deal


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Deal:
    """The first of the vendor's runs diverged, the last saw fewer tokens."""
    sound = deal(tmp_path_factory.mktemp("deal"), synthetic.contract())
    runs = list(sound.runs)
    places = [place for place, run in enumerate(runs) if run.arm == "vendor"]
    first, last = places[0], places[-1]
    runs[first] = runs[first].model_copy(update={"status": "diverged", "weights_sha256": ""})
    runs[last] = runs[last].model_copy(update={"trained_tokens": runs[last].trained_tokens - 7})
    return replace(sound, runs=tuple(runs))


def told(made: Deal) -> Tried:
    found = tried(made.statement(limits=("no public set was asked",)).predicate, made.contract)
    assert found is not None
    return found


def words(page: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", page.replace("<wbr>", ""))).split())


def page(made: Deal) -> str:
    return words(html.render(View(made.ledger, made.contract, STAGES, tried=told(made))).split("</style>")[1])


def test_every_run_of_an_arm_is_counted(made: Deal) -> None:
    vendor = next(arm for arm in told(made).arms if arm.name == "vendor")
    ours = [run for run in made.runs if run.arm == "vendor"]
    most = ours[0].trained_tokens
    assert vendor == Arm("vendor", len(ours), 1, (ours[0].records,) * 2, (ours[0].steps,) * 2, (most - 7, most))
    assert "base" not in [arm.name for arm in told(made).arms]  # nobody trained it


def test_every_sealed_set_is_named(made: Deal) -> None:
    stated = made.statement().predicate.trial
    assert stated is not None and told(made).suites == tuple(
        Suite(one.name, one.items, one.clusters, one.exposures) for one in stated.heldout
    )


def test_the_page_begins_with_the_trial(made: Deal) -> None:
    text = page(made)
    order = ["Attempt 1 of", "Gains of the trial", "Statistics", "Fine-tunes", "Sealed held-out sets", "The clauses"]
    assert [text.index(one) for one in order] == sorted(text.index(one) for one in order)
    vendor = next(arm for arm in told(made).arms if arm.name == "vendor")
    low, high = vendor.trained_tokens
    assert f"vendor {vendor.runs} 1 {vendor.records[0]:,} {vendor.steps[0]:,} {low:,} to {high:,}" in text


def test_a_gain_stands_with_its_error_and_both_sign_flips(made: Deal) -> None:
    one = next(entry.statistics[0] for entry in made.ledger.entries if entry.statistics)
    text = page(made)
    assert f"se {100 * float(one.se):.2f} pp, {float(one.df):.3g} df" in text
    assert f"signs of clusters flipped: {float(one.sign_flip_clusters):.2g}" in text
    assert f"of seeds: {float(one.sign_flip_seeds):.2g}" in text


def test_a_gain_without_variance_rests_on_the_rule_of_three(made: Deal) -> None:
    entries = tuple(
        entry.model_copy(update={"statistics": tuple(one.model_copy(update={"se": "0"}) for one in entry.statistics)})
        for entry in made.ledger.entries
    )
    text = words(html.render(View(made.ledger.model_copy(update={"entries": entries}), made.contract, STAGES)))
    assert "no two items differ" in text and ", 0 df" not in text and " se 0" not in text


def test_the_page_states_what_the_certificate_does_not_cover(made: Deal) -> None:
    text = page(made).split("What this does not show")[1]
    assert "No public set was asked." in text
    assert all(limit[1:] in text for limit in told(made).limits)


def test_the_same_verdicts_are_counted_as_declared(made: Deal) -> None:
    """In what verdicts rest on and in what the page does not show; a figure that is reported is no verdict."""
    first, second, *rest = (entry.model_copy(update={"basis": "recomputed"}) for entry in made.ledger.entries)
    declared = first.model_copy(update={"basis": "declared", "verdict": "met"})
    reported = second.model_copy(update={"basis": "declared", "verdict": "reported"})
    ledger = made.ledger.model_copy(update={"entries": (declared, reported, *rest)})
    text = words(html.render(View(ledger, made.contract, STAGES)))
    assert "1 declared" in text and "the vendor declares, which nobody has checked: 1." in text


def test_before_a_trial_the_page_has_none(made: Deal) -> None:
    text = words(html.render(View(made.ledger, made.contract)).split("</style>")[1])
    assert "The trial" not in text and "Fine-tunes" not in text
