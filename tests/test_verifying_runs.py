"""What runs say of their records: no run that was made is refused, and offline bounds are as tight as they can be."""

from __future__ import annotations

from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from acceptance.certification.statement import Ran
from acceptance.certification.verifying_runs import _run, _tokens, weight
from acceptance.trial import order
from spec_lang.contract import Recipe, Reference
from tests import synthetic

CONTRACT = synthetic.contract(parts=True)
LENGTH, SEEDS = 6, ("11", "12", "13")
TOKENS = st.lists(st.integers(1, LENGTH - 1), min_size=1, max_size=12)


def recipe(steps: int, batch: int) -> Recipe:
    return CONTRACT.recipes[0].model_copy(update={"steps": steps, "batch": batch, "max_length": LENGTH})


def ran(tokens: list[int], house: Recipe, seed: str, arm: str = "vendor", steps: int | None = None) -> Ran:
    """A run on records with so many trained tokens; with fewer steps it has diverged."""
    made = house.steps if steps is None else steps
    seen = order.seen(tokens, made * house.batch, seed)
    status = "ok" if made == house.steps else "diverged"
    return Ran(arm=arm, seed=seed, weights_sha256="cd" * 32 if status == "ok" else "", steps=made, trained_tokens=seen,
               records=len(tokens), status=status, log_sha256="ef" * 32)  # fmt: skip


@given(TOKENS, st.integers(1, 9), st.integers(1, 5), st.integers(1, 9))
def test_a_run_that_was_made_is_not_refused(tokens: list[int], steps: int, batch: int, stopped: int) -> None:
    house = recipe(steps, batch)
    for run in (ran(tokens, house, "11"), ran(tokens, house, "12", steps=min(stopped, steps))):
        assert list(_run(run, house)) == []
        assert weight(run, house).least <= sum(tokens) <= weight(run, house).most


@given(st.integers(1, 3), st.integers(1, 3), st.integers(1, 3), st.integers(0, 30))
def test_a_run_is_refused_where_no_records_could_give_it(records: int, steps: int, batch: int, saw: int) -> None:
    """Against every arm of so few records, in every order."""
    passes, rest = divmod(steps * batch, records)
    arms = product(range(1, LENGTH), repeat=records)
    possible = any(passes * sum(arm) + sum(arm[:rest]) == saw for arm in arms)
    run = ran([1] * records, recipe(steps, batch), "11").model_copy(update={"trained_tokens": saw})
    assert bool(weight(run, recipe(steps, batch))) == possible


@given(TOKENS, st.integers(1, 9), st.integers(1, 5), st.data())
def test_arms_that_were_trained_belong_together(tokens: list[int], steps: int, batch: int, data: Any) -> None:
    """Half of the records, drawn anew by every seed, all but a slice of them, and a reference within its tolerance."""
    house, whole = recipe(steps, batch), range(len(tokens))
    half = [data.draw(st.permutations(whole))[: max(1, len(tokens) // 2)] for _ in SEEDS]
    slice_ = data.draw(st.sets(st.sampled_from(whole)))
    without = [tokens[at] for at in whole if at not in slice_]
    alike = data.draw(TOKENS.filter(lambda other: abs(sum(other) - sum(tokens)) * 2 <= sum(tokens)))
    given_ = {
        "vendor": [tokens] * 3,
        "house_mix": [alike] * 3,
        "vendor@50%": [[tokens[at] for at in drawn] for drawn in half],
        "vendor-input.task.refund": [without] * 3,
    }
    arms = {name: [ran(held, house, seed, name) for held, seed in zip(found, SEEDS, strict=True)]
            for name, found in given_.items() if found[0]}  # fmt: skip
    assert list(_tokens(told(house), arms | {"base": [ran([], house, "", "base", 0)]})) == []


def told(house: Recipe) -> Any:
    """The contract of those arms alone."""
    reference = Reference(name="house_mix", items="data/house.jsonl", within="0.5")
    return CONTRACT.model_copy(update={"recipes": (house,), "references": (reference,)})
