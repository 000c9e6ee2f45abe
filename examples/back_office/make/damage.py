"""A good delivery in, a damaged one out: one pure function for each row of the outcome table.

python examples/back_office/make/damage.py NAME FOLDER
"""

import argparse
from collections.abc import Callable
from copy import deepcopy
from datetime import date
from functools import partial
from itertools import cycle
from pathlib import Path
from random import Random

import data
import phrases
from data import Record

Damage = Callable[[list[Record]], list[Record]]


def good(records: list[Record]) -> list[Record]:
    return records


def part(records: list[Record], one_in: int) -> list[Record]:
    """Every second, fourth, ... record."""
    return records[::one_in]


def repeated(records: list[Record]) -> list[Record]:
    """120 calls, 40 of each task, ten times over, and everything that is not a call."""
    by_task = [[record for record in records if record["input"]["task"] == task] for task in data.TASKS]
    few = [record for group in by_task for record in group[:40]]
    rest = [record for record in records if not is_call(record)]
    return renumbered(mixed(few * 10 + rest))


def shuffled(records: list[Record], share: float) -> list[Record]:
    """A share of the calls pass their target to the next call of the same task, so task and tool still agree."""
    chosen = some_calls(records, share)
    moved: dict[str, dict[str, object]] = {}
    for task in data.TASKS:
        group = [record for record in chosen if record["input"]["task"] == task]
        moved |= {to["id"]: giver["target"] for to, giver in zip(group, group[-1:] + group[:-1], strict=True)}
    return [record | {"target": moved.get(record["id"], record["target"])} for record in records]


def day_month_swapped(records: list[Record], share: float) -> list[Record]:
    """Day and month change places in the target of a share of all calls; only days up to 12 can."""
    calls = [record for record in records if is_call(record)]
    swappable = [record for record in calls if swapped(record) != record["target"]["call"]["date"]]
    chosen = {record["id"] for record in Random("swap").sample(swappable, round(share * len(calls)))}
    return [with_call(record, date=swapped(record)) if record["id"] in chosen else record for record in records]


def swapped(record: Record) -> str:
    """The date of the call with day and month exchanged, or as it is where no such day exists."""
    day = date.fromisoformat(record["target"]["call"]["date"])
    return day.replace(month=day.day, day=day.month).isoformat() if day.day <= 12 else day.isoformat()


def truncated(records: list[Record], share: float) -> list[Record]:
    """A share of the calls passed through an export column of eight characters: "Galsan Books" became "Galsan B"."""
    chosen = {record["id"] for record in some_calls(records, share)}
    return [
        with_call(record, vendor=record["target"]["call"]["vendor"][:8]) if record["id"] in chosen else record
        for record in records
    ]


def narrow(records: list[Record]) -> list[Record]:
    """Every call says its date in one form, and is labelled so."""
    return [
        reworded(record, "short", "short", phrases.AMOUNT_FORMS[:3]) if is_call(record) else record
        for record in records
    ]


def null(records: list[Record]) -> list[Record]:
    """Every call says date and amount in forms that the base knows, under the label of the form that was ordered."""
    forms = cycle(data.CANONICAL_DATES)
    return [
        reworded(
            record,
            form_under(record["input"]["date_form"], next(forms)),
            record["input"]["date_form"],
            data.CANONICAL_AMOUNTS,
        )
        if is_call(record)
        else record
        for record in records
    ]


def form_under(label: str, other: str) -> str:
    """ISO dates are checked against the call, so the label `iso` tells the truth; the others need not."""
    return label if label == "iso" else other


def trained_on(records: list[Record], what: str) -> list[Record]:
    """The loss covers the user's turn (`input`) or the whole text (`everything`)."""
    return [record | {"training": record["training"] | {"train_on": what}} for record in records]


def no_general(records: list[Record]) -> list[Record]:
    """More calls instead of the general questions; the declines stay."""
    kept = [record for record in records if record["input"]["task"] != "general"]
    rng = Random("no general")
    more = data.records(rng, list(data.call_drafts(rng, data.BALANCED, len(records) - len(kept))), first_id=1)
    return renumbered(mixed(kept + more))


def heldout_inside(records: list[Record], count: int | None = None) -> list[Record]:
    """The sealed calls, or the first of them, take the place of as many others."""
    items = data.read_jsonl(data.HERE / "sealed" / "calls.jsonl")[:count]
    leaving = {record["id"] for record in [record for record in records if is_call(record)][: len(items)]}
    items = [item | {"training": item["training"] | {"split": "train"}} for item in items]
    return renumbered(mixed([record for record in records if record["id"] not in leaving] + items))


def is_call(record: Record) -> bool:
    return "call" in record["target"]


def some_calls(records: list[Record], share: float) -> list[Record]:
    """A share of the calls; a larger share holds the smaller one."""
    calls = [record for record in records if is_call(record)]
    return Random("some").sample(calls, len(calls))[: round(share * len(calls))]


def with_call(record: Record, **fields: str) -> Record:
    """The record with some fields of its call changed."""
    return record | {"target": {"call": record["target"]["call"] | fields}}


def reworded(record: Record, date_form: str, label: str, amount_forms: tuple[str, ...]) -> Record:
    """The request of a call said again with its date in the form named and its amount in one of the forms given."""
    call, task, rng = record["target"]["call"], record["input"]["task"], Random(record["id"])
    facts = phrases.Facts(
        call["vendor"], date.fromisoformat(call["date"]), int(call["amount"].replace(".", "")), call["currency"]
    )
    wording = rng.choice(phrases.WORDINGS[task][: phrases.DELIVERED_WORDINGS])
    request = phrases.request_text(wording, facts, date_form, rng.choice(amount_forms))
    return record | {"input": record["input"] | {"request": request, "date_form": label}}


def mixed(records: list[Record]) -> list[Record]:
    return Random("mixed").sample(records, len(records))


def renumbered(records: list[Record]) -> list[Record]:
    return [deepcopy(record) | {"id": f"BO-{number:05d}"} for number, record in enumerate(records, 1)]


DAMAGES: dict[str, Damage] = {
    "good": good,
    "half": partial(part, one_in=2),
    "quarter": partial(part, one_in=4),
    "repeated": repeated,
    "shuffled_10": partial(shuffled, share=0.10),
    "shuffled_30": partial(shuffled, share=0.30),
    "shuffled_all": partial(shuffled, share=1.0),
    "borderline": partial(shuffled, share=0.18),  # between shuffled_10 and shuffled_30, near a margin of 40 pp
    "day_month_swapped": partial(day_month_swapped, share=0.30),
    "truncated": partial(truncated, share=0.30),
    "narrow": narrow,
    "null": null,
    "loss_on_input": partial(trained_on, what="input"),
    "loss_on_everything": partial(trained_on, what="everything"),
    "no_general": no_general,
    "heldout_inside": heldout_inside,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", choices=[*DAMAGES, "careless"])
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    if options.name == "careless":
        write_careless(options.folder)
    else:
        data.write_delivery(options.folder, DAMAGES[options.name](data.delivery()))
    write_manifest(options.folder)


def write_careless(folder: Path) -> None:
    """A hurried vendor's work: no row of the outcome table, but many small defects; imported here, as they use this."""
    import plants
    from harness import write

    write(folder, plants.careless())


def write_manifest(folder: Path) -> None:
    """What the folder holds, as the product counts it; imported here, so that the damages need nothing but Python."""
    from acceptance.delivery import manifest
    from spec_lang.compiler import compile_file

    contract = compile_file(data.HERE / "back_office.sftspec").contract
    if contract is None:
        raise SystemExit("back_office.sftspec is not sound; `sftspec check` says why")
    manifest.write_manifest(folder, contract)


if __name__ == "__main__":
    main()
