"""Arguments to commands to exit codes: the only place that decides what a shell is told."""

from __future__ import annotations

import gc
import io
import os
import signal
import sys
import threading
from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import TextIO

from acceptance.arguments import parser
from acceptance.errors import FAILED, USAGE, Refused, Unsound, quiet

OBJECTS = 20_000
"""New objects before garbage is looked for: with Python's own 700 a check looks a hundred times."""

JOBS = """\
sftspec: contracts for supervised fine-tuning data

  a buyer writes one         sftspec check order.sftspec          is it sound?
                             sftspec seal order.sftspec           commit to its held-out sets
                             sftspec lock order.sftspec           pin its files
                             sftspec pack order.sftspec           the vendor's bundle

  a vendor checks a lot      sftspec manifest order.sftspec lot/  list what is delivered
                             sftspec validate order.sftspec lot/  every defect, with line and repair
                             sftspec preview order.sftspec lot/   what the model will be trained on

  an evaluation team         sftspec sample order.sftspec lot/   draw what people review
  certifies it               sftspec certify order.sftspec lot/   fine-tune, evaluate, decide, sign
                             sftspec verify certificate.json ...  recompute a certificate offline

`sftspec VERB --help` says more; `sftspec explain SFT3002` explains a message.
Exit codes: 0 met, 1 breached or unsound, 2 wrong usage, 3 the tool failed, 4 undecided."""


def process() -> int:
    """`main` as a process of its own: what is left at its end goes with it, and is not looked through for garbage."""
    gc.set_threshold(OBJECTS)
    code = main()
    gc.freeze()
    return code


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Never raises for what a user or a file did."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    _streams()
    try:
        with _terminable():
            code = _command(argv)
            sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _stop("stopped; nothing half-done was kept", FAILED)
    except BrokenPipeError:  # whoever read the output is gone; the code must not claim what was not shown
        _settle(sys.stdout)
        return FAILED
    except Refused as error:
        return _stop(str(error), error.code)
    except OSError as error:
        _settle(sys.stdout)
        where = f"{error.filename}: " if error.filename else ""
        return _stop(f"{where}{error.strerror or error}", FAILED)


def _command(argv: Sequence[str]) -> int:
    if not argv:
        print(JOBS)
        return 0
    try:
        parsed = parser().parse_args(argv)
    except SystemExit as stopped:  # argparse has said why
        return stopped.code if isinstance(stopped.code, int) else USAGE
    _in_order(parsed)
    try:
        code: int = import_module(f"acceptance.commands.{parsed.verb}").run(parsed)
    except Unsound as error:
        from acceptance.commands.check import show

        if str(error):
            _stop(str(error), error.code)
        show(error.diagnostics, parsed)
        return error.code
    return code


def _in_order(parsed: Namespace) -> None:
    """The contract is no folder where the delivery is a file."""
    contract, delivery = getattr(parsed, "contract", None), getattr(parsed, "delivery", None)
    if isinstance(contract, Path) and delivery is not None and contract.is_dir() and delivery.is_file():
        message = f"{contract} is a folder and {delivery} a file: the two are swapped; name the contract as the"
        raise Refused(f"{message} .sftspec file and the delivery as the folder", USAGE)


@contextmanager
def _terminable() -> Iterator[None]:
    """A scheduler's SIGTERM is taken as Ctrl-C, so that no worker outlives its command."""
    if threading.current_thread() is not threading.main_thread():  # signals reach the main thread only
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _streams() -> None:
    """A closed stream becomes a silent one; a character that a terminal lacks becomes its number."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123  # for as long as the process lives
        elif isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _settle(stream: TextIO) -> None:
    """What the stream still holds is shown, or goes nowhere, so that ending the process does not fail on it again."""
    try:
        stream.flush()
    except OSError:
        with suppress(OSError, ValueError):  # a stream in memory has no number
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def _stop(message: str, code: int) -> int:
    with suppress(OSError):
        for line in message.split("\n"):
            print(f"sftspec: {quiet(line)}", file=sys.stderr)
    _settle(sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(process())
