"""Three deliveries with all their plants at once, judged by the quick ways and without them: the same ledger, whole.

In memory the first time, and every column and set on disk the second.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from random import Random

import pytest
import re2

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "examples" / "corpus"))

import catalogue  # noqa: E402
import harness  # noqa: E402

from acceptance.delivery import manifest, strict  # noqa: E402
from acceptance.engine.columns import Columns  # noqa: E402
from acceptance.engine.evaluation import Outcome  # noqa: E402
from acceptance.measures import _marks, _scan, follows, has_secret, resolves, well_formed  # noqa: E402
from acceptance.rendering import counting  # noqa: E402
from acceptance.tables import Detail  # noqa: E402
from acceptance.validation import decide, open_delivery  # noqa: E402
from acceptance.values import spill, stored  # noqa: E402


def slowly(patch: pytest.MonkeyPatch) -> None:
    """Every line by the standard parser, every row by what explains it, every expression and token row by row."""
    patch.setattr(strict, "quickly", lambda raw: None)
    patch.setattr(Columns, "_keys", lambda self, expr: None)
    patch.setattr(counting, "cuts_at_spaces", lambda tokenizer: False)
    patch.setattr(well_formed, "acceptor", lambda field, checker, path: lambda value: sound(
        checker.field({field.name: value}, field, f"$.{path}")))  # fmt: skip
    patch.setattr(well_formed, "record_acceptor", lambda shape, checker: lambda row: sound(
        checker.record(row, shape, "$")))  # fmt: skip
    patch.setattr(resolves, "bare", lambda type_: None)
    patch.setattr(follows, "MOST", 0)
    patch.setattr(has_secret, "HINT", re2.compile(""))
    for name, bound in {"HELD": 0, "LITTLE": 0, "PIECE": 50, "ROWS": 5, "NEAR": 0}.items():
        patch.setattr(spill, name, bound)
    patch.setattr(_marks, "LATEST", 7)
    patch.setattr(stored, "MOST", 0)
    patch.setattr(_scan.Scan, "_judge", lambda self, rows, joined, gate: self._look(rows))


def sound(defects: Iterator[Detail]) -> bool:
    return next(defects, None) is None


def planted(bench: harness.Bench, name: str) -> harness.Records:
    """Clean records with one plant after the other in them; one that finds no place among the others is left out."""
    records = deepcopy(bench.clean)
    for plant in catalogue.plants(name):
        if plant.when == "records":
            with suppress(LookupError, AttributeError, TypeError, ValueError, StopIteration):
                records = plant.plant(deepcopy(records), Random(plant.name))
    return records


def deliver(bench: harness.Bench, name: str, folder: Path) -> None:
    """Planted records, and behind them lines in which a byte is another."""
    content, rng = bench.files(planted(bench, name), bench.clean), Random(name)
    shard = next(path for path in sorted(content) if path.startswith("part-") and path.endswith(".jsonl"))
    body = content[shard]
    assert isinstance(body, bytes)
    lines = [bytearray(line) for line in body.splitlines()[:60] if line]
    for line in lines:
        line[rng.randrange(len(line))] = rng.choice(b'\0"\\:,{}[]9eE \xa8\xff')
    content[shard] = b"\n".join([body.rstrip(b"\n"), *lines, b""])
    harness.write(folder, content)
    manifest.write_manifest(folder, bench.deal.contract)


def judged(bench: harness.Bench, folder: Path) -> Outcome:
    delivery = open_delivery(folder, bench.deal)
    return decide(bench.deal, delivery, bench.stages, secrets=bench.nonces, show_values=True)


@pytest.mark.parametrize("name", catalogue.DELIVERIES)
def test_a_damaged_delivery_has_one_ledger(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "bench").mkdir()
    sent = tmp_path / "sent"
    bench = catalogue.bench(name, tmp_path / "bench")
    deliver(bench, name, sent)
    quick = judged(bench, sent)
    slowly(monkeypatch)
    slow = judged(bench, sent)
    for one, other in zip(quick.ledger.entries, slow.ledger.entries, strict=True):
        assert one.model_dump() == other.model_dump()
    assert quick.ledger == slow.ledger
    assert quick.figures == slow.figures
    assert sum(len(entry.findings) for entry in quick.ledger.entries) > 20
