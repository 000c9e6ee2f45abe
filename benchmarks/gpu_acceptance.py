"""A trial of some size from nothing: pretrain a base, train arms and ablations, report gains, repeatability and times.

    python -m benchmarks.gpu_acceptance --out out/acceptance                   30 M parameters; made for one GPU
    python -m benchmarks.gpu_acceptance --out out/small --size tiny            the same road in a minute on a CPU

The data, template and held-out sets are the back-office example's; the base is pretrained as the example's is, only
larger. `--out` keeps base and store, so that a stopped run goes on. The report is printed and written to `report.json`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples/back_office"
sys.path.insert(0, str(EXAMPLE / "make"))

import acceptance.trial  # noqa: E402, F401, I001 - sets what libraries read when they are imported

import base  # noqa: E402
import data  # noqa: E402
import render  # noqa: E402
import table  # noqa: E402
import torch  # noqa: E402
from transformers import LlamaConfig, LlamaForCausalLM  # noqa: E402

from acceptance import sealed  # noqa: E402
from acceptance.certification import procedure  # noqa: E402
from acceptance.deal import open_deal  # noqa: E402
from acceptance.rendering import Renderer  # noqa: E402
from acceptance.scores import BASE, VENDOR, Trial  # noqa: E402
from acceptance.trial import fingerprint, recipe, worker  # noqa: E402
from acceptance.trial.finetune import finetune  # noqa: E402
from acceptance.trial.run import Plan, prepared, run_trial  # noqa: E402
from acceptance.trial.telling import silent  # noqa: E402
from spec_lang.compiler import compile_source  # noqa: E402
from spec_lang.lock import ROLES  # noqa: E402
from spec_lang.source import Source  # noqa: E402
from spec_lang.trialarms import AsMany, Without  # noqa: E402

HOUSE = "house_mix"
WORTH = "\nterms worth on Request using house {\n  report worth: ablation(calls, by: input.task)\n}\n"
"""What is asked beyond the example's contract."""


@dataclass(frozen=True)
class Size:
    """How much is done."""

    model: dict[str, int]
    base_steps: int
    steps: int
    seeds: int
    items: int
    """Of each held-out set."""
    ablations: Sequence[str]
    """Tasks whose worth is asked: for each an arm without its records, and one with as many records at random."""


SIZES = {
    "30m": Size({"hidden_size": 512, "intermediate_size": 1408, "num_hidden_layers": 9, "num_attention_heads": 8},
                base_steps=4_000, steps=400, seeds=5, items=400, ablations=("payment", "general")),
    "tiny": Size({"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2},
                 base_steps=5, steps=4, seeds=1, items=4, ablations=("general",)),
}  # fmt: skip


def main() -> int:
    """Print the report; exit 1 where a run does not repeat bit by bit."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", choices=SIZES, default="30m")
    options = parser.parse_args()
    size: Size = SIZES[options.size]
    parameters = pretrained(options.out, size)
    plan = planned(options.out, size)
    forecast = paced(plan, size)
    begun = time.monotonic()
    trial = run_trial(plan)
    report = {
        "device": fingerprint.device(),
        "parameters": parameters,
        "accuracy": accuracies(trial),
        "repeats": repeats(plan, trial),
        "forecast": forecast,
        "seconds": {"runs": sum(run.seconds for run in trial.runs), "wall": time.monotonic() - begun},
    }
    (options.out / "report.json").write_text(json.dumps(report, indent=1, sort_keys=True) + "\n")
    print("\n".join(lines(report)))
    return int(not report["repeats"])


def pretrained(out: Path, size: Size) -> int:
    """The base in `out`, made unless it is there; its number of parameters."""
    shutil.copytree(EXAMPLE / "base", out / "base", dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.safetensors"))
    shutil.copy(EXAMPLE / "request.jinja", out)
    recipe.deterministic(torch.get_num_threads())
    if not (out / "base/model.safetensors").exists():
        torch.manual_seed(base.SEED)
        base.STEPS = size.base_steps
        split = render.splitter()
        tokenizer = base.train_tokenizer(split)
        settings = base.config(tokenizer).to_dict() | size.model | {"num_key_value_heads": None, "head_dim": None}
        model = LlamaForCausalLM(LlamaConfig(**settings)).to("cuda" if torch.cuda.is_available() else "cpu")
        base.train(model, tokenizer, split)
        base.FOLDER = out / "base"
        base.save(model, tokenizer)
        shutil.copy(EXAMPLE / "base/tokenizer.json", out / "base")  # the same pieces, as the lock has them
    return sum(weight.numel() for weight in LlamaForCausalLM.from_pretrained(out / "base").parameters())


def planned(out: Path, size: Size) -> Plan:
    """Delivery and parts of it against house mix on the example's held-out sets."""
    deal = open_deal(EXAMPLE / "back_office.sftspec", ROLES)
    contract = compile_source(Source(deal.path.name, deal.source.decode() + WORTH, deal.path)).contract
    assert contract is not None
    seeds = [str(seed) for seed in range(1, size.seeds + 1)]
    return Plan(
        contract=contract,
        recipe=procedure.recipe_of(deal.contract).model_copy(update={"steps": size.steps, "seeds": size.seeds}),
        folder=out,
        vendor=table.delivered(),
        references={HOUSE: sealed.reference(deal, HOUSE)},
        suites={suite: data.read_jsonl(EXAMPLE / "sealed" / f"{suite}.jsonl")[: size.items] for suite in table.SUITES},
        seeds=dict.fromkeys([VENDOR, HOUSE, *parts(size)], seeds),
        blind=lambda text: text,
        store=out / "store",
        tell=lambda told: print(f"  {told}", file=sys.stderr) if isinstance(told, str) else None,
    )


def parts(size: Size) -> list[str]:
    """The arms that ablations train."""
    slices = [Without(("input", "task"), task) for task in size.ablations]
    return [part.name for one in slices for part in (one, AsMany(one))]


def paced(plan: Plan, size: Size) -> dict[str, float]:
    """Seconds that all runs will take, from one short fine-tune and one examination, each done once before."""
    few = replace(plan, recipe=plan.recipe.model_copy(update={"steps": min(20, size.steps)}), tell=silent)
    job = prepared(few)
    resolved, renderer = recipe.resolve(few.recipe, few.folder), Renderer(few.recipe, few.contract, few.folder)
    for _ in range(2):  # what is imported and compiled the first time is no part of the pace
        asking = worker.work(job, BASE, "", silent).run.seconds
        model = recipe.load(resolved, few.recipe, renderer)
        step = finetune(model, job.arms[VENDOR], few.recipe, "pace").run.seconds / few.recipe.steps
    runs = size.seeds * (2 + len(parts(size)))
    return {"step": step, "asking": asking, "runs": asking + runs * (size.steps * step + asking)}


def repeats(plan: Plan, trial: Trial) -> bool:
    """Whether one arm and seed, trained again from nothing, has the same weights."""
    again = run_trial(replace(plan, store=None, references={}, seeds={VENDOR: plan.seeds[VENDOR][:1]}))
    (first, *_), (second, *_) = ([run for run in one.runs if run.arm == VENDOR] for one in (trial, again))
    return first.weights_sha256 == second.weights_sha256 != ""


def accuracies(trial: Trial) -> dict[str, dict[str, list[float]]]:
    """arm -> suite -> one mean score per seed."""
    rows: dict[tuple[str, str, str], list[float]] = {}
    for row in trial.scores:
        rows.setdefault((row.arm, row.suite, row.seed), []).append(row.score)
    out: dict[str, dict[str, list[float]]] = {}
    for (arm, suite, _), scores in sorted(rows.items()):
        out.setdefault(arm, {}).setdefault(suite, []).append(statistics.fmean(scores))
    return out


def lines(report: dict[str, Any]) -> list[str]:
    out = [f"{report['parameters']:,} parameters on {report['device']}"]
    out.append(" ".join([f"{'arm':<28}", *(f"{suite:>14}" for suite in table.SUITES)]))
    for name, suites in report["accuracy"].items():
        cells = (
            f"{100 * statistics.fmean(suites[s]):6.1f} ± {100 * statistics.pstdev(suites[s]):4.1f}"
            for s in table.SUITES
        )
        out.append(f"{name:<28} {' '.join(f'{cell:>14}' for cell in cells)}")
    forecast, seconds = report["forecast"], report["seconds"]
    out.append(f"one run again: {'the same weights, bit by bit' if report['repeats'] else 'OTHER WEIGHTS'}")
    out.append(f"a step {forecast['step']:.4f} s, asking a model {forecast['asking']:.1f} s")
    out.append(f"all runs: forecast {forecast['runs']:.0f} s, actual {seconds['runs']:.0f} s")
    return out


if __name__ == "__main__":
    sys.exit(main())
