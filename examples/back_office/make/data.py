"""Fixed seeds in, the example's data out, the same bytes each time: delivery, house mixture, sealed and pilot sets."""

import csv
import gzip
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import cycle, islice, product
from pathlib import Path
from random import Random
from typing import Any

import phrases

Record = dict[str, Any]
Cell = tuple[str, str, str]  # task, date form, amount form

HERE = Path(__file__).resolve().parent.parent
TASKS = ("payment", "refund", "invoice")
CANONICAL_DATES, CANONICAL_AMOUNTS = ("iso", "long"), ("code", "after")  # the forms that the base knows

BALANCED: tuple[Cell, ...] = tuple(product(TASKS, phrases.DATE_FORMS, phrases.AMOUNT_FORMS))
CANONICAL: tuple[Cell, ...] = tuple(product(TASKS, CANONICAL_DATES, CANONICAL_AMOUNTS))

CALLS, GENERAL, DECLINES = 1_200, 550, 150
HOUSE_NEW_FORMS = 60  # calls of the house mixture that go beyond the canonical form
VENDORS, CALLS_PER_VENDOR = 100, 4

AUTHORS, REVIEWERS = 20, 8
EXPERT_IDS = tuple(f"EX-{number:03d}" for number in range(1, AUTHORS + REVIEWERS + 1))
REVIEWER_IDS = EXPERT_IDS[AUTHORS:]
FIRST_DAY, LAST_DAY = date(2026, 12, 1), date(2027, 1, 29)  # of writing

RATED_SHARE, AGREEMENT = 0.15, 0.97
MISREADINGS = {
    "payment": ("refund", "invoice"),
    "refund": ("payment",),
    "invoice": ("payment",),
    "general": ("invoice", "decline"),
    "decline": ("general", "payment"),
}


@dataclass(frozen=True, slots=True)
class Draft:
    """One request with its target, before the groups about provenance are added."""

    request: str
    task: str
    date_form: str
    target: dict[str, Any]


def delivery(
    draw: str = "delivery", calls: int = CALLS, general: int = GENERAL, declines: int = DECLINES
) -> list[Record]:
    """What the vendor ships: balanced calls, general questions and declines. Another `draw` is another delivery."""
    rng = Random(draw)
    drafts = _distinct(call_drafts(rng, BALANCED, calls), general_drafts(rng, general), decline_drafts(rng, declines))
    return records(rng, drafts, first_id=1)


def house() -> list[Record]:
    """What the buyer trains on today: nearly all calls in the form that the base knows."""
    rng = Random("house")
    drafts = _distinct(
        call_drafts(rng, CANONICAL, CALLS - HOUSE_NEW_FORMS),
        call_drafts(rng, BALANCED, HOUSE_NEW_FORMS),
        general_drafts(rng, GENERAL),
        decline_drafts(rng, DECLINES),
    )
    return records(rng, drafts, first_id=20_001)


def held_out(group: str, first_id: int) -> dict[str, list[Record]]:
    """Three suites about vendors that no training data names; `group` is `sealed` or `pilot`."""
    rng = Random(group)
    names = phrases.vendor_names(group)
    suites = {
        "calls": list(_clustered_calls(rng, names)),
        "general": _distinct(general_drafts(rng, 400, names)),
        "declines": _distinct(decline_drafts(rng, 200, names)),
    }
    taken = {record["input"]["request"] for record in (*delivery(), *house())}
    result = {}
    for suite, drafts in suites.items():
        drafts = [draft for draft in drafts if draft.request not in taken]
        result[suite] = records(rng, drafts, first_id, held_out=True)
        first_id += 1_000
    return result


def call_drafts(rng: Random, cells: tuple[Cell, ...], count: int) -> Iterator[Draft]:
    """Tool calls in the delivered wordings, spread evenly over the cells and then shuffled."""
    names = phrases.vendor_names("train")
    chosen = list(islice(cycle(rng.sample(cells, len(cells))), count))
    rng.shuffle(chosen)
    for cell in chosen:
        yield call_draft(rng, cell, phrases.draw(rng, names, cell[2]), phrases.DELIVERED_WORDINGS)


def call_draft(rng: Random, cell: Cell, facts: phrases.Facts, wordings: int) -> Draft:
    task, date_form, amount_form = cell
    wording = rng.choice(phrases.WORDINGS[task][:wordings])
    return Draft(
        phrases.request_text(wording, facts, date_form, amount_form),
        task,
        date_form,
        {"call": phrases.call(task, facts)},
    )


def general_drafts(rng: Random, count: int, names: list[str] | None = None) -> Iterator[Draft]:
    return _reply_drafts(rng, count, "general", phrases.general, names)


def decline_drafts(rng: Random, count: int, names: list[str] | None = None) -> Iterator[Draft]:
    return _reply_drafts(rng, count, "decline", phrases.decline, names)


def _reply_drafts(
    rng: Random, count: int, task: str, make: Callable[[Random, list[str]], tuple[str, str]], names: list[str] | None
) -> Iterator[Draft]:
    names = names or phrases.vendor_names("train")
    seen: set[str] = set()
    while len(seen) < count:
        request, reply = make(rng, names)
        if request not in seen:
            seen.add(request)
            yield Draft(request, task, "none", {"reply": reply})


def _clustered_calls(rng: Random, names: list[str]) -> Iterator[Draft]:
    """Four calls for each of a hundred vendors, over all wordings."""
    cells = cycle(rng.sample(BALANCED, len(BALANCED)))
    vendors = rng.sample([f"{name} {trade}" for name in names for trade in phrases.TRADES], VENDORS)
    for vendor in vendors:
        for cell in islice(cells, CALLS_PER_VENDOR):
            facts = replace(phrases.draw(rng, names, cell[2]), vendor=vendor)
            yield call_draft(rng, cell, facts, wordings=len(phrases.WORDINGS[cell[0]]))


def _distinct(*parts: Iterator[Draft]) -> list[Draft]:
    """The parts in order, each request once."""
    return list({draft.request: draft for part in parts for draft in part}.values())


def records(rng: Random, drafts: list[Draft], first_id: int, held_out: bool = False) -> list[Record]:
    """Complete records; training data is shuffled, held-out items keep their order and are never for training."""
    if not held_out:
        drafts = rng.sample(drafts, len(drafts))
    return [_record(rng, f"BO-{number:05d}", draft, held_out) for number, draft in enumerate(drafts, first_id)]


def _record(rng: Random, record_id: str, draft: Draft, held_out: bool) -> Record:
    validation = held_out or rng.random() < 0.03
    source = _source(rng)
    return {
        "id": record_id,
        "input": {"request": draft.request, "task": draft.task, "date_form": draft.date_form, "language": "en"},
        "target": draft.target,
        "source": source,
        "training": {"split": "validation" if validation else "train", "train_on": "target"}
        | ({"weight": 1} if rng.random() < 0.5 else {}),
        "governance": _governance(rng, source["origin"]),
    }


def _source(rng: Random) -> dict[str, str]:
    origin = rng.choices(("human", "synthetic", "licensed"), (78, 14, 8))[0]
    author = rng.choice(EXPERT_IDS)
    source = {
        "origin": origin,
        "author": author,
        "reviewer": rng.choice([expert for expert in REVIEWER_IDS if expert != author]),
        "written_at": (FIRST_DAY + timedelta(days=rng.randrange((LAST_DAY - FIRST_DAY).days + 1))).isoformat(),
    }
    if origin == "synthetic":
        source["generator"] = "meridian-paraphraser 2.1"
    if origin == "licensed":
        source["register"] = f"MDW-{rng.randint(1, 12):04d}"
    return source


def _governance(rng: Random, origin: str) -> dict[str, str]:
    free = rng.choice(("MIT", "Apache-2.0"))
    licenses = {"human": "LicenseRef-Assigned", "synthetic": "Apache-2.0", "licensed": free}
    return {
        "license": licenses[origin],
        "privacy": "pseudonymised" if origin == "licensed" else "none",
        "sensitivity": "public" if origin == "synthetic" else "internal",
        "retain_until": f"{rng.randint(2032, 2035)}-12-31",
        "release": "2027.01",
        "limitations": "English only; invented vendors and amounts",
    }


def experts() -> list[dict[str, Any]]:
    """Authors, bookkeepers or accountants, then reviewers, who are accountants; every credential covers the writing."""
    rng = Random("experts")
    return [_expert(rng, expert) for expert in EXPERT_IDS]


def _expert(rng: Random, expert: str) -> dict[str, Any]:
    reviewer = expert in REVIEWER_IDS
    row: dict[str, Any] = {
        "id": expert,
        "credential": "accountant" if reviewer else rng.choice(("bookkeeper", "accountant")),
        "valid_from": date(rng.randint(2015, 2025), rng.randint(1, 12), 1).isoformat(),
    }
    if rng.random() < 0.6:
        row["valid_until"] = date(rng.randint(2027, 2031), 12, 31).isoformat()
    return row | {"languages": ["en", *rng.sample(("de", "fr", "pl", "es"), rng.randint(0, 2))]}


def ratings(delivered: list[Record]) -> list[dict[str, str]]:
    """Two independent readings of the task for a part of the records, neither by the author."""
    rng = Random("ratings")
    picked = sorted(rng.sample(range(len(delivered)), round(RATED_SHARE * len(delivered))))
    misread = set(rng.sample(picked, round((1 - AGREEMENT) * len(picked))))
    return [rating for index in picked for rating in _readings(rng, delivered[index], index in misread)]


def _readings(rng: Random, record: Record, misread: bool) -> list[dict[str, str]]:
    """Two raters' labels; where one misreads, the second one differs."""
    task = record["input"]["task"]
    raters = rng.sample([expert for expert in EXPERT_IDS if expert != record["source"]["author"]], 2)
    labels = (task, rng.choice(MISREADINGS[task]) if misread else task)
    readings = zip(raters, labels, strict=True)
    return [{"request": record["id"], "rater": rater, "task": label} for rater, label in readings]


def write_delivery(folder: Path, delivered: list[Record]) -> None:
    """Two shards, one of them compressed, with the tables that they refer to."""
    middle = len(delivered) // 2
    write(folder / "part-01.jsonl", to_jsonl(delivered[:middle]))
    write(folder / "part-02.jsonl.gz", gzip.compress(to_jsonl(delivered[middle:]), mtime=0))
    write(folder / "experts.jsonl", to_jsonl(experts()))
    write(folder / "ratings.csv", _to_csv(ratings(delivered)))


def to_jsonl(rows: list[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def read_jsonl(path: Path) -> list[Record]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def _to_csv(rows: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, rows[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def main() -> None:
    write_delivery(HERE / "delivery", delivery())
    write(HERE / "reference" / "house.jsonl", to_jsonl(house()))
    for group, first_id in (("sealed", 40_001), ("pilot", 60_001)):
        for suite, items in held_out(group, first_id).items():
            write(HERE / group / f"{suite}.jsonl", to_jsonl(items))


if __name__ == "__main__":
    main()
