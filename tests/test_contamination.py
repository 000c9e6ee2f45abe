"""The disguises of `benchmarks/contamination.py`, on made-up items always and on published ones where they are."""

from __future__ import annotations

import random
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))

import contamination  # noqa: E402

NOUNS = ("teacher", "basket", "river", "garden", "window", "market", "ticket", "bridge", "lantern", "harbour", "violin")
VERBS = ("carries", "counts", "paints", "borrows", "repairs", "weighs", "collects", "divides")


def story(rng: random.Random) -> str:
    parts = [
        f"the {rng.choice(NOUNS)} {rng.choice(VERBS)} {rng.randrange(2, 99)} {rng.choice(NOUNS)}s" for _ in range(6)
    ]
    return f"On Monday {', '.join(parts[:3])}. Then {', '.join(parts[3:])}. How many are left?"


def test_every_disguise_is_seen_through() -> None:
    rng = random.Random(7)
    items = [story(rng) for _ in range(60)]
    found = contamination.detection(items)
    assert {name: share for name, share in found.items() if share < 100} == {}
    clean = [contamination.BEFORE + story(rng) + contamination.AFTER for _ in range(200)]
    assert contamination.overlapping(items, clean, fragment="20")[0] == []


@pytest.mark.real_data
@pytest.mark.skipif(not contamination.REAL.is_dir(), reason="published data is not here")
def test_the_document_says_what_is_measured() -> None:
    items = contamination.questions(contamination.REAL / "gsm8k_test.jsonl", "question")
    text = (ROOT / "docs" / "contamination.md").read_text("utf-8")
    for name, share in contamination.detection(items[:300]).items():
        assert f"| {name:<28} | {contamination.LEAST[name]:4d}% | {share:4.0f}% |" in text
        assert round(share) >= contamination.LEAST[name]
    train = contamination.questions(contamination.REAL / "gsm8k_train.jsonl", "question")
    flagged, reasons, _ = contamination.overlapping(items, train)
    told = re.findall(r"^\| (\d+) \| (\d+) \| (.*?) \| .{20,} \|$", text, re.MULTILINE)
    found = [(row + 1, *contamination.named(reason)) for row, reason in zip(flagged, reasons, strict=True)]
    assert [(int(row), int(item), rule) for row, item, rule in told] == found
    assert f"{len(found)} of {len(train):,}" in text
