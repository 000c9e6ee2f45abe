"""A run cut off goes on where it was and ends with the same weights; what is no checkpoint of it is not used."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lm_eval")

from safetensors.torch import load_file, save_file  # noqa: E402
from test_trial import RECORDS, folder, plan, setting  # noqa: E402, F401 - a fixture

from acceptance.scores import Run  # noqa: E402
from acceptance.trial import arms, checkpoint, run  # noqa: E402
from acceptance.trial import recipe as recipes  # noqa: E402
from acceptance.trial.finetune import finetune  # noqa: E402
from acceptance.trial.store import DAY, Store  # noqa: E402
from acceptance.trial.telling import At, Told  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
KEY = "ab" * 32


class CutOff(Exception):
    """Stands in for a kill: nothing after it is run."""


class Bench:
    """Runs of one small recipe, with dropout, so that random numbers count."""

    def __init__(self, folder: Path, kept: Path) -> None:  # noqa: F811
        _, self.house, renderer = setting(folder, steps=9)
        self.base = recipes.resolve(self.house, folder)
        self.renderer = renderer
        self.arm = arms.build("vendor", RECORDS, renderer)
        self.kept = kept
        self.said: list[str] = []

    def run(self, stop: int = 0, kept: bool = True) -> Run:
        def tell(told: Told) -> None:
            if isinstance(told, str):
                self.said.append(told)
            elif told.done == stop:
                raise CutOff

        recipes.deterministic(1)
        model = recipes.load(self.base, self.house, self.renderer)
        model.config.attention_dropout = 0.2
        for layer in model.model.layers:
            layer.self_attn.attention_dropout = 0.2
        tuned = finetune(model, self.arm, self.house, "7", tell, self.kept if kept else None)
        return tuned.run.model_copy(update={"seconds": 0.0})

    def cut_off(self, stop: int) -> None:
        with pytest.raises(CutOff):
            self.run(stop)


@pytest.fixture
def bench(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:  # noqa: F811
    """A checkpoint after every step."""
    monkeypatch.setattr(checkpoint, "LEAST", 0)
    monkeypatch.setattr(checkpoint, "SHARE", 0)
    monkeypatch.setattr("acceptance.trial.telling.PAUSE", 0)
    return Bench(folder, tmp_path / f"{KEY}.safetensors")


def test_a_run_that_was_cut_off_twice_ends_as_an_unbroken_one(bench: Bench) -> None:
    whole = bench.run(kept=False)
    bench.cut_off(3)
    bench.cut_off(7)
    assert bench.run() == whole
    assert bench.said == ["vendor seed 7: goes on after step 3", "vendor seed 7: goes on after step 7"]


def test_a_run_cut_off_before_it_is_asked_is_not_trained_again(bench: Bench) -> None:
    whole = bench.run()
    assert bench.run() == whole
    assert bench.said == ["vendor seed 7: goes on after step 9"]


def flipped(data: bytes) -> bytes:
    return data[:-100] + bytes([data[-100] ^ 1]) + data[-99:]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "a bit of a weight": flipped,
    "a digit of the head": lambda data: data.replace(b'\\"step\\": 4', b'\\"step\\": 5', 1),
    "cut": lambda data: data[:-1],
    "empty": lambda data: b"",
    "noise": lambda data: bytes(range(256)) * 9,
    "a huge head": lambda data: b"\xff" * 8 + data[8:],
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_checkpoint_is_named_and_not_used(kind: str, bench: Bench) -> None:
    whole = bench.run(kept=False)
    bench.cut_off(4)
    before = bench.kept.read_bytes()
    bench.kept.write_bytes(DAMAGE[kind](before))
    assert bench.kept.read_bytes() != before
    assert bench.run() == whole
    assert bench.said == [f"{bench.kept}: is damaged; it is not used, the run starts anew"]


def test_a_checkpoint_of_another_run_is_named_and_not_used(bench: Bench) -> None:
    bench.cut_off(4)
    bench.kept = bench.kept.rename(bench.kept.with_name(f"{'cd' * 32}.safetensors"))
    assert bench.run() == bench.run(kept=False)
    assert bench.said == [f"{bench.kept}: belongs to another run; it is not used, the run starts anew"]


def test_a_checkpoint_of_another_model_is_named_and_not_used(bench: Bench) -> None:
    bench.cut_off(4)
    tensors = {name: tensor for name, tensor in load_file(bench.kept).items() if "layers.1" not in name}
    head = {"key": KEY, "position": '{"step": 4, "tokens": 1, "lines": []}'}
    save_file(tensors, bench.kept, head | {"sha256": checkpoint.content_sha256(head, tensors)})
    assert bench.run() == bench.run(kept=False)
    assert bench.said == [f"{bench.kept}: is of another model; it is not used, the run starts anew"]


def test_a_full_disk_is_told_and_the_last_checkpoint_stays(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.cut_off(4)
    before = bench.kept.read_bytes()

    def full(*_: Any) -> None:
        raise checkpoint.SafetensorError("I/O error: No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full)
    with pytest.raises(OSError, match=rf"cannot be written \(I/O error: No space left on device\).*{KEY}"):
        bench.run()
    assert [path.name for path in bench.kept.parent.iterdir()] == [bench.kept.name]
    assert bench.kept.read_bytes() == before


def test_checkpoints_take_a_small_share_of_the_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [0.0]
    monkeypatch.setattr(checkpoint.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(
        checkpoint, "save_file", lambda tensors, path, head: (path.touch(), clock.append(clock.pop() + 2))
    )
    kept = checkpoint.Checkpoint(tmp_path / "x.safetensors")
    due = []
    for second in range(100):
        clock[0] = max(clock[0], second)
        if kept.due():
            due.append(second)
            kept.save(checkpoint.Position(), {})
    assert due == [5, 47, 89]  # writing takes 2 s: the next after 40 s of training


def test_half_written_files_of_killed_commands_go_after_a_day(tmp_path: Path) -> None:
    old, young, other = (tmp_path / name for name in (f".{KEY}.json.7", f".{KEY}.safetensors.8", ".notes.9"))
    for path in (old, young, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (0, time.time() - DAY - 1))
    Store(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([young.name, other.name])


def test_a_pool_goes_on_as_well(bench: Bench, folder: Path, tmp_path: Path) -> None:  # noqa: F811
    """One of two runs has a checkpoint; the workers find it."""
    asked = replace(plan(folder), seeds={"vendor": ["1", "2"], "mix": []}, store=tmp_path / "store")
    whole = run.run_trial(replace(asked, store=None))

    def stop(told: Told) -> None:
        if isinstance(told, At) and told.run == "vendor seed 2" and told.done == 3:
            raise CutOff

    with pytest.raises(CutOff):
        run.run_trial(replace(asked, tell=stop))
    said: list[Told] = []
    found = run.run_trial(replace(asked, tell=said.append, workers=2))
    assert "vendor seed 2: goes on after step 3" in said
    assert found.scores == whole.scores
    assert [one.weights_sha256 for one in found.runs] == [one.weights_sha256 for one in whole.runs]


def test_certify_is_killed_and_goes_on(tmp_path: Path) -> None:
    """Three kills of the command itself at random moments; `make kills` does twenty."""
    command = [sys.executable, "-m", "benchmarks.kills", "--kills", "3"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900)
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.endswith("all scores and weights as unbroken\n")
