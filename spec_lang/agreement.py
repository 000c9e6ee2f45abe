"""Rules about types alone: what can be equal, what has an order, what arithmetic gives, what a parameter takes."""

from __future__ import annotations

from spec_lang.types import (
    BOOL,
    DATE,
    INT,
    NUMBER,
    SECONDS,
    TEXT,
    TIME,
    UNKNOWN,
    Enum,
    File,
    ListOf,
    Quantity,
    Ref,
    Scalar,
    Type,
    bare,
)

TEXT_LIKE = frozenset(("Text", "Lang", "License", "Url", "Sha256"))
ORDERED = frozenset(("Int", "Number", "Date", "Time"))


def unknown(type_: Type) -> bool:
    """Whether the type was not understood, which was reported."""
    return (
        type_ == UNKNOWN
        or (isinstance(type_, ListOf) and unknown(bare(type_.item)))
        or (isinstance(type_, Ref) and not type_.table)
    )


def same_sort(a: Type, b: Type) -> bool:
    """Whether values of the two types can be equal."""
    if a == b:
        return True
    if isinstance(a, Scalar) and isinstance(b, Scalar):
        return {a.name, b.name} <= TEXT_LIKE or {a.name, b.name} <= {"Int", "Number"}
    for one, other in ((a, b), (b, a)):
        if isinstance(one, Ref):
            return other == TEXT or (isinstance(other, Ref) and other.table == one.table)
        if isinstance(one, Enum) and isinstance(other, Enum):
            return one.members == other.members
    return False


def narrower(enum: Enum, heading: str) -> tuple[str, ...]:
    """The words under a heading of a taxonomy; none if it is no heading."""
    return tuple(member for member in enum.members if member.startswith(f"{heading}."))


def headings(enum: Enum) -> list[str]:
    """The words of a taxonomy that hold narrower ones."""
    parts = [member.split(".") for member in enum.members]
    return list(dict.fromkeys(".".join(words[:size]) for words in parts for size in range(1, len(words))))


def ordered(type_: Type) -> bool:
    """Whether `<` means something."""
    return isinstance(type_, Quantity) or (isinstance(type_, Scalar) and type_.name in ORDERED)


def is_number(type_: Type) -> bool:
    return isinstance(type_, Quantity) or type_ in (INT, NUMBER)


def arithmetic_type(op: str, types: list[Type]) -> Type | None:
    """The type of `a op b`, or None if the two do not agree."""
    if len(types) == 1:
        return types[0] if is_number(types[0]) else None
    a, b = types
    if a in (DATE, TIME):
        return _moved(op, a, b)
    if not (is_number(a) and is_number(b)):
        return None
    plain = (INT, NUMBER)
    if a in plain and b in plain:
        return INT if a == b == INT and op != "/" else NUMBER
    if op in ("+", "-"):
        return a if a == b else None
    if op == "*" and (a in plain or b in plain):
        return b if a in plain else a
    if op == "/":
        return NUMBER if a == b else a if b in plain else None
    return None


def _moved(op: str, start: Type, other: Type) -> Type | None:
    """A day or time moved by a span, or the span between two."""
    if op == "-" and other == start:
        return Quantity(unit="days" if start == DATE else "seconds")
    spans = ("days", "months", "years") if start == DATE else tuple(SECONDS)
    return start if op in ("+", "-") and isinstance(other, Quantity) and other.unit in spans else None


def fits(sort: str, type_: Type) -> bool:
    """Whether a value of this type can stand for a row parameter of this sort."""
    match sort:
        case "Any":
            return True
        case "Bool":
            return type_ == BOOL
        case "T":
            return is_number(type_)
        case "List":
            return isinstance(type_, ListOf)
        case "Enum":
            return isinstance(type_, Enum) or type_ in (Scalar(name="Lang"), BOOL)
        case "Texts":
            return isinstance(type_, ListOf) and fits("Text", bare(type_.item))
        case "Option":
            return type_ == INT or fits("Text", type_)
        case "Wording":
            return isinstance(type_, Enum) or fits("Text", type_)
        case "Numeral":
            return is_number(type_) or fits("Text", type_)
        case "Text":
            return isinstance(type_, Scalar) and type_.name in TEXT_LIKE
        case "File":
            return isinstance(type_, File)
        case _:
            return isinstance(type_, Scalar) and type_.name == sort
