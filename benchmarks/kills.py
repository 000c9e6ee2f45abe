"""`certify`, killed at random moments and called again, against an unbroken one: same scores, same weights.

    python -m benchmarks.kills              twenty kills
    python -m benchmarks.kills --kills 3    fewer

Every process is forked from this one, which has everything imported and has computed nothing, so that a kill may fall
into any part of the work, and most fall into training. A small contract, a small random model; a checkpoint every step.
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import random
import signal
import sys
import tempfile
import time
from pathlib import Path

from acceptance import cli
from tests.procurement import agreed_on, parted, signing

STEPS = 40
GOES_ON = "goes on after step"


def main() -> int:
    """Print a line per kill; exit 1 where a finished certification differs from the unbroken one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return compare(procurement(Path(folder) / "deal"), options.kills, random.Random(options.seed))


def compare(contract: Path, kills: int, drawn: random.Random) -> int:
    """Kill, go on, kill again; whenever a certification gets through, compare it and begin anew."""
    imported()
    begun = time.monotonic()
    waited(certify(contract, "unbroken"))
    whole = time.monotonic() - begun
    wanted, killed, finished, resumed = outcome(contract, "unbroken"), 0, 0, 0
    print(f"unbroken: {whole:.1f} s, {len(wanted[1])} runs", flush=True)
    while killed < kills or finished == 0:
        name = f"broken-{finished}"
        child = certify(contract, name)
        ended = watched(child, drawn.uniform(0, whole) if killed < kills else None)
        resumed += (contract.parent / f"{name}.txt").read_text().count(GOES_ON)
        if not ended:
            killed += 1
            print(f"killed {killed}: {left(contract.parent / f'{name}-store')}", flush=True)
            continue
        finished += 1
        if not (contract.parent / name / "certificate.json").exists():
            print((contract.parent / f"{name}.txt").read_text())
            return 1
        if outcome(contract, name) != wanted:
            print(f"{name} differs from the unbroken certification")
            return 1
    print(f"{killed} kills, {finished} finished certifications, {resumed} runs went on from a checkpoint: "
          "all scores and weights as unbroken")  # fmt: skip
    return int(resumed == 0)


def procurement(folder: Path) -> Path:
    """The tests' small deal that asks for parts of the delivery too, with more steps."""
    return agreed_on(parted(folder, STEPS))


def imported() -> None:
    """What a trial imports, once for all children; and checkpoints as often as they can be."""
    import lm_eval.models.huggingface  # noqa: F401 - seconds of imports

    from acceptance.trial import checkpoint, evaluate, run  # noqa: F401

    checkpoint.LEAST = checkpoint.SHARE = 0


def certify(contract: Path, name: str) -> int:
    """The process that certifies into `name`, with its own store."""
    child = os.fork()
    if child == 0:
        home = contract.parent
        log = os.open(home / f"{name}.txt", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(log, 1)
        os.dup2(log, 2)
        words = ["certify", contract, home / "delivery", "--out", home / name, "--reuse", home / f"{name}-store"]
        try:
            cli.main([str(word) for word in [*words, "--workers", 1, *signing(home)]])
        finally:
            sys.stderr.flush()
            os._exit(0)
    return child


def watched(child: int, after: float | None) -> bool:
    """Whether the process ended by itself; it is killed `after` seconds."""
    deadline = time.monotonic() + (after if after is not None else 3600)
    while time.monotonic() < deadline:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            return True
        time.sleep(0.005)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return False


def waited(child: int) -> None:
    assert watched(child, None)


def outcome(contract: Path, name: str) -> tuple[bytes, list[object]]:
    """What must not differ: the score file and every run, its weights' hash and its log's included."""
    folder = contract.parent / name
    envelope = json.loads((folder / "certificate.json").read_bytes())
    statement = json.loads(base64.b64decode(envelope["payload"]))
    return (folder / "scores.jsonl").read_bytes(), statement["predicate"]["trial"]["runs"]


def left(store: Path) -> str:
    """What a killed command leaves."""
    names = [path.name for path in store.iterdir()] if store.exists() else []
    kinds = {"outcomes": ".json", "checkpoints": ".safetensors"}
    whole = [f"{sum(name.endswith(end) and name[0] != '.' for name in names)} {kind}" for kind, end in kinds.items()]
    return ", ".join([*whole, f"{sum(name[0] == '.' for name in names)} half-written"])


if __name__ == "__main__":
    sys.exit(main())
