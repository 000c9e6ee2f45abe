"""A record and a renderer in, its lesson out: every token with its part in the loss, and what deserves a look."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Literal

from acceptance.ledger import Sheet
from acceptance.rendering.errors import RenderingError
from acceptance.rendering.inspection import beginning_added, beginning_twice, left_out, rewritten, wrongly_masked
from acceptance.rendering.renderer import Example, Renderer, Trace, token_range
from acceptance.rendering.values import Leaf

SHOWN = 100_000
"""Tokens of a record that are shown one by one."""
TRAINED_GROUPS = ("input", "target")
"""Groups of a record that a template is expected to write out."""


class Piece(Sheet):
    """The smallest run of characters that whole tokens cover: one token as a rule."""

    text: str
    ids: tuple[int, ...]
    """None where the tokenizer drops these characters; several where one character takes several tokens."""
    trained: bool
    control: bool
    cut: bool
    """Beyond the recipe's `max_length`."""


class Part(Sheet):
    """One trained part: an answer, or a turn of it."""

    number: int
    tokens: int
    kept: int
    """Tokens within `max_length`."""
    ends: bool
    """Whether its last token is the recipe's end of turn."""
    fields: dict[str, int]
    """Fields whose texts it holds, places in lists left out, with how many texts."""


class Note(Sheet):
    """One thing that was looked at."""

    what: str
    state: Literal["good", "bad", "unknown"]
    text: str


class Lesson(Sheet):
    """A record as the model is trained on it."""

    recipe: str
    template: str
    end_of_turn: str
    length: int
    trained: int
    max_length: int
    overflow: str
    pieces: tuple[Piece, ...]
    parts: tuple[Part, ...]
    notes: tuple[Note, ...]
    left_out: dict[str, int] | None
    """What stands nowhere in the rendering, with how many texts; None where texts cannot be traced.

    Fields of input and target by name, of other groups only the group.
    """


def lesson(renderer: Renderer, record: Mapping[str, Any]) -> Lesson:
    """Raises a RenderingError where the record cannot be trained on."""
    example = renderer.encode(record)
    trace = renderer.trace(record, example)
    recipe = renderer.recipe
    return Lesson(
        recipe=recipe.name,
        template=renderer.template.name,
        end_of_turn=recipe.end_of_turn,
        length=example.length,
        trained=sum(example.trained),
        max_length=recipe.max_length,
        overflow=recipe.overflow,
        pieces=tuple(pieces(renderer, example)),
        parts=tuple(parts(renderer, example, trace)),
        notes=tuple(notes(renderer, record, example, trace)),
        left_out=None if trace is None else collapsed(map(short, left_out(trace))),
    )


def pieces(renderer: Renderer, example: Example) -> Iterator[Piece]:
    """The text, piece by piece, up to the last token that is shown."""
    at = 0
    for first, past, start, end in groups(example):
        if first >= SHOWN:
            return
        if start > at:
            yield Piece(text=example.text[at:start], ids=(), trained=False, control=False, cut=False)
        ids = tuple(example.ids[first:past])
        yield Piece(
            text=example.text[start:end],
            ids=ids,
            trained=example.trained[first],
            control=ids[0] in renderer.tokens.control_ids,
            cut=first >= renderer.recipe.max_length,
        )
        at = max(at, end)
    if at < len(example.text):
        yield Piece(text=example.text[at:], ids=(), trained=False, control=False, cut=False)


def groups(example: Example) -> Iterator[tuple[int, int, int, int]]:
    """Tokens that share characters, together: first and past token, first and past character."""
    first, start, end = 0, 0, 0
    for token, (begin, past) in enumerate(zip(example.starts, example.stops, strict=True)):
        if token and begin >= end:
            yield first, token, start, end
            first, start, end = token, begin, past
        else:
            start, end = min(start, begin) if token else begin, max(end, past)
    if example.ids:
        yield first, len(example.ids), start, end


def parts(renderer: Renderer, example: Example, trace: Trace | None) -> Iterator[Part]:
    """The trained parts, in order."""
    for number, ((begin, past), last) in enumerate(zip(example.spans, example.ends, strict=True), start=1):
        tokens = range(*token_range(example.starts, example.stops, begin, past))
        inside = (leaf for start, end, leaf in trace.values if begin <= start and end <= past) if trace else ()
        held = (leaf.path for leaf in inside if leaf.text)
        yield Part(
            number=number,
            tokens=len(tokens),
            kept=sum(token < renderer.recipe.max_length for token in tokens),
            ends=last == renderer.end_id,
            fields=collapsed(held),
        )


def notes(renderer: Renderer, record: Mapping[str, Any], example: Example, trace: Trace | None) -> Iterator[Note]:
    """What was looked at, the good news too: silence would not say that it was."""
    recipe, missing = renderer.recipe, sum(last != renderer.end_id for last in example.ends)
    count = f"{len(example.ends)} trained part{'s' if len(example.ends) > 1 else ''}"
    yield note("end of turn", not missing, f"{recipe.end_of_turn} is trained at the end of each of {count}",
               f"{missing} of {count} end without {recipe.end_of_turn}: the model would not learn to stop")  # fmt: skip
    over = f"{example.length:,} tokens; {example.cut_target:,} trained tokens lie beyond {recipe.max_length:,}"
    yield note("length", example.length <= recipe.max_length,
               f"{example.length:,} tokens, within {recipe.max_length:,}",
               f"{over} (overflow: {recipe.overflow})")  # fmt: skip
    if example.length > SHOWN:
        yield Note(what="shown", state="unknown", text=f"the first {SHOWN:,} of {example.length:,} tokens are shown")
    yield mask(renderer, record, example)
    yield lost(renderer, trace)
    yield history(renderer, record, example)
    token = beginning_twice(renderer, example)
    yield note("beginning", not token, "the text does not begin twice", f"the text begins with {token} twice")
    if added := beginning_added(renderer, example):
        text = f"the tokenizer would add {added} once more wherever it adds special tokens; sftspec never does"
        yield Note(what="beginning", state="unknown", text=text)


def note(what: str, good: bool, if_good: str, if_bad: str) -> Note:
    return Note(what=what, state="good" if good else "bad", text=if_good if good else if_bad)


def mask(renderer: Renderer, record: Mapping[str, Any], example: Example) -> Note:
    """What `mask_as_declared` says of this record."""
    try:
        fault = next((message for _, message in wrongly_masked(renderer, record, example)), "")
    except RenderingError as error:
        return Note(what="loss mask", state="unknown", text=str(error))
    return note("loss mask", not fault, "target is trained, without what is marked untrained, and nothing else", fault)


def lost(renderer: Renderer, trace: Trace | None) -> Note:
    """Whether texts of input and target are written out."""
    if trace is None:
        text = f"{renderer.template.name} changes the record's texts so that they cannot be traced"
        return Note(what="left out", state="unknown", text=text)
    paths = [leaf.path for leaf in left_out(trace) if leaf.group in TRAINED_GROUPS and leaf.declared_text]
    listed = ", ".join(collapsed(paths))
    return note("left out", not paths, "every text of input and target that is declared as Text is in the rendering",
                f"{renderer.template.name} leaves out {listed}")  # fmt: skip


def history(renderer: Renderer, record: Mapping[str, Any], example: Example) -> Note:
    """Whether training shows what evaluation will show."""
    try:
        fault = rewritten(renderer, record, example)
    except RenderingError as error:
        return Note(what="prompt", state="unknown", text=str(error))
    return note("prompt", not fault, "the text before each answer is the prompt that the model gets in use", fault)


def short(leaf: Leaf) -> str:
    """Its path, where a template is expected to write it; else its group."""
    return leaf.path if leaf.group in TRAINED_GROUPS else f"$.{leaf.group}"


def collapsed(paths: Iterable[str]) -> dict[str, int]:
    """`$.input.tools[*].name` with how many texts it stands for, in order of appearance."""
    return dict(Counter(re.sub(r"\[\d+\]", "[*]", path) for path in paths))
