"""Marks on texts: disguises, private reasoning, looks ahead, copies across splits; each with its silent twin."""

from __future__ import annotations

import base64
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import marked, reader, run, run_in_parts, same, use

from acceptance.measures import crosses, has_disguise, has_reasoning, peeks_ahead
from acceptance.measures.protocol import Use
from acceptance.text.folding import words

KINDS = ("look_alike", "wide", "entity", "base64")
PLAIN = "Please pay the invoice of Meridian before noon."
DISGUISED = {
    "look_alike": PLAIN.replace("pay", "p\u0430y"),
    "wide": "".join(chr(ord(c) + 0xFEE0) if c.isalpha() else c for c in PLAIN),
    "entity": "".join(f"&#x{ord(c):x};" for c in PLAIN),
    "base64": f"see {base64.b64encode(PLAIN.encode()).decode()}",
}
OTHERWISE = {
    "look_alike": ["Re\u13d5tart it", "Re\u13c7tart it", "\u028e\u0250d \u0279\u01dd\u0265 \u01dd\u0279o\u026f"],
    "base64": [PLAIN.encode().hex(), base64.b64encode(base64.b64encode(PLAIN.encode())).decode()],
}
ORDINARY = [
    "\u13e3\u13b3\u13a9 is the Cherokee word; /\u02c8\u0279\u028c\u028d/ is phonetic; k\u01ddl\u01dd is Kanuri",
    PLAIN,
    "Платите счёт вовремя, please.",
    "sin\u03b1 + cos\u03c9 = 1",
    "5 \u03bcm and 3 k\u03a9",
    "Fish &amp; chips &#8212; now",
    "&lt;b&gt;",
    "ＮＴＴ東日本".replace("ＮＴＴ", "NTT"),
    "9f3b2c1d7e5a48609f3b2c1d7e5a48609f3b2c1d7e5a48609f3b2c1d7e5a4860",
    "/usr/local/lib/python3/site-packages/abc/def",
    "α, β and γ",
    "x&#39;s",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_disguise_is_found_by_its_kind_alone(kind: str) -> None:
    rows = [{"a": DISGUISED[one]} for one in KINDS]
    assert marked(run(has_disguise.MEASURE, use("has_disguise", kinds=kind), rows)) == [KINDS.index(kind)]
    assert marked(run(has_disguise.MEASURE, use("has_disguise", kinds=KINDS), rows)) == [0, 1, 2, 3]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in OTHERWISE.items() for text in texts])
def test_other_disguises_of_a_kind(kind: str, text: str) -> None:
    assert marked(run(has_disguise.MEASURE, use("has_disguise", kinds=kind), [{"a": text}])) == [0]


@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_writing_is_no_disguise(text: str) -> None:
    assert marked(run(has_disguise.MEASURE, use("has_disguise", kinds=KINDS), [{"a": text}])) == []


REASONED = ["<think>Hm.</think> Yes.", "x </thinking>", "<|begin_of_thought|>", "<scratchpad>", "\u25c1think\u25b7",
            "Okay, the user wants me to pay."]  # fmt: skip


@pytest.mark.parametrize("text", REASONED)
def test_reasoning_stands_only_where_it_may(text: str) -> None:
    of = use("has_reasoning", {"outside": [reader("why")]}, {"outside": ["$.why"]})
    rows: list[Any] = [
        {"why": text, "a": "x"},
        {"whys": text},
        {"why": "x", "b": [{"c": text}]},
        {"why": {"deep": [text]}},
        {"a": "I think so <b>"},
        {"a": "Where the user wants it, okay."},
    ]
    column = run(has_reasoning.MEASURE, of, rows)
    assert marked(column) == [1, 2] and column.details[2].path == "$.b[0].c"
    assert same(column, run_in_parts(has_reasoning.MEASURE, of, rows, 2, 2))


AHEAD = [
    "git log --all --oneline",
    "git log --branches -3",
    "wget -q https://patch-diff.githubusercontent.com/raw/a/b/pull/8.diff",
    "curl https://raw.githubusercontent.com/a/b/main/c.py",
    "gh api repos/a/b/pulls/8/files",
    "cd x && git show 3f2a1bc9",
    "git fetch origin",
    "curl https://github.com/a/b/pull/17.diff",
    "gh pr view 3",
    "git -C repo log origin/main",
    "git checkout 0123456789abcdef",
]
NOT_AHEAD = [
    "git log -3",
    "curl https://raw.githubusercontent.com/a/b/4f2a91c/c.py",
    "git diff",
    "git status",
    "git show HEAD",
    "git checkout -b fix",
    "pip install x",
    "git commit -m 'all'",
    "https://github.com/a/b",
    "see https://github.com/a/b/issues/17 for what is asked",
    "git stash",
]


def test_a_look_ahead_is_found_in_the_fields_named() -> None:
    of = use("peeks_ahead", {"fields": [lambda row: row["steps"]]}, {"fields": ["$.steps"]})
    rows = [{"steps": [{"arguments": {"cmd": one}}], "issue": AHEAD[0]} for one in AHEAD + NOT_AHEAD]
    column = run(peeks_ahead.MEASURE, of, rows)
    assert marked(column) == [*range(len(AHEAD))] and column.details[0].path == "$.steps[0].arguments.cmd"


def of_split(shingle: int = 1, similarity: str = "0.5") -> Use:
    getters = {"fields": [reader("text")], "split": [reader("split")]}
    return use("crosses", getters, {"fields": ["$.text"]}, shingle=str(shingle), similarity=similarity)


def slow(rows: list[dict[str, str]], similarity: Fraction) -> list[int]:
    sets = [set(words(row["text"])) for row in rows]
    roots = [*range(len(rows))]
    for a in range(len(rows)):
        for b in range(a):
            if sets[a] and Fraction(len(sets[a] & sets[b]), len(sets[a] | sets[b])) >= similarity:
                low, high = sorted((roots[a], roots[b]))
                roots = [low if root == high else root for root in roots]
    splits = [row.get("split") for row in rows]
    return [at for at, root in enumerate(roots) if splits[at] and splits[root] and splits[at] != splits[root]]


TEXTS = st.lists(st.sampled_from("abcd"), max_size=5).map(" ".join)
ROWS = st.lists(st.tuples(TEXTS, st.sampled_from(["train", "val", None])), max_size=9)


@settings(max_examples=150, deadline=None)
@given(ROWS, st.sampled_from(["0.5", "0.8", "1"]), st.integers(1, 4))
def test_crossing_equals_a_slow_reference(drawn: list[tuple[str, str | None]], similarity: str, cut: int) -> None:
    rows = [{"text": text} | ({"split": split} if split else {}) for text, split in drawn]
    column = run(crosses.MEASURE, of_split(1, similarity), rows)
    assert marked(column) == slow(rows, Fraction(similarity))
    assert same(column, run_in_parts(crosses.MEASURE, of_split(1, similarity), rows, cut, 2))


def test_a_copy_within_a_split_crosses_nothing_and_one_more_never_helps() -> None:
    rows = [{"text": "a b c", "split": "train"}, {"text": "a b c", "split": "train"}, {"text": "a b c", "split": "val"}]
    column = run(crosses.MEASURE, of_split(), rows)
    assert marked(column) == [2] and "a.jsonl:1, which is of another split" in column.details[2].message
    assert len(marked(run(crosses.MEASURE, of_split(), [*rows, rows[2]]))) == 2
