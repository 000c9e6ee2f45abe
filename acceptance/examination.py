"""A held-out set to its scorer with the sandbox behind it, where answers are code that is run.

Files that an item names lie beside the set's own file. The text of items is in the sandbox's folder only while it runs.
"""

from __future__ import annotations

import atexit
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from functools import cache
from pathlib import Path

from acceptance.answers import Scorer
from acceptance.engine import scoring
from acceptance.execution.executor import allowed
from acceptance.executions import Execute
from spec_lang.contract import Contract

AT_ONCE = 16
"""Answers that wait for the sandbox at a time."""


def scorer(contract: Contract, heldout: str, folder: Path) -> Scorer:
    """The score of one held-out set. Raises ValueError, and Unavailable where no sandbox can be made."""
    beside = (folder / str(contract.heldout(heldout).items)).parent
    made = scoring.scorer(contract, heldout, folder, lambda by: sandbox(beside)(by))
    return replace(made, at_once=AT_ONCE)


@cache
def sandbox(folder: Path) -> Callable[[str], Execute]:
    """One for all models that this process asks: tests without an answer, and equal answers, are run once."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(allowed(folder))
