"""Every plant in both clean deliveries, validated: recall and false alarms per class, as docs/plants.md.

python examples/plant_table.py     about five minutes; rewrites docs/plants.md
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE / "back_office" / "make"), str(HERE / "support_chat")]

import chat_plants  # noqa: E402
import plants  # noqa: E402
import trying  # noqa: E402

Line = tuple[str, str, str, bool, bool, list[str]]
"""(plant, delivery, clause, caught, placed, false alarms)"""

TEXT = """# Planted defects: recall and false alarms

Two clean deliveries, `examples/back_office` (tool calls; {office} records) and `examples/support_chat` (conversations;
{chats} records), each validated untouched and then once with each defect in it. Both are silent when clean. Written by
`python examples/plant_table.py`; `tests/test_plants.py` and `tests/test_chat_plants.py` hold every line of it.

| delivery | caught by the clause that must | placed at file, line and path | false alarms |
|---|---|---|---|
{totals}

A false alarm is any other clause that objects, but for consequences that the plant states (a lost shard also loses
volume).

| defect | delivery | clause | caught | placed | false alarms |
|---|---|---|---|---|---|
{lines}

## Not caught

These classes are met in real data and no plant of them is caught, because no program can tell, or none here does yet:

| class | why |
|---|---|
| paraphrased or translated test items | no shared words; a person or a judge decides (`defective`) |
| wrong answers, wrong slice tags | need a verifier or a reader; `fixes` where there are tests, else `defective` |
| a final answer that its working does not give | no arithmetic is recomputed; self-consistency is not correctness |
| text by a model passed as a person's | detectors misjudge people who write in a second language |
| one person under many ids | style distance is not measured; `largest_count` and `highest_share` show odd pace |
| names, addresses and health in prose | needs a model that the buyer supplies |
| a source sold again under another licence | no fingerprints of public sets are kept |
| a backdoor trigger | token and target associations are not searched |
| a README that contradicts the licence field | prose; a person reads it |
| packing, masks that a backend ignores, silent drops | properties of the trainer; the trial shows their effect |
"""


def office(folder: Path) -> tuple[int, list[Line]]:
    (folder / "deal").mkdir()
    made = trying.bench(folder / "deal")
    lines: list[Line] = []
    for number, plant in enumerate(plants.PLANTS):
        place = folder / str(number)
        place.mkdir()
        one = trying.tried(made, plant, place)
        lines.append((plant.name, "back_office", plant.clause, one.caught(), one.located(), one.false_alarms()))
    return len(made.clean), lines


def chats(folder: Path) -> tuple[int, list[Line]]:
    deal, clean = chat_plants.bench()
    lines: list[Line] = []
    for number, plant in enumerate(chat_plants.PLANTS):
        place = folder / str(number)
        place.mkdir()
        one = chat_plants.tried(plant, clean, deal, place)
        lines.append((plant.name, "support_chat", plant.clause, one.caught(), one.located(), one.false_alarms()))
    return len(clean), lines


def total(name: str, lines: list[Line]) -> str:
    caught, placed = sum(line[3] for line in lines), sum(line[4] for line in lines)
    return f"| {name} | {caught} of {len(lines)} | {placed} of {len(lines)} | {sum(len(line[5]) for line in lines)} |"


def rows(lines: list[Line]) -> Iterator[str]:
    yes = {True: "yes", False: "NO"}
    for name, delivery, clause, caught, placed, alarms in sorted(
        lines, key=lambda line: (line[2].split(".")[0], line[2])
    ):
        yield f"| {name} | {delivery} | `{clause}` | {yes[caught]} | {yes[placed]} | {', '.join(alarms) or 'none'} |"


def main() -> None:
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
        (office_size, first), (chat_size, second) = office(Path(one)), chats(Path(two))
    totals = [total("back_office", first), total("support_chat", second)]
    values: dict[str, Any] = {"office": office_size, "chats": chat_size}
    text = TEXT.format(**values, totals="\n".join(totals), lines="\n".join(rows(first + second)))
    (HERE.parent / "docs" / "plants.md").write_text(text, "utf-8")
    print("\n".join(totals))


if __name__ == "__main__":
    main()
