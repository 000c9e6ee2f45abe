"""`taken_from`: copies of a published record are found in every disguise and named; a slow count of runs agrees."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import marked, run, run_in_parts, same, use
from test_overlaps import DISGUISES, row, texts

from acceptance.measures.protocol import Unavailable, Use
from acceptance.measures.taken_from import MEASURE
from acceptance.prints import Header, Prints
from acceptance.text.folding import folded, hardened
from acceptance.text.ngrams import FACTOR, mixed, word_hashes
from acceptance.text.runs import folded_all, hashes, identity, joined, kept, owners, runs

WORD = 1 << 64


def prints(records: list[list[str]], size: int = 5, keep: int = 32, common: int = 20, name: str = "Set") -> Prints:
    plain = [folded_all(record) for record in records]
    keys = kept(runs([joined(one) for one in plain], size), keep, common)
    header = Header(
        run=size, keep=keep, common=common, name=name, license="MIT", source="s", version="1", fields=("text",),
        sha256="0" * 64, records=len(records), runs=len(keys),
    )  # fmt: skip
    counts = np.bincount(owners(keys), minlength=len(records)).astype(np.uint8)
    return Prints(header, np.array([identity(one) for one in plain], dtype=np.uint64), counts, hashes(keys))


def on(folder: Path, *sets: Prints, fields: str = "all_text", size: int = 5, cover: str = "50") -> Use:
    names = [f"{number}.prints" for number in range(len(sets))]
    for name, one in zip(names, sets, strict=True):
        (folder / name).write_bytes(one.dumps())
    return replace(use("taken_from", sets=names, fields=fields, run=str(size), cover=cover), folder=folder)


STORIES = texts(1, 30)


@pytest.mark.parametrize("name", [name for name in DISGUISES if name != "first half"])
def test_a_disguised_record_is_found_and_named(name: str, tmp_path: Path) -> None:
    rows = [row(text) for text in texts(2, 20)]
    rows[7] = row("hello", DISGUISES[name](STORIES[4]))
    cover = "10" if name == "filler 7" else "40" if name == "filler 12" else "50"
    column = run(MEASURE, on(tmp_path, prints([[story] for story in STORIES]), cover=cover), rows)
    assert marked(column) == [7]
    assert "record 5 of Set (MIT)" in column.details[7].message and column.details[7].found == ""


def test_a_record_in_other_fields_and_order_is_that_record(tmp_path: Path) -> None:
    on_set = on(tmp_path, prints([["Short one!", "And an  answer"], ["7 apples"]]))
    rows = [
        row("and an answer", "SHORT ONE"),
        row("short one", "and an answer, then"),
        row("7 apples"),
        row("8 apples"),
    ]
    column = run(MEASURE, on_set, rows)
    assert marked(column) == [0, 2]  # numbers count; a short record with more beside it is not known
    assert column.details[0].message == "is record 1 of Set (MIT)"
    assert column.note == "2 of 2 records of Set have fewer than 8 runs of 5 words to themselves: known in whole only"


def test_a_clean_delivery_is_silent_and_has_no_note(tmp_path: Path) -> None:
    column = run(MEASURE, on(tmp_path, prints([[story] for story in STORIES])), [row(t) for t in texts(2, 300)])
    assert marked(column) == [] and column.known.all() and column.note == ""


def test_only_the_fields_asked_for_are_compared(tmp_path: Path) -> None:
    stories = prints([[story] for story in STORIES])
    rows = [row(STORIES[0]), row("", STORIES[0])]
    assert marked(run(MEASURE, on(tmp_path, stories, fields="input_text"), rows)) == [0]
    assert marked(run(MEASURE, on(tmp_path, stories, fields="target_text"), rows)) == [1]


def test_the_first_set_named_speaks_first(tmp_path: Path) -> None:
    a, b = prints([["x"], [STORIES[1]]], name="A"), prints([[STORIES[1]], [STORIES[2]]], name="B")
    column = run(MEASURE, on(tmp_path, a, b), [row(STORIES[1]), row(STORIES[2])])
    assert [column.details[at].message for at in (0, 1)] == ["is record 2 of A (MIT)", "is record 2 of B (MIT)"]


def test_what_many_records_share_is_nobodys(tmp_path: Path) -> None:
    """A prompt that opens every record makes no record of the next vendor's who uses it."""
    prompt = " ".join(texts(9, 1, words=60))
    ours = prints([[f"{prompt} {story}"] for story in STORIES])
    assert marked(run(MEASURE, on(tmp_path, ours), [row(f"{prompt} {text}") for text in texts(2, 40)])) == []
    assert marked(run(MEASURE, on(tmp_path, ours), [row(STORIES[3])])) == [0]


def test_a_file_that_is_absent_or_other_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "0.prints").write_bytes(prints([["x"]]).dumps())
    for name, size, why in (
        ("a.prints", "5", "is not there"),
        ("0.prints", "6", "holds runs of 5 words, the clause asks for 6"),
        ("../0.prints", "5", "name a file inside"),
    ):
        asked = use("taken_from", sets=[name], fields="all_text", run=size, cover="50")
        with pytest.raises(Unavailable, match=why):
            MEASURE.make(replace(asked, folder=tmp_path))


# ------------------------------------------------------------------------------------------------ a slow reference


def slow_runs(record: list[str], size: int) -> set[int]:
    """The upper halves of the hashes of every run of words, by Python's integers."""
    words = hardened(" ".join(record)).split()
    ints = [int(word_hashes([word])[0][0]) for word in words]
    found = set()
    for at in range(len(words) - size + 1):
        value = 0
        for one in ints[at : at + size]:
            value = (value * int(FACTOR) + one) % WORD
        found.add(int(mixed(np.array([value], dtype=np.uint64))[0]) >> 32)
    return found


def slow(
    records: list[list[str]], rows: list[list[str]], size: int, keep: int, common: int, cover: Fraction
) -> list[int]:
    """The rows that are a record, or have more than `cover` of what is kept of one that keeps 8 or more."""
    every = [slow_runs(record, size) for record in records]
    own = [sorted(one for one in runs_ if sum(one in other for other in every) <= common)[:keep] for runs_ in every]
    whole = [sorted(" ".join(folded(text).split()) for text in record if folded(text).split()) for record in records]
    found = []
    for number, texts_ in enumerate(rows):
        here = slow_runs(texts_, size)
        equal = sorted(" ".join(folded(text).split()) for text in texts_ if folded(text).split())
        held = any(len(mine) >= 8 and Fraction(len(here & set(mine)), len(mine)) > cover for mine in own)
        if held or (equal and equal in whole):
            found.append(number)
    return found


@settings(max_examples=60, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(2, 5), st.integers(8, 20), st.integers(1, 4), st.integers(0, 99))
def test_it_equals_a_slow_count(rng: random.Random, size: int, keep: int, common: int, cover: int) -> None:
    words = ["ada", "bo", "cy", "dee", "Éa", "77", "8", "x"]

    def record() -> list[str]:
        return [" ".join(rng.choices(words, k=rng.choice((0, 1, 6, 25)))) for _ in range(2)]

    records = [record() for _ in range(rng.randrange(1, 9))]
    taken = [rng.choice(records) for _ in range(4)]
    rows = [
        *[record() for _ in range(4)],
        *taken,
        *[one[::-1] for one in taken],
        *[[" ".join(one), ""] for one in taken],
    ]
    expected = slow(records, rows, size, keep, common, Fraction(cover, 100))
    with tempfile.TemporaryDirectory() as folder:
        of = on(Path(folder), prints(records, size, keep, common), size=size, cover=str(cover))
        delivered = [row(*texts_) for texts_ in rows]
        column = run(MEASURE, of, delivered, size=5)
        assert marked(column) == expected
        assert same(column, run_in_parts(MEASURE, of, delivered, size=3, parts=3))


@given(st.lists(st.text(max_size=40), max_size=4))
def test_numbers_are_let_out_of_folded_words_as_of_texts(found: list[str]) -> None:
    assert joined(folded_all(found)).split() == " ".join(map(hardened, found)).split()
