"""A template file in; for each record its text out, with the spans that are trained and those that texts came from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import TemplateError, TemplateSyntaxError, UndefinedError

from acceptance.rendering.errors import BadTemplate, IncompleteRecord, NoGeneration, OverBudget, RenderingError
from acceptance.rendering.sandbox import Budget, Refused, has_generation, sandbox
from acceptance.rendering.values import GENERATION, GENERATION_END, NUMBER_END, VALUE, VALUE_END
from acceptance.rendering.vocabulary import FILTERS, LIST_FILTERS, furnish

MAX_TEMPLATE = 65_536
"""Characters of a template."""
MAX_TEXT = 1 << 20
"""Bytes of one record's text in UTF-8: as many tokens at most, and each takes some hundred bytes of memory."""

MARK = re.compile(f"([{GENERATION}{GENERATION_END}{VALUE_END}]|{VALUE}[0-9]+{NUMBER_END})")
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rendering:
    """A record as text. `spans` are character ranges that are trained, in order, none empty."""

    text: str
    spans: tuple[Span, ...]
    values: tuple[tuple[int, int, int], ...] = ()
    """Where texts of the record stand: start, end, number of the leaf. Only of a traced record."""


class Template:
    """One template, ready to render."""

    def __init__(self, source: str, name: str) -> None:
        """Raises BadTemplate, with the line."""
        self.name = name
        self.environment = sandbox()
        furnish(self.environment)
        if len(source) > MAX_TEMPLATE:
            raise BadTemplate(f"{name} has {len(source):,} characters; a template ends at {MAX_TEMPLATE:,}")
        try:
            marks = has_generation(self.environment.parse(source))
            self.compiled = self.environment.from_string(source)
        except TemplateSyntaxError as error:
            raise BadTemplate(f"{name}, line {error.lineno}: {explained(error)}") from error
        except (RecursionError, SyntaxError) as error:
            raise BadTemplate(f"{name} is nested too deeply") from error
        if not marks:
            raise NoGeneration(
                f"{name} has no {{% generation %}} block, so nothing would be trained; put {{% generation %}} and "
                "{% endgeneration %} around the target and its end of turn"
            )

    @classmethod
    def read(cls, path: Path) -> Template:
        try:
            return cls(path.read_text("utf-8"), path.name)
        except (OSError, UnicodeDecodeError) as error:
            raise BadTemplate(f"the template {path.name} cannot be read: {type(error).__name__}") from error

    def render(self, values: Mapping[str, Any], prompting: bool = False) -> Rendering:
        """With `prompting` the generation blocks stay empty and unevaluated; their places are then empty spans."""
        rendering = unmarked(self.marked(values, prompting), self.name, keep_empty=prompting)
        if len(rendering.text) > MAX_TEXT // 4 and len(rendering.text.encode("utf-8", "replace")) > MAX_TEXT:
            raise OverBudget(f"{self.name} makes a text of more than {MAX_TEXT:,} bytes for one record")
        return rendering

    def marked(self, values: Mapping[str, Any], prompting: bool) -> str:
        self.environment.budget, self.environment.prompting = Budget(), prompting
        try:
            return self.compiled.render(values)
        except RenderingError as error:
            raise type(error)(f"{self.place(error)}: it {error}", error.path) from error
        except UndefinedError as error:
            raise IncompleteRecord(f"{self.place(error)}: {error.message}") from error
        except RecursionError as error:
            raise BadTemplate(f"{self.name} calls itself too deeply") from error
        except (Refused, TemplateError) as error:
            raise BadTemplate(f"{self.place(error)}: {error}") from error
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError) as error:
            message = f"{self.place(error)} cannot use a value as it is ({type(error).__name__})"
            raise IncompleteRecord(message) from error

    def place(self, error: BaseException) -> str:
        """`request.jinja, line 3`, from the innermost frame that is the template's."""
        line, trace = 0, error.__traceback__
        while trace is not None:
            if trace.tb_frame.f_code.co_filename == "<template>":
                line = trace.tb_lineno
            trace = trace.tb_next
        return f"{self.name}, line {line}" if line else self.name


def explained(error: TemplateSyntaxError) -> str:
    """Jinja's message, with the closed list where a filter is unknown."""
    message = str(error.message)
    if message.startswith("No filter named"):
        return f"{message} There are {', '.join(sorted([*FILTERS, *LIST_FILTERS]))}."
    return message


def unmarked(marked: str, name: str, keep_empty: bool = False) -> Rendering:
    """Takes the marks out and notes where they stood."""
    text: list[str] = []
    spans: list[Span] = []
    values: list[tuple[int, int, int]] = []
    open_values: list[tuple[int, int]] = []
    at, begun = 0, -1
    for position, piece in enumerate(MARK.split(marked)):
        if position % 2 == 0:
            text.append(piece)
            at += len(piece)
        elif piece == GENERATION and begun < 0:
            begun = at
        elif piece == GENERATION_END and begun >= 0:
            spans += [(begun, at)] if at > begun or keep_empty else []
            begun = -1
        elif piece == VALUE_END and open_values:
            values.append((open_values[-1][0], at, open_values.pop()[1]))
        elif piece[0] == VALUE:
            open_values.append((at, int(piece[1:-1])))
        else:
            raise BadTemplate(f"{name}: generation blocks overlap; close one before the next begins")
    if begun >= 0:
        raise BadTemplate(f"{name}: a generation block is written out without its end; do not cut or change its output")
    return Rendering("".join(text), tuple(spans), tuple(values))
