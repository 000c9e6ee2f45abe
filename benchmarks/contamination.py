"""Held-out items in twelve disguises, hidden in other text, to the share of them that `overlaps` finds.

python benchmarks/contamination.py     prints the table of docs/contamination.md

With SFTSPEC_REAL_DATA set: 300 GSM8K test questions, and what is flagged among the official train questions. Without
it: the example's sealed items, which are shorter.
"""

from __future__ import annotations

import json
import os
import random
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from acceptance.measures.overlaps import Overlaps
from acceptance.measures.protocol import Use
from acceptance.tables import Batch, Origin
from spec_lang.contract import Argument, Call, Const, Contract, FieldDef, HeldOut, Shape, TableDef
from spec_lang.types import BOOL, TEXT, Named

REAL = Path(os.environ.get("SFTSPEC_REAL_DATA") or "absent")
EXAMPLE = Path(__file__).parent.parent / "examples" / "back_office"
FRAGMENT, REWRITE = "13", "50"
NAMES = ("Amara", "Bilal", "Chidi", "Dara", "Elif", "Farid", "Gita", "Hana", "Ivo", "Jaya")
BEFORE = "The following task came up in our team's weekly meeting, and we wrote it down as it was told. "
AFTER = " Explain each step in plain words before you give the result, so that a beginner can follow it."
CYRILLIC = str.maketrans("aeopcxyi", "аеорсхуі")


def with_filler(every: int) -> Callable[[str], str]:
    return lambda text: " ".join(
        f"{word} basically" if at % every == 0 else word for at, word in enumerate(text.split(), 1)
    )


def renamed(text: str) -> str:
    """Other names and other numbers: a capitalised word inside a sentence, or the first of it, becomes another name."""
    rng = random.Random(text)
    names: dict[str, str] = {}
    text = re.sub(r"(?<=[a-z,] )[A-Z][a-z]+", lambda m: names.setdefault(m.group(), rng.choice(NAMES)), text)
    for old, new in names.items():
        text = text.replace(old, new)
    return re.sub(r"[0-9]", lambda m: str((int(m.group()) + rng.randrange(1, 9)) % 10), text)


ATTACKS: dict[str, Callable[[str], str]] = {
    "verbatim": str,
    "NBSP": lambda text: text.replace(" ", "\u00a0"),
    "newlines": lambda text: text.replace(" ", "\n"),
    "upper case + double space": lambda text: text.upper().replace(" ", "  "),
    "zero-width in words": lambda text: re.sub(r"(?<=\w)(?=\w)", "\u200b", text),
    "soft hyphen": lambda text: re.sub(r"(?<=\w)(?=\w)", "\u00ad", text),
    "Cyrillic homoglyph": lambda text: text.translate(CYRILLIC),
    "full-width": lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text),
    "HTML entities": lambda text: "".join(f"&#x{ord(c):x};" if c.isalnum() else c for c in text),
    "comma after each word": lambda text: text.replace(" ", ", "),
    "names and numbers changed": renamed,
    "filler word every 12": with_filler(12),
    "filler word every 7": with_filler(7),
    "first half of the item only": lambda text: " ".join(text.split()[: len(text.split()) // 2]),
}

LEAST = dict.fromkeys(ATTACKS, 100) | {"names and numbers changed": 99, "first half of the item only": 90}
"""What is asked of each attack, in percent: what one hardened rule (5-grams that cover half an item) finds
of these 300; of halves it finds 39, and more is asked of two rules."""


def overlapping(items: list[str], texts: list[str], fragment: str = FRAGMENT) -> tuple[list[int], list[str], str]:
    """(texts that are flagged, the rule of each, what could not be checked)"""
    contract = Contract(
        name="c", version="1", buyer="b", vendor="v", record="R", clauses=(),
        tables=(TableDef(name="R", shape="R", key="text"),),
        shapes=(Shape(name="R", fields=(FieldDef(name="text", type=TEXT),)),),
        heldouts=(HeldOut(name="exam", record="R", items="exam.jsonl", size=len(items)),),
    )  # fmt: skip
    words = {"set": "exam", "fields": "all_text", "fragment": fragment, "rewrite": REWRITE}
    arguments = tuple(
        Argument(name=name, value=Const(value=word, type=Named(what="word"))) for name, word in words.items()
    )

    def opened(name: str) -> Iterator[dict[str, Any]]:
        return ({"text": text} for text in items)

    def unused(name: str) -> Any:
        raise AssertionError(name)

    call = Call(measure="overlaps", kind="row", args=arguments, type=BOOL)
    marker = Overlaps(Use(call, contract, Path(), {}, {}, unused, opened, unused))
    for first in range(0, len(texts), 1_000):
        rows: list[dict[str, Any]] = [{"text": text} for text in texts[first : first + 1_000]]
        marker.add(Batch("R", first, rows, [Origin("a.jsonl", first + at + 1) for at in range(len(rows))]))
    column = marker.finish()
    flagged = [at for at, (held, known) in enumerate(zip(column.values, column.known, strict=True)) if held and known]
    return flagged, [column.details[at].message if at in column.details else "" for at in flagged], marker.note


def detection(items: list[str]) -> dict[str, float]:
    """Attack -> share of the items that are found, in percent; each hidden in other text."""
    found = {}
    for name, attack in ATTACKS.items():
        hidden = [BEFORE + attack(text) + AFTER for text in items]
        found[name] = 100 * len(overlapping(items, hidden)[0]) / len(items)
    return found


def named(reason: str) -> tuple[int, str]:
    """(the item, the rule) that a finding names."""
    item = re.search(r"item (\d+) of", reason)
    assert item, reason
    covered = re.search(r"\d+%", reason)
    return int(item[1]), f"rewrite, {covered[0]} of its words" if covered else "fragment"


def questions(path: Path, *steps: str) -> list[str]:
    texts = []
    for line in path.read_text("utf-8").split("\n"):
        value = json.loads(line) if line else None
        for step in steps:
            value = value[step] if value else None
        texts += [value] if value else []
    return texts


def main() -> None:
    real = REAL.is_dir()
    every = (
        questions(REAL / "gsm8k_test.jsonl", "question")
        if real
        else questions(EXAMPLE / "sealed" / "general.jsonl", "input", "request")
    )
    items = every[:300]
    print(
        f"{len(items)} items of {'GSM8K test' if real else 'the example, sealed set `general`'}, hidden in other text\n"
    )
    print(f"| attack                       | asked | found |\n|{'-' * 30}|-------|-------|")
    for name, share in detection(items).items():
        print(f"| {name:<28} | {LEAST[name]:4d}% | {share:4.0f}% |")
    print(f"\nnot checked in full: {overlapping(every, [])[2] or 'none'}")
    if real:
        flagged, reasons, _ = overlapping(every, questions(REAL / "gsm8k_train.jsonl", "question"))
        print(f"\n{len(flagged)} of the official train questions are flagged:\n")
        print("| line of train | item of test | rule |\n|---------------|--------------|------|")
        for row, reason in zip(flagged, reasons, strict=True):
            item, rule = named(reason)
            print(f"| {row + 1:<13} | {item:<12} | {rule} |")


if __name__ == "__main__":
    main()
