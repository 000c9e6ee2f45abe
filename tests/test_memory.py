"""What `validate` holds for each further record stays small, and what goes to disk comes back as it was."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acceptance.text.ngrams import positions
from acceptance.values import spill
from acceptance.values.spill import Numbers

ROOT = Path(__file__).resolve().parent.parent
MOST = 1_000
"""Bytes for each further record, with everything on; `docs/performance.md` has what was measured."""


def peak(folder: Path, records: int) -> int:
    """Bytes of memory that a process of its own takes at most for so many records of the benchmark."""
    command = (
        "import pathlib, sys; from benchmarks import chats; chats.make(pathlib.Path(sys.argv[1]), int(sys.argv[2]))"
    )
    one = os.environ | {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false"}
    subprocess.run([sys.executable, "-c", command, str(folder), str(records)], cwd=ROOT, env=one, check=True)
    ours = [sys.executable, "-m", "benchmarks.ours", str(folder)]
    done = subprocess.run(ours, cwd=ROOT, env=one, stdout=subprocess.PIPE, check=True)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return int(told["kilobytes"]) * 1024


def test_memory_grows_by_little_for_each_record(tmp_path: Path) -> None:
    few, many = 2_000, 9_000
    grown = peak(tmp_path / "many", many) - peak(tmp_path / "few", few)
    assert grown / (many - few) < MOST


@given(
    st.lists(st.lists(st.integers(0, 9), max_size=9), max_size=9),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), max_size=9),
    st.sampled_from([(1 << 20, 1 << 20, 100), (40, 5, 2), (0, 1, 0)]),
)
def test_numbers_come_back_from_disk(blocks: list[list[int]], gaps: list[tuple[int, int]], size: Any) -> None:
    """gaps: numbers between one range and the next, and in it."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in zip(("HELD", "PIECE", "NEAR"), size, strict=True):
            patch.setattr(spill, name, value)
        numbers, flat = Numbers(np.int32), np.array([one for block in blocks for one in block], dtype=np.int32)
        for block in blocks:
            numbers.append(np.array(block, dtype=np.int32))
        assert len(numbers) == len(flat) and [one for piece in numbers.pieces() for one in piece] == flat.tolist()
        ends = np.cumsum(np.array(gaps, dtype=np.int64).reshape(-1, 2).reshape(-1))[1::2]
        lengths = np.array([length for _, length in gaps], dtype=np.int64)[ends <= len(flat)]
        starts = ends[ends <= len(flat)] - lengths
        assert numbers.ranges(starts, lengths).tolist() == flat[positions(starts, lengths)].tolist()


def test_a_full_disk_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def write(self, data: Any) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    numbers = Numbers(np.uint64)
    numbers.file = spill.Temporary()
    numbers.file.file = Full()  # type: ignore[assignment]
    monkeypatch.setattr(spill, "HELD", 0)
    with pytest.raises(
        OSError, match=r"No space left on device\); make room there, or name another folder in TMPDIR"
    ) as told:
        numbers.append(np.zeros(9, dtype=np.uint64))
    assert told.value.filename == tempfile.gettempdir()


def test_a_temporary_file_has_no_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    file = spill.Temporary()
    file.write(b"of a delivery")
    file.flush()
    assert file.read(2, 3) == b"a " and [*tmp_path.iterdir()] == []
