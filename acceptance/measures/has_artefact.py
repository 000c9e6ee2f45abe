"""Rows to a mark: a text of the row's target shows a trace of how it was made, of one of the given kinds."""

from __future__ import annotations

from acceptance.measures._artefacts import FINDERS
from acceptance.measures._scan import Scan, Sighting
from acceptance.measures._texts import Texts
from acceptance.measures.protocol import RowMark, Use


def make(use: Use) -> Scan:
    finders = [(kind, FINDERS[kind]) for kind in use.words("kinds")]

    def look(text: str) -> Sighting | None:
        for kind, find in finders:
            found = find(text)
            if found:
                return Sighting(f"{NAMES[kind]}: {found[0]}", found[1])
        return None

    return Scan(
        look, "a target free of artefacts", "write the target anew, or remove the record",
        texts=lambda table: Texts(use.contract, table, "target_text"),
    )  # fmt: skip


NAMES = {
    "refusal": "a refusal", "self_identity": "a model speaking of itself", "placeholder": "a placeholder",
    "cut_off": "a text that breaks off", "role_marker": "a marker of a dialogue", "repetition": "a repetition",
    "mojibake": "letters decoded wrongly", "judge_bait": "words to whoever scores the answer",
    "claimed_action": "a claim to have done something", "fabricated_result": "a tool's result in the model's own words",
}  # fmt: skip

MEASURE = RowMark(make)
