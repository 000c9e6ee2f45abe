"""Whether the calculations written out in a text, `<<3*14=42>>`, come out as written, or the last of them as stated.

`part: steps` judges each calculation, exactly, the result rounded as far as it is written. `part: result` holds the
last calculation against what stands behind `####` or in `\\boxed{}`; a text without either passes. Right steps do not
make a right answer, so this is a flag. Raises Malformed for a text that is none.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import re2

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import ABSENT, Malformed

STEP = re2.compile(r"<<([0-9+\-*/(). ,%$]{1,200})=([-+]?[0-9$][0-9.,]*)%?>>")
STATED = re2.compile(r"(?:####\s*|\\boxed\{\s*)([-+]?\$?[0-9][0-9,]*(?:\.[0-9]+)?)")
TOKEN = re2.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+|[-+*/()%]")
DEEPEST = 20
"""Levels of brackets that are followed."""


class NoSum(Exception):
    """What is written is no calculation."""


def make(use: Use) -> Callable[[Any], bool]:
    judge = steps_right if use.word("part") == "steps" else result_kept

    def adds_up(text: Any) -> bool:
        if text is ABSENT:
            return True
        if not isinstance(text, str):
            raise Malformed
        return judge(text)

    return adds_up


def steps_right(text: str) -> bool:
    """What is no calculation at all is passed over."""
    return all(_comes_out(*match.groups()) for match in STEP.finditer(text))


def _comes_out(written: str, result: str) -> bool:
    try:
        exact = Sum(written).value()
    except ZeroDivisionError:
        return False
    except NoSum:
        return True
    stated = result.replace(",", "").replace("$", "").rstrip(".")
    digits = len(stated.partition(".")[2])
    return abs(exact - Fraction(stated)) * 10**digits <= Fraction(1, 2) or exact == Fraction(stated)


def result_kept(text: str) -> bool:
    steps, stated = STEP.findall(text), STATED.findall(text)
    return not (steps and stated) or _number(steps[-1][1]) == _number(stated[-1])


def _number(text: str) -> Fraction:
    return Fraction(text.replace(",", "").replace("$", "").rstrip("."))


class Sum:
    """A calculation with + - * / and brackets, read from left to right."""

    def __init__(self, text: str) -> None:
        bare = text.replace(",", "").replace("$", "").replace(" ", "")
        self.tokens = TOKEN.findall(bare)
        self.at = self.depth = 0
        if "".join(self.tokens) != bare:
            raise NoSum

    def value(self) -> Fraction:
        """Raises NoSum or ZeroDivisionError."""
        found = self._terms()
        if self.at < len(self.tokens):
            raise NoSum
        return found

    def _next(self, *signs: str) -> str:
        """The next token, taken if it is one of the signs."""
        token = self.tokens[self.at] if self.at < len(self.tokens) else ""
        self.at += token in signs and bool(token)
        return token if token in signs else ""

    def _terms(self) -> Fraction:
        found = self._factors()
        while sign := self._next("+", "-"):
            other = self._factors()
            found = found + other if sign == "+" else found - other
        return found

    def _factors(self) -> Fraction:
        found = self._atom()
        while sign := self._next("*", "/"):
            other = self._atom()
            found = found * other if sign == "*" else found / other
        return found

    def _atom(self) -> Fraction:
        if sign := self._next("-", "+"):
            return -self._factor() if sign == "-" else self._factor()
        return self._factor()

    def _factor(self) -> Fraction:
        if self._next("("):
            self.depth += 1
            if self.depth > DEEPEST:
                raise NoSum
            found = self._terms()
            self.depth -= 1
            if not self._next(")"):
                raise NoSum
        elif self.at < len(self.tokens) and self.tokens[self.at][0] in "0123456789.":
            found = Fraction(self.tokens[self.at].rstrip(".") or "0")
            self.at += 1
        else:
            raise NoSum
        return found / 100 if self._next("%") else found


MEASURE = RowFunction(make)
