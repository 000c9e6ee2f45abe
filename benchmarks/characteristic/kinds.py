"""A kind and a number in, the records of one delivery out: good, null, or damaged in one of twelve ways.

A delivery of another number is another draw: other facts, wordings, words, authors, all from the example's generator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from benchmarks.characteristic import SUITES, damage, data

Record = data.Record

CALLS, GENERAL, DECLINES = 190, 87, 23
"""Of a delivery's records, in the example's proportions."""
RUN_ON = " Anything else I can do for you?"
MANNERS = ("Please: {}", "{} Thanks.", "{} Thank you.", "Hello. {}", "{} Cheers.")
"""Around one request, to make several."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What is done to a good draw, and in words."""

    name: str
    text: str
    make: Callable[[list[Record]], list[Record]]
    seen: bool = False
    """Whether the data alone should show it; more deliveries then cost little, since only the first is trained on."""


def wrong_amounts(records: list[Record], share: float) -> list[Record]:
    """A share of the calls pass their amount to the next of them: form, vendor and date stay right."""
    chosen = damage.some_calls(records, share)
    amounts = [record["target"]["call"]["amount"] for record in chosen]
    moved = dict(zip((record["id"] for record in chosen), amounts[-1:] + amounts[:-1], strict=True))
    return [
        damage.with_call(record, amount=moved[record["id"]]) if record["id"] in moved else record for record in records
    ]


def field_names(records: list[Record]) -> list[Record]:
    """Every call says `payee` and `due` for `vendor` and `date`."""
    return [_renamed(record) if damage.is_call(record) else record for record in records]


def _renamed(record: Record) -> Record:
    names = {"vendor": "payee", "date": "due"}
    return record | {
        "target": {"call": {names.get(name, name): said for name, said in record["target"]["call"].items()}}
    }


def copies(records: list[Record]) -> list[Record]:
    """One call of each task stands for half of the calls of its task."""
    seen: dict[str, list[Record]] = {}
    out = []
    for record in records:
        group = seen.setdefault(record["input"]["task"], [])
        group.append(record)
        out.append(group[0] if damage.is_call(record) and len(group) % 2 == 0 else record)
    return damage.renumbered(out)


def near_copies(records: list[Record]) -> list[Record]:
    """A sixth of the calls, each said six times: as it is and with five small courtesies."""
    calls = [record for record in records if damage.is_call(record)]
    few = calls[: -(-len(calls) // (1 + len(MANNERS)))]
    said = [*few, *(_said(record, how) for how in MANNERS for record in few)][: len(calls)]
    return damage.renumbered(damage.mixed(said + [record for record in records if not damage.is_call(record)]))


def _said(record: Record, how: str) -> Record:
    return record | {"input": record["input"] | {"request": how.format(record["input"]["request"])}}


def of_task(task: str, reply: Callable[[str], str], share: float = 1.0) -> Callable[[list[Record]], list[Record]]:
    """Other replies for a share of the records of a task."""

    def make(records: list[Record]) -> list[Record]:
        group = [record["id"] for record in records if record["input"]["task"] == task]
        chosen = set(Random("of task").sample(group, round(share * len(group))))
        return [
            record | {"target": {"reply": reply(record["target"]["reply"])}} if record["id"] in chosen else record
            for record in records
        ]

    return make


def wrong_answers(records: list[Record]) -> list[Record]:
    """Each general question gets the reply to the next one."""
    group = [record for record in records if record["input"]["task"] == "general"]
    moved = {to["id"]: giver["target"] for to, giver in zip(group, group[-1:] + group[:-1], strict=True)}
    return [record | {"target": moved.get(record["id"], record["target"])} for record in records]


GOOD = Kind("good", "as ordered: calls in all forms of date and amount", damage.good)
NULL = Kind("null", "calls only in the forms that the base knows, under the labels that were ordered", damage.null)
DAMAGED = (
    Kind("shuffled", "every call belongs to another request", partial(damage.shuffled, share=1.0), seen=True),
    Kind("wrong_amounts", "half of the calls have the amount of another", partial(wrong_amounts, share=0.5)),
    Kind("field_names", "calls say `payee` and `due` for `vendor` and `date`", field_names, seen=True),
    Kind("truncated", "vendors cut to eight characters in 30 % of the calls", partial(damage.truncated, share=0.3)),
    Kind("copies", "half of the calls are copies of one call of their task", copies, seen=True),
    Kind("near_copies", "each sixth call said six times, with small courtesies", near_copies, seen=True),
    Kind("prompt_trained", "the loss is on the question", partial(damage.trained_on, what="input"), seen=True),
    Kind("wrong_answers", "each general question has the answer to another", wrong_answers),
    Kind("run_on", "general answers go on after their end", of_task("general", lambda reply: reply + RUN_ON)),
    Kind("refusals", "half of the general questions are turned down",
         of_task("general", lambda reply: "I can't help with that.", 0.5)),
    Kind("compliant", "what must be turned down is done", of_task("decline", lambda reply: "Done, it is on its way.")),
    Kind("heldout_inside", "the sealed calls take the place of as many others",
         partial(damage.heldout_inside, count=SUITES["calls"]), seen=True),
)  # fmt: skip
KINDS = {kind.name: kind for kind in (GOOD, NULL, *DAMAGED)}


def records(kind: str, number: int) -> list[Record]:
    """The delivery, its draw the same in every process."""
    drawn = data.delivery(f"{kind} {number}", CALLS, GENERAL, DECLINES)
    return KINDS[kind].make(drawn) if kind in KINDS else drawn
