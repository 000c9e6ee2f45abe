"""A held-out or reference file to its items, after its bytes were held against what the lock says of them."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any

from acceptance.deal import Deal, sha256
from acceptance.delivery import strict
from acceptance.errors import BREACHED, Refused
from acceptance.measures.protocol import Unavailable
from acceptance.signing.exposures import Asked
from acceptance.signing.secrets import Secrets, heldout_commitment
from acceptance.statistics.gains import MIN_EFFECTIVE, outweighed
from acceptance.statistics.variance import effective
from spec_lang.contract import Contract, HeldOut
from spec_lang.paths import PathError, regular
from spec_lang.planning.power import MIN_CLUSTERS

Item = dict[str, Any]


def open_items(deal: Deal, name: str, secrets: Secrets | None) -> list[Item]:
    """The items of a sealed set. Raises Unavailable where it is not here, Refused where it is not what was sealed."""
    heldout = deal.contract.heldout(name)
    data = _data(deal, heldout)
    if secrets is None:
        raise Unavailable(f"the sealed set {name} cannot be opened without the buyer's secrets")
    _is_what_was_sealed(deal, heldout, data, secrets)
    return items(heldout, data)


def opener(deal: Deal, secrets: Secrets | None) -> Callable[[str], Iterable[Item]]:
    """Held-out set name -> its items."""
    return lambda name: open_items(deal, name, secrets)


def asked(deal: Deal, names: Iterable[str], secrets: Secrets) -> tuple[Asked, ...]:
    """Sets as the exposure ledger calls them, by name. Raises Unavailable where one is not here."""
    found = [(name, _data(deal, deal.contract.heldout(name))) for name in sorted(names)]
    return tuple(Asked(heldout=name, set=secrets.set_id(data)) for name, data in found)


def suites(contract: Contract) -> list[str]:
    """Held-out sets with a file of their own."""
    return [heldout.name for heldout in contract.heldouts if heldout.items is not None]


def items(heldout: HeldOut, data: bytes) -> list[Item]:
    """The items of a file. Raises Refused for a line that is none, and for another number than the contract says."""
    found = list(_parse(data, str(heldout.items)))
    if len(found) != heldout.size:
        message = f"{heldout.items}: holds {len(found)} items; the contract says {heldout.size} for `{heldout.name}`"
        raise Refused(f"{message}; correct `size` or the file", code=BREACHED)
    return found


def reference(deal: Deal, name: str) -> list[Item]:
    """The records of a reference. Raises Unavailable where it is not here, Refused where it is not what was locked."""
    file = deal.contract.reference(name).items
    pinned = deal.lock.pinned("reference", file) if deal.lock is not None else None
    try:
        data = regular(deal.folder, file).at.read_bytes()
    except PathError as error:
        raise Unavailable(f"the reference {error}") from error
    if pinned is not None and sha256(data) != pinned.sha256:
        raise Refused(f"{file}: is not the file that contract.lock pins; restore the one agreed on", code=BREACHED)
    return list(_parse(data, file))


def flaws(contract: Contract, heldout: HeldOut, found: Sequence[Item]) -> Iterator[str]:
    """What would stop a trial, and can be known before anybody signs. Names places, never texts."""
    key = next((table.key for table in contract.tables if table.name == heldout.record), None)
    if key is not None and (twice := _again([item.get(key) for item in found])):
        yield f"{heldout.items}:{twice[1]}: has the key of line {twice[0]}; every item is scored once"
    if twice := _again([_without(item, key) for item in found]):
        yield f"{heldout.items}:{twice[1]}: is a copy of line {twice[0]}; an item that counts twice is no second item"
    if heldout.cluster_by is not None and heldout.clusters is not None:
        try:
            steps = heldout.cluster_by.steps
            clusters = Counter(_text(reduce(lambda inner, step: inner[step], steps, item)) for item in found)
        except (KeyError, TypeError):
            yield f"{heldout.items}: an item has no {'.'.join(heldout.cluster_by.steps)}, its cluster"
            return
        if len(clusters) != heldout.clusters:
            yield f"{heldout.items}: lies in {len(clusters)} clusters; the contract says {heldout.clusters}"
        elif len(clusters) >= MIN_CLUSTERS and (alike := effective(clusters.elements())) < MIN_EFFECTIVE:
            yield f"{heldout.items}: {outweighed(len(clusters), alike)}; seal items of which no cluster holds so many"


def copies(records: Iterable[Mapping[str, Any]], held: Iterable[Item]) -> int:
    """Records whose `input` is that of an item, value for value."""
    inputs = {_text(item["input"]) for item in held if "input" in item}
    return sum("input" in record and _text(record["input"]) in inputs for record in records)


def _text(value: Any) -> str:
    """One text for one value, whatever the order of its members."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=str)


def _without(item: Item, key: str | None) -> Item:
    return {name: value for name, value in item.items() if name != key}


def _again(values: Sequence[Any]) -> tuple[int, int] | None:
    """The places, from 1, of the first value that is there twice."""
    seen: dict[str, int] = {}
    for number, value in enumerate(values, start=1):
        if (earlier := seen.setdefault(_text(value), number)) != number:
            return earlier, number
    return None


def _data(deal: Deal, heldout: HeldOut) -> bytes:
    if heldout.items is None:
        raise Unavailable(f"the held-out set {heldout.name} is a public lm-eval task, not a file")
    path = deal.folder / heldout.items
    if not path.is_file():
        raise Unavailable(f"the sealed set {heldout.name} is not here; the buyer decides this clause at intake")
    return path.read_bytes()


def _is_what_was_sealed(deal: Deal, heldout: HeldOut, data: bytes, secrets: Secrets) -> None:
    seals = deal.lock.seals if deal.lock is not None else None
    sealed = deal.lock.sealed(heldout.name) if deal.lock is not None else None
    if seals is None or sealed is None:
        raise Refused(f"contract.lock: held-out set `{heldout.name}` is not sealed; run `sftspec seal`", code=BREACHED)
    if sealed.commitment != heldout_commitment(secrets.item_nonce(seals.seal), data):
        raise Refused(
            f"{heldout.items}: does not match the commitment of `{heldout.name}` in contract.lock; restore the sealed "
            "file, or use the secrets it was sealed with",
            code=BREACHED,
        )


def _parse(data: bytes, name: str) -> Iterator[Item]:
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        row, problem, _ = strict.parse(line)
        if row is None:
            raise Refused(f"{name}:{number}: {problem.message if problem else 'unreadable'}", code=BREACHED)
        yield row
