"""The filters and functions of a template: a closed list, each paid by what goes in and what comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NoReturn

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

from acceptance.rendering.errors import OverBudget, RecordRefused
from acceptance.rendering.sandbox import MAX_CHARS, MAX_STEPS, Refused, Sandbox, budget_of, paid, turns
from acceptance.rendering.values import TracedBool, TracedNumber, compact_json, spaced_json


def furnish(environment: Sandbox) -> None:
    """Replaces all that Jinja brings by the closed list."""
    jinja = {name: environment.filters[name] for name in LIST_FILTERS}
    namespace = environment.globals["namespace"]
    environment.filters.clear()
    environment.filters.update({name: metered(function) for name, function in FILTERS.items()}, **jinja)
    environment.filters.update(_turns=turns, _paid=paid)
    environment.tests.update(TESTS)
    environment.globals.clear()
    environment.globals.update(range=bounded_range, namespace=namespace, raise_exception=raise_exception)


def metered(function: Callable[..., Any]) -> Callable[..., Any]:
    def run(context: Context, *args: Any, **kwargs: Any) -> Any:
        budget_of(context).pay(*args)
        value = function(*args, **kwargs)
        budget_of(context).pay(value)
        return value

    return pass_context(run)


def bounded_range(*bounds: int) -> range:
    values = range(*bounds)
    if len(values) > MAX_STEPS:
        raise OverBudget(f"counts further than {MAX_STEPS:,}")
    return values


def raise_exception(message: str) -> NoReturn:
    """What chat templates call on a record they cannot take. The message may hold delivered text: it is dropped."""
    raise RecordRefused("refuses the record (`raise_exception`)")


def text(value: Any) -> str:
    """A number as the text it is written as, traced where it is."""
    return value.text() if isinstance(value, TracedNumber) else str(value)


def is_truth(value: Any) -> bool:
    return isinstance(value, (bool, TracedBool))


def whole(value: Any) -> int:
    """A number as it is, so that it stays traced; else the whole number in a text."""
    return value if isinstance(value, int) else int(value)


def replace(text: str, old: str, new: str) -> str:
    if len(text) + text.count(old) * len(new) > MAX_CHARS:
        raise OverBudget(f"`replace` makes a text of more than {MAX_CHARS:,} characters")
    return text.replace(old, new)


def join(values: Iterable[Any], between: str = "") -> str:
    parts = [str(value) for value in values]
    if sum(map(len, parts)) + len(parts) * len(between) > MAX_CHARS:
        raise OverBudget(f"`join` makes a text of more than {MAX_CHARS:,} characters")
    return between.join(parts)


def default(value: Any, other: Any = "", falsy: bool = False) -> Any:
    return other if isinstance(value, Undefined) or (falsy and not value) else value


def first(values: Iterable[Any]) -> Any:
    for value in values:
        return value
    raise Refused("`first` of nothing")


FILTERS: dict[str, Callable[..., Any]] = {
    "capitalize": lambda text: text.capitalize(),
    "compact_json": compact_json,
    "count": len,
    "d": default,
    "default": default,
    "first": first,
    "int": whole,
    "items": lambda value: list(value.items()),
    "join": join,
    "last": lambda values: values[-1],
    "length": len,
    "list": list,
    "lower": lambda text: text.lower(),
    "replace": replace,
    "string": text,
    "title": lambda text: text.title(),
    "tojson": spaced_json,
    "trim": lambda text, chars=None: text.strip(chars),
    "upper": lambda text: text.upper(),
}
TESTS: dict[str, Callable[[Any], bool]] = {
    "boolean": is_truth,
    "false": lambda value: is_truth(value) and not value,
    "integer": lambda value: isinstance(value, int) and not is_truth(value),
    "true": lambda value: is_truth(value) and bool(value),
}
"""Jinja's own do not know a truth value that is traced."""
LIST_FILTERS = ("map", "reject", "rejectattr", "select", "selectattr")
"""Jinja's own, over lists; the filters that they call are metered."""
