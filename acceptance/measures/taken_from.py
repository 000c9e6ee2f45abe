"""Rows and the prints of published sets to a mark: the row is a record of one, or holds more than `cover` of one.

The prints are files that the contract names, made by `sftspec prints`: hashes of words as `text.runs` describes, so a
copy in other fields, another order, case, spacing or disguise is the same record. The row may hold more beside it. A
share is counted on the runs that the file keeps of a record; one of which it keeps fewer than 8 is known in whole only,
and `note` says how many those are. `make` raises Unavailable where a file is absent or made with other runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from acceptance import prints
from acceptance.measures._marks import Marks
from acceptance.measures._resemblance import Hit, Resemblance
from acceptance.measures._texts import Texts
from acceptance.measures.protocol import RowMark, Unavailable, Use
from acceptance.prints import Prints, PrintsError
from acceptance.tables import Batch, Detail
from acceptance.text.folding import unwrapped
from acceptance.text.runs import folded_all, identity, joined, runs


class TakenFrom(Marks):
    """The sets' indexes, and a byte per row."""

    def __init__(self, use: Use) -> None:
        super().__init__()
        self.contract, self.fields = use.contract, use.word("fields")
        self.size = int(use.word("run"))
        cover = Fraction(use.word("cover").rstrip("%")) / 100
        self.sets = [Resemblance(_opened(use, name, self.size), cover) for name in use.words("sets")]
        self.texts: Texts | None = None
        self.note = "; ".join(filter(None, (one.note() for one in self.sets)))

    def add(self, batch: Batch) -> None:
        self.texts = of = self.texts or Texts(self.contract, batch.table, self.fields)
        rows = [_folded(of, row) for row in batch.rows]
        identities = [identity(plain) for plain, _ in rows]
        keys = runs([joined(plain + inner) for plain, inner in rows], self.size)
        found = [(one, one.search(identities, keys)) for one in self.sets]
        for number in range(len(rows)):
            of_set, hit = next(((one, hits[number]) for one, hits in found if number in hits), (None, None))
            self.put(hit is not None, _detail(of_set, hit) if of_set and hit and self.room() else None)


def _opened(use: Use, name: str, size: int) -> Prints:
    try:
        return prints.read(use.folder, name, size)
    except PrintsError as error:
        raise Unavailable(str(error)) from error


def _folded(texts: Texts, row: Mapping[str, Any]) -> tuple[list[str], list[str]]:
    """The row's texts, and those that stand in them as base64."""
    plain = [text for _, text in texts(row)]
    return folded_all(plain), folded_all(inner for text in plain for inner in unwrapped(text))


def _detail(of: Resemblance, hit: Hit) -> Detail:
    name, title = of.prints.header.name, of.prints.title
    expected = f"no record of {name}, and at most {float(of.cover):.0%} of any"
    holds = "is" if hit.cover is None else f"holds {hit.cover:.0%} of"
    help = "remove the record, or deliver it as what it is: theirs, under their licence"
    return Detail("$", expected, "", f"{holds} record {hit.record + 1:,} of {title}", help)


MEASURE = RowMark(TakenFrom)
