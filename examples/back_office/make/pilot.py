"""The committed scores of base and house mix on the pilot sets to `pilot/scores.jsonl`, which the lock is planned with.

python examples/back_office/make/pilot.py
sftspec lock examples/back_office/back_office.sftspec --pilot examples/back_office/pilot/scores.jsonl
"""

from collections.abc import Iterator

import data
import table

from acceptance.scores import BASE, ScoreRow, write


def main() -> None:
    write(rows(), data.HERE / "pilot" / "scores.jsonl")


def rows() -> Iterator[ScoreRow]:
    """Each set under the name of the sealed set whose twin it is."""
    for arm in (BASE, table.HOUSE):
        scores = table.read(arm).scores
        for suite in table.SUITES:
            items = data.read_jsonl(data.HERE / "pilot" / f"{suite}.jsonl")
            for seed, run in scores[f"pilot_{suite}"].items():
                yield from (table.score_row(suite, arm, seed, *pair) for pair in zip(items, run, strict=True))


if __name__ == "__main__":
    main()
