"""`sftspec check`: a contract's path to its diagnostics, to what it expands to, or to what its trial will need."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acceptance.errors import BREACHED, MET, USAGE, Refused
from spec_lang.amending import Changes
from spec_lang.compiler import Compiled, compile_file
from spec_lang.contract import Clause, Contract
from spec_lang.diagnostics import Diagnostic, closest, frame, short
from spec_lang.lockfile import NAME, LockError, figures, misplaced, other_text, read, sealed_beside

if TYPE_CHECKING:
    from acceptance.report.planned import Rates

NEARLY = 0.9
"""How alike the names of files are of which one was meant: `reqest.jinja`, `request.jinja`; not `a.txt`, `b.txt`."""


def run(arguments: argparse.Namespace) -> int:
    """Exit 0 if the contract is sound; warnings do not make it unsound."""
    compiled = compile_file(arguments.contract)
    if arguments.plan and arguments.format == "json":
        print(
            json.dumps({"diagnostics": _as_json(compiled.diagnostics), "plan": _planned(compiled, arguments)}, indent=1)
        )
    else:
        show(compiled.diagnostics, arguments)
    if compiled.source is None:
        return USAGE
    if arguments.plan and arguments.format == "text" and (draft := _draft(compiled)) is not None:
        _plan(draft, arguments)
    if compiled.contract is None:
        return BREACHED
    if arguments.format == "text":
        if arguments.expand:
            _expand(compiled)
        _summary(compiled, arguments)
    return MET


def _as_json(diagnostics: Sequence[Diagnostic]) -> list[dict[str, Any]]:
    return [item.as_json() for item in diagnostics]


def _planned(compiled: Compiled, arguments: argparse.Namespace) -> dict[str, Any] | None:
    from acceptance.report import planned

    if (draft := _draft(compiled)) is None:
        return None
    return planned.as_json(draft, figures(arguments.contract), _rates(arguments), _exposures(arguments))


def _draft(compiled: Compiled) -> Contract | None:
    return compiled.reading.contract if compiled.reading is not None else None


def _plan(draft: Contract, arguments: argparse.Namespace) -> None:
    from acceptance.report import planned

    for line in planned.text(draft, figures(arguments.contract), _rates(arguments), _exposures(arguments)):
        print(line)
    print()


def _exposures(arguments: argparse.Namespace) -> dict[str, int]:
    """How often each sealed set was asked in its life; only the buyer's team knows, and only after `seal`."""
    from acceptance.deal import PRIVATE
    from acceptance.signing import exposures
    from acceptance.signing.exposures import ExposureError

    folder = arguments.contract.parent
    ledger = arguments.exposures or (folder / PRIVATE).with_name(exposures.NAME)
    try:
        known, seals = exposures.read(ledger), sealed_beside(folder)
    except ExposureError as error:
        raise Refused(str(error), code=USAGE) from error
    if seals is None:
        return {}
    return {name: known.count(set_id) for name, set_id in known.known(seals.seal).items()}


def _rates(arguments: argparse.Namespace) -> Rates:
    from acceptance.report.planned import Rates

    return Rates(
        seconds_per_step=arguments.seconds_per_step,
        seconds_per_item=arguments.seconds_per_item,
        price_per_hour=arguments.price_per_hour,
        minutes_per_review=arguments.minutes_per_review,
    )


def show(diagnostics: Sequence[Diagnostic], arguments: argparse.Namespace) -> None:
    """Print diagnostics in the format asked for."""
    form = getattr(arguments, "format", "text")
    if form == "json":
        print(json.dumps(_as_json(diagnostics), indent=1, ensure_ascii=False))
    elif form == "sarif":
        from acceptance.report import mistakes

        print(mistakes.render(diagnostics), end="")
    else:
        colour = sys.stderr.isatty()
        for item in diagnostics:
            text = short(item) if getattr(arguments, "short", False) else frame(item, colour) + "\n"
            print(text, file=sys.stderr)
        errors = sum(item.count for item in diagnostics if item.severity == "error")
        if errors:
            code = min(item.code for item in diagnostics if item.severity == "error" and item.count == 1)
            print(f"{errors:,} mistake{'s' * (errors > 1)}; `sftspec explain {code}` says more", file=sys.stderr)


def _summary(compiled: Compiled, arguments: argparse.Namespace) -> None:
    contract = compiled.contract
    assert contract is not None
    by_stage = {stage: sum(c.stage == stage for c in contract.clauses) for stage in ("delivery", "review", "trial")}
    print(f"{arguments.contract.name}: {contract.name} {contract.version} is sound")
    stages = ", ".join(f"{count} at {stage}" for stage, count in by_stage.items())
    print(f"  {len(contract.clauses)} clauses: {stages}")
    if compiled.changes is not None:
        _changed(compiled.changes)
    folder, named = arguments.contract.parent, _named(compiled)
    absent = [name + _meant(folder, name, named) for name in named if not (folder / name).exists()]
    if absent:
        print(f"  not here, and not needed to check: {', '.join(absent)}")
    for problem in _unlocked(contract, arguments.contract):
        print(f"  {problem}")
    print(f"  digest {contract.digest()}")


def _changed(changes: Changes) -> None:
    print(f"  amends {changes.of}")
    told = (("replaces", changes.replaced), ("adds", changes.added), ("does without", changes.waived))
    for what, names in told:
        if names:
            print(f"    {what} {', '.join(names)}")


def _named(compiled: Compiled) -> list[str]:
    from spec_lang.naming import named_files

    assert compiled.contract is not None
    return sorted({name for name, _ in named_files(compiled.contract)})


def _meant(folder: Path, absent: str, named: Sequence[str]) -> str:
    """Behind the name of an absent file, one beside it that was probably meant and that the contract does not name."""
    place = Path(absent)
    try:
        beside = sorted(one.name for one in (folder / place.parent).iterdir() if one.name.isprintable())
    except OSError:
        return ""
    meant = closest(place.name, [name for name in beside if str(place.with_name(name)) not in named], NEARLY)
    return f" (did you mean {meant}?)" if meant else ""


def _unlocked(contract: Contract, path: Path) -> list[str]:
    """Why the lock beside a contract is not its lock. A draft needs none."""
    if not (path.parent / NAME).is_file():
        return []
    try:
        lock = read(path.parent / NAME)
        told = misplaced(lock, path)
        return [told] if told else list(other_text(lock, contract, path.read_bytes()))
    except LockError as error:
        return [str(error)]


def _expand(compiled: Compiled) -> None:
    assert compiled.contract is not None
    for clause in compiled.contract.clauses:
        place = compiled.places.get(clause.name)
        print(_expanded(clause) + (f"  # {place.file}:{place.line}" if place else ""))
    print()


def _expanded(clause: Clause) -> str:
    """A clause in full: its words for the lawyers, all rows or each lot, how surely, and what follows."""
    from acceptance.engine.wording import describe, sure

    words = f' "{clause.text}"' if clause.text else ""
    parts = (
        f"{clause.role} {clause.name}{words} on {clause.table}:",
        describe(clause.expr),
        sure(clause.statistic) if clause.statistic is not None else "",
        "each lot" if clause.each_lot else "",
        f"otherwise {clause.otherwise}" if clause.otherwise != "none" else "",
        f" [{clause.stage}, {clause.basis}]",
    )
    return " ".join(filter(None, parts))
