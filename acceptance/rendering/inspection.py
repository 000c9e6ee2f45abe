"""A record and its rendering in; out: texts left out, a wrong mask, a history rewritten, a beginning said twice.

Measures decide on these, and `preview` shows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from acceptance.rendering.errors import BadTemplate, IncompleteRecord, OverBudget
from acceptance.rendering.renderer import Outline, Renderer, Trace
from acceptance.rendering.values import TRAINED_GROUP, Leaf

MAX_PARTS = 200
"""Trained parts of a record whose histories are compared; each costs a rendering."""
ENTRY = re.compile(r"^(\$[^\[]*)\[(\d+)\]")
"""The outermost list on a path, and the place in it."""


def left_out(trace: Trace) -> list[Leaf]:
    """Texts of the record that stand nowhere in its rendering, in the record's order."""
    shown = {leaf.path for _, _, leaf in trace.values}
    return [leaf for leaf in trace.leaves if leaf.text and leaf.path not in shown]


def wrongly_masked(renderer: Renderer, record: Mapping[str, Any], outline: Outline) -> Iterator[tuple[str, str]]:
    """What is trained and should not be, then what should be and is not: path and message.

    Raises BadTemplate where the record's values cannot be traced or none of them should be trained.
    """
    trace = renderer.trace(record, outline)
    if trace is None:
        reason = f"{renderer.template.name} changes the record's texts so that they cannot be traced"
        raise BadTemplate(reason, "$.target")
    if not any(leaf.trained for leaf in trace.leaves):
        raise BadTemplate("the record has nothing in its target that bears loss", "$.target")
    for start, end, leaf in trace.values:
        touched = any(begin < end and start < past for begin, past in outline.spans)
        within = any(begin <= start and end <= past for begin, past in outline.spans)
        if leaf.trained is False and touched:
            why = "the contract marks untrained" if leaf.group == TRAINED_GROUP else "is not part of the target"
            yield leaf.path, f"the loss covers {leaf.path}, which {why}"
        if leaf.trained and not within:
            yield leaf.path, f"{leaf.path} is rendered outside the trained part"
    shown = {leaf.path for _, _, leaf in trace.values}
    for leaf in trace.leaves:
        if leaf.trained and leaf.path not in shown:
            yield leaf.path, f"{renderer.template.name} leaves {leaf.path} out, so it is never trained"
    yield from _parts_without(renderer.recipe.end_of_turn, outline, trace)


def _parts_without(end_of_turn: str, outline: Outline, trace: Trace) -> Iterator[tuple[str, str]]:
    for number, (begin, past) in enumerate(outline.spans, start=1):
        ends = [end for start, end, leaf in trace.values if begin <= start and end <= past and leaf.trained]
        if not ends:
            yield "$.target", f"trained part {number} holds nothing of the target"
        elif end_of_turn not in outline.text[max(ends) : past]:
            yield "$.target", f"trained part {number} ends before {end_of_turn}, so the model would not learn to stop"


def beginning_twice(renderer: Renderer, outline: Outline) -> str:
    """The control token that opens the text twice; empty where none does."""
    first, *second = outline.opening
    if second != [first] or first not in renderer.tokens.control_ids:
        return ""
    return str(renderer.tokens.tokenizer.id_to_token(first))


def beginning_added(renderer: Renderer, outline: Outline) -> str:
    """The token that opens the text and that the tokenizer would add once more wherever it adds special tokens."""
    added = renderer.tokens.beginning
    return added[-1] if added and outline.text.startswith(added[-1]) else ""


def rewritten(renderer: Renderer, record: Mapping[str, Any], outline: Outline) -> str:
    """Where what is trained before an answer is not what the model is shown when it has to answer; empty where nowhere.

    Two comparisons: the text before the first trained part with the prompt of evaluation, and for each later turn the
    text up to it with the rendering of the record as it was then, its list of turns cut after that turn. Raises a
    RenderingError where the record has too many turns or the template refuses an unfinished one.
    """
    if renderer.prompt(record) != outline.text[: outline.spans[0][0]]:
        return "the text before trained part 1 is not the prompt that evaluation shows"
    if len(outline.spans) == 1:
        return ""
    if len(outline.spans) > MAX_PARTS:
        raise OverBudget(
            f"the record has {len(outline.spans):,} trained parts; histories are compared up to {MAX_PARTS}"
        )
    for number, past, cut in histories(renderer, record, outline):
        if renderer.render(cut).text[:past] != outline.text[:past]:
            return f"what stands up to trained part {number} is another text once later turns follow"
    return ""


def histories(
    renderer: Renderer, record: Mapping[str, Any], outline: Outline
) -> Iterator[tuple[int, int, Mapping[str, Any]]]:
    """For each trained part that comes from a list of turns: its number, its end, the record cut after that turn."""
    trace = renderer.trace(record, outline)
    if trace is None:
        raise BadTemplate(f"{renderer.template.name} changes the record's texts so that they cannot be traced")
    for number, (begin, past) in enumerate(outline.spans, start=1):
        inside = (leaf.path for start, end, leaf in trace.values if begin <= start and end <= past)
        entries = [(found[1], int(found[2])) for path in inside if (found := ENTRY.match(path))]
        if entries:
            turns, last = max(entries, key=lambda entry: entry[1])
            yield number, past, shortened(record, turns.split(".")[1:], last + 1)


def shortened(record: Mapping[str, Any], steps: list[str], length: int) -> dict[str, Any]:
    """A copy of the record whose list at `steps` ends after `length` entries; the original is not touched."""
    step, *rest = steps
    inner = record.get(step)
    if rest and isinstance(inner, Mapping):
        return {**record, step: shortened(inner, rest, length)}
    if not rest and isinstance(inner, list):
        return {**record, step: inner[:length]}
    raise IncompleteRecord("a key of the record holds `.` or `[`, so that its turns cannot be found")
