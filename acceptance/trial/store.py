"""Outcomes of runs by what determines them: a trial that was stopped goes on, and the base is asked once.

A key covers the arm's data, seed, recipe, base files, suites and the versions of everything that computes. An entry
holds no text of an item and no id that could link two attempts: scores stand in the order of the suite's items. Beside
the outcomes lie the checkpoints of runs that were killed, until their outcome is known.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from acceptance.files import write_whole
from acceptance.scores import Run
from acceptance.trial.outcome import Outcome, Scored
from acceptance.trial.telling import Tell, silent
from spec_lang.contract import canonical

LEFT = re.compile(r"\.[0-9a-f]{64}\.(json|safetensors)\.[0-9]+")
"""The name of a file that a writer of ours has not finished."""
DAY = 86_400


class Store:
    """A folder of entries, each named by its key; `folder=None` keeps nothing."""

    def __init__(self, folder: Path | None, tell: Tell = silent) -> None:
        self.folder = folder
        self.tell = tell
        self._sweep()

    def get(self, key: str) -> Outcome | None:
        """The entry; None where there is none, and said where it is not what was put."""
        if self.folder is None or not (self.folder / f"{key}.json").exists():
            return None
        try:
            entry = json.loads((self.folder / f"{key}.json").read_text("utf-8"))
            body, digest = entry["body"], entry["sha256"]
            if hashlib.sha256(canonical(body)).hexdigest() == digest and body["key"] == key:
                return opened(body)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
            pass
        self.tell(f"{self.folder / key}.json: is damaged or another run's; it is not used, the run is done again")
        return None

    def put(self, key: str, outcome: Outcome) -> None:
        """Whole or not at all. A checkpoint of the run has served."""
        if self.folder is None:
            return
        body = closed(key, outcome)
        entry = {"body": body, "sha256": hashlib.sha256(canonical(body)).hexdigest()}
        write_whole(self.folder / f"{key}.json", canonical(entry))
        (self.folder / f"{key}.safetensors").unlink(missing_ok=True)

    def checkpoint(self, key: str) -> Path | None:
        """Where a run's checkpoint goes."""
        return self.folder / f"{key}.safetensors" if self.folder is not None else None

    def _sweep(self) -> None:
        """What killed commands left half-written goes after a day: a younger file may still be written to."""
        for path in self.folder.glob(".*") if self.folder is not None else ():
            with suppress(OSError):
                if LEFT.fullmatch(path.name) and time.time() - path.stat().st_mtime > DAY:
                    path.unlink()


def closed(key: str, outcome: Outcome) -> dict[str, Any]:
    scores = {name: [[row.score, row.answer_sha256] for row in rows] for name, rows in outcome.scores.items()}
    return {"key": key, "run": outcome.run.model_dump(mode="json"), "log": outcome.log, "scores": scores}


def opened(body: dict[str, Any]) -> Outcome:
    run = dict(body["run"])
    run["seconds"] = float(run["seconds"])
    scores = {
        name: tuple(Scored(index, float(score), str(digest)) for index, (score, digest) in enumerate(rows))
        for name, rows in body["scores"].items()
    }
    return Outcome(Run.model_validate(run), scores, str(body["log"]))


def key(**parts: Any) -> str:
    """sha256 over the canonical form of all that determines an outcome."""
    return hashlib.sha256(canonical(parts)).hexdigest()
