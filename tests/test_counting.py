"""The tokens of a text, counted word by word, are those of the whole text, whatever the tokenizer."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, Tokenizer, normalizers, pre_tokenizers

from acceptance.rendering.counting import MOST, PATTERNS, Words, counter, cuts_at_spaces
from acceptance.rendering.tokens import Tokens

EXAMPLES = Path(__file__).parent.parent / "examples"
OURS = EXAMPLES / "support_chat" / "tokenizer.json"
LETTERS = (
    "aZ\u00e9\u0301\u4e2d\u0e01\U0001f600 ,.'\u2019s09\u0661_-(\"\\\n\r\t\0\x1c\x85\xa0\u180e\u200b\u2003\u2028\u3000"
)
texts = st.lists(
    st.text(LETTERS, max_size=30)
    | st.text(max_size=9)
    | st.sampled_from(("don't", "<|end|>", "  x", ".\n\n", "1234 ")),
    max_size=6,
).flatmap(lambda parts: st.sampled_from((" ", "\n", "", "\n ")).map(lambda between: between.join(parts)))


def splitting(*steps: Any) -> Tokenizer:
    """A byte-level tokenizer of an example with other steps before it."""
    tokenizer = Tokenizer.from_file(str(OURS))
    last = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=not any(map(is_split, steps)))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*steps, last])  # type: ignore[assignment]
    return tokenizer


def is_split(step: Any) -> bool:
    return isinstance(step, pre_tokenizers.Split)


def split(pattern: str) -> Any:
    return pre_tokenizers.Split(Regex(pattern), "isolated")


def normalised() -> Tokenizer:
    tokenizer = splitting(split(PATTERNS[0]))
    tokenizer.normalizer = normalizers.NFC()  # type: ignore[assignment]
    return tokenizer


MAKERS = {
    "GPT-2": lambda: Tokenizer.from_file(str(OURS)),
    "Qwen 2": normalised,
    "Llama 3": lambda: splitting(split(PATTERNS[1])),
    "digits apart": lambda: splitting(pre_tokenizers.Digits(individual_digits=True)),
    "digits together": lambda: splitting(pre_tokenizers.Digits(individual_digits=False)),
}


@cache
def made(name: str) -> tuple[Tokenizer, Words]:
    tokenizer = MAKERS[name]()
    assert cuts_at_spaces(tokenizer)
    return tokenizer, Words(tokenizer)


@pytest.mark.parametrize("name", MAKERS)
@settings(deadline=None)
@given(text=texts)
def test_a_text_has_the_tokens_of_its_words(name: str, text: str) -> None:
    tokenizer, words = made(name)
    whole = len(tokenizer.encode(text, add_special_tokens=False))
    assert (words.count(text), words.count(text)) == (whole, whole)


def test_what_is_remembered_is_bounded_and_holds_one_word() -> None:
    words = Words(made("GPT-2")[0])
    words.count(f"a  line\nof two \n {'x' * 99} words\n")
    assert set(words.known) == {"", "a", "of", " two", " words\n"}
    words.known |= {f" {number}x": 1 for number in range(MOST - 6)}
    for text in ("some words never met", "others"):
        assert words.count(text) == len(words.tokenizer.encode(text, add_special_tokens=False))
        assert len(words.known) == MOST


def added(**settings: bool) -> Tokenizer:
    tokenizer = Tokenizer.from_file(str(OURS))
    tokenizer.add_tokens([AddedToken("word" if settings else "a word", **settings)])
    return tokenizer


def written(change: Any) -> Tokenizer:
    whole = json.loads(OURS.read_text("utf-8"))
    change(whole)
    return Tokenizer.from_str(json.dumps(whole))


OTHERS = {
    "a token with a space": added(),
    "a token that takes space": added(rstrip=True),
    "dropout": written(lambda whole: whole["model"].update(dropout=0.5)),
    "a space put before": written(lambda whole: whole["pre_tokenizer"].update(add_prefix_space=True)),
    "no words at all": written(lambda whole: whole["pre_tokenizer"].update(use_regex=False)),
    "no splitting": written(lambda whole: whole.update(pre_tokenizer=None)),
    "a pattern of its own": splitting(split(r"\S+ \S+|\s+")),
    "small letters": written(lambda whole: whole.update(normalizer={"type": "Lowercase"})),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_tokenizers_encode_each_text_as_a_whole(name: str) -> None:
    tokenizer = OTHERS[name]
    assert not cuts_at_spaces(tokenizer)
    text = "a word  and Another word of\n\n it"
    assert name == "dropout" or counter(tokenizer)(text) == len(tokenizer.encode(text, add_special_tokens=False))


@pytest.mark.parametrize("path", sorted(EXAMPLES.rglob("tokenizer.json")), ids=lambda path: path.parent.name)
def test_tokens_are_counted_as_they_are_encoded(path: Path) -> None:
    tokens = Tokens(path)
    for text in ("", "Pay 12.50 GBP to Harbour", "caf\u00e9 \u2014 \U0001f600\n", "<|end|>", "  two\n  lines "):
        assert tokens.count(text) == tokens.count(text) == len(tokens.encode(text).ids)
