"""A public task's rows and a model in, one score per row out, as the harness asks and scores them.

A rehearsal asks everything of a silent model before the first step: what would have to be cut, or has no score, is
refused then.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedModel

from acceptance.answers import Item
from acceptance.delivery import strict
from acceptance.rendering import Renderer
from acceptance.trial.errors import TrialError
from acceptance.trial.evaluate import digest, language_model, ready
from acceptance.trial.harness import public, refused, samples, split
from acceptance.trial.outcome import Scored
from spec_lang.contract import HeldOut


def rows(heldout: HeldOut, folder: Path) -> list[Item]:
    """The items of a public set, from the split that its task asks. Raises TrialError."""
    name = f"{public(heldout).data}/{split(heldout)}.jsonl"
    if not (folder / name).is_file():
        raise refused(heldout, f"has its items in {name}, which is not here; put the file there and run `sftspec lock`")
    found = list(_parse((folder / name).read_bytes(), name))
    if len(found) != heldout.size:
        raise refused(heldout, f"has {len(found)} items in {name}; the contract says {heldout.size}")
    return found


def _parse(data: bytes, name: str) -> Iterator[Item]:
    for number, line in enumerate(data.split(b"\n"), start=1):
        if line.strip():
            row, problem, _ = strict.parse(line)
            if row is None:
                raise TrialError(f"{name}:{number}: {problem.message if problem else 'unreadable'}")
            yield row


def rehearsed(heldout: HeldOut, items: Sequence[Item], renderer: Renderer, positions: int) -> None:
    """Asks every item of a model that says nothing, twice. Raises TrialError for what cannot be asked or scored."""
    silent = _silent(heldout, renderer, positions)
    try:
        first, again = (samples(heldout, items, silent, renderer.recipe) for _ in range(2))
    except TrialError:
        raise
    except Exception as error:  # the harness's own code for this task, on rows that anybody may have written
        said = f"{type(error).__name__}: {error}".split("\n")[0][:200]
        raise refused(heldout, f"cannot be asked with the items in {public(heldout).data} ({said})") from error
    if [one["arguments"] for one in first] != [one["arguments"] for one in again]:
        raise refused(heldout, "asks otherwise each time, so no two models could be compared")
    for index, sample in enumerate(first):
        _score(heldout, index, sample)
        options, target = len(sample["arguments"]), str(sample["target"])
        if options > 1 and target.lstrip("-").isdigit() and not 0 <= int(target) < options:
            raise refused(heldout, f"finds no right answer among the options of item {index + 1}; correct its data")


def evaluate(model: PreTrainedModel, heldout: HeldOut, items: Sequence[Item], renderer: Renderer) -> list[Scored]:
    """Scores in the order of the items, in fp32."""
    ready(model)
    speaker = language_model(model, renderer.tokens.tokenizer, renderer.recipe, finished=False)
    with torch.inference_mode():
        found = samples(heldout, items, speaker, renderer.recipe)
    return [Scored(at, _score(heldout, at, one), digest(repr(one["resps"]))) for at, one in enumerate(found)]


def _score(heldout: HeldOut, index: int, sample: dict[str, Any]) -> float:
    """The metric of one item, a number from 0 to 1."""
    metric = public(heldout).metric.rpartition(",")[0]
    if metric not in sample["metrics"]:
        raise refused(heldout, f"has no metric `{metric}` for an item; it has {', '.join(sample['metrics'])}")
    value = sample[metric]
    number = float(value) if isinstance(value, int | float) else -1.0  # numpy's doubles are floats
    if not 0 <= number <= 1:
        raise refused(heldout, f"gives item {index + 1} no `{metric}` from 0 to 1; name a metric that is one")
    return number


def _silent(heldout: HeldOut, renderer: Renderer, positions: int) -> Any:
    """A model that prefers nothing and says nothing, and refuses what the real one would have to cut."""
    from lm_eval.api.model import LM

    def fits(request: Any, text: str, more: int) -> None:
        item = f"item {request.doc_id + 1}"
        if found := renderer.tokens.control_in(text):
            raise refused(heldout, f"has the control token {found} in {item}; remove it")
        if (length := renderer.count(text) + more) > positions:
            raise refused(
                heldout, f"takes {length} tokens for {item}, the model has room for {positions}; leave it out"
            )

    class Silent(LM):  # type: ignore[misc]
        def loglikelihood(self, requests: Any) -> list[tuple[float, bool]]:
            for request in requests:
                fits(request, request.args[0] + request.args[1], 0)
            return [(0.0, False)] * len(requests)

        def generate_until(self, requests: Any) -> list[str]:
            for request in requests:
                fits(request, request.args[0], request.args[1]["max_gen_toks"])
            return [""] * len(requests)

        def loglikelihood_rolling(self, requests: Any) -> list[float]:
            raise NotImplementedError

    return Silent()
