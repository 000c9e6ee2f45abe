"""A tokenizer file in; token ids with character offsets out, and the control tokens that no record may spell."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path
from typing import Any

from tokenizers import Encoding, Tokenizer

from acceptance.errors import panicked
from acceptance.rendering.counting import counter
from acceptance.rendering.errors import BadTemplate, ControlText
from acceptance.rendering.soundness import objection
from acceptance.rendering.values import BARE, GENERATION
from acceptance.tables import below

UNFIT = re.compile(f"[{GENERATION}-{BARE}\ud800-\udfff]")
"""Characters that no text may hold: our marks, which are noncharacters, and halves of surrogate pairs."""


class Tokens:
    """A tokenizer used as training and evaluation use it: no added beginning, no truncation, no padding."""

    def __init__(self, path: Path) -> None:
        """Raises BadTemplate where the file cannot be used."""
        self.path = path
        try:
            self.tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises plain Exception for any unreadable file
            raise BadTemplate(f"the tokenizer {path.name} cannot be read: {_said(error)}") from error
        if why := objection(self.tokenizer):
            raise BadTemplate(f"the tokenizer {path.name} is refused: {why}")
        self.tokenizer.no_truncation()
        self.tokenizer.no_padding()
        with whole(path.name):
            self.beginning = beginning(self.tokenizer)
        self.tokenizer.post_processor = None  # it may trim spaces off the offsets; no special tokens are added either
        self.count = counter(self.tokenizer)
        added = self.tokenizer.get_added_tokens_decoder()
        self.control_ids = frozenset(number for number, token in added.items() if token.special)
        self.control_tokens = frozenset(token.content for token in added.values() if token.special)
        prefixes = {token[:end] for token in self.control_tokens for end in range(1, len(token))}
        self._begun = tuple(sorted(prefixes))
        self._spelled = either(self.control_tokens)
        self._suspicious = re.compile(f"{self._spelled.pattern}|{UNFIT.pattern}")
        self._suspicious_end = re.compile(f'(?:{either(prefixes).pattern})"')
        self._quick = self.tokenizer.normalizer is None and not any(
            re.search(r'["\\\x00-\x1f\x7f]', token) for token in self.control_tokens
        )

    def encode(self, text: str) -> Encoding:
        with whole(self.path.name):
            return self.tokenizer.encode(text, add_special_tokens=False)

    def encode_batch(self, texts: list[str]) -> list[Encoding]:
        with whole(self.path.name):
            return self.tokenizer.encode_batch(texts, add_special_tokens=False)

    def size(self) -> int:
        """Entries of the vocabulary, added tokens included."""
        return self.tokenizer.get_vocab_size(with_added_tokens=True)

    def forbid_control(self, record: Mapping[str, Any]) -> None:
        """Raises ControlText at the first text or key of the record that would become a control token."""
        if self._passes(record, self._suspicious):
            return
        for path, text in spoken(record):
            if found := self.control_in(text):
                raise ControlText(f"{path} holds the control token {found}; remove it or rewrite the text", path)
            if UNFIT.search(text):
                raise ControlText(f"{path} holds a character that is not text (a noncharacter or half a pair)", path)

    def begun(self, record: Mapping[str, Any]) -> bool:
        """Whether a text of the record ends like the beginning of a control token, which the next text could finish."""
        if self._passes(record, self._suspicious_end):
            return False
        return any(text.endswith(self._begun) for _, text in spoken(record))

    def _passes(self, record: Mapping[str, Any], pattern: re.Pattern[str]) -> bool:
        """One search over the JSON of the record, where every text stands in quotes; a hit is looked at closely."""
        if not self._quick:
            return False
        try:
            return pattern.search(json.dumps(record, ensure_ascii=False)) is None
        except (TypeError, ValueError):
            return False

    def control_in(self, text: str) -> str | None:
        """The first control token that the text spells; a normalising tokenizer also recognises other spellings."""
        if found := self._spelled.search(text):
            return found.group()
        if self.tokenizer.normalizer is not None and not UNFIT.search(text):
            encoding = self.encode(text)
            return next((self.tokenizer.id_to_token(id_) for id_ in encoding.ids if id_ in self.control_ids), None)
        return None


@contextmanager
def whole(name: str) -> Iterator[None]:
    """Raises BadTemplate where the library breaks down over a tokenizer: by an exception or a panic of its Rust."""
    try:
        yield
    except BaseException as error:
        if isinstance(error, Exception) or panicked(error):
            raise BadTemplate(f"the tokenizer {name} breaks down over a text: {_said(error)}") from error
        raise


def beginning(tokenizer: Tokenizer) -> tuple[str, ...]:
    """The tokens that the tokenizer itself puts before a text, where it is asked to add special tokens."""
    encoding = tokenizer.encode("a")
    added = takewhile(lambda pair: pair[1], zip(encoding.tokens, encoding.special_tokens_mask, strict=True))
    return tuple(token for token, _ in added)


def _said(error: BaseException) -> str:
    """What the library says, on one line of ASCII: it repeats words of the file."""
    return ascii(str(error)[:200])[1:-1]


def either(words: Iterable[str]) -> re.Pattern[str]:
    """Any of the words, the longest first; of no words, nothing."""
    return re.compile("|".join(map(re.escape, sorted(words, key=len, reverse=True))) or r"(?!)")


def spoken(value: Any, path: str = "$") -> Iterator[tuple[str, str]]:
    """Every text and every key inside a JSON value, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            inside = below(path, key)
            yield inside, key
            yield from spoken(inner, inside)
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from spoken(inner, below(path, position))
