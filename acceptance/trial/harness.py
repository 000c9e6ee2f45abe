"""A public held-out set in, lm-eval's own task of that name out, or the reason why it is not asked.

The task is the installed harness's: a contract brings its rows, never its code. Rows are handed over in memory, so
nothing is fetched and nothing is written. Prompts hold no examples and no chat template.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import version
from typing import Any

from acceptance.answers import Item
from acceptance.trial.errors import TrialError
from acceptance.trial.evaluate import quiet
from spec_lang.contract import HeldOut, Public, Recipe

ASKED = ("multiple_choice", "generate_until", "loglikelihood")
GENERATION = {"until", "do_sample", "temperature", "top_p", "max_gen_toks"}
"""What a task may say about its answers; another word could undo the limit or the greedy choice."""
BARE: dict[str, Any] = {"training_split": None, "fewshot_split": None, "fewshot_config": None, "num_fewshot": 0}
"""No examples in a prompt, so no split to draw them from."""


def refused(heldout: HeldOut, why: str) -> TrialError:
    """The error that names the set and its task."""
    return TrialError(f"held-out set `{heldout.name}`: the public task `{public(heldout).task}` {why}")


def public(heldout: HeldOut) -> Public:
    assert heldout.lm_eval is not None
    return heldout.lm_eval


def split(heldout: HeldOut) -> str:
    """The split whose items are asked. Raises TrialError."""
    settings = _settings(heldout)
    return str(settings.get("test_split") or settings.get("validation_split"))


def samples(heldout: HeldOut, items: Sequence[Item], speaker: Any, recipe: Recipe) -> list[dict[str, Any]]:
    """What lm-eval says of each item under the metric's filter, in the items' order. Raises TrialError.

    Rows that the task was not made for end in whatever its own code raises.
    """
    from lm_eval import evaluate

    task = public(heldout).task
    loaded = _harness().load([{"group": heldout.name, "task": [{"task": task, **_changes(heldout, items, recipe)}]}])
    results = evaluate(speaker, {"tasks": loaded["tasks"]}, bootstrap_iters=0, log_samples=True, cache_requests=False)
    assert results is not None
    return _of_filter(heldout, results["samples"][task], len(items))


def _of_filter(heldout: HeldOut, told: list[dict[str, Any]], items: int) -> list[dict[str, Any]]:
    wanted = public(heldout).metric.rpartition(",")[2]
    found = sorted((one for one in told if one["filter"] == wanted), key=lambda one: int(one["doc_id"]))
    if not found:
        known = ", ".join(sorted({str(one["filter"]) for one in told}))
        raise refused(heldout, f"has no such filter of answers; `metric` is the metric, a comma, and one of: {known}")
    if len(found) != items:
        raise refused(heldout, f"asks {len(found)} of {items} items; leave the others out of its data")
    return found


@cache
def _harness() -> Any:
    """lm-eval's tasks by name; seconds of reading."""
    import datasets
    from lm_eval.tasks import TaskManager

    quiet()
    datasets.disable_progress_bars()
    return TaskManager()


def _settings(heldout: HeldOut) -> dict[str, Any]:
    """A task as the harness describes it. Raises TrialError unless it is the one that was agreed, and can be asked."""
    agreed, installed = public(heldout), version("lm_eval")
    if installed != agreed.harness:
        raise refused(heldout, f"is asked by lm-eval {agreed.harness}, here is {installed}; install that version, or "
                               "agree on another `harness`")  # fmt: skip
    entry = _harness().task_index.get(agreed.task)
    if entry is None:
        raise refused(heldout, f"is not known to lm-eval {installed}; correct `lm_eval`")
    settings = dict(entry.cfg or {})
    if problem := _misfit(entry.kind.name, settings) or _other_version(agreed, settings) or _chance(settings):
        raise refused(heldout, problem)
    return settings


def _misfit(kind: str, settings: dict[str, Any]) -> str:
    """Why a task is never asked; empty where it may be."""
    if kind != "TASK":
        what = "is written as a program" if kind == "PY_TASK" else "is a group of tasks"
        return f"{what}; name one task that lm-eval describes in a file"
    if settings.get("unsafe_code"):
        return "runs what the model writes, outside a sandbox; it is not asked"
    if (output := settings.get("output_type")) not in ASKED:
        return f"asks by `{output}`; only {', '.join(ASKED)} give a score for each item"
    if settings.get("doc_to_image") or settings.get("doc_to_audio"):
        return "shows pictures or plays sound; it is not asked"
    if not (settings.get("test_split") or settings.get("validation_split")):
        return "names no split whose items are asked"
    return ""


def _other_version(agreed: Public, settings: dict[str, Any]) -> str:
    found = str((settings.get("metadata") or {}).get("version"))
    if found != agreed.version:
        return f"has version {found} in lm-eval {agreed.harness}, not {agreed.version}; correct `task_version`"
    return ""


def _chance(settings: dict[str, Any]) -> str:
    """Why answers are not the greedy ones; empty where they are."""
    said = settings.get("generation_kwargs") or {}
    if unknown := sorted(said.keys() - GENERATION):
        return f"generates by `{unknown[0]}`, which is not known here; it is not asked"
    if said.get("do_sample") or said.get("temperature") or settings.get("repeats", 1) != 1:
        return "draws its answers by chance, or several of them; it is not asked"
    return ""


def _changes(heldout: HeldOut, items: Sequence[Item], recipe: Recipe) -> dict[str, Any]:
    """What is set over the harness's own settings: where its rows come from, and how long an answer may be."""
    import datasets

    settings, asked = _settings(heldout), split(heldout)
    table = datasets.Dataset.from_list(list(items))
    changes = BARE | {"test_split": asked, "validation_split": None, "custom_dataset": lambda **_: {asked: table}}
    if settings["output_type"] != "generate_until":
        return changes
    said = settings.get("generation_kwargs") or {"until": ["\n\n"]}
    longest = said.get("max_gen_toks", recipe.max_new_tokens)
    if longest > recipe.max_new_tokens:
        why = f"generates up to {longest} tokens, recipe {recipe.name} up to {recipe.max_new_tokens}"
        raise refused(heldout, f"{why}; raise `max_new_tokens`")
    return changes | {"generation_kwargs": {**said, "do_sample": False, "max_gen_toks": longest}}
