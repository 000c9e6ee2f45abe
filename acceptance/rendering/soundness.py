"""A tokenizer in; why it could take any time or memory over a short text out. Its file comes with the contract."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from tokenizers import Tokenizer

GROWTH = 64
"""Characters that a normalizer may make of one."""
LONGEST, IN_ALL = 200, 100_000
"""Characters of a special token, and of all together."""
ESCAPED = re.compile(r"\\p\{\^?\w+\}|\\[^g]|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]", re.DOTALL)
"""What no repetition hides in: an escaped character, a class of characters. A pattern that is called stays."""
KIND = r"(?:\\p\{[LMN][a-z]?\}|\\d)"
PLAIN = re.compile(rf"\(\?:(?:[_'.,:/ -]{KIND}[+*]?|{KIND}\{{\d+\}})\)")
"""A group that can be repeated in one way only: a sign and the letters behind it, or so many digits."""
COUNT = r"\{,?\d[\d,]*\}"
ENDLESS = re.compile(rf"\)(?:[*+]|\{{\d*,\}}|\{{\d*,?\d{{3,}}\}})|[*+?}}]{COUNT}|\\g")
"""A group repeated without a near end, a repetition that is itself repeated, a pattern that calls itself: matching it
may take a time that doubles with each character."""


def objection(tokenizer: Tokenizer) -> str:
    """What is wrong with it, in words; empty if nothing is."""
    steps = [*stepped(tokenizer.normalizer), *stepped(tokenizer.pre_tokenizer)]
    if any(ENDLESS.search(ESCAPED.sub("x", PLAIN.sub("x", pattern))) for pattern in map(regex, steps)):
        return (
            "a regular expression in it repeats a group without end, repeats a repetition or calls itself, which could "
            "take for ever; choose a tokenizer that splits texts in a plainer way"
        )
    grown = 1
    for step in steps:
        grown *= max(1, len(step.get("content") or ""), len(step.get("prepend") or ""))
    if grown > GROWTH:
        return f"its normalizer may make more than {GROWTH} characters of one"
    special = [token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special]
    if sum(map(len, special)) > IN_ALL or any(len(token) > LONGEST for token in special):
        return f"its special tokens are longer than {LONGEST} characters, or than {IN_ALL:,} together"
    return ""


def stepped(part: Any) -> Iterator[dict[str, Any]]:
    """A normalizer or pre-tokenizer, and the steps within it, as its file has them."""
    waiting = [json.loads(part.__getstate__())] if part is not None else []
    while waiting:
        step = waiting.pop()
        waiting += [*step.get("normalizers", ()), *step.get("pretokenizers", ())]
        yield step


def regex(step: dict[str, Any]) -> str:
    pattern = step.get("pattern")
    return str(pattern.get("Regex", "")) if isinstance(pattern, dict) else ""
