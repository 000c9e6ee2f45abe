"""After `certify`, the text of a held-out item is nowhere but in the folder that the buyer named."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import os
import subprocess
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import zstandard

from acceptance.certification.admission import TRIAL
from acceptance.execution.box import unable
from tests.procurement import agreed_on, build

pytestmark = pytest.mark.xdist_group("end_to_end")

if any(find_spec(name) is None for name in TRIAL):
    pytest.skip("fine-tuning is not installed", allow_module_level=True)

MARKER = "Zyxwagon-Öçtopus 4711 kéeps the ßealed text"
"""Stands in every item, and nowhere else in the world."""

# ------------------------------------------------------------------------------------------------ the search


def forms(marker: str) -> list[bytes]:
    """What a text may look like in a file: encodings, JSON's escapes, three alignments of base64, a middle part."""
    plain = [marker.encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "latin-1")]
    escaped = [json.dumps(marker)[1:-1].encode(), json.dumps(json.dumps(marker))[2:-2].encode()]
    aligned = [base64.b64encode(b"\0" * shift + marker.encode())[4:-4] for shift in range(3)]
    return [*plain, *escaped, *aligned, marker[:15].encode(), marker[:15].encode("utf-16-le")]


def contents(data: bytes, depth: int = 3) -> Iterator[bytes]:
    """The bytes, and what they unpack to."""
    yield data
    if depth:
        for opened in unpacked(data):
            yield from contents(opened, depth - 1)


UNPACKERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"\x1f\x8b": gzip.decompress,
    b"BZh": bz2.decompress,
    b"\xfd7zXZ": lzma.decompress,
    b"\x28\xb5\x2f\xfd": lambda data: zstandard.ZstdDecompressor().stream_reader(data).read(),
    b"\x78": lambda data: zlib.decompressobj().decompress(data),
}


def unpacked(data: bytes) -> Iterator[bytes]:
    for magic, opener in UNPACKERS.items():
        if data.startswith(magic):
            with suppress(OSError, EOFError, zlib.error, zstandard.ZstdError, lzma.LZMAError):
                yield opener(data)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:  # also what torch.save writes
            yield from (archive.read(name) for name in archive.namelist())
    if data[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            yield from (found.read() for member in tar if (found := tar.extractfile(member)) is not None)
    if data.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        yield from arrow(data)
    if data.startswith(b"PAR1"):
        import pyarrow.parquet

        yield repr(pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()).encode()


def arrow(data: bytes) -> Iterator[bytes]:
    """Arrow may compress its buffers, so they are read, not searched."""
    import pyarrow

    opener = pyarrow.ipc.open_file if data.startswith(b"ARROW1") else pyarrow.ipc.open_stream
    yield repr(opener(io.BytesIO(data)).read_all().to_pylist()).encode()


def holding(folder: Path, marker: str = MARKER) -> list[str]:
    """Files below a folder that hold the marker in any form, in their name or their bytes."""
    wanted = forms(marker)
    found = []
    for path in sorted(folder.rglob("*")):
        held = path.is_file() and any(form in data for data in contents(path.read_bytes()) for form in wanted)
        if held or marker in path.name:
            found.append(path.relative_to(folder).as_posix())
    return found


def parquet(text: str, kind: str) -> bytes:
    import pyarrow
    import pyarrow.parquet

    table, out = pyarrow.table({"text": [text] * 9}), io.BytesIO()
    if kind == "parquet":
        pyarrow.parquet.write_table(table, out, compression="zstd")
    else:
        options = pyarrow.ipc.IpcWriteOptions(compression="zstd")
        make = pyarrow.ipc.new_file if kind == "arrow file" else pyarrow.ipc.new_stream
        with make(out, table.schema, options=options) as writer:
            writer.write_table(table)
    return out.getvalue()


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner", data)
    return out.getvalue()


PLANTED: dict[str, Callable[[str], bytes]] = {
    "utf-8": lambda text: f"before {text} after".encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "json escapes": lambda text: json.dumps({"prompt": text}).encode(),
    "json in json": lambda text: json.dumps({"log": json.dumps({"prompt": text})}).encode(),
    "base64": lambda text: base64.b64encode(f"xy{text}z".encode()),
    "gzip": lambda text: gzip.compress(text.encode()),
    "zstd in gzip": lambda text: gzip.compress(zstandard.compress(text.encode("utf-16-le"))),
    "zip of json": lambda text: zipped(json.dumps([text]).encode()),
    "arrow file": lambda text: parquet(text, "arrow file"),
    "arrow stream": lambda text: parquet(text, "arrow stream"),
    "parquet": lambda text: parquet(text, "parquet"),
}


@pytest.mark.parametrize("form", PLANTED)
def test_the_search_finds_what_is_there(form: str, tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    (tmp_path / "cache/data-0001").write_bytes(PLANTED[form](MARKER))
    (tmp_path / "innocent").write_bytes(PLANTED[form]("another text of about the same length"))
    assert holding(tmp_path) == ["cache/data-0001"]


# ------------------------------------------------------------------------------------------------ the certification


QUESTION = """
record Question key id {
  id: Text
  input { request: Text options: [Text] 2.. }
  target { place: Int }
}

record Exercise key id {
  id: Text
  input { request: Text tests: Text }
}

heldout quiz of Question {
  items: "sealed/quiz.jsonl"
  template: "question.jinja"
  score: choice(input.options, target.place)
  size: 12 records
}

heldout exercises of Exercise {
  items: "sealed/exercises.jsonl"
  template: "question.jinja"
  score: passes(input.tests, answer)
  size: 12 records
}

terms more on Request using house {
  require quiz_kept: gain(quiz) >= -60pp at 95% confidence expecting 0pp
  require coding_kept: gain(exercises) >= -60pp at 95% confidence expecting 0pp
  require runs: every(passes("def test_it(): import solution; assert solution.x", "x = 1"))
}
"""
PROMPT = "<|user|>{{ input.request }}<|end|><|assistant|>{% generation %}<|end|>{% endgeneration %}"


def marked(folder: Path) -> Path:
    """The procurement whose every item, also its target, options and tests, bears the marker."""
    contract = build(folder, marker=MARKER)
    contract.write_text(contract.read_text("utf-8") + QUESTION, "utf-8")
    (folder / "question.jinja").write_text(PROMPT)
    write_items(folder / "sealed/quiz.jsonl", lambda number: {
        "input": {"request": f"Which of them, {number}?", "options": [f"{MARKER} {number}", f"no {MARKER}"]},
        "target": {"place": number % 2}})  # fmt: skip
    write_items(folder / "sealed/exercises.jsonl", lambda number: {
        "input": {"request": f"Write f, {number}.", "tests": asserted(number)}})  # fmt: skip
    agreed_on(contract)
    assert holding(folder) == [f"sealed/{name}.jsonl" for name in ("calls", "exercises", "general", "quiz")]
    return contract


def asserted(number: int) -> str:
    return f"from solution import f\n\n\ndef test_it():\n    assert f() == {MARKER!r} * {number}\n"


def write_items(path: Path, made: Callable[[int], dict[str, Any]]) -> None:
    path.write_text("".join(json.dumps({"id": f"Q-{number}", **made(number)}) + "\n" for number in range(12)), "utf-8")


@pytest.mark.skipif(bool(unable()), reason=unable() or "-")
def test_no_text_of_an_item_stays(tmp_path: Path) -> None:
    """Home, temporary files and caches lie in a sandbox; every byte that was written there or to --out is searched."""
    contract = marked(tmp_path / "deal")
    world = tmp_path / "world"
    variables = ("HOME", "TMPDIR", "HF_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME", "TORCH_HOME", "TRITON_CACHE_DIR")
    places = {name: name.lower() for name in variables}
    for name in places.values():
        (world / name).mkdir(parents=True)
    environment = os.environ | {name: str(world / place) for name, place in places.items()}
    environment |= {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(Path(__file__).resolve().parent.parent)}
    before = {path: path.read_bytes() for path in (tmp_path / "deal").rglob("*") if path.is_file()}
    command = [
        sys.executable, "-m", "acceptance.cli", "certify", str(contract), str(contract.parent / "delivery"),
        "--out", str(world / "trial"), "--execute", "--reuse", str(world / "store"), "--workers", "1",
        "--key", str(contract.parent / "runner.pem"), "--key", str(contract.parent / "buyer.pem"),
    ]  # fmt: skip
    answer = subprocess.run(command, cwd=world, env=environment, capture_output=True, timeout=500, check=False)
    assert answer.returncode == 0, answer.stderr.decode()[-2000:]
    (world / "stdout").write_bytes(answer.stdout)
    (world / "stderr").write_bytes(answer.stderr)
    assert (world / "trial/certificate.json").exists() and list((world / "store").iterdir())
    assert holding(world) == []
    changed = [path.name for path in (tmp_path / "deal").rglob("*") if path.is_file() and before.get(path) is None]
    assert changed == []  # the ledger of exposures was there before and grew
