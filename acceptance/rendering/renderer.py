"""A record in; its training text, tokens and loss mask out: for validation, preview, training and evaluation."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenizers import Encoding

from acceptance.rendering.errors import (
    BadTemplate,
    ControlText,
    IncompleteRecord,
    NothingTrained,
    OverBudget,
    RenderingError,
    TokenEdge,
)
from acceptance.rendering.template import Rendering, Span, Template
from acceptance.rendering.tokens import Tokens
from acceptance.rendering.values import Filler, Leaf
from spec_lang.contract import Contract, Recipe

Places = Sequence[int]
"""Of each token a place in the text, in characters."""


@dataclass(frozen=True, slots=True)
class Outline:
    """A record as the model is trained on it, before truncation: without its tokens, so that a batch may be kept."""

    text: str
    spans: tuple[Span, ...]
    """The characters that are trained."""
    length: int
    """Tokens."""
    bearing: int
    """Tokens that bear loss."""
    cut_target: int
    """Those of them that lie beyond the recipe's `max_length`."""
    ends: tuple[int, ...]
    """For each span, the id of its last token."""
    opening: tuple[int, ...]
    """The ids of the first two tokens."""


@dataclass(frozen=True, slots=True)
class Example(Outline):
    """With its tokens; one entry for each."""

    ids: list[int]
    trained: list[bool]
    starts: Places
    """The first character of each token."""
    stops: Places
    """The character behind each token."""

    def outline(self) -> Outline:
        return Outline(self.text, self.spans, self.length, self.bearing, self.cut_target, self.ends, self.opening)


@dataclass(frozen=True, slots=True)
class Trace:
    """Where the record's texts stand in the rendering: (start, end, leaf), and every leaf it has."""

    values: tuple[tuple[int, int, Leaf], ...]
    leaves: tuple[Leaf, ...]


class Renderer:
    """One recipe's template and tokenizer. `record` is the type rendered, where it is not the recipe's own."""

    def __init__(self, recipe: Recipe, contract: Contract, folder: Path, template: str | None = None,
                 record: str | None = None) -> None:  # fmt: skip
        """Raises BadTemplate where template or tokenizer cannot be used."""
        self.recipe = recipe
        self.template = Template.read(inside(folder, template or recipe.template))
        self.tokens = Tokens(inside(folder, recipe.tokenizer))
        self.filler = Filler(contract, record or recipe.table)
        if recipe.end_of_turn not in self.control_tokens:
            raise BadTemplate(f"`{recipe.end_of_turn}` of recipe {recipe.name} is not a special token of "
                              f"{recipe.tokenizer}, so no answer could end with it")  # fmt: skip
        self.end_id = self.tokens.tokenizer.token_to_id(recipe.end_of_turn)

    @property
    def control_tokens(self) -> frozenset[str]:
        """The tokenizer's special tokens, which only the template may write."""
        return self.tokens.control_tokens

    def count(self, text: str) -> int:
        """The length of a text in tokens."""
        return self.tokens.count(text)

    def render(self, record: Mapping[str, Any]) -> Rendering:
        """Text and trained character ranges. Raises a RenderingError."""
        rendering = self._rendered(record)
        if not rendering.spans:
            raise NothingTrained(f"{self.template.name} passes no generation block for this record: nothing is trained")
        return rendering

    def encode(self, record: Mapping[str, Any]) -> Example:
        """Tokens and mask. Raises a RenderingError."""
        rendering = self.render(record)
        return self.example(record, rendering, self.tokens.encode(rendering.text))

    def example(self, record: Mapping[str, Any], rendering: Rendering, encoding: Encoding) -> Example:
        """The mask of a rendering that was tokenised elsewhere, for batches.

        Who keeps no `encoding` spares its memory while the prompt is tokenised, hundreds of bytes for each token.
        """
        ids, (starts, ends) = encoding.ids, edges(encoding)
        del encoding
        trained, last = [False] * len(ids), []
        for begin, end in rendering.spans:
            first, past = token_range(starts, ends, begin, end)
            trained[first:past] = [True] * (past - first)
            last.append(ids[past - 1])
        self._forbid_merged_prompt(rendering, ids, trained.index(True))
        beyond = sum(trained[self.recipe.max_length :])
        example = Example(rendering.text, rendering.spans, len(ids), sum(trained), beyond, tuple(last), tuple(ids[:2]),
                          ids, trained, starts, ends)  # fmt: skip
        self._forbid_assembled_control(record, example)
        return example

    def prompt(self, record: Mapping[str, Any]) -> str:
        """The text up to the first generation block: what evaluation hands to the model. Raises a RenderingError."""
        rendering = self._rendered(record, prompting=True)
        if not rendering.spans:
            raise NothingTrained(f"{self.template.name} passes no generation block for this record: it has no prompt")
        text = rendering.text[: rendering.spans[0][0]]
        if not text:
            raise NothingTrained(f"{self.template.name} begins with the generation block for this record: its prompt "
                                 "is empty")  # fmt: skip
        return text

    def trace(self, record: Mapping[str, Any], rendering: Rendering | Outline) -> Trace | None:
        """Where the record's texts stand in its rendering; None where the template reworks texts beyond tracing."""
        leaves: list[Leaf] = []
        try:
            traced = self.template.render(self.filler.fill(record, leaves))
        except RenderingError:
            return None
        if (traced.text, traced.spans) != (rendering.text, rendering.spans):
            return None
        values = tuple((start, end, leaves[number]) for start, end, number in traced.values)
        return Trace(values, tuple(leaves))

    def _rendered(self, record: Mapping[str, Any], prompting: bool = False) -> Rendering:
        try:
            self.tokens.forbid_control(record)
            values = self.filler.fill(record)
        except RecursionError as error:
            raise OverBudget("the record is nested too deeply to be rendered") from error
        missing = list(self.filler.missing)
        try:
            return self.template.render(values, prompting)
        except IncompleteRecord as error:
            if missing:
                raise IncompleteRecord(f"{error}; the record lacks {', '.join(missing[:5])}", missing[0]) from error
            raise BadTemplate(f"{error}, though the record has all its fields") from error

    def _forbid_merged_prompt(self, rendering: Rendering, ids: list[int], first: int) -> None:
        """The prompt alone must give the same tokens as in the whole, else evaluation sees what was never trained."""
        if first == 0 or ids[first - 1] in self.tokens.control_ids:
            return
        if self.tokens.encode(rendering.text[: rendering.spans[0][0]]).ids != ids[:first]:
            raise TokenEdge(f"the prompt alone has other tokens than in the whole text, before token {first}; "
                            "end the prompt with a control token or a line break")  # fmt: skip

    def _forbid_assembled_control(self, record: Mapping[str, Any], example: Example) -> None:
        """Two texts side by side could spell a control token that neither holds; only then is the record traced."""
        if not self.tokens.begun(record):
            return
        trace = self.trace(record, example)
        control = [span for id_, *span in zip(example.ids, example.starts, example.stops, strict=True)
                   if id_ in self.tokens.control_ids]  # fmt: skip
        if trace is None and control:
            raise ControlText("a text ends like the beginning of a control token; rewrite its end")
        for start, end, leaf in trace.values if trace else ():
            if any(begin < end and start < past for begin, past in control):
                message = f"{leaf.path} becomes part of a control token; rewrite its beginning or end"
                raise ControlText(message, leaf.path)


def edges(encoding: Encoding) -> tuple[Places, Places]:
    """Where each token starts in the text, and where it ends."""
    offsets = encoding.offsets  # made anew each time that it is asked for, as pairs
    return array("L", [start for start, _ in offsets]), array("L", [end for _, end in offsets])


def token_range(starts: Places, ends: Places, begin: int, end: int) -> tuple[int, int]:
    """The tokens that cover characters begin to end. Raises TokenEdge where one reaches over an edge."""
    first, past = bisect_left(starts, begin), bisect_left(starts, end)
    if first > 0 and ends[first - 1] > begin:
        raise TokenEdge(f"the trained part begins inside token {first}, at character {begin}; put a control token or "
                        "a line break before {% generation %}")  # fmt: skip
    if past > 0 and ends[past - 1] > end:
        raise TokenEdge(f"the trained part ends inside token {past}, at character {end}; end it with the end-of-turn "
                        "token")  # fmt: skip
    if first == past:
        raise NothingTrained(f"the trained part at character {begin} has no token of its own")
    return first, past


def inside(folder: Path, name: str) -> Path:
    """A file that the contract names. Raises BadTemplate where it lies outside the contract's folder."""
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BadTemplate(f"`{name}` lies outside the contract's folder; put it beside the contract")
    return path
