"""Pages are run from top to bottom: every file is written, every command prints what stands under it."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance import cli
from acceptance.deal import open_deal
from acceptance.rendering import Renderer

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "docs" / name for name in ("tutorial.md", "templates.md")]
TOKENIZER = ROOT / "examples" / "back_office" / "base" / "tokenizer.json"
FENCE = re.compile(r"^```(?P<kind>\w+) ?(?P<name>[^\n]*)\n(?P<body>.*?)^```\n", re.MULTILINE | re.DOTALL)


def told(page: Path) -> str:
    """The page as its commands write it now. The current folder is the reader's."""
    text = page.read_text(encoding="utf-8")
    out, position = [], 0
    for block in FENCE.finditer(text):
        out.append(text[position : block.start()])
        out.append(_done(block))
        position = block.end()
    return "".join([*out, text[position:]])


def _done(block: re.Match[str]) -> str:
    """A console block with what its commands print; another block as it is, saved in the file it names."""
    if block["kind"] == "console":
        lines = "".join(f"$ {line}\n{_printed(line)}" for line in _commands(block["body"]))
        return f"```console\n{lines}```\n"
    name = block["name"]
    if block["kind"] == "prompt":
        return f"```prompt {name}\n{_prompts(*name.split())}\n```\n"
    path = Path(name.removesuffix(" +"))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a" if name.endswith(" +") else "w", encoding="utf-8") as stream:
        stream.write(("\n" if name.endswith(" +") else "") + block["body"])
    return block.group()


def _commands(body: str) -> Iterator[str]:
    return (line.removeprefix("$ ") for line in body.splitlines() if line.startswith("$ "))


def _printed(line: str) -> str:
    words = shlex.split(line)
    assert words[0] == "sftspec", f"the tutorial runs {words[0]}"
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        cli.main(words[1:])
    return "".join(f"{text.rstrip()}\n" for text in shown.getvalue().splitlines())


def _prompts(path: str, name: str) -> str:
    """What evaluation hands to the model for each item of a held-out set, one a line."""
    deal = open_deal(Path(path))
    heldout = deal.contract.heldout(name)
    renderer = Renderer(deal.contract.recipes[0], deal.contract, Path(), heldout.template, heldout.record)
    items = Path(heldout.items or "").read_text(encoding="utf-8").splitlines()
    return "\n".join(renderer.prompt(json.loads(item)) for item in items)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_a_page_says_what_happens(
    page: Path, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the new words are better, run `pytest tests/test_tutorial.py --update-spec` and read the difference."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    (tmp_path / "base").mkdir()
    shutil.copy(TOKENIZER, tmp_path / "base")
    text = told(page)
    if request.config.getoption("--update-spec"):
        page.write_text(text, encoding="utf-8")
    assert text == page.read_text(encoding="utf-8")
