"""A sealed held-out file to its items, after its bytes were held against the commitment in the lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from acceptance.deal import Deal
from acceptance.delivery import strict
from acceptance.errors import Refused
from acceptance.measures.protocol import Unavailable
from acceptance.signing.secrets import Secrets, heldout_commitment


def open_items(deal: Deal, name: str, secrets: Secrets | None) -> list[dict[str, Any]]:
    """The items of a sealed set. Raises Unavailable where it is not here, Refused where it is not what was sealed."""
    heldout = deal.contract.heldout(name)
    if heldout.items is None:
        raise Unavailable(f"the held-out set {name} is a public lm-eval task, not a file")
    path = deal.folder / heldout.items
    if not path.is_file():
        raise Unavailable(f"the sealed set {name} is not here; the buyer decides this clause at intake")
    if secrets is None:
        raise Unavailable(f"the sealed set {name} cannot be opened without the buyer's secrets")
    data = path.read_bytes()
    _is_what_was_sealed(deal, name, data, secrets)
    items = _parse(data, heldout.items)
    if len(items) != heldout.size:
        raise Refused(f"{heldout.items}: holds {len(items)} items; the contract says {heldout.size}", code=1)
    return items


def opener(deal: Deal, secrets: Secrets | None) -> Callable[[str], Iterable[dict[str, Any]]]:
    """Held-out set name -> its items."""
    return lambda name: open_items(deal, name, secrets)


def _is_what_was_sealed(deal: Deal, name: str, data: bytes, secrets: Secrets) -> None:
    sealed = next((one for one in deal.lock.sealed if one.heldout == name), None) if deal.lock else None
    if sealed is None:
        raise Refused(f"contract.lock: held-out set `{name}` is not sealed; run `sftspec lock`", code=1)
    if sealed.commitment != heldout_commitment(secrets.item_nonce, data):
        file = deal.contract.heldout(name).items
        raise Refused(
            f"{file}: does not match the commitment of `{name}` in contract.lock; restore the sealed file, "
            "or use the secrets it was sealed with",
            code=1,
        )


def _parse(data: bytes, name: str) -> list[dict[str, Any]]:
    items = []
    for number, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        row, problem, _ = strict.parse(line)
        if row is None:
            raise Refused(f"{name}:{number}: {problem.message if problem else 'unreadable'}", code=1)
        items.append(row)
    return items
