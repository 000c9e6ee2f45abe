"""What long work shows: on a terminal, lines redrawn in place; in a pipe, what stays and now and then where it is."""

from __future__ import annotations

import io

import pytest

from acceptance import progress
from acceptance.commands.certify import _show
from acceptance.progress import Board, duration
from acceptance.trial.telling import WHOLE, At, Done, Told

TOLD: list[tuple[float, Told]] = [
    (0, "1 of 3 runs are known from an earlier certification"),
    (0, At(WHOLE, "run", 1, 3)),
    (0, At("vendor seed 1", "step", 50, 400, 2.5)),
    (10, At("vendor seed 1", "step", 100, 400, 1.25)),
    (11, At("mix seed 1", "step", 1, 400, 3.0)),
    (12, "mix seed 1: something to keep"),
    (70, At("vendor seed 1", "asking calls", 0, 2)),
    (80, Done("vendor seed 1", 2, 3)),
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(stream: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> str:
    clock = [0.0]
    monkeypatch.setattr("sys.stderr", stream)
    monkeypatch.setattr(progress.time, "monotonic", lambda: clock[0])
    with Board() as board:
        for clock[0], told in TOLD:
            _show(board, told)
    return stream.getvalue()


def screen(text: str) -> list[list[str]]:
    """What stands on a terminal after each erasure, for the escapes that the board uses."""
    rows: list[str] = []
    seen = []
    for part in text.replace("\r\x1b[J", "").split("\x1b["):
        count, up, rest = part.partition("A") if seen else ("", "", part)
        if up:
            del rows[len(rows) - int(count) :]
        rows += rest.splitlines()
        seen.append(list(rows))
    return seen


def test_a_pipe_is_told_what_stays_and_every_half_minute_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(io.StringIO(), monkeypatch).splitlines() == [
        "  1 of 3 runs are known from an earlier certification",
        "  mix seed 1: something to keep",
        "  trial: run 1 of 3; vendor seed 1: asking calls 0 of 2; mix seed 1: step 1 of 400, loss 3.000",
    ]


def test_a_terminal_sees_each_run_with_its_loss_and_the_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = screen(shown(Terminal(), monkeypatch))
    known, kept = "  1 of 3 runs are known from an earlier certification", "  mix seed 1: something to keep"
    first, second = "vendor seed 1: step 100 of 400, loss 1.250, 60 s left", "mix seed 1: step 1 of 400, loss 3.000"
    begun, one_more = (
        "trial: run 1 of 3",
        "trial: run 2 of 3, 80 s left",
    )
    assert [known, begun, first] in seen
    assert [known, kept, begun, first, second] in seen
    assert [known, kept, one_more, second] in seen
    assert seen[-1] == [known, kept]  # what was drawn is gone at the end


@pytest.mark.parametrize(("seconds", "words"), [(4.4, "4 s"), (89, "89 s"), (90, "2 min"), (5400, "1.5 h")])
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words
