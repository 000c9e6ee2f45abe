"""Currency codes of ISO 4217 to the decimals an amount may have; and what is wrong with an amount."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from importlib import resources

AMOUNT = re.compile(r"-?(0|[1-9][0-9]{0,29})(\.[0-9]{1,6})?", re.ASCII)
"""How a delivered amount is written: digits, no separators, no exponent."""


@cache
def decimals() -> dict[str, int]:
    """Currency -> decimals of its smallest unit: 2 for USD, 0 for JPY, 3 for KWD."""
    text = resources.files("spec_lang.std").joinpath("currencies.txt").read_text(encoding="utf-8")
    rows = (line.split(" ", 2) for line in text.splitlines() if not line.startswith("#"))
    return {code: int(digits) for code, digits, _ in rows}


def too_fine(amount: Decimal, currency: str) -> bool:
    """Whether nobody can pay this amount: `12.505 USD`. The currency must be known."""
    exponent = amount.as_tuple().exponent
    return isinstance(exponent, int) and -exponent > decimals()[currency]


def counted(currency: str) -> str:
    """`USD has 2 decimals`."""
    digits = decimals()[currency]
    return f"{currency} has {digits or 'no'} decimal{'' if digits == 1 else 's'}"
