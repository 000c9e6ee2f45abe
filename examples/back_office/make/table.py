"""Damaged deliveries to the outcome table: what each does to the model, and which clause stops it.

    python examples/back_office/make/table.py             decide again from the committed scores
    python examples/back_office/make/table.py --measure   fine-tune and evaluate every row anew

Every delivery is trained on as delivered, whatever its clauses say, so that the table shows what the clause prevents.
"""

import argparse
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import damage
import data
import planting

from acceptance import sealed
from acceptance.certification import procedure as certification
from acceptance.deal import Deal, open_deal
from acceptance.delivery.manifest import write_manifest
from acceptance.engine.trial_ledger import trial_entries
from acceptance.scores import BASE, VENDOR, ScoreRow
from acceptance.validation import decide, open_delivery
from spec_lang.comparisons import comparison
from spec_lang.contract import Contract, HeldOut, canonical
from spec_lang.lock import ROLES

SCORES = data.HERE / "scores"
SUITES = ("calls", "general", "declines")
CERTIFIABLE = ("good", "null", "borderline")
"""Rows with the contract's five seeds; the others have three and so cannot be certified."""
HOUSE = "house_mix"
DELIVERY_STAGES = ("delivery", "review")
SHOWN = 2
"""Breached clauses of delivery and intake that a row names."""


@dataclass(frozen=True)
class Row:
    """One line of the table. `scores`: suite -> seed -> one score per item, in the items' order."""

    name: str
    seeds: tuple[str, ...]
    scores: dict[str, dict[str, list[float]]]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--measure", action="store_true", help="fine-tune and evaluate every row anew")
    parser.add_argument("--only", nargs="*", default=None, help="rows to measure")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    deal = open_deal(data.HERE / "back_office.sftspec", ROLES)
    if options.measure:
        measure(deal, options.only or list(damage.DAMAGES), options.workers)
    wrong = stale(deal)
    if wrong:
        print(f"the committed scores belong to other files ({', '.join(wrong)}); run with --measure", file=sys.stderr)
        return 1
    print("\n".join(table(deal)))
    return 0


# ------------------------------------------------------------------------------------------------ measuring


def measure(deal: Deal, names: list[str], workers: int) -> None:
    """Train and evaluate; one score file for each row, written as soon as it is there."""
    SCORES.mkdir(exist_ok=True)
    for name in names:
        print(f"{name}:", file=sys.stderr, flush=True)
        count = certification.recipe_of(deal.contract).seeds if name in CERTIFIABLE else 3
        arms = trained(deal, name, [str(seed) for seed in range(1, count + 1)], workers)
        write(name, arms[VENDOR])
        if name == "good":  # the other two arms of the trial, with their pilot scores
            write(BASE, arms[BASE])
            write(HOUSE, arms[HOUSE])
    save("inputs", inputs(deal))


def trained(deal: Deal, name: str, seeds: list[str], workers: int) -> dict[str, Any]:
    """Scores of every arm: the delivery's, and for the good one also base and reference, on sealed and pilot sets."""
    from acceptance.trial.run import Plan, run_trial
    from acceptance.trial.telling import Done

    with_pilot = name == "good"
    contract = piloted(deal.contract) if with_pilot else deal.contract
    suites = {suite: data.read_jsonl(deal.folder / "sealed" / f"{suite}.jsonl") for suite in SUITES}
    if with_pilot:
        suites |= {f"pilot_{suite}": data.read_jsonl(deal.folder / "pilot" / f"{suite}.jsonl") for suite in SUITES}
    plan = Plan(
        contract=contract,
        recipe=certification.recipe_of(contract),
        folder=deal.folder,
        vendor=damage.DAMAGES[name](delivered()),
        references={HOUSE: sealed.reference(deal, HOUSE)} if with_pilot else {},
        suites=suites,
        seeds={VENDOR: seeds, HOUSE: seeds} if with_pilot else {VENDOR: seeds},
        blind=lambda text: text,
        workers=workers,
        tell=lambda told: print(f"  {told.run}: done", file=sys.stderr, flush=True) if isinstance(told, Done) else None,
    )
    return by_arm(run_trial(plan).scores, suites)


def piloted(contract: Contract) -> Contract:
    """The contract with the pilot sets beside the sealed ones."""
    twins = tuple(pilot_twin(heldout) for heldout in contract.heldouts)
    return contract.model_copy(update={"heldouts": (*contract.heldouts, *twins)})


def pilot_twin(heldout: HeldOut) -> HeldOut:
    return heldout.model_copy(update={"name": f"pilot_{heldout.name}"})


def by_arm(rows: tuple[ScoreRow, ...], suites: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """arm -> suite -> seed -> scores in the items' order."""
    order = {f"{suite}/{item['id']}": at for suite, items in suites.items() for at, item in enumerate(items)}
    out: dict[str, Any] = {}
    for row in rows:
        runs = out.setdefault(row.arm, {}).setdefault(row.suite, {})
        runs.setdefault(row.seed, [0.0] * len(suites[row.suite]))[order[row.item]] = row.score
    return out


def write(name: str, arm: dict[str, dict[str, list[float]]]) -> None:
    """A score file: yes-no scores as a text of ones and zeros."""
    save(name, {suite: {seed: "".join(str(int(score)) for score in scores) for seed, scores in runs.items()}
                for suite, runs in arm.items()})  # fmt: skip


def save(name: str, content: dict[str, Any]) -> None:
    (SCORES / f"{name}.json").write_text(json.dumps(content, indent=1, sort_keys=True) + "\n")


def inputs(deal: Deal) -> dict[str, str]:
    """sha256 of everything that the scores depend on."""
    names = ["request.jinja", "reference/house.jsonl", "base/model.safetensors", "base/tokenizer.json"]
    names += [f"{where}/{suite}.jsonl" for where in ("sealed", "pilot") for suite in SUITES]
    recipe = canonical(certification.recipe_of(deal.contract).model_dump(mode="json"))
    digests = {name: hashlib.sha256((deal.folder / name).read_bytes()).hexdigest() for name in names}
    digests |= {f"row {name}": hashlib.sha256(rows(name)).hexdigest() for name in damage.DAMAGES}
    return digests | {"recipe": hashlib.sha256(recipe).hexdigest()}


def rows(name: str) -> bytes:
    """The records of one row of the table, as delivered."""
    return data.to_jsonl(damage.DAMAGES[name](delivered()))


@cache
def delivered() -> list[data.Record]:
    """The good delivery's records, made once."""
    return data.delivery()


def stale(deal: Deal) -> list[str]:
    """Inputs that have changed since the scores were measured."""
    known = json.loads((SCORES / "inputs.json").read_text())
    return [name for name, digest in inputs(deal).items() if known.get(name) != digest]


# ------------------------------------------------------------------------------------------------ deciding


def read(name: str) -> Row:
    """A committed score file."""
    content = json.loads((SCORES / f"{name}.json").read_text())
    scores = {suite: {seed: [float(digit) for digit in text] for seed, text in runs.items()}
              for suite, runs in content.items()}  # fmt: skip
    return Row(name, tuple(scores["calls"]), scores)


@cache
def breached(name: str) -> tuple[str, ...]:
    """What refuses a delivery before the trial: clauses that drop rows, then clauses that are breached."""
    deal = open_deal(data.HERE / "back_office.sftspec", ROLES)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        data.write_delivery(folder, damage.DAMAGES[name](delivered()))
        write_manifest(folder, deal.contract)
        ledger = decide(deal, open_delivery(folder, deal), DELIVERY_STAGES, secrets=planting.nonces()).ledger
    dropping = [f"{entry.clause} drops {entry.dropped}" for entry in ledger.entries if entry.dropped]
    refusing = [entry.clause for entry in ledger.entries if entry.verdict == "breached" and entry.role == "require"]
    if not refusing:
        return ()
    more = [f"{len(refusing) - SHOWN} more"] if len(refusing) > SHOWN else []
    return (*dropping, *refusing[:SHOWN], *more)


def table(deal: Deal) -> Iterator[str]:
    """The lines of the table."""
    base, house = read(BASE), read(HOUSE)
    yield f"{'delivery':<20}{'seeds':>6}{'calls':>8}{'general':>9}{'declines':>10}  what stops it"
    yield line("(base)", base, "")
    yield line("(house mix)", house, "the reference arm")
    for name in damage.DAMAGES:
        row = read(name)
        yield line(name, row, "; ".join(stops(deal, row, base, house)))
    yield ""
    yield f"Margins were set on the pilot sets (base {percent(base, 'pilot_calls')}, good " \
          f"{percent(read('good'), 'pilot_calls')}, house mix {percent(house, 'pilot_calls')} of calls); " \
          "the table is on the sealed ones."  # fmt: skip


def line(name: str, row: Row, stopped: str) -> str:
    shown = [percent(row, suite) for suite in SUITES]
    return f"{name:<20}{len(row.seeds):>6}{shown[0]:>8}{shown[1]:>9}{shown[2]:>10}  {stopped}"


def percent(row: Row, suite: str) -> str:
    """The mean score over seeds and items."""
    runs = row.scores[suite].values()
    return f"{100 * sum(sum(run) / len(run) for run in runs) / len(runs):.1f}"


def stops(deal: Deal, row: Row, base: Row, house: Row) -> list[str]:
    """What refuses the delivery, in the order in which it would be noticed."""
    found = list(breached(row.name))
    if row.name in CERTIFIABLE:
        entries = trial_entries(deal.contract, score_rows(deal, row, base, house)).values()
        verdict = [f"{entry.clause} {entry.verdict} {entry.observed}" for entry in entries if entry.verdict != "met"]
        certified = "CERTIFIED" if not found and not verdict else "not certified"
        return [certified, *found, *verdict]
    missed = [f"{name} (trial, {gain:+.1f} pp)" for name, gain in misses(deal, row, base, house)]
    if not found + missed:
        missed = ["only human review could"]
    return ["not certifiable", *found, *missed]


def misses(deal: Deal, row: Row, base: Row, house: Row) -> Iterator[tuple[str, float]]:
    """Trial clauses whose bound the point estimate misses, and the estimate in points."""
    for clause in deal.contract.clauses:
        if clause.stage != "trial":
            continue
        call = clause.expr.args[0]
        other = base if call.word("over") == BASE else house
        gain = float(percent(row, call.word("suite"))) - float(percent(other, call.word("suite")))
        if Decimal(str(gain)) < comparison(clause.expr)[1] * 100:
            yield clause.name, gain


def score_rows(deal: Deal, row: Row, base: Row, house: Row) -> list[ScoreRow]:
    """The scores as the statistics read them."""
    out = []
    for arm, one in ((VENDOR, row), (BASE, base), (HOUSE, house)):
        for suite in SUITES:
            items = data.read_jsonl(deal.folder / "sealed" / f"{suite}.jsonl")
            for seed, scores in one.scores[suite].items():
                out += [score_row(suite, arm, seed, *pair) for pair in zip(items, scores, strict=True)]
    return out


def score_row(suite: str, arm: str, seed: str, item: dict[str, Any], score: float) -> ScoreRow:
    cluster = item["target"]["call"]["vendor"] if suite == "calls" else item["id"]
    return ScoreRow(suite=suite, arm=arm, seed=seed, item=item["id"], cluster=cluster, score=score)


def certified(deal: Deal, name: str) -> bool:
    """Whether the committed scores certify a row."""
    return stops(deal, read(name), read(BASE), read(HOUSE))[0] == "CERTIFIED"


if __name__ == "__main__":
    sys.exit(main())
