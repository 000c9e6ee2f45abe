"""A type to the plain types inside it: through lists, optional values, records, cases of unions and JSON texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from spec_lang.contract import Shape
from spec_lang.types import JsonOf, ListOf, RecordOf, Type, bare

Find = Callable[[str], Shape | None]
"""Name -> shape; None for a name that is not known."""


def inside(type_: Type, find: Find, at: str = "") -> Iterator[tuple[str, Type]]:
    """Every type without entries or fields of its own, with the field that has it: (`Turn.photos`, ref Photo).

    A type that holds itself is opened once. `at` is the field of `type_` itself.
    """
    pending, opened = [(at, type_)], set[str]()
    for where, one in pending:  # grows while it is read
        match bare(one):
            case ListOf(item=item):
                pending.append((where, item))
            case RecordOf(name=name) | JsonOf(name=name):
                shape = find(name) if name not in opened else None
                opened.add(name)
                pending += [(f"{name}.{field.name}", field.type) for field in shape.fields] if shape else []
            case plain:
                yield where, plain
