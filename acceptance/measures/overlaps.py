"""Rows and a sealed set to a mark: the row holds a fragment of an item, or rewrites one.

Two rules on words as `text.hardened` gives them (case, punctuation, look-alikes, invisible characters and changed
digits make no difference; base64 is looked into). A fragment: any run of `fragment` words of an item. A rewrite: more
than `rewrite` of an item's words lie in runs of five words that the row has too. Texts are the free ones of the groups
`input` and `target`, the same for rows and items. A detail names the item's position and never its text.

`note` counts the items that are too short for one rule or for both; `make` raises Unavailable with `use.items`.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from acceptance.measures._fragments import COVER, Index
from acceptance.measures._marks import Marks
from acceptance.measures._texts import Texts
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import Batch, Detail
from acceptance.text.folding import hardened_all, hardened_words, unwrapped
from acceptance.text.ngrams import word_hashes


class Overlaps(Marks):
    """The index of the set's items, and a byte per row."""

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.name, self.fields = use.word("set"), use.word("fields")
        self.contract = use.contract
        self.size = int(use.word("fragment"))
        self.rewrite = Fraction(use.word("rewrite").rstrip("%")) / 100
        items = Texts(self.contract, self.contract.heldout(self.name).record, self.fields)
        self.index = Index([_joined(items, item) for item in use.items(self.name)], self.size, self.rewrite)
        self.texts: Texts | None = None
        self.note = self.index.note(self.name)

    def add(self, batch: Batch) -> None:
        self.texts = self.texts or Texts(self.contract, batch.table, self.fields)
        joined = [_joined(self.texts, row) for row in batch.rows]
        found = self.index.search(*word_hashes(joined))
        for number, row in enumerate(batch.rows):
            hit = found.get(number)
            self.put(hit is not None, self._detail(row, *hit) if hit and self.room() else None)

    def _detail(self, row: Mapping[str, Any], item: int, word: int, cover: float) -> Detail:
        expected = f"no {self.size}-word fragment and at most {float(self.rewrite):.0%} of any item of {self.name}"
        if word < 0:
            message = f"rewrites item {item + 1} of {self.name}: {cover:.0%} of its words, in runs of {COVER}"
            return Detail("$", expected, "", message, "remove the record")
        path, first = self._place(row, word)
        last = first + self.size - 1
        message = f"words {first} to {last} of {path} are a fragment of item {item + 1} of {self.name}"
        return Detail(path, expected, "", message, "remove the record")

    def _place(self, row: Mapping[str, Any], word: int) -> tuple[str, int]:
        """The text in which the row's word stands, and its number there, from 1."""
        if self.texts:
            for path, text in self.texts(row):
                count = len(hardened_words(text))
                if word < count:
                    return path, word + 1
                word -= count
        return "$", word + 1


def _joined(texts: Texts, row: Mapping[str, Any]) -> str:
    """All texts one after the other, and behind them what stands in them as base64."""
    found = [text for _, text in texts(row)]
    return hardened_all([*found, *unwrapped("\n".join(found))])


MEASURE = RowMark(Overlaps)
