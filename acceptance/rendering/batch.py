"""A batch of delivered rows in, one outline or one error per row out: computed once per recipe, shared by measures."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from acceptance.rendering.errors import BadTemplate, RenderingError
from acceptance.rendering.renderer import Outline, Renderer
from acceptance.rendering.template import Rendering
from acceptance.tables import Batch

CHARS = 1 << 18
"""Characters that are tokenised at once, or one text: a token takes hundreds of bytes until its row is outlined."""

Rendered = Rendering | RenderingError
Row = dict[str, object]


def outlined(batch: Batch, renderer: Renderer) -> list[Outline | RenderingError]:
    """One entry per row, in order. The first caller pays; `batch.cache[("rendering", recipe)]` keeps the answer."""
    key = ("rendering", renderer.recipe.name)
    if key not in batch.cache:
        rendered = ((row, _rendered(row, renderer)) for row in batch.rows)
        batch.cache[key] = [one for piece in _pieces(rendered) for one in _outlined(piece, renderer)]
    outlines: list[Outline | RenderingError] = batch.cache[key]
    return outlines


def _outlined(piece: Sequence[tuple[Row, Rendered]], renderer: Renderer) -> Iterator[Outline | RenderingError]:
    texts = [entry.text for _, entry in piece if isinstance(entry, Rendering)]
    try:
        encodings = renderer.tokens.encode_batch(texts)[::-1]
    except BadTemplate as error:
        yield from (entry if isinstance(entry, RenderingError) else error for _, entry in piece)
        return
    for row, entry in piece:
        if isinstance(entry, RenderingError):
            yield entry
            continue
        try:
            yield renderer.example(row, entry, encodings.pop()).outline()
        except RenderingError as error:
            yield error


def _pieces(rendered: Iterator[tuple[Row, Rendered]]) -> Iterator[list[tuple[Row, Rendered]]]:
    piece, size = list[tuple[Row, Rendered]](), 0
    for row, entry in rendered:
        piece.append((row, entry))
        size += len(entry.text) if isinstance(entry, Rendering) else 0
        if size >= CHARS:
            yield piece
            piece, size = [], 0
    yield piece


def _rendered(row: Row, renderer: Renderer) -> Rendered:
    try:
        return renderer.render(row)
    except RenderingError as error:
        return error
