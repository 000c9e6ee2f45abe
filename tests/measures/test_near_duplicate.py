"""`near_duplicate`: exact Jaccard on word shingles, clusters by chains, and bounded work on data made to stall."""

from __future__ import annotations

import json
import os
import random
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import marked, reader, run, run_in_parts, same, use

from acceptance.measures import _similar
from acceptance.measures.near_duplicate import MEASURE
from acceptance.measures.protocol import Use
from acceptance.text import folding as text
from acceptance.values import spill

REAL = Path(os.environ.get("SFTSPEC_REAL_DATA") or "absent")


def on(*fields: str, shingle: int = 3, similarity: str = "0.8") -> Use:
    readers = [reader(field) for field in fields]
    paths = {"fields": [f"$.{field}" for field in fields]}
    return use("near_duplicate", {"fields": readers}, paths, shingle=str(shingle), similarity=similarity)


def sentence(rng: random.Random, words: int = 30) -> list[str]:
    return [f"w{rng.randrange(5_000)}" for _ in range(words)]


def test_a_clean_delivery_is_silent() -> None:
    rng = random.Random(1)
    assert marked(run(MEASURE, on("a"), [{"a": " ".join(sentence(rng))} for _ in range(500)])) == []


def test_a_salted_copy_is_found_and_named() -> None:
    rng = random.Random(2)
    rows = [{"a": " ".join(sentence(rng))} for _ in range(200)]
    rows[150] = {"a": rows[20]["a"].upper().replace(" ", ", ") + " 8f14e45f"}
    column = run(MEASURE, on("a"), rows)
    assert marked(column) == [150]
    assert column.details[150].message == "nearly repeats a.jsonl:21, the first of 2 rows alike"
    assert column.details[150].path == "$.a" and column.details[150].help


def test_chains_join_and_the_earliest_stays() -> None:
    words = sentence(random.Random(3), 40)
    rows = [{"a": " ".join(words[:22] + words[i : i + 18])} for i in (22, 20, 18, 16)]
    column = run(MEASURE, on("a", similarity="0.6"), rows)
    assert marked(column) == [1, 2, 3] and "a.jsonl:1" in column.details[3].message


def test_short_texts_are_compared_whole_and_empty_ones_not_at_all() -> None:
    rows = [{"a": t} for t in ("an invoice", "An invoice!", "an", "", "", "invoice an", "an invoice now")] + [{}, {}]
    column = run(MEASURE, on("a", shingle=3), rows)
    assert marked(column) == [1] and column.known.all()


def test_fields_do_not_mix_and_malformed_rows_are_unjudged() -> None:
    rows: list[Any] = [{"a": "one two three four", "b": "five six seven eight"},
                       {"a": "five six seven eight", "b": "one two three four"}, {"a": 1}, {"a": 1}]  # fmt: skip
    column = run(MEASURE, on("a", "b"), rows)
    assert marked(column) == [] and column.known.tolist() == [True, True, False, False]


def slow(texts: list[str], size: int, bound: Fraction) -> list[int]:
    """All pairs, sets of tuples, union by repetition."""

    def shingles(words: list[str]) -> set[tuple[str, ...]]:
        if 0 < len(words) < size:
            return {("short", *words)}
        return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)} if words else set()

    sets = [shingles(text.words(one)) for one in texts]
    root = list(range(len(sets)))
    for _ in sets:
        for i, a in enumerate(sets):
            for j, b in enumerate(sets[:i]):
                if a and b and Fraction(len(a & b), len(a | b)) >= bound:
                    root[i] = root[j] = min(root[i], root[j])
    return [row for row, first in enumerate(root) if first != row]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.lists(st.sampled_from("abcd"), max_size=9), max_size=14), st.integers(1, 4), st.integers(1, 3),
    st.sampled_from(["0.3", "0.5", "0.75", "0.8", "1"]),
)  # fmt: skip
def test_equals_a_slow_reference_however_it_is_cut(
    texts: list[list[str]], size: int, shingle: int, similarity: str
) -> None:
    rows = [{"a": " ".join(words)} for words in texts]
    of = on("a", shingle=shingle, similarity=similarity)
    column = run(MEASURE, of, rows)
    assert marked(column) == slow([row["a"] for row in rows], shingle, Fraction(similarity))
    assert same(column, run(MEASURE, of, rows, size))
    assert same(column, run_in_parts(MEASURE, of, rows, size, 3))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_equals_the_reference_on_edited_sentences(seed: int) -> None:
    rng = random.Random(seed)
    texts = [sentence(rng, rng.randrange(3, 40)) for _ in range(12)]
    for _ in range(30):
        words = list(rng.choice(texts))
        words[rng.randrange(len(words))] = rng.choice(["x", "y", *words])
        texts.append(words)
    rows = [{"a": " ".join(words)} for words in texts]
    assert marked(run(MEASURE, on("a"), rows)) == slow([row["a"] for row in rows], 3, Fraction("0.8"))


def test_disk_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(4)
    rows = [{"a": " ".join(sentence(rng))} for _ in range(60)] * 2
    here = run(MEASURE, on("a"), rows, 7)
    monkeypatch.setattr(spill, "HELD", 1_000)
    monkeypatch.setattr(spill, "PIECE", 100)
    monkeypatch.setattr(spill, "ROWS", 10)
    assert same(here, run(MEASURE, on("a"), rows, 7)) and same(here, run_in_parts(MEASURE, on("a"), rows, 7, 3))


def test_one_skeleton_with_other_names_does_not_stall() -> None:
    rng = random.Random(5)
    words = sentence(rng, 40)
    rows = [{"a": " ".join([*words[:20], f"name{i}", *words[20:]])} for i in range(2_000)]
    start = time.monotonic()
    assert len(marked(run(MEASURE, on("a"), rows))) == 1_999
    assert len(marked(run(MEASURE, on("a", similarity="0.9"), rows))) == 0
    assert time.monotonic() - start < 20


def test_work_that_is_given_up_is_left_unjudged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_similar, "MAX_PAIRS", 100)
    words = sentence(random.Random(6), 40)
    rows = [{"a": " ".join([*words[:20], f"name{i}", *words[20:]])} for i in range(100)] + [{"a": "quite another text"}]
    column = run(MEASURE, on("a", similarity="0.9"), rows)
    assert not column.known[:100].any() and column.known[100]


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.exists(), reason="published data is not here")
def test_figures_on_published_data() -> None:
    questions = [json.loads(line) for line in (REAL / "gsm8k_train.jsonl").read_text().split("\n") if line]
    assert len(marked(run(MEASURE, on("question", shingle=5, similarity="0.7"), questions))) == 1
    records = json.loads((REAL / "toolformer_dedupe_only.json").read_text())
    rows = [{"a": " ".join(record.values())} for record in records]
    assert len(marked(run(MEASURE, on("a", shingle=5, similarity="0.8"), rows))) == 562  # 7.3 %
