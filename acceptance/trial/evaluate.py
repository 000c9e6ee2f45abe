"""A model and a sealed suite in; one score per item out, generated or compared through lm-eval in memory.

Of lm-eval only `evaluate` is used: no caches, no files, no network, no chat template, no reseeding, one batch size. It
hands back answers in the items' order; every prompt that it used is compared with ours.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import torch
from tokenizers import Tokenizer
from transformers import PreTrainedModel, PreTrainedTokenizerFast

from acceptance.answers import Answer, Item, Scorer
from acceptance.rendering import Renderer, RenderingError
from acceptance.trial.errors import TrialError
from acceptance.trial.outcome import Scored
from spec_lang.contract import HeldOut, Recipe


@dataclass(frozen=True, slots=True)
class Suite:
    """A held-out set ready to be asked: items and their prompts, in the same order."""

    name: str
    items: tuple[Item, ...]
    prompts: tuple[str, ...]
    options: tuple[tuple[str, ...], ...] | None = None
    """For each item the texts that are compared; None where an answer is generated."""

    @property
    def asked(self) -> list[tuple[str, ...]]:
        """What lm-eval must have asked of each item."""
        listed = self.options or [()] * len(self.prompts)
        return [(text, *found) for text, found in zip(self.prompts, listed, strict=True)]


def suite(heldout: HeldOut, items: Sequence[Item], renderer: Renderer, positions: int, score: Scorer) -> Suite:
    """Prompts of a suite. Raises TrialError for an item that cannot be asked; nothing is ever cut to fit."""
    room = positions - (renderer.recipe.max_new_tokens if score.options is None else 0)
    prompts = [prompt(heldout.name, number, item, renderer, room) for number, item in enumerate(items, start=1)]
    if score.options is None:
        return Suite(heldout.name, tuple(items), tuple(prompts))
    options = tuple(map(score.options, items))
    for number, (text, listed) in enumerate(zip(prompts, options, strict=True), start=1):
        if problem := unfit(text, listed, renderer, positions):
            raise TrialError(f"item {number} of held-out set `{heldout.name}` {problem}")
    return Suite(heldout.name, tuple(items), tuple(prompts), options)


def unfit(text: str, options: Iterable[str], renderer: Renderer, positions: int) -> str:
    """Why options cannot be compared behind a prompt; empty where they can."""
    begun = renderer.tokens.encode(text).ids
    for number, option in enumerate(options, start=1):
        if found := renderer.tokens.control_in(option):
            return f"has the control token {found} in option {number}; remove it"
        ids = renderer.tokens.encode(text + option).ids
        if ids[: len(begun)] != begun or len(ids) == len(begun):
            return (f"has option {number} joined to the prompt's last token; end the prompt with a control token or a "
                    "line break")  # fmt: skip
        if len(ids) > positions:
            return f"has {len(ids)} tokens with option {number}; the model has room for {positions}. Shorten it"
    return ""


def prompt(name: str, number: int, item: Item, renderer: Renderer, room: int) -> str:
    try:
        text = renderer.prompt(item)
    except RenderingError as error:
        raise TrialError(f"item {number} of held-out set `{name}` has no prompt: {error}") from error
    if (length := renderer.count(text)) > room:
        raise TrialError(
            f"item {number} of held-out set `{name}` has a prompt of {length} tokens; the model has room for {room} "
            f"beside {renderer.recipe.max_new_tokens} new ones. Shorten it or lower `max_new_tokens`"
        )
    return text


def evaluate(model: PreTrainedModel, tokenizer: Tokenizer, recipe: Recipe, asked: Suite, score: Scorer) -> list[Scored]:
    """Greedy answers up to the end of turn, in fp32, each scored by `score(item, answer)`."""
    ready(model)
    with torch.inference_mode():
        answers = answered(model, tokenizer, recipe, asked)
    with ThreadPoolExecutor(score.at_once) as pool:
        scores = list(pool.map(score, asked.items, answers))
    return [
        Scored(index, finite(value, asked.name, index), digest(answer))
        for index, (value, answer) in enumerate(zip(scores, answers, strict=True))
    ]


def ready(model: PreTrainedModel) -> None:
    """As every model is asked: in fp32, remembering what it has read."""
    model.to(torch.float32)  # type: ignore[arg-type]  # transformers wraps it untyped
    model.eval()  # type: ignore[no-untyped-call]
    model.config.use_cache = True


def digest(answer: Answer) -> str:
    """sha256 of the text, or of the likelihoods as decimal numbers."""
    text = answer if isinstance(answer, str) else " ".join(map(repr, answer))
    return hashlib.sha256(text.encode()).hexdigest()


def finite(score: float, name: str, index: int) -> float:
    value = float(score)
    if value != value or value in (float("inf"), float("-inf")):
        raise TrialError(f"the score of item {index + 1} of held-out set `{name}` is not a finite number")
    return value


def answered(model: PreTrainedModel, tokenizer: Tokenizer, recipe: Recipe, asked: Suite) -> list[Answer]:
    """Answers in the order of the items, through lm-eval."""
    from lm_eval import evaluate as lm_evaluate
    from lm_eval.tasks import TaskManager

    speaker = language_model(model, tokenizer, recipe)  # lm-eval is quiet from here on
    tasks = TaskManager(include_defaults=False).load([task(recipe, asked)])
    results = lm_evaluate(speaker, tasks, bootstrap_iters=0, log_samples=True, cache_requests=False)
    assert results is not None
    samples = sorted(results["samples"][asked.name], key=lambda sample: int(sample["doc_id"]))
    if [requested(sample["arguments"], asked) for sample in samples] != asked.asked:
        raise TrialError(f"lm-eval asked other prompts than `{asked.name}` has; this version of it is not supported")
    if asked.options is None:
        return [str(sample["resps"][0][0]) for sample in samples]
    return [tuple(float(response[0][0]) for response in sample["resps"]) for sample in samples]


def requested(arguments: Sequence[Any], asked: Suite) -> tuple[str, ...]:
    """Prompt and options of one item as lm-eval passed them to the model."""
    prompts = {one[0] for one in arguments}
    return (*prompts, *(one[1] for one in arguments if asked.options is not None))


def task(recipe: Recipe, asked: Suite) -> dict[str, Any]:
    """An inline task: finished prompts in, raw answers out; the score is ours."""
    import datasets

    rows = datasets.Dataset.from_list([{"prompt": text, "options": list(options)} for text, *options in asked.asked])
    common = {
        "task": asked.name,
        "custom_dataset": lambda **_: {"test": rows},
        "test_split": "test",
        "doc_to_text": lambda doc: doc["prompt"],
        "process_results": lambda doc, results: {"answered": 1.0},
        "metric_list": [{"metric": "answered", "aggregation": "mean", "higher_is_better": True}],
        "num_fewshot": 0,
        "metadata": {"version": 1},
    }
    if asked.options is not None:
        return common | {"output_type": "multiple_choice", "target_delimiter": "",
                         "doc_to_choice": lambda doc: doc["options"], "doc_to_target": lambda doc: 0}  # fmt: skip
    until = {"until": [recipe.end_of_turn], "do_sample": False, "max_gen_toks": recipe.max_new_tokens}
    return common | {"output_type": "generate_until", "doc_to_target": lambda doc: "", "generation_kwargs": until}


def quiet() -> None:
    """lm-eval says nothing of its own: what matters is raised or checked here."""
    logging.getLogger("lm_eval").setLevel(logging.CRITICAL)


def language_model(model: PreTrainedModel, tokenizer: Tokenizer, recipe: Recipe, finished: bool = True) -> Any:
    """lm-eval's model around ours: the recipe's tokenizer without additions, control tokens kept in the answers.

    `finished` prompts are ours; others are lm-eval's, which then counts their last white space in its own way.
    """
    quiet()
    from lm_eval.models.huggingface import HFLM

    class Speaker(HFLM):  # type: ignore[misc]
        def tok_decode(self, tokens: Any, skip_special_tokens: bool = False) -> str:
            """A control token in an answer is part of it, not to be hidden."""
            return str(self.tokenizer.decode(tokens, skip_special_tokens=False))

        def generate_until(self, requests: Any, disable_tqdm: bool = True) -> Any:
            """Progress is told by the trial."""
            return super().generate_until(requests, disable_tqdm=True)

        def loglikelihood(self, requests: Any, disable_tqdm: bool = True) -> Any:
            return super().loglikelihood(requests, disable_tqdm=True)

        def _encode_pair(self, context: str, continuation: str) -> tuple[list[int], list[int]]:
            """lm-eval's own counts white space at the end of a prompt as part of every option."""
            if not finished:
                pair: tuple[list[int], list[int]] = super()._encode_pair(context, continuation)
                return pair
            begun = self.tok_encode(context)
            return begun, self.tok_encode(context + continuation)[len(begun) :]

    wrapped = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=Tokenizer.from_str(tokenizer.to_str()), eos_token=recipe.end_of_turn,
        pad_token=recipe.end_of_turn, clean_up_tokenization_spaces=False)  # fmt: skip
    return Speaker(pretrained=model, tokenizer=wrapped, batch_size=recipe.eval_batch, add_bos_token=False,
                   max_length=model.config.max_position_embeddings)  # fmt: skip
