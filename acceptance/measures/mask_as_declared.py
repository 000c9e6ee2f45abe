"""Marks rows where exactly the target is trained: every target text and its end of turn, and no other text of the row.

The template's word for it is not taken: every text of the record is traced into the rendering, so an input that equals
the target is still an input. What the template itself writes between target texts (punctuation, tags) goes with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from acceptance.measures._rendered import Judged, PerRow
from acceptance.measures.protocol import RowMark
from acceptance.rendering import BadTemplate, Example, Renderer, RenderingError, Trace, Untrainable
from acceptance.tables import Detail

TARGET = "target"
"""The record group that is trained."""


def as_declared(renderer: Renderer, row: dict[str, Any], example: Example) -> Judged:
    trace = renderer.trace(row, example)
    if trace is None or not any(leaf.group == TARGET for leaf in trace.leaves):
        raise BadTemplate(f"{renderer.template.name} changes the record's texts so that they cannot be traced"
                          if trace is None else "the record has no text in its target", "$.target")  # fmt: skip
    for path, message in faults(renderer, example, trace):
        return False, detail(renderer, example, path, message)
    return True, None


def faults(renderer: Renderer, example: Example, trace: Trace) -> Iterator[tuple[str, str]]:
    """What is trained and should not be, then what should be and is not: path and message."""
    for start, end, leaf in trace.values:
        touched = any(begin < end and start < past for begin, past in example.spans)
        within = any(begin <= start and end <= past for begin, past in example.spans)
        if leaf.group != TARGET and touched:
            yield leaf.path, f"the loss covers {leaf.path}, which is not part of the target"
        if leaf.group == TARGET and not within:
            yield leaf.path, f"{leaf.path} is rendered outside the trained part"
    shown = {leaf.path for _, _, leaf in trace.values}
    for leaf in trace.leaves:
        if leaf.group == TARGET and leaf.declared_text and leaf.path not in shown:
            yield leaf.path, f"{renderer.template.name} leaves {leaf.path} out, so it is never trained"
    yield from faults_of_parts(renderer.recipe.end_of_turn, example, trace)


def faults_of_parts(end_of_turn: str, example: Example, trace: Trace) -> Iterator[tuple[str, str]]:
    for number, (begin, past) in enumerate(example.spans, start=1):
        ends = [end for start, end, leaf in trace.values if begin <= start and end <= past and leaf.group == TARGET]
        if not ends:
            yield "$.target", f"trained part {number} holds nothing of the target"
        elif end_of_turn not in example.text[max(ends) : past]:
            yield "$.target", f"trained part {number} ends before {end_of_turn}, so the model would not learn to stop"


def detail(renderer: Renderer, example: Example, path: str, message: str) -> Detail:
    trained = " ... ".join(example.text[begin:past] for begin, past in example.spans)
    return Detail(
        path,
        expected=f"trained: all of $.target and {renderer.recipe.end_of_turn}, nothing else",
        found=f"trained: {trained[:300]}",
        message=message,
        help=f"see the record with `sftspec preview`; the mask is set by {renderer.template.name}",
    )


def refused(error: RenderingError) -> Judged | None:
    """A record that must not be trained on has no declared mask; one that is incomplete is left to other clauses."""
    if not isinstance(error, Untrainable):
        return None
    return False, Detail(error.path, "a record that can be trained on", "", message=str(error))


MEASURE = RowMark(lambda use: PerRow(use, as_declared, np.bool_, refused))
