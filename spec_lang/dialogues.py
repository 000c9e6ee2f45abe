"""The lists that measures read entry by entry: which fields an entry must have, in any spelling that is understood."""

from __future__ import annotations

from spec_lang.contract import Shape
from spec_lang.types import ListOf, RecordOf, Scalar, Type, bare

Spellings = tuple[tuple[str, ...], ...]
"""Sets of fields, one of which an entry has."""

ROLE: Spellings = (("role",), ("from",))
WORDS: Spellings = (("content",), ("value",))
CALLS: Spellings = (("tool_calls",), ("function_call",), ("tool", "arguments"), ("name", "arguments"))
TOOL: Spellings = (("name", "parameters"), ("function",))

READ: dict[tuple[str, str], tuple[Spellings, ...]] = {
    ("said", "messages"): (ROLE, WORDS),
    ("follows", "messages"): (ROLE,),
    ("calls_answered", "messages"): (ROLE, CALLS),
    ("arguments_valid", "messages"): (CALLS,),
    ("arguments_valid", "tools"): (TOOL,),
    ("tools_valid", "tools"): (TOOL,),
    ("names", "list"): ((("name",),),),
}
"""By measure and parameter: what is read of each entry."""


def unread(measure: str, parameter: str, list_: Type, shapes: dict[str, Shape]) -> Spellings | None:
    """What the entries of a list lack for a measure to read them; None if nothing. Of plain `Json` nothing is known."""
    wanted = READ.get((measure, parameter), ())
    item = bare(list_.item) if isinstance(list_, ListOf) else None
    if not wanted or item is None or item == Scalar(name="Json"):
        return None
    shape = shapes.get(item.name) if isinstance(item, RecordOf) else None
    if isinstance(item, RecordOf) and shape is None:
        return None
    fields = {field.name for field in shape.fields} if shape is not None else set()
    return next((spellings for spellings in wanted if not any(fields.issuperset(one) for one in spellings)), None)


def spelled(spellings: Spellings) -> str:
    """`tool_calls`, or `tool` with `arguments`."""
    return ", or ".join(" with ".join(f"`{name}`" for name in names) for names in spellings)
