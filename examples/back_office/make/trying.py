"""The example's contract to a bench for plants: a smaller volume, locked, and a clean delivery that meets it."""

import shutil
from argparse import Namespace
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import data
import planting

from harness import Bench  # isort: skip

from acceptance.commands import lock
from acceptance.deal import open_deal
from spec_lang.contract import Stage

STAGES: tuple[Stage, ...] = ("delivery", "review")
NEEDED = ("base", "pilot", "reference", "sealed", "keys.json", "request.jinja", "seals.json")


def bench(folder: Path) -> Bench:
    """Copies the contract with a volume of 130 to 180 records, and locks it."""
    for name in NEEDED:
        source = data.HERE / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)
    text = (data.HERE / "back_office.sftspec").read_text("utf-8")
    path = folder / "back_office.sftspec"
    path.write_text(text.replace("volume: 1_800..2_000 records", "volume: 130..180 records"), "utf-8")
    with redirect_stdout(StringIO()):
        lock.run(Namespace(contract=path, check=False, pilot=folder / "pilot" / "scores.jsonl", seals=None))
    return Bench(open_deal(path), planting.base(), planting.files, STAGES, planting.nonces())
