"""`overlaps`: every disguise of a held-out item is found and placed, benign rows are silent, no item text is shown."""

from __future__ import annotations

import base64
import json
import os
import random
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import batches, marked, run, run_in_parts, same, use

from acceptance.measures.overlaps import MEASURE
from acceptance.measures.protocol import Unavailable, Use
from acceptance.text.folding import hardened_words

REAL = Path(os.environ.get("SFTSPEC_REAL_DATA") or "absent")
WORDS = [a + b for a in ("ba", "ko", "li", "mu", "ne", "po", "ri", "su") for b in ("dan", "fer", "gol", "hub", "jim")]


def row(ask: str, answer: str = "") -> dict[str, Any]:
    return {"id": "x", "input": {"ask": ask, "task": "x"}, "target": {"answer": answer}, "note": "the same everywhere"}


def on(items: list[dict[str, Any]], fields: str = "all_text", fragment: int = 13, rewrite: str = "50") -> Use:
    return use("overlaps", items=lambda name: items, set="exam", fields=fields, fragment=str(fragment), rewrite=rewrite)


def texts(seed: int, count: int, words: int = 40) -> list[str]:
    rng = random.Random(seed)
    return [" ".join(rng.choice(WORDS) + str(rng.randrange(10)) for _ in range(words)) for _ in range(count)]


ITEMS = [row(text) for text in texts(1, 30)]


def test_a_clean_delivery_is_silent_and_shared_labels_are_no_overlap() -> None:
    column = run(MEASURE, on(ITEMS), [row(text) for text in texts(2, 300)])
    assert marked(column) == [] and column.known.all()


def with_filler(every: int) -> Callable[[str], str]:
    return lambda t: " ".join(w + (" well" if (i + 1) % every == 0 else "") for i, w in enumerate(t.split()))


DISGUISES: dict[str, Callable[[str], str]] = {
    "verbatim": str,
    "NBSP": lambda t: t.replace(" ", "\u00a0"),
    "upper case, double space": lambda t: t.upper().replace(" ", "  "),
    "zero-width": "\u200b".join,
    "soft hyphen": "\u00ad".join,
    "Cyrillic": lambda t: t.translate(str.maketrans("aeopcxyi", "аеорсхуі")),
    "full-width": lambda t: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in t),
    "entities": lambda t: "".join(f"&#x{ord(c):x};" for c in t),
    "commas": lambda t: t.replace(" ", ", "),
    "numbers changed": lambda t: t.translate(str.maketrans("0123456789", "5678901234")),
    "filler 12": with_filler(12),
    "filler 7": with_filler(7),
    "first half": lambda t: " ".join(t.split()[:20]),
    "base64": lambda t: base64.b64encode(t.encode()).decode(),
    "inside other text": lambda t: f"As I said: {t} And so on.",
}


@pytest.mark.parametrize("name", DISGUISES)
def test_a_disguised_item_is_found(name: str) -> None:
    rows = [row(text) for text in texts(2, 20)]
    rows[7] = row("hello", DISGUISES[name](ITEMS[4]["input"]["ask"]))
    column = run(MEASURE, on(ITEMS), rows)
    assert marked(column) == [7]
    assert "item 5 of exam" in column.details[7].message and column.details[7].found == ""


def test_the_place_of_a_fragment_is_named_and_its_text_is_not() -> None:
    fragment = " ".join(ITEMS[0]["input"]["ask"].split()[5:18])
    column = run(MEASURE, on(ITEMS), [row("one two three", f"and then {fragment} end")])
    detail = column.details[0]
    assert detail.path == "$.target.answer"
    assert detail.message == "words 3 to 15 of $.target.answer are a fragment of item 1 of exam"
    assert not set(fragment.split()) & set(f"{detail.message} {detail.expected} {detail.found}".split())


def test_the_edge_of_each_rule() -> None:
    words = ITEMS[0]["input"]["ask"].split()
    fragments = [row(" ".join(words[:13])), row(" ".join(words[:12]))]
    assert marked(run(MEASURE, on(ITEMS, rewrite="100"), fragments)) == [0]
    halves = [row(" ".join(words[:20])), row(" ".join(words[:21]))]
    assert marked(run(MEASURE, on(ITEMS, fragment=99), halves)) == [1]  # 50 % is allowed, more is not


def test_fields_choose_what_is_compared() -> None:
    rows = [row("hello", ITEMS[0]["input"]["ask"]), row(ITEMS[0]["input"]["ask"])]
    assert marked(run(MEASURE, on(ITEMS, "input_text"), rows)) == [1]
    assert marked(run(MEASURE, on(ITEMS, "target_text"), rows)) == []


def test_items_too_short_to_check_are_counted() -> None:
    marker = MEASURE.make(on([*ITEMS, row("six words stand in this item"), row("too short")]))
    assert getattr(marker, "note") == (  # noqa: B009
        "2 of 32 items of exam have fewer than 13 words: judged by rewrite only; "
        "1 have fewer than 5 and could not be checked"
    )
    assert getattr(MEASURE.make(on(ITEMS)), "note") == ""  # noqa: B009


def test_a_sealed_set_that_is_not_here_is_said_at_once() -> None:
    def sealed(name: str) -> Any:
        raise Unavailable(f"{name} is sealed")

    with pytest.raises(Unavailable, match="exam is sealed"):
        MEASURE.make(use("overlaps", items=sealed, set="exam", fields="all_text", fragment="13", rewrite="50"))


def test_malformed_rows_are_searched_all_the_same() -> None:
    ask = ITEMS[3]["input"]["ask"]
    rows: list[Any] = [{"input": [ask]}, {"input": {"ask": {"deep": [ask]}}}, {}, {"input": 7}, {"target": ask}]
    assert marked(run(MEASURE, on(ITEMS), rows)) == [0, 1, 4]


def slow(rows: list[str], items: list[str], size: int, limit: Fraction) -> list[int]:
    def runs(words: list[str], n: int) -> list[tuple[str, ...]]:
        return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]

    found = []
    for number, text in enumerate(rows):
        mine = hardened_words(text)
        for item in map(hardened_words, items):
            covered = {i + k for i, run in enumerate(runs(item, 5)) if run in runs(mine, 5) for k in range(5)}
            if set(runs(mine, size)) & set(runs(item, size)) or (item and Fraction(len(covered), len(item)) > limit):
                found.append(number)
                break
    return found


SMALL = st.lists(st.lists(st.sampled_from("ab1"), max_size=14).map(" ".join), max_size=6)


@settings(max_examples=60, deadline=None)
@given(SMALL, SMALL, st.integers(1, 9), st.sampled_from(["0", "50", "80", "100"]), st.integers(1, 4))
def test_equals_a_slow_reference_however_it_is_cut(
    rows: list[str], items: list[str], size: int, rewrite: str, cut: int
) -> None:
    of = on([row(item) for item in items], fragment=size, rewrite=rewrite)
    given_rows = [row(text) for text in rows]
    column = run(MEASURE, of, given_rows)
    assert marked(column) == slow(rows, items, size, Fraction(rewrite) / 100)
    assert same(column, run(MEASURE, of, given_rows, cut)) and same(
        column, run_in_parts(MEASURE, of, given_rows, cut, 2)
    )


@pytest.mark.real_data
@pytest.mark.skipif(not REAL.exists(), reason="published data is not here")
def test_figures_on_published_data() -> None:
    train, test = (
        [row(json.loads(line)["question"]) for line in (REAL / f"gsm8k_{part}.jsonl").read_text().split("\n") if line]
        for part in ("train", "test")
    )
    assert len(marked(run(MEASURE, on(test), train))) == 7
    copied = [row(item["input"]["ask"].upper().replace(" ", "\u00a0")) for item in test[:300]]
    assert len(marked(run(MEASURE, on(test), copied))) == 300
    assert len(batches(copied)) == 1
