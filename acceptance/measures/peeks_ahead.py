"""Rows to a mark: a command in the given fields looks at what came after the task was set.

Looked for: git commands that show other branches, remotes, the reflog or lost commits, that fetch, or that name a
commit by its hash; `gh`, and commands that open the pull requests, issues, commits or comparisons of GitHub, GitLab or
Bitbucket; patches and raw files of GitHub's main branches. Not seen: an answer that lies in a file of the task, or at
another address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import re2

from acceptance.measures._scan import Scan, Sighting
from acceptance.measures.protocol import RowMark, Use
from acceptance.tables import ABSENT, Malformed, strings

COMMANDS = re2.compile(
    r"(?i)(\bgit\s+(?:-\S+\s+\S+\s+)?(?:log|rev-list|shortlog|grep|branch|reflog)\b[^\n;|&]{0,80}?(?:--all|--branches|--remotes|-a\b|origin/)"
    r"|\bgit\s+reflog\b|\bgit\s+(?:fetch|pull|ls-remote)\b|\bgit\s+(?:show|checkout|cherry-pick|diff|merge|reset)\b[^\n;|&]{0,60}?"
    r"(?:\b[0-9a-f]{7,40}\b|origin/\S+|upstream/\S+|FETCH_HEAD|ORIG_HEAD)"
    r"|\bgit\s+fsck\b[^\n;|&]{0,40}--lost-found"
    r"|\b(?:curl|wget|requests\.get|urlopen|urlretrieve|fetch|Invoke-WebRequest|lynx|w3m|goto|browse)\b[^\n]{0,160}?"
    r"(?:github\.com|gitlab\.com|bitbucket\.org)/[\w.-]+/[\w.-]+/"
    r"(?:pull|pulls|merge_requests|commit|commits|compare|issues)\b"
    r"|patch-diff\.githubusercontent\.com/\S+|raw\.githubusercontent\.com/[\w.-]+/[\w.-]+/(?:refs/heads/)?(?:main|master|HEAD)/"
    r"|\bgh\s+api\s+/?repos/[\w.-]+/[\w.-]+/(?:pulls|commits|issues|compare)\b"
    r"|api\.github\.com/repos/\S+/(?:pulls|commits|issues|compare)|\bgh\s+(?:pr|issue|release)\s+(?:view|diff|list|checkout))"
)


def look(text: str) -> Sighting | None:
    match = COMMANDS.search(text)
    return Sighting(f"a look ahead at character {match.start() + 1}", match.group()) if match else None


def make(use: Use) -> Scan:
    fields = list(zip(use.getters["fields"], use.paths["fields"], strict=True))

    def texts(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        for getter, path in fields:
            try:
                value = getter(row)
            except Malformed:
                continue
            yield from strings(None if value is ABSENT else value, path or "$")

    def of(table: str) -> Callable[[Mapping[str, Any]], Iterator[tuple[str, str]]]:
        return texts

    return Scan(look, "commands that look at the task as it was set", "remove the run",
                texts=of, gate=lambda joined: COMMANDS.search(joined) is not None)  # fmt: skip


MEASURE = RowMark(make)
