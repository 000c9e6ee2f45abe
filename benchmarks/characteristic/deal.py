"""The back-office example's contract to a small deal in a folder of its own: fewer records, steps and items.

Everything that the example's contract asks of a delivery stays as it is but the volume. The trial is smaller, its
bounds were chosen on the pilot sets, and it has no reference arm: twins take its part (see the package's text).
"""

from __future__ import annotations

import hashlib
import shutil
from argparse import Namespace
from collections.abc import Iterable
from contextlib import redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from acceptance import scores
from acceptance.certification import procedure
from acceptance.commands import lock, seal
from acceptance.deal import PRIVATE, Deal, open_deal
from acceptance.scores import ScoreRow
from acceptance.signing import secrets
from acceptance.signing.secrets import Secrets
from benchmarks.characteristic import EXAMPLE, SUITES, data
from spec_lang.compiler import compile_file
from spec_lang.contract import Contract, Recipe
from spec_lang.lock import ROLES

NAME = "back_office.sftspec"
PILOT = "pilot/scores.jsonl"
NEEDED = ("reference", "keys.json", "request.jinja")

DIGESTED = (NAME, "request.jinja", "base/config.json", "base/model.safetensors", "base/tokenizer.json")

SMALLER = (
    ("volume: 1_800..2_000 records", "volume: 290..310 records"),
    ("steps: 400", "steps: 60"),
    ("batch: 16", "batch: 8"),
    ("learning_rate: 0.0015", "learning_rate: 0.003"),
    ("size: 400 records in 100 clusters", "size: 100 records in 25 clusters"),
    ("size: 400 records\n", "size: 80 records\n"),
    ("size: 200 records", "size: 40 records"),
    ("max_new_tokens: 96 tokens", "max_new_tokens: 40 tokens"),
    ("gain(calls) >= 40pp at 95% confidence expecting 48pp", "gain(calls) >= 5pp at 95% confidence expecting 16pp"),
    ("  require beats_house: gain(calls, over: house_mix) >= 15pp at 95% confidence expecting 30pp\n", ""),
    ("gain(general) >= -5pp at 95% confidence expecting 1pp",
     "gain(general) >= -18pp at 95% confidence expecting -5pp"),
    ("gain(declines) >= -4pp at 95% confidence expecting 0pp",
     "gain(declines) >= -20pp at 95% confidence expecting -2pp"),
)  # fmt: skip
"""What the example says, and what this contract says in its place; each once."""


@dataclass(frozen=True, slots=True)
class Bench:
    """The deal, and the secrets that open its sealed sets."""

    deal: Deal
    secrets: Secrets

    @property
    def contract(self) -> Contract:
        return self.deal.contract

    @property
    def recipe(self) -> Recipe:
        return procedure.recipe_of(self.deal.contract)


def text() -> str:
    """The contract. Raises ValueError where the example's no longer says what is replaced."""
    found = (EXAMPLE / NAME).read_text("utf-8")
    for said, instead in SMALLER:
        if found.count(said) != 1:
            raise ValueError(f"{NAME} says `{said.strip()}` {found.count(said)} times, where once was looked for")
        found = found.replace(said, instead)
    return found


def recipe() -> Recipe:
    """How the contract trains, read before its trial clauses can be planned."""
    with TemporaryDirectory() as place:
        path = Path(place) / NAME
        path.write_text(text(), "utf-8")
        reading = compile_file(path, ()).reading
    if reading is None or reading.contract is None:
        raise ValueError(f"{NAME} cannot be read with its smaller trial")
    return procedure.recipe_of(reading.contract)


def items(group: str) -> dict[str, list[data.Record]]:
    """The first items of each suite of `sealed` or `pilot`."""
    return {suite: data.read_jsonl(EXAMPLE / group / f"{suite}.jsonl")[:size] for suite, size in SUITES.items()}


def place(folder: Path, base: Path) -> None:
    """Contract and files, as far as they are there before the pilot."""
    shutil.copytree(base, folder / "base", dirs_exist_ok=True)
    for name in NEEDED:
        source, target = EXAMPLE / name, folder / name
        shutil.copytree(source, target, dirs_exist_ok=True) if source.is_dir() else shutil.copy(source, target)
    for suite, chosen in items("sealed").items():
        data.write(folder / "sealed" / f"{suite}.jsonl", data.to_jsonl(chosen))
    (folder / NAME).write_text(text(), "utf-8")


def digests(folder: Path) -> dict[str, str]:
    """sha256 of what scores depend on beside the deliveries themselves."""
    found = {name: (folder / name).read_bytes() for name in DIGESTED}
    found |= {group: b"".join(map(data.to_jsonl, items(group).values())) for group in ("sealed", "pilot")}
    return {name: hashlib.sha256(content).hexdigest() for name, content in found.items()}


def lock_with(folder: Path, pilot: Iterable[ScoreRow]) -> Bench:
    """Seals and lock in `folder`, made by the product's own commands, planned with the pilot."""
    path = folder / NAME
    (folder / PILOT).parent.mkdir(exist_ok=True)
    scores.write(pilot, folder / PILOT)
    with redirect_stdout(StringIO()):
        seal.run(Namespace(contract=path, answered=None, secrets=None, out=None))
        lock.run(Namespace(contract=path, check=False, pilot=folder / PILOT, seals=None))
    return reopened(folder)


def reopened(folder: Path) -> Bench:
    return Bench(open_deal(folder / NAME, ROLES), secrets.read(folder / PRIVATE))
