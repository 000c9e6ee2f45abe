"""What stops a command: one tree, each with the exit code it earns. Everything else that is raised is our bug."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from spec_lang.diagnostics import Diagnostic

MET, BREACHED, USAGE, FAILED, UNDECIDED = 0, 1, 2, 3, 4
"""Exit codes: every required clause met; one breached or the contract unsound; wrong usage; the tool or its
environment failed; nothing breached but a required clause of this stage undecided."""

EXITS = {"met": MET, "breached": BREACHED, "undecided": UNDECIDED, "reported": MET}
"""The exit code of each verdict."""


def extra(name: str) -> str:
    """What to do where something of an extra is not installed."""
    return f"install the extra: `pip install '.[{name}]'` in the project's folder"


def quiet(line: str) -> str:
    """A line of which nothing acts on a terminal: names of files and words of a manifest come from anywhere."""
    return "".join(one if one.isprintable() else ascii(one)[1:-1] for one in line)


def panicked(error: BaseException) -> bool:
    """Whether a library written in Rust broke down. Its panics are no `Exception` to Python."""
    return type(error).__name__ == "PanicException"


class Refused(Exception):
    """A command cannot go on; str() says what, where and what to do."""

    def __init__(self, message: str, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


class Unsound(Refused):
    """The contract has mistakes, or cannot be read at all, which is wrong usage. str() is what to say before them."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...], code: int = BREACHED, first: str = "") -> None:
        super().__init__(first, code)
        self.diagnostics = diagnostics
