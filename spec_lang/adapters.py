"""The `adapter` of a recipe to what is trained: the whole base, or a low-rank addition to some of its matrices."""

from __future__ import annotations

from spec_lang import syntax as s
from spec_lang.contract import Lora
from spec_lang.diagnostics import listing
from spec_lang.settings import SAMPLES, Settings

PARTS = ("rank", "alpha", "targets")
"""What `lora(...)` must say."""


def adapter(read: Settings) -> Lora | None:
    """`lora(rank: 16, alpha: 32, targets: { "q_proj" })`; None for `none`, where it is absent and where it is wrong."""
    value = read.value("adapter")
    if value is None or (isinstance(value, s.Path) and value.word.text == "none"):
        return None
    if not isinstance(value, s.Call) or value.name.text != "lora":
        help = f"write `adapter: none`, or like this: `adapter: {SAMPLES['adapter']}`"
        read.report.error("SFT3015", "`adapter` is `none`, or `lora` with its parts", value.span, help=help)
        return None
    return _lora(_parts(value, read), read)


def _parts(call: s.Call, read: Settings) -> dict[str, s.Expr]:
    """The parts by name; unknown, repeated and missing ones are reported."""
    parts: dict[str, s.Expr] = {}
    help = f"its parts are {listing(PARTS, 3)}"
    for argument in call.args:
        name = argument.label.text if argument.label else ""
        if name in parts:
            read.report.error("SFT2002", f"`{name}` is given twice", argument.span, help="keep one")
        elif name in PARTS:
            parts[name] = argument.value
        else:
            said = f"`lora` has no part `{name}`" if name else "which part of `lora` is this?"
            read.report.error("SFT2004", said, (argument.label or argument).span, help=help, known=PARTS)
    missing = [name for name in PARTS if name not in parts]
    if missing and all(argument.label and argument.label.text in PARTS for argument in call.args):
        help = f"write it like this: `{SAMPLES['adapter']}`"
        read.report.error("SFT2005", f"`lora` lacks {listing(missing)}", call.name.span, help=help)
    return parts


def _lora(parts: dict[str, s.Expr], read: Settings) -> Lora | None:
    rank, alpha = (_count(parts.get(name), f"`{name}`", read) for name in ("rank", "alpha"))
    targets = _targets(parts.get("targets"), read)
    return Lora(rank=rank, alpha=alpha, targets=targets) if rank and alpha and targets else None


def _count(value: s.Expr | None, what: str, read: Settings) -> int | None:
    if value is None:
        return None
    if isinstance(value, s.Number) and not value.unit:
        return read.whole(value, what)
    help = f"write it like this: `{SAMPLES['adapter']}`"
    read.report.error("SFT3015", f"{what} is a plain number", value.span, help=help)
    return None


def _targets(value: s.Expr | None, read: Settings) -> tuple[str, ...] | None:
    """Names of matrices in their order, each once: the order in a text must not make another contract."""
    if value is None:
        return None
    items = value.items if isinstance(value, s.Set) else (value,)
    names = [item.text for item in items if isinstance(item, s.Text)]
    if len(names) == len(items) and all(names):
        return tuple(sorted(set(names)))
    help = f"write it like this: `{SAMPLES['adapter']}`"
    read.report.error("SFT3015", "`targets` are names of the base's matrices, in quotes", value.span, help=help)
    return None
