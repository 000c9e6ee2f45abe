"""The operating characteristic: its committed scores decided again, its page, its kinds, its road with a tiny model."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")

from acceptance.scores import BASE
from benchmarks.characteristic import EXAMPLE, SUITES, damage, deal, deciding, drawn, kinds
from benchmarks.characteristic.deciding import Pool
from benchmarks.characteristic.drawn import Drawn
from benchmarks.characteristic.page import PAGE, met, page
from benchmarks.worlds import limits

TINY = {
    "steps: 400": "steps: 2",
    "max_new_tokens: 96 tokens": "max_new_tokens: 4 tokens",
    "gain(calls) >= 40pp at 95% confidence expecting 48pp": "gain(calls) >= -20pp at 95% confidence expecting 0pp",
}
"""A model that learns nothing: its pilot plans no gain."""


@pytest.fixture(scope="module")
def pool() -> Pool:
    return Pool(drawn.read(drawn.POOL))


def test_the_scores_belong_to_the_data_base_and_contract_that_ship(pool: Pool, tmp_path: Path) -> None:
    deal.place(tmp_path, EXAMPLE / "base")
    assert pool.lines[0].digests == deal.digests(tmp_path)


def test_the_page_is_what_the_scores_say(pool: Pool) -> None:
    assert PAGE.read_text("utf-8") == page(pool)


def test_the_promised_rates_are_not_contradicted(pool: Pool) -> None:
    lowest, _ = limits(met(pool, "null"), len(pool.of("null")), deciding.ALPHA)
    _, highest = limits(met(pool, "good"), len(pool.of("good")), deciding.ALPHA)
    assert lowest <= deciding.ALPHA
    assert highest >= math.prod(pool.powers.values())


def test_at_least_eleven_kinds_of_damage_are_stopped_and_the_intake_stops_what_the_data_shows(pool: Pool) -> None:
    assert sum(met(pool, kind.name) == 0 for kind in kinds.DAMAGED) >= 11
    for kind in kinds.DAMAGED:
        refused = {bool(one.drawn.refused) for one in pool.of(kind.name)}
        assert refused == {kind.seen}, kind.name


@pytest.mark.parametrize("kind", kinds.DAMAGED, ids=lambda kind: kind.name)
def test_a_damaged_delivery_has_as_many_records_and_is_not_the_good_one(kind: kinds.Kind) -> None:
    clean = kinds.data.delivery(f"{kind.name} 0", kinds.CALLS, kinds.GENERAL, kinds.DECLINES)
    found = kinds.records(kind.name, 0)
    assert len(found) == len(clean) == 300
    assert found != clean
    assert found != kinds.records(kind.name, 1)


def test_half_the_amounts_change_and_nothing_else_does() -> None:
    clean = kinds.data.delivery("amounts", kinds.CALLS, kinds.GENERAL, kinds.DECLINES)
    found = kinds.wrong_amounts(clean, 0.5)
    changed = [(a, b) for a, b in zip(clean, found, strict=True) if a != b]
    assert len(changed) == pytest.approx(kinds.CALLS / 2, abs=2)
    assert all(damage.with_call(b, amount=a["target"]["call"]["amount"]) == a for a, b in changed)


def test_scores_come_back_as_they_were_packed() -> None:
    for scores in ([0.0, 0.0, 1.0], [1.0] * 40, [0.0] * 100):
        assert drawn.unpacked(drawn.packed(scores)) == scores


def test_a_line_that_a_kill_left_half_written_is_done_again(tmp_path: Path) -> None:
    path = tmp_path / "pool.jsonl"
    drawn.add(path, Drawn(kind="null", number=1))
    with path.open("ab") as file:
        file.write(b'{"kind": "nul')
    assert [one.number for one in drawn.read(path)] == [1]
    drawn.add(path, Drawn(kind="null", number=2))
    assert [one.number for one in drawn.read(path)] == [1, 2]


def test_the_jackknife_of_a_mean_over_pairs() -> None:
    """If the first of a pair decides, the rate is a mean over deliveries, with nearly the textbook's standard error."""
    wins = np.array([1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0] * 25)
    found = np.repeat(wins[:, None], len(wins), axis=1)
    np.fill_diagonal(found, 0)
    rate, error = deciding.jackknifed(found)
    assert rate == pytest.approx(wins.mean())
    assert error == pytest.approx(np.std(wins, ddof=1) / math.sqrt(len(wins)), rel=0.02)


def test_the_order_of_work_gives_each_kind_its_share() -> None:
    from benchmarks.characteristic import pool as filling

    tasks = filling.tasks()
    assert len(tasks) == len(set(tasks)) == sum(filling.WHOLE.values())
    first = sum(filling.FIRST.values())
    half = [kind for kind, _ in tasks[: first // 2]]
    for kind, count in filling.FIRST.items():
        assert half.count(kind) == pytest.approx(count / 2, abs=1.5)


def test_the_whole_road_with_a_tiny_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two deliveries and two seeds, stopped after the first delivery and called again; another base is refused."""
    pytest.importorskip("lm_eval")
    from benchmarks.characteristic import pool as filling

    monkeypatch.setattr(filling, "SEEDS", 2)
    monkeypatch.setattr(filling, "tasks", lambda: [("null", 0), ("prompt_trained", 1), ("wrong_amounts", 0)])
    monkeypatch.setattr(deal, "SMALLER", tuple((said, TINY.get(said, instead)) for said, instead in deal.SMALLER))
    base, out = nano(tmp_path / "base"), tmp_path / "out"
    filling.fill(out, base, workers=1, minutes=0)
    known = drawn.read(out / "pool.jsonl")
    assert [one.kind for one in known] == ["head", "pilot", "pilot", BASE]
    path = filling.fill(out, base, workers=1, minutes=10)
    null, prompt, amounts = drawn.read(path)[4:]
    assert (null.refused, null.trained, null.dropped) == ((), 300, 0)
    assert {suite: [len(drawn.unpacked(run)) for run in runs] for suite, runs in amounts.runs.items()} == {
        suite: [size] * 2 for suite, size in SUITES.items()
    }
    assert (prompt.refused, prompt.runs) == (("training.mask",), {})  # refused at the intake, and not the first one
    (base / "config.json").write_text((base / "config.json").read_text() + "\n")
    with pytest.raises(filling.OtherPool, match="use another folder"):
        filling.fill(out, base, workers=1, minutes=0)


def nano(folder: Path) -> Path:
    """A random model that answers nothing right, in place of the example's."""
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM

    shutil.copytree(EXAMPLE / "base", folder)
    torch.manual_seed(0)
    config = AutoConfig.from_pretrained(folder)
    config.update({"hidden_size": 16, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2,
                   "num_key_value_heads": 2, "head_dim": 8})  # fmt: skip
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    return folder
