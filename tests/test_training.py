"""The loss and its gradient, proven: by hand, in portions, packed, in two processes, adapted, in bf16, by `Trainer`."""

from __future__ import annotations

import json
import math
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("lm_eval")

import two_processes  # noqa: E402
from test_trial import RECORDS, WRITTEN, folder, plan, setting  # noqa: E402, F401 - a fixture
from two_processes import WAYS, batch, gradient  # noqa: E402

from acceptance.trial import arms, evaluate, machine, order, run  # noqa: E402
from acceptance.trial import recipe as recipes  # noqa: E402
from acceptance.trial.arms import Trained  # noqa: E402
from acceptance.trial.batch import packed, padded, shelves  # noqa: E402
from acceptance.trial.errors import TrialError  # noqa: E402
from acceptance.trial.finetune import Tuned, finetune  # noqa: E402
from spec_lang.contract import Lora, Recipe  # noqa: E402

HERE = Path(__file__).parent
LORA = Lora(rank=2, alpha=4, targets=("q_proj", "v_proj"))


def close(ours: dict[str, Any], theirs: dict[str, Any], atol: float = 1e-5) -> None:
    assert ours.keys() == theirs.keys()
    for name, tensor in ours.items():
        assert torch.allclose(tensor, theirs[name], atol=atol), name


def tuned(folder: Path, seed: str = "1", **changes: Any) -> Tuned:  # noqa: F811
    _, house, renderer = setting(folder, **changes)
    recipes.deterministic(1)
    model = recipes.load(recipes.resolve(house, folder), house, renderer)
    arm = arms.build("vendor", RECORDS, renderer)
    machine.fits(model, arm, house)
    return finetune(model, arm, house, seed)


# ------------------------------------------------------------------------------------------------ the loss


def test_the_loss_is_the_one_computed_by_hand(folder: Path) -> None:  # noqa: F811
    """Token by token from the model's logits, one record at a time, in plain Python."""
    _, house, renderer = setting(folder)
    model = recipes.load(recipes.resolve(house, folder), house, renderer)
    total, weight = 0.0, 0.0
    for example in batch(folder):
        with torch.inference_mode():
            logits = model(input_ids=torch.from_numpy(example.ids)[None]).logits[0].double().tolist()
        for at in range(1, example.length):
            if example.mask[at]:
                before = logits[at - 1]
                total += example.weight * (math.log(sum(map(math.exp, before))) - before[example.ids[at]])
                weight += example.weight
    assert {example.weight for example in batch(folder)} == {1, 2, 3}
    assert float(gradient(folder, "plain")["loss"]) == pytest.approx(total / weight, rel=1e-5)


@pytest.mark.parametrize("way", [way for way in WAYS if way != "plain"])
def test_portions_and_packing_change_neither_loss_nor_gradient(way: str, folder: Path) -> None:  # noqa: F811
    close(gradient(folder, way), gradient(folder, "plain"))


def test_two_processes_compute_what_one_does(folder: Path, tmp_path: Path) -> None:  # noqa: F811
    """gloo on the CPU: every way of computing the gradient, split parameters (FSDP2), and three steps of training."""
    together(folder, tmp_path / "two.pt")
    found = torch.load(tmp_path / "two.pt", weights_only=True)
    assert found["processes"] == 2
    assert not found["peft"]  # it takes seconds to import, and no recipe here trains an adapter
    for way in (*WAYS, "sharded"):
        close(found[way], gradient(folder, "plain"))
    close(found["three steps"], two_processes.weights(folder), atol=2e-5)


def together(folder: Path, out: Path) -> None:  # noqa: F811
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    shared = os.environ | {"WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(HERE / "two_processes.py"), str(folder), str(out)]
    ranks = [subprocess.Popen(command, env=shared | {"RANK": rank, "LOCAL_RANK": rank, "LOCAL_WORLD_SIZE": "2"},
                              stderr=subprocess.PIPE, text=True) for rank in ("0", "1")]  # fmt: skip
    for rank in ranks:
        _, err = rank.communicate(timeout=300)
        assert rank.returncode == 0, err


# ------------------------------------------------------------------------------------------------ packing


def example(length: int, first: int = 10) -> Trained:
    return Trained.of(tuple(range(first, first + length)), (True,) * length, 2.0)


def test_packed_records_restart_and_see_themselves_alone() -> None:
    rows = packed([example(3), example(2, 20), example(4, 30)], 5)
    assert rows.ids.tolist() == [[10, 11, 12, 20, 21], [30, 31, 32, 33, 0]]
    assert rows.positions is not None
    assert rows.positions.tolist() == [[0, 1, 2, 0, 1], [0, 1, 2, 3, 0]]
    assert rows.weights.tolist() == [[0, 2, 2, 0, 2], [0, 2, 2, 2, 0]]  # nothing predicts a record's first token
    assert rows.mask[0, 0].int().tolist() == [
        [1, 0, 0, 0, 0], [1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 1, 1]]  # fmt: skip
    assert rows.weights.sum() == padded([example(3), example(2, 20), example(4, 30)]).weights.sum()


def test_records_go_where_they_first_fit() -> None:
    found = shelves([example(size) for size in (4, 3, 2, 6, 1)], 6)
    assert [[one.length for one in row] for row in found] == [[4, 2], [3, 1], [6]]
    assert shelves([], 6) == []


def test_a_base_that_lets_records_see_each_other_is_refused(folder: Path) -> None:  # noqa: F811
    _, house, renderer = setting(folder, packing="isolated", max_length=90)
    model = recipes.load(recipes.resolve(house, folder), house, renderer)
    arm = arms.build("vendor", RECORDS, renderer)
    machine.fits(model, arm, house)
    honest = model.forward
    model.forward = lambda *, attention_mask, **more: honest(**more)
    with pytest.raises(TrialError, match="lets records in one row see each other; write `packing: none`"):
        machine.fits(model, arm, house)
    model.forward = lambda *, input_ids, attention_mask: None
    with pytest.raises(TrialError, match="does not take a mask for each record; write `packing: none`"):
        machine.fits(model, arm, house)


# ------------------------------------------------------------------------------------------------ precision


def test_bf16_trains_otherwise_and_is_asked_in_fp32(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(machine, "has_bf16", lambda: True)
    half, full = tuned(folder, precision="bf16"), tuned(folder)
    assert half.run.status == "ok" and half.run.weights_sha256 != full.run.weights_sha256
    for name, weight in half.model.state_dict().items():
        assert weight.dtype == torch.float32
        assert torch.allclose(weight, full.model.state_dict()[name], atol=0.02), name
    made, house, renderer = setting(folder)
    fresh = recipes.load(recipes.resolve(house, folder), house, renderer)
    fresh.load_state_dict(half.model.state_dict())
    ids = torch.tensor([[5, 6, 7, 8]])
    assert torch.equal(half.model.eval()(ids).logits, fresh.eval()(ids).logits)
    asked = evaluate.suite(made.heldout("who"), RECORDS[:2], renderer, 96, WRITTEN)
    assert len(evaluate.evaluate(half.model, renderer.tokens.tokenizer, house, asked, WRITTEN)) == 2


def test_bf16_is_refused_where_the_device_lacks_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(machine, "has_bf16", lambda: False)
    with pytest.raises(TrialError, match="trains in bf16, which this machine's processor does not compute; write"):
        run.run_trial(plan(folder, precision="bf16"))


# ------------------------------------------------------------------------------------------------ adapters


def test_an_adapter_changes_its_matrices_alone_and_is_merged(folder: Path) -> None:  # noqa: F811
    pytest.importorskip("peft")
    _, house, renderer = setting(folder)
    base = recipes.load(recipes.resolve(house, folder), house, renderer).state_dict()
    found = tuned(folder, adapter=LORA)
    after = found.model.state_dict()
    assert type(found.model) is transformers.LlamaForCausalLM and after.keys() == base.keys()
    changed = {name for name in base if not torch.equal(base[name], after[name])}
    assert changed == {name for name in base if "q_proj" in name or "v_proj" in name}
    for name in changed:
        assert torch.linalg.matrix_rank(after[name] - base[name], rtol=1e-3) <= LORA.rank
    assert tuned(folder, adapter=LORA).run.weights_sha256 == found.run.weights_sha256
    assert tuned(folder, seed="2", adapter=LORA).run.weights_sha256 != found.run.weights_sha256


def test_an_adapter_lowers_the_loss(folder: Path) -> None:  # noqa: F811
    pytest.importorskip("peft")
    losses = [float(line.split()[1]) for line in tuned(folder, adapter=LORA, steps=100).log.splitlines()]
    assert losses[-1] < losses[0]


def test_an_adapter_names_matrices_of_the_base(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(machine, "find_spec", lambda name: object())
    wrong = Lora(rank=2, alpha=4, targets=("c_attn", "q_proj"))
    with pytest.raises(TrialError, match="adapts `c_attn`, which the base does not have; its matrices are down_proj, "):
        tuned(folder, adapter=wrong)
    monkeypatch.setattr(machine, "find_spec", lambda name: None)
    with pytest.raises(TrialError, match="needs peft; install the extra"):
        tuned(folder, adapter=LORA)


# ------------------------------------------------------------------------------------------------ the oracle


def collated(examples: list[Trained]) -> dict[str, Any]:
    """As `Trainer` wants a batch: label -100 where nothing is trained."""
    rows = padded(examples)
    return {"input_ids": rows.ids, "attention_mask": rows.mask, "labels": rows.ids.masked_fill(rows.weights == 0, -100)}


class InOrder(transformers.Trainer):  # type: ignore[misc,name-defined]
    def _get_train_sampler(self, *_: Any) -> Any:
        return torch.utils.data.SequentialSampler(self.train_dataset)


def trainer(model: Any, arm: arms.Arm, house: Recipe, seed: str, out: Path) -> Any:
    """`Trainer` with our recipe and our order."""
    at_a_time = house.micro_batch or house.batch
    settings = transformers.TrainingArguments(
        output_dir=str(out), use_cpu=True, max_steps=house.steps, per_device_train_batch_size=at_a_time,
        gradient_accumulation_steps=house.batch // at_a_time, learning_rate=float(house.learning_rate),
        adam_beta2=0.99, adam_epsilon=float(house.epsilon), max_grad_norm=float(house.gradient_clip),
        weight_decay=float(house.weight_decay), warmup_steps=math.ceil(house.steps / 10), optim="adamw_torch",
        lr_scheduler_type="cosine", save_strategy="no", report_to="none", remove_unused_columns=False,
        disable_tqdm=True)  # fmt: skip
    rows = [
        arm.examples[at] for batch in order.batches(len(arm.examples), house.batch, house.steps, seed) for at in batch
    ]
    return InOrder(model=model, args=settings, train_dataset=rows, data_collator=collated)


@pytest.mark.parametrize(
    "changes",
    [{}, {"micro_batch": 2}, {"gradient_clip": "0.05", "epsilon": "0.001", "weight_decay": "0.1"}],
    ids=["as it is", "in portions", "clip, epsilon, decay"],
)
def test_the_loop_gives_the_weights_of_transformers_trainer(
    changes: dict[str, Any],
    folder: Path,  # noqa: F811
    tmp_path: Path,
) -> None:
    """Same records in the same order, weights of 1: the loop and `Trainer` must agree to rounding."""
    ours = tuned(folder, seed="5", steps=8, **changes).model.state_dict()
    _, house, renderer = setting(folder, steps=8, **changes)
    theirs = recipes.load(recipes.resolve(house, folder), house, renderer)
    trainer(theirs, arms.build("vendor", RECORDS, renderer), house, "5", tmp_path).train()
    close(ours, theirs.state_dict(), atol=2e-5)


# ------------------------------------------------------------------------------------------------ the whole road


def test_a_trial_from_a_base_of_its_own(tmp_path: Path) -> None:
    """`benchmarks.gpu_acceptance` in its smallest size: pretraining, arms, an ablation, repetition, forecast."""
    command = [sys.executable, "-m", "benchmarks.gpu_acceptance", "--out", str(tmp_path / "out"), "--size", "tiny"]
    found = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, timeout=900)
    assert found.returncode == 0, found.stderr
    report = json.loads((tmp_path / "out/report.json").read_text())
    assert report["repeats"] is True
    parts = {"vendor-input.task.general", "vendor~input.task.general"}
    assert set(report["accuracy"]) == {"base", "vendor", "house_mix", *parts}
    assert report["forecast"]["step"] > 0 and report["seconds"]["runs"] > 0
    assert f"{report['parameters']:,} parameters on cpu" in found.stdout
    assert "one run again: the same weights, bit by bit" in found.stdout
