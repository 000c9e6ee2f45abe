"""A tokenizer in; a function from a text to its number of tokens out, which encodes each word but once.

Most tokenizers cut a text into words before they look for tokens, and no word reaches over a space or line feed that
stands between visible characters. Where that is known of the tokenizer at hand, a text has the tokens of its words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from itertools import islice, repeat
from typing import Any

from tokenizers import Tokenizer

CUT = re.compile(r"(?<=\S)(?= )|(?<=\S\n)(?=\S)")
"""Before a space behind something visible, and behind a single line feed."""
WORD = re.compile(r" ?\S(?:.*\S)?\n?|", re.DOTALL)
"""What may be remembered. Cut at every space and line feed, a text of such words alone is cut as CUT does it."""
MOST, LONGEST = 1 << 16, 64
"""Words remembered, and their characters."""

_ENDING = r"[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
PATTERNS = tuple(f"(?i:'s|'t|'re|'ve|'m|'ll|'d)|{_ENDING % digits}" for digits in ("", "{1,3}"))
"""How Qwen 2 and Llama 3 split. As in GPT-2's pattern, which `ByteLevel` holds, a match has a space at its beginning,
or is of white space alone, or ends in line feeds; so one ends at every place where CUT cuts, and looks no further."""


def counter(tokenizer: Tokenizer) -> Callable[[str], int]:
    """Counts the tokens of a text without special ones; nothing is worked out about where they stand."""
    if cuts_at_spaces(tokenizer):
        return Words(tokenizer).count
    return lambda text: len(tokenizer.encode_batch_fast([text], add_special_tokens=False)[0])


class Words:
    """The numbers of tokens of words, each with the space before it and the line feed behind it."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.tokenizer = tokenizer
        self.known = {"": 0}

    def count(self, text: str) -> int:
        """The tokens of a text whose words are all known are those of its words."""
        words, sure = (CUT.split(text), True) if "\0" in text or "\n " in text else (quickly_cut(text), False)
        try:
            return sum(map(self.known.__getitem__, words))
        except KeyError:
            new = set(words).difference(self.known)
        if not sure and not all(map(WORD.fullmatch, new)):
            words = CUT.split(text)
            new = set(words).difference(self.known)
        before = sum(map(self.known.get, words, repeat(0)))
        return before + sum(map(self._learned(new).get, words, repeat(0)))

    def _learned(self, new: set[str]) -> dict[str, int]:
        """The tokens of new words, which are remembered while there is room."""
        found = {word: len(self.tokenizer.encode(word, add_special_tokens=False)) for word in new}
        short = (word for word in found if len(word) <= LONGEST and WORD.fullmatch(word))
        self.known |= {word: found[word] for word in islice(short, MOST - len(self.known))}
        return found


def quickly_cut(text: str) -> list[str]:
    """What `CUT.split` gives, if all of it are WORDs."""
    marked = text.replace(" ", "\0 ")
    return (marked.replace("\n", "\n\0") if "\n" in marked else marked).split("\0")


def cuts_at_spaces(tokenizer: Tokenizer) -> bool:
    """Whether it is known that no token of a text reaches over a place where CUT cuts.

    Nothing before the splitting may join what the cut separates: NFC does not, and no added token may hold white space,
    take some from around it or look at what stands there.
    """
    if _state(tokenizer.normalizer).get("type", "NFC") != "NFC" or getattr(tokenizer.model, "dropout", None):
        return False
    added = tokenizer.get_added_tokens_decoder().values()
    if any(re.search(r"\s", one.content) or one.lstrip or one.rstrip or one.single_word for one in added):
        return False
    first = _state(tokenizer.pre_tokenizer)
    *before, last = first["pretokenizers"] if first.get("type") == "Sequence" else [first]
    bytewise = last.get("type") == "ByteLevel" and not last["add_prefix_space"]
    return bytewise and all(map(_splits_so, before)) and (last["use_regex"] or any(map(_is_split, before)))


def _splits_so(step: dict[str, Any]) -> bool:
    return step["type"] == "Digits" or _is_split(step)


def _is_split(step: dict[str, Any]) -> bool:
    known = step["type"] == "Split" and step["pattern"].get("Regex") in PATTERNS
    return known and step["behavior"] == "Isolated" and not step["invert"]


def _state(part: Any) -> dict[str, Any]:
    """A part of a tokenizer as it is written in the tokenizer's file; empty where there is none."""
    found: dict[str, Any] = json.loads(part.__getstate__()) if part is not None else {}
    return found
