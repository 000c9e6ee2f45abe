"""Arguments to commands to exit codes. The only place that reads arguments and decides what a shell is told."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from acceptance.errors import BREACHED, FAILED, USAGE, Refused, Unsound

JOBS = """\
sftspec: contracts for supervised fine-tuning data

  a buyer writes one         sftspec check order.sftspec          is it sound?
                             sftspec lock order.sftspec           pin its files, seal its held-out sets
                             sftspec pack order.sftspec           the vendor's bundle

  a vendor checks a lot      sftspec manifest order.sftspec lot/  list what is delivered
                             sftspec validate order.sftspec lot/  every defect, with line and repair

  an evaluation team         sftspec certify order.sftspec lot/   fine-tune, evaluate, decide, sign
  certifies it               sftspec verify certificate.json ...  recompute a certificate offline

`sftspec VERB --help` says more; `sftspec explain SFT3002` explains a message.
Exit codes: 0 met, 1 breached or unsound, 2 wrong usage, 3 the tool failed, 4 undecided."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Never raises for what a user or a file did."""
    argv = list(sys.argv[1:] if arguments is None else arguments)
    if not argv:
        print(JOBS)
        return 0
    try:
        parsed = parser().parse_args(argv)
    except SystemExit as stopped:
        return stopped.code if isinstance(stopped.code, int) else USAGE
    return _guarded(parsed)


def _guarded(parsed: argparse.Namespace) -> int:
    try:
        command = import_module(f"acceptance.commands.{parsed.verb}")
        code: int = command.run(parsed)
        sys.stdout.flush()
        return code
    except KeyboardInterrupt:
        return _stop("stopped; nothing half-done was kept", FAILED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Unsound as error:
        from acceptance.commands.check import show

        show(error.diagnostics, parsed)
        return BREACHED
    except Refused as error:
        return _stop(str(error), error.code)
    except ModuleNotFoundError as error:
        return _missing(error)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        return _stop(f"{where}{error.strerror or error}", FAILED)


def _stop(message: str, code: int) -> int:
    for line in message.splitlines():
        print(f"sftspec: {line}", file=sys.stderr)
    return code


TRIAL = frozenset(("torch", "transformers", "accelerate", "lm_eval", "datasets"))


def _missing(error: ModuleNotFoundError) -> int:
    name = (error.name or "").split(".")[0]
    if name not in TRIAL:
        raise error
    return _stop(f"this command needs {name}; install the extra: pip install 'sftspec[trial]'", FAILED)


def parser() -> argparse.ArgumentParser:
    """Every verb and its arguments."""
    top = argparse.ArgumentParser(prog="sftspec", description="Contracts for supervised fine-tuning data.")
    top.add_argument("--version", action=_Version)
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    check = _verb(verbs, "check", "prove a contract sound before anybody signs", contract=True, formats=True)
    check.add_argument("--expand", action="store_true", help="print the clauses that every shorthand expands to")
    check.add_argument("--short", action="store_true", help="one line per message")
    fmt = verbs.add_parser("fmt", help="write contracts in the one form")
    fmt.add_argument("contract", type=Path, nargs="+")
    fmt.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file would change")
    explain = verbs.add_parser("explain", help="explain a message or a measure, with examples")
    explain.add_argument("topic", help="a code such as SFT3002, a measure, or `measures`")
    _lock(verbs)
    pack = _verb(verbs, "pack", "make the vendor's bundle: contract, lock, template, tokenizer, rubric, keys")
    pack.add_argument("--out", type=Path, default=None, help="the bundle (default: NAME-VERSION.tar.gz)")
    _verb(verbs, "manifest", "list a delivery's files with counts and sha256", delivery=True)
    _validate(verbs)
    _certify(verbs)
    _verify(verbs)
    return top


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    help: str,
    contract: bool = True,
    delivery: bool = False,
    formats: bool = False,
) -> argparse.ArgumentParser:
    verb = verbs.add_parser(name, help=help, description=help)
    if contract:
        verb.add_argument("contract", type=Path, help="the .sftspec file")
    if delivery:
        verb.add_argument("delivery", type=Path, help="the delivery's folder")
    if formats:
        verb.add_argument("--format", choices=("text", "json", "sarif"), default="text")
    return verb


def _lock(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    lock = _verb(verbs, "lock", "pin the files a contract names; draw the nonces and commit to its held-out sets")
    lock.add_argument("--secrets", type=Path, default=None, help="the buyer's private file (default: private/secrets.json)")
    lock.add_argument("--check", action="store_true", help="write nothing; exit 1 if the lock does not hold")
    keygen = verbs.add_parser("keygen", help="draw a signing key and list its public half in keys.json")
    keygen.add_argument("role", choices=("buyer", "vendor", "runner", "auditor"))
    keygen.add_argument("--key", type=Path, required=True, help="where the private key goes; never overwritten")
    keygen.add_argument("--keys", type=Path, required=True, help="the keys.json that the contract names")


def _validate(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    validate = _verb(verbs, "validate", "decide the delivery-stage clauses of a delivery", delivery=True, formats=True)
    validate.add_argument("--receipt", type=Path, default=None, help="write the receipt here")
    validate.add_argument("--html", type=Path, default=None, help="write the report as a page")
    validate.add_argument("--show-values", action="store_true", help="show delivered values; they are confidential")


def _certify(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    certify = _verb(verbs, "certify", "validate, fine-tune, evaluate, decide and sign", delivery=True)
    certify.add_argument("--out", type=Path, required=True, help="folder for certificate, scores and report")
    certify.add_argument("--key", type=Path, action="append", default=[], help="a private key; give runner and buyer")
    certify.add_argument("--secrets", type=Path, default=None, help="the buyer's private file (default: private/secrets.json)")
    certify.add_argument("--workers", type=int, default=0, help="fine-tunes at a time (default: one per core or GPU)")
    certify.add_argument("--reuse", type=Path, default=None, help="folder of scores that may be reused and is added to")
    certify.add_argument("--attempt", type=int, default=1)
    certify.add_argument("--previous", type=Path, default=None, help="the certificate of the attempt before")
    certify.add_argument("--days", type=int, default=365, help="how long the certificate is valid")


def _verify(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    verify = verbs.add_parser("verify", help="recompute a receipt or certificate offline")
    verify.add_argument("document", type=Path, help="certificate.json or receipt.json")
    verify.add_argument("--contract", type=Path, required=True)
    verify.add_argument("--delivery", type=Path, default=None, help="also hold the delivery against it")
    verify.add_argument("--previous", type=Path, action="append", default=[], help="certificates of earlier attempts")
    verify.add_argument("--format", choices=("text", "json"), default="text")


class _Version(argparse.Action):
    """`--version`, which looks the version up only when asked."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"sftspec {version('sftspec')}")
        parser.exit()


if __name__ == "__main__":
    sys.exit(main())
