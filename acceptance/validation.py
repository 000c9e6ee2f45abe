"""Deal and delivery to the ledger of a stage: the one road that validate, certify and verify all take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance.deal import Deal, renderers
from acceptance.delivery import evidence as readings
from acceptance.delivery import inventory
from acceptance.delivery import manifest as manifests
from acceptance.delivery.attachments import attachments
from acceptance.delivery.findings import Reading
from acceptance.delivery.manifest import BadManifest, Manifest
from acceptance.delivery.reader import read, why_unreadable
from acceptance.engine import evaluation as engine
from acceptance.engine.evaluation import Outcome
from acceptance.errors import BREACHED, USAGE, Refused
from acceptance.executions import Execute
from acceptance.measures.protocol import no_plugin
from acceptance.sealed import opener
from acceptance.signing.secrets import Secrets
from acceptance.tables import Batch, Origin
from spec_lang.contract import Call, Stage

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Delivery:
    """A delivery folder, its manifest and the digest that names it."""

    folder: Path
    manifest: Manifest
    digest: str

    @property
    def rows(self) -> int:
        """Rows that the manifest promises, all tables together."""
        return sum(entry.records for entry in self.manifest.files())


def open_delivery(folder: Path, deal: Deal) -> Delivery:
    """Read the manifest. Raises Refused where there is none or it is another contract's."""
    if not folder.is_dir():
        raise Refused(f"{folder}: is not a folder; name the folder that holds the delivery", code=USAGE)
    try:
        manifest = manifests.read_manifest(folder)
        digest = manifests.digest(folder)
    except BadManifest as error:
        help = f"`sftspec manifest {deal.path.name} {folder}` writes one"
        raise Refused(f"{folder}: {error} ({help})", code=BREACHED) from error
    if manifest.contract != deal.contract.name:
        message = f"{folder}: the manifest is for contract `{manifest.contract}`, not for `{deal.contract.name}`"
        raise Refused(message, code=BREACHED)
    if not manifest.lots:
        message = f"{folder}: manifest.json lists no file: nothing is delivered; put the shards there and write it anew"
        raise Refused(message, code=BREACHED)
    return Delivery(folder, manifest, digest)


def decide(
    deal: Deal,
    delivery: Delivery,
    stages: tuple[Stage, ...],
    *,
    secrets: Secrets | None = None,
    evidence: Mapping[str, Any] | None = None,
    show_values: bool = False,
    progress: Progress | None = None,
    execute: Callable[[str], Execute] = engine.no_execution,
    plugin: Callable[[Call], Any] = no_plugin,
) -> Outcome:
    """The ledger of the delivery up to the last of `stages`; delivered code runs where `execute` lets it,
    and plug-ins where `plugin` does.

    Raises Refused.
    """
    reading, unreadable = Reading(), why_unreadable(delivery.manifest)
    tables = {
        table.name: _source(delivery, deal, table.name, reading)
        for table in deal.contract.tables
        if not unreadable and any(entry.table == table.name for entry in delivery.manifest.files())
    }
    numbers = manifests.lots(delivery.manifest, deal.contract.record)
    findings = manifests.verify_files(delivery.folder, delivery.manifest)
    findings += inventory.lots_in_order(numbers, deal.contract.lots)
    produced: dict[str, Any] = {
        "lines": lambda: readings.lines(reading),
        "attachments": attachments(delivery.folder, delivery.manifest),
        "files": lambda: readings.files([*findings, *reading.files], delivery.manifest),
        **(evidence or {}),
    }
    return engine.evaluate(
        deal.contract,
        tables,
        folder=deal.folder,
        stages=stages,
        evidence=produced,
        renderer=renderers(deal),
        items=opener(deal, secrets),
        execute=execute,
        plugin=plugin,
        show_values=show_values,
        lots_delivered=lots_here(deal, delivery),
        progress=progress,
        digests=(deal.contract.digest(), deal.lock_digest, delivery.digest),
        unreadable=unreadable,
    )


def lots_here(deal: Deal, delivery: Delivery) -> int:
    """How many of the lots that were agreed on are delivered."""
    numbers = manifests.lots(delivery.manifest, deal.contract.record)
    return max(1, sum(number <= deal.contract.lots for number in numbers))


def accepted_records(deal: Deal, delivery: Delivery, outcome: Outcome) -> Iterator[dict[str, Any]]:
    """The accepted rows of the bought record, read again in delivered order."""
    record = deal.contract.record
    source = _source(delivery, deal, record, Reading())
    return engine.accepted_rows(source, outcome.accepted[record])


def located_rows(deal: Deal, delivery: Delivery, table: str) -> Iterator[tuple[Origin, dict[str, Any]]]:
    """The rows of a table as delivered, each with its place; lines that cannot be read are left out."""
    for batch in _source(delivery, deal, table, Reading())():
        yield from zip(batch.origins, batch.rows, strict=True)


def _source(delivery: Delivery, deal: Deal, table: str, reading: Reading) -> Callable[[], Iterator[Batch]]:
    return lambda: read(delivery.folder, delivery.manifest, deal.contract, table, reading)
