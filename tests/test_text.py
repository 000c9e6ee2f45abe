"""Normalisers and n-gram hashes: every disguise comes off, plain text stays, hashes are those of a slow reference."""

from __future__ import annotations

import ast
import base64
import sys
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.text import folding as text
from acceptance.text import ngrams, pysource

SENTENCE = "Janet's ducks lay 16 eggs per day, she said."


@pytest.mark.parametrize(
    "disguised",
    [
        SENTENCE.upper(), SENTENCE.replace(" ", "\u00a0"), SENTENCE.replace(" ", "\n\n"), "\u200b".join(SENTENCE),
        "\u00ad".join(SENTENCE), SENTENCE.translate(str.maketrans("aeopcxyis", "аеорсхуіѕ")),
        "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in SENTENCE),
        "".join(f"&#{ord(c)};" for c in SENTENCE), "".join(f"&amp;#{ord(c)};" for c in SENTENCE),
        SENTENCE.replace(" ", ", "), SENTENCE.replace("16", "47"), SENTENCE.replace("16", "٤٧"),
        "".join(c + "\u0301" if c.isalpha() else c for c in SENTENCE), SENTENCE.replace("a", "\U0001d41a"),
        "\U000e0041".join(SENTENCE),
    ],
)  # fmt: skip
def test_a_disguise_comes_off(disguised: str) -> None:
    assert text.hardened_words(disguised) == ["janet", "s", "ducks", "lay", "00", "eggs", "per", "day", "she", "said"]


def test_folded_keeps_numbers_and_scripts_without_spaces_become_words() -> None:
    assert text.words("Pay 114.53 to Ünal") == ["pay", "114", "53", "to", "unal"]
    assert text.words("中文 text") == ["中", "文", "text"]


def test_plain_composes_and_collapses_space_only() -> None:
    assert text.plain(" Cafe\u0301 \t\n 1.5 ") == "Café 1.5"


def test_base64_and_hexadecimal_are_unwrapped_three_deep() -> None:
    inner = "a quick brown fox jumps over it"
    for encode in (base64.b64encode, base64.urlsafe_b64encode, bytes.hex):
        wrapped = inner
        for layers in range(1, text.LAYERS + 2):
            made = encode(wrapped.encode())
            wrapped = made if isinstance(made, str) else made.decode()
            found = list(text.unwrapped(f"see {wrapped} there"))
            assert len(found) == min(layers, text.LAYERS) and (inner in found) == (layers <= text.LAYERS)
    assert inner in list(text.unwrapped(f"0x{inner.encode().hex()}"))
    assert list(text.unwrapped("an_ordinary_identifier_of_some_length and abcdefghijklmnopqrstuvwxyz")) == []


def test_capitals_fold_to_what_their_small_letters_fold_to() -> None:
    """Unless the capital has a look-alike of its own, as the Greek eta has."""
    assert text.words("ПРИВЕТ Ωmega") == text.words("Привет ωmega") == ["npиbet", "wmega"]
    cased = [letter for letter in map(chr, range(sys.maxunicode)) if letter.isalnum() and letter.casefold() != letter]
    assert [letter for letter in cased if text.words(text.folded(letter)) != text.words(letter)] == []


@given(st.text(st.sampled_from("ab \n\x1f\u3000"), max_size=60), st.integers(1, 9))
def test_a_long_text_is_parted_as_a_short_one_and_holds_each_word_once(spaced: str, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "PIECE", piece)
        found = text.parted(spaced)
    assert found == spaced.split()
    assert len(spaced) <= piece or len({id(word) for word in found}) == len(set(found))


@given(st.text(max_size=40), st.integers(1, 9))
def test_the_foreign_letters_of_a_long_text_are_those_of_a_short_one(some: str, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text, "PIECE", piece)
        assert text.foreign(some) == {letter for letter in some if not letter.isascii()} == text.foreign(some * 3)


@given(st.text())
def test_any_text_is_normalised_once_and_for_all(anything: str) -> None:
    words = text.hardened_words(anything)
    assert text.hardened_words(" ".join(words)) == words
    assert text.plain(text.plain(anything)) == text.plain(anything)
    list(text.unwrapped(anything))


@given(st.lists(st.lists(st.sampled_from(["a", "b", "cc", "é", "0", "中"]), max_size=8), max_size=6), st.integers(1, 5))
def test_ngrams_equal_exactly_when_their_words_do(texts: list[list[str]], size: int) -> None:
    hashes, offsets = ngrams.word_hashes(["  ".join(words) for words in texts])
    assert np.diff(offsets).tolist() == [len(words) for words in texts]
    grams, starts = ngrams.ngrams(hashes, offsets, size)
    slow = [tuple(words[i : i + size]) for words in texts for i in range(len(words) - size + 1)]
    assert len(grams) == len(slow) == starts[-1]
    assert len(set(zip(slow, grams.tolist(), strict=True))) == len(set(slow)) == len(set(grams.tolist()))


def test_hashes_do_not_depend_on_blocks_or_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["one two three", "", "four " * 50, "five"]
    whole = ngrams.word_hashes(texts)
    monkeypatch.setattr(ngrams, "BLOCK", 3)
    parts = ngrams.word_hashes(texts)
    assert (whole[0] == parts[0]).all() and (whole[1] == parts[1]).all()
    assert hex(int(ngrams.word_hashes(["sftspec"])[0][0])) == PINNED


PINNED = "0x1935d7c6b5b401ee"


def test_a_tree_is_built_again_where_another_thread_disturbed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """CPython 3.11 may answer SystemError; the source is not to blame."""
    answers = iter([SystemError("AST constructor recursion depth mismatch"), None])
    real = ast.parse

    def parse(source: str) -> Any:
        if (answer := next(answers)) is not None:
            raise answer
        return real(source)

    monkeypatch.setattr(ast, "parse", parse)
    assert len(pysource.tree("a = 1\nb = 2\n").body) == 2
