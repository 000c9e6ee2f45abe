"""README and docs name only what is there: files of the tree, targets of links, verbs of the command line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.arguments import VERBS

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\[[^\]]*\]\((?!https?:|mailto:|#)([^)#\s]+)")
CODE = re.compile(r"`([^`\n]+)`")
FOLDERS = tuple(f"{entry.name}/" for entry in ROOT.iterdir() if entry.is_dir())
VERB = re.compile(r"(?:^|`|\$ |/| {4})sftspec ([a-z]+)(?=[ `\n])", re.MULTILINE)


def paths(text: str) -> Iterator[str]:
    """What stands in code marks and looks like a path of the tree; a place in a pattern such as `*.md` is left out."""
    for found in CODE.findall(re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)):
        path = found.split(":")[0]
        if path.startswith(FOLDERS) and not re.search(r"[\s*<>{}(]|::", found):
            yield path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    missing = [path for path in paths(page.read_text(encoding="utf-8")) if not (ROOT / path).exists()]
    assert not missing, missing


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_relative_link_resolves(page: Path) -> None:
    targets = LINK.findall(page.read_text(encoding="utf-8"))
    assert not [target for target in targets if not (page.parent / target).exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_verb_that_a_page_names_is_one(page: Path) -> None:
    verbs = {add.__name__ for add in VERBS}
    named = set(VERB.findall(page.read_text(encoding="utf-8")))
    assert named <= verbs, named - verbs


def test_the_pages_are_read_as_they_should_be() -> None:
    """A test over what a pattern finds proves nothing if the pattern finds nothing."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert {"docs/editor.md", "examples/back_office/", "spec_lang/std/"} <= set(paths(readme))
    assert {"check", "lock", "certify"} <= set(VERB.findall(readme))
