"""A batch of delivered rows in, one example or one error per row out: computed once per recipe, shared by measures."""

from __future__ import annotations

from acceptance.rendering.errors import BadTemplate, RenderingError
from acceptance.rendering.renderer import Example, Renderer
from acceptance.rendering.template import Rendering
from acceptance.tables import Batch


def encoded(batch: Batch, renderer: Renderer) -> list[Example | RenderingError]:
    """One entry per row, in order. The first caller pays; `batch.cache[("rendering", recipe)]` keeps the answer."""
    key = ("rendering", renderer.recipe.name)
    if key not in batch.cache:
        batch.cache[key] = _encoded(batch, renderer)
    examples: list[Example | RenderingError] = batch.cache[key]
    return examples


def _encoded(batch: Batch, renderer: Renderer) -> list[Example | RenderingError]:
    rendered = [_rendered(row, renderer) for row in batch.rows]
    texts = [entry.text for entry in rendered if isinstance(entry, Rendering)]
    try:
        encodings = iter(renderer.tokens.encode_batch(texts))
    except BadTemplate as error:
        return [entry if isinstance(entry, RenderingError) else error for entry in rendered]
    examples: list[Example | RenderingError] = []
    for row, entry in zip(batch.rows, rendered, strict=True):
        if isinstance(entry, RenderingError):
            examples.append(entry)
            continue
        try:
            examples.append(renderer.example(row, entry, next(encodings)))
        except RenderingError as error:
            examples.append(error)
    return examples


def _rendered(row: dict[str, object], renderer: Renderer) -> Rendering | RenderingError:
    try:
        return renderer.render(row)
    except RenderingError as error:
        return error
