"""Jinja that cannot read files, hang, or grow without bound: a closed vocabulary, and a budget that pays for all work.

A template runs on the vendor's machine and sees data from strangers. The limits count work, not seconds: a record that
renders on one machine renders on all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes, pass_context
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment

from acceptance.rendering.errors import OverBudget
from acceptance.rendering.values import GENERATION, GENERATION_END, Record

MAX_STEPS = 50_000
"""Loop turns, calls, filters and pieces of output while one record is rendered."""
MAX_CHARS = 16_000_000
"""Characters read and written by template operations while one record is rendered."""
MAX_NUMBER = 2**63
"""Numbers stay below; larger ones could double without end."""

METHODS: dict[type, frozenset[str]] = {
    str: frozenset({"strip", "lstrip", "rstrip", "startswith", "endswith", "split", "rsplit", "splitlines", "lower",
                    "upper", "title", "capitalize", "find", "count", "isdigit"}),
    dict: frozenset({"get", "items", "keys", "values"}),
    list: frozenset({"index", "count"}),
}  # fmt: skip
"""Methods of values that a template may call."""


class Refused(Exception):
    """The template uses something outside the closed vocabulary."""


class NotThere(StrictUndefined):
    """A name without a value. Its message names what the template asked for, never a delivered key."""

    @property
    def _undefined_message(self) -> str:
        return f"`{self._undefined_name}` is not there"


class Budget:
    """The work left for one record."""

    __slots__ = ("chars", "steps")

    def __init__(self) -> None:
        self.steps = MAX_STEPS
        self.chars = MAX_CHARS

    def pay(self, *values: Any) -> None:
        """One step, and the length of every value that has one."""
        self.steps -= 1
        self.chars -= sum(len(value) for value in values if isinstance(value, (str, list, tuple, dict)))
        if self.steps < 0:
            raise OverBudget(f"takes more than {MAX_STEPS:,} steps for one record")
        if self.chars < 0:
            raise OverBudget(f"reads or writes more than {MAX_CHARS:,} characters for one record")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja with the closed vocabulary; `budget` is renewed for every record, `prompting` skips generation blocks."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%", "**"})
    budget: Budget
    prompting: bool

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A record's own field goes before a method of the same name (`target.items`)."""
        if isinstance(obj, Record) and attribute in obj:
            return obj[attribute]
        for kind, allowed in METHODS.items():
            if isinstance(obj, kind) and attribute not in allowed:
                return self.entry(obj, attribute, attribute)
        return super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, (str, dict, list)):
            return self.entry(obj, argument, "an entry")
        return super().getitem(obj, argument)

    def entry(self, obj: Any, key: Any, name: str) -> Any:
        """`obj[key]`, and nothing else of a text, list or mapping."""
        try:
            return obj[key]
        except (KeyError, IndexError, TypeError):
            return self.undefined(name=name)

    def call(self, __context: Context, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """Every call, macros included, costs a step."""
        self.budget.pay(getattr(__obj, "__self__", None), *args)
        return super().call(__context, __obj, *args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        numbers = all(isinstance(side, (int, float)) for side in (left, right))
        if operator == "**" or not (numbers or operator == "+"):
            raise Refused(f"`{operator}` is not available here; it is for numbers, and `~` joins texts")
        self.budget.pay(left, right)
        value = left + str(right) if isinstance(left, str) and isinstance(right, str) else None
        value = super().call_binop(context, operator, left, right) if value is None else value
        if isinstance(value, (int, float)) and not -MAX_NUMBER < value < MAX_NUMBER:
            raise Refused(f"`{operator}` gives a number that is too large")
        return value

    def _generate(self, source: nodes.Template, name: str | None, filename: str | None,
                  defer_init: bool = False) -> str:  # fmt: skip
        meter(source)
        return super()._generate(source, name, filename, defer_init)


def meter(tree: nodes.Template) -> None:
    """Rewrites a syntax tree so that nothing repeats or grows unpaid; refuses what reads other templates."""
    foreign = (nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.ScopedEvalContextModifier)
    for outside in tree.find_all(foreign):
        raise TemplateSyntaxError(f"`{type(outside).__name__.lower()}` is not available here", outside.lineno)
    for loop in list(tree.find_all(nodes.For)):
        loop.iter = metered(loop.iter, "_turns")
    for joined in list(tree.find_all(nodes.Concat)):
        joined.nodes = [metered(node, "_paid") for node in joined.nodes]
    for output in tree.find_all(nodes.Output):
        output.nodes = [literal(node) for node in output.nodes]


def metered(node: Any, name: str) -> nodes.Filter:
    return nodes.Filter(node, name, [], [], None, None, lineno=node.lineno, environment=node.environment)


def literal(node: nodes.Expr) -> nodes.Expr:
    """Template text as a constant, which passes through `finalize` like any other output."""
    if not isinstance(node, nodes.TemplateData):
        return node
    return nodes.Const(node.data, lineno=node.lineno, environment=node.environment)


@pass_context
def turns(context: Context, values: Any) -> Iterator[Any]:
    """The values of a loop, each turn paid."""
    for value in values:
        budget_of(context).pay()
        yield value


@pass_context
def paid(context: Context, value: Any) -> str:
    """A value as it is written out or joined, paid by its length. An undefined one raises here."""
    text = str(value)
    budget_of(context).pay(text)
    return text


def budget_of(context: Context) -> Budget:
    environment = context.environment
    assert isinstance(environment, Sandbox)
    return environment.budget


class Generation(Extension):
    """`{% generation %}...{% endgeneration %}`: what stands inside is trained. It leaves marks in the output."""

    tags = {"generation"}  # noqa: RUF012 - jinja declares it as an instance variable

    def parse(self, parser: Parser) -> nodes.Node:
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return nodes.CallBlock(self.call_method("mark"), [], [], body).set_lineno(line)

    def mark(self, caller: Callable[[], str]) -> str:
        assert isinstance(self.environment, Sandbox)
        return GENERATION + ("" if self.environment.prompting else caller()) + GENERATION_END


def has_generation(tree: nodes.Template) -> bool:
    return any(
        isinstance(block.call, nodes.Call) and isinstance(block.call.node, nodes.ExtensionAttribute)
        for block in tree.find_all(nodes.CallBlock)
    )


def sandbox() -> Sandbox:
    """A fresh environment; `vocabulary.furnish` gives it its filters."""
    made = Sandbox(undefined=NotThere, keep_trailing_newline=True, autoescape=False, optimized=False,
                   finalize=paid, extensions=[Generation, "jinja2.ext.loopcontrols"], cache_size=0)  # fmt: skip
    made.budget, made.prompting = Budget(), False
    return made
