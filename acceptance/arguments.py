"""The words of a command line in, what they ask for out: every verb and its options, in the order of the work."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path

Verbs = argparse._SubParsersAction  # the public name does not exist
Verb = argparse.ArgumentParser

FORMAT = "text for people (default), the others for programs"
FILLED = "a sheet of `sftspec sample`, filled in by reviewers; decides what it was drawn for"
SECRETS = "the evaluation team's private file (default: private/secrets.json beside the contract)"


def parser() -> Verb:
    """The whole command line."""
    top = argparse.ArgumentParser(prog="sftspec", description="Contracts for supervised fine-tuning data.")
    top.add_argument("--version", action=_Version)
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    for add in VERBS:
        add(verbs)
    return top


def check(verbs: Verbs[Verb]) -> None:
    """Prove a contract sound."""
    verb = _verb(verbs, "check", "prove a contract sound before anybody signs", "check order.sftspec --expand")
    _contract(verb)
    _format(verb, "text", "json", "sarif")
    verb.add_argument("--expand", action="store_true", help="print the clauses that every shorthand expands to")
    verb.add_argument("--short", action="store_true", help="one line per message")
    verb.add_argument("--plan", action="store_true", help="print what the trial and the reviews will need")
    _file(verb, "--exposures", "with --plan: the ledger beside the secrets (default: private/exposures.jsonl)")
    _figure(verb, "--seconds-per-step", "one optimiser step of the recipe, as measured on your machine")
    _figure(verb, "--seconds-per-item", "one answer to a held-out item, as measured on your machine")
    _figure(verb, "--price-per-hour", "of that machine, in whatever currency you like")
    _figure(verb, "--minutes-per-review", "one record under the rubric")


def fmt(verbs: Verbs[Verb]) -> None:
    """Format contracts."""
    verb = _verb(verbs, "fmt", "write contracts in the one form", "fmt --check *.sftspec")
    verb.add_argument("contract", type=Path, nargs="+", metavar="CONTRACT", help="the .sftspec files")
    verb.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file would change")


def explain(verbs: Verbs[Verb]) -> None:
    """Explain a word of a contract."""
    verb = _verb(verbs, "explain", "explain a message, or any word that a contract may hold", "explain SFT3002")
    verb.add_argument(
        "topic", metavar="TOPIC", nargs="?",
        help="a code such as SFT3002, a measure, type, label, unit, word or `chat.Message`; without one, all of them",
    )  # fmt: skip


def lsp(verbs: Verbs[Verb]) -> None:
    """Serve an editor."""
    _verb(verbs, "lsp", "serve an editor over stdin and stdout: the language server", "lsp")


def keygen(verbs: Verbs[Verb]) -> None:
    """Draw a key."""
    example = "keygen buyer --key buyer.pem --keys keys.json"
    verb = _verb(verbs, "keygen", "draw a signing key and list its public half in keys.json", example)
    roles = ("buyer", "vendor", "runner", "auditor")
    verb.add_argument("role", choices=roles, metavar="ROLE", help="whose key it is: buyer, vendor, runner or auditor")
    _file(verb, "--key", "where the private key goes; never overwritten", required=True)
    _file(verb, "--keys", "the keys.json that the contract names", required=True)
    verb.add_argument("--encrypt", action="store_true", help="encrypt the private key; its passphrase is asked for")
    verb.add_argument(
        "--passphrase-env", metavar="NAME", help="encrypt it with the passphrase in this environment variable"
    )


def seal(verbs: Verbs[Verb]) -> None:
    """Commit to held-out sets."""
    what = "commit to the held-out sets and to the seeds of every attempt, showing neither"
    verb = _verb(verbs, "seal", what, "seal order.sftspec")
    _contract(verb)
    _file(verb, "--secrets", SECRETS + "; drawn where there is none")
    _file(verb, "--out", "what `sftspec lock` takes over (default: seals.json beside the contract)")
    verb.add_argument(
        "--answered", metavar="HELDOUT", help="instead count an answered appeal about this set in the exposure ledger"
    )


def prints(verbs: Verbs[Verb]) -> None:
    """Make the prints of a published set."""
    example = 'prints train.jsonl --fields question,answer --name "GSM8K train" --license MIT --out gsm8k.prints'
    verb = _verb(verbs, "prints", "make the prints of a published set: hashes that show who took from it", example)
    verb.add_argument("set", type=Path, metavar="FILE", help="the set: .jsonl, .json or .parquet")
    verb.add_argument("--fields", required=True, metavar="PATHS", help="its fields, as in `question,messages.content`")
    verb.add_argument("--name", required=True, metavar="TEXT", help="what the set is called")
    verb.add_argument("--license", required=True, metavar="TEXT", help="the licence it was published under")
    verb.add_argument("--source", default="not stated", metavar="TEXT", help="where it was published")
    verb.add_argument("--set-version", default="not stated", metavar="TEXT", help="which version of it this is")
    _number(verb, "--run", 2, 50, 5, "words in a run (default: 5)")
    _number(verb, "--keep", 8, 255, 32, "runs kept of a record at most (default: 32)")
    _file(verb, "--out", "the prints (default: FILE with the ending .prints)")


def lock(verbs: Verbs[Verb]) -> None:
    """Pin a contract's files."""
    what = "pin the files that a contract names, and the promises about its held-out sets"
    verb = _verb(verbs, "lock", what, "lock order.sftspec")
    _contract(verb)
    _file(verb, "--seals", "what `sftspec seal` wrote (default: seals.json beside the contract)")
    _file(verb, "--pilot", "scores of base and reference data: their spread replaces the defaults of `check --plan`")
    verb.add_argument("--check", action="store_true", help="write nothing; exit 1 if the lock does not hold")


def pack(verbs: Verbs[Verb]) -> None:
    """Make the vendor's bundle."""
    what = "make the vendor's bundle: contract, lock, template, tokenizer, rubric, keys"
    verb = _verb(verbs, "pack", what, "pack order.sftspec")
    _contract(verb)
    _file(verb, "--out", "the bundle (default: NAME-VERSION.tar.gz)")


def plugin(verbs: Verbs[Verb]) -> None:
    """Pin an installed plug-in."""
    what = "write the signatures of an installed plug-in, and print the line by which a contract uses it"
    verb = _verb(verbs, "plugin", what, "plugin token_scan --out plugins/")
    verb.add_argument("name", metavar="NAME", help="the plug-in")
    _folder(verb, "--out", "where its file of signatures goes (default: here)")


def manifest(verbs: Verbs[Verb]) -> None:
    """List a delivery's files."""
    verb = _verb(
        verbs, "manifest", "list a delivery's files with counts and sha256", "manifest order.sftspec delivery/"
    )
    _contract(verb)
    _delivery(verb)


def validate(verbs: Verbs[Verb]) -> None:
    """Decide the delivery stage."""
    example = "validate order.sftspec delivery/ --receipt receipt.json"
    verb = _verb(verbs, "validate", "decide the delivery-stage clauses of a delivery", example)
    _contract(verb)
    _delivery(verb)
    _format(verb, "text", "json", "sarif")
    _file(verb, "--receipt", "write the receipt here")
    _file(verb, "--html", "write the report as a page")
    verb.add_argument("--show-values", action="store_true", help="show delivered values; they are confidential")
    _reviews(verb, FILLED)
    _file(verb, "--secrets", f"with --reviews: {SECRETS}")
    _number(verb, "--attempt", 1, 99, 1, "with --reviews: which try this is (default: 1)")
    _execute(verb)
    _plugin(verb)


def sample(verbs: Verbs[Verb]) -> None:
    """Draw what people review."""
    what = "draw the rows that people review, and write the sheets they fill in"
    verb = _verb(verbs, "sample", what, "sample order.sftspec delivery/ --out reviews/")
    _contract(verb)
    _delivery(verb)
    _folder(verb, "--out", "where the sheets go; none is overwritten", required=True)
    _file(verb, "--secrets", SECRETS)
    _number(verb, "--attempt", 1, 99, 1, "which try this is (default: 1)")
    verb.add_argument("--records", action="store_true", help="also write the drawn records; they are confidential")
    _execute(verb)
    _plugin(verb)


def preview(verbs: Verbs[Verb]) -> None:
    """Show what the model will be trained on."""
    what = "show one record as the model will be trained on it, token by token, with the loss mask; its text is shown"
    verb = _verb(verbs, "preview", what, "preview order.sftspec delivery/ --record BO-00001")
    _contract(verb)
    _delivery(verb)
    which = verb.add_mutually_exclusive_group()
    which.add_argument("--record", metavar="ID", help="the record with this key")
    which.add_argument("--line", metavar="FILE:LINE", help="the record at this place, as findings name it")
    which.add_argument("--index", type=_whole(1, 999_999_999), metavar="N", help="the n-th record (default: the first)")
    verb.add_argument("--recipe", metavar="NAME", help="the recipe to render by, where the contract has several")
    _format(verb, "text", "html", "json")


def certify(verbs: Verbs[Verb]) -> None:
    """Run a trial and sign its outcome."""
    example = "certify order.sftspec delivery/ --out trial/ --key runner.pem --key buyer.pem"
    verb = _verb(verbs, "certify", "validate, fine-tune, evaluate, decide and sign", example)
    _contract(verb)
    _delivery(verb)
    _folder(verb, "--out", "where certificate, scores and report go", required=True)
    verb.add_argument(
        "--key", action="append", default=[], metavar="KEY",
        help="a private key: a file, or env:NAME for one in an environment variable; give runner and buyer",
    )  # fmt: skip
    verb.add_argument(
        "--passphrase-env", action="append", default=[], metavar="NAME",
        help="environment variable with the passphrase of an encrypted key (default: it is asked for)",
    )  # fmt: skip
    _file(verb, "--secrets", SECRETS)
    _number(verb, "--workers", 0, 4096, 0, "fine-tunes at a time (default: one per core, one on a GPU)")
    _reviews(verb, FILLED)
    _folder(verb, "--reuse", "outcomes of earlier runs, used again where nothing changed, and added to")
    _execute(verb)
    _plugin(verb)
    _number(verb, "--attempt", 1, 99, 1, "which try this is (default: 1)")
    _file(verb, "--previous", "the certificate of the attempt before")
    verb.add_argument("--forecast", action="store_true", help="spend the last attempt though lots are still to come")
    _number(verb, "--days", 1, 36_500, 365, "how long the certificate is valid (default: 365)")


def verify(verbs: Verbs[Verb]) -> None:
    """Recompute a document."""
    example = "verify certificate.json --contract order.sftspec --delivery delivery/"
    verb = _verb(verbs, "verify", "recompute a receipt or certificate offline", example)
    verb.add_argument("document", type=Path, metavar="DOCUMENT", help="certificate, notice or receipt")
    _file(verb, "--contract", "the .sftspec file, with contract.lock and keys beside it", required=True)
    _folder(verb, "--delivery", "also hold the delivery against it")
    _execute(verb)
    _plugin(verb)
    verb.add_argument(
        "--previous", type=Path, action="append", default=[], metavar="FILE",
        help="certificate of an earlier attempt; for a notice, an earlier notice",
    )  # fmt: skip
    _file(verb, "--certificate", "for a notice: the certificate that it announced, once it is here")
    _file(verb, "--exposures", "also count the exposures in the buyer's ledger")
    _reviews(verb, "also read the marks again from a filled sheet")
    _format(verb, "text", "json")


def _verb(verbs: Verbs[Verb], name: str, what: str, example: str) -> Verb:
    description = f"{what[0].upper()}{what[1:]}."
    return verbs.add_parser(name, help=what, description=description, epilog=f"Example: sftspec {example}")


def _contract(verb: Verb) -> None:
    verb.add_argument("contract", type=Path, metavar="CONTRACT", help="the .sftspec file")


def _delivery(verb: Verb) -> None:
    verb.add_argument("delivery", type=Path, metavar="DELIVERY", help="the delivery's folder")


def _format(verb: Verb, *forms: str) -> None:
    verb.add_argument("--format", choices=forms, default="text", help=FORMAT)


def _execute(verb: Verb) -> None:
    verb.add_argument("--execute", action="store_true", help="run code, delivered or answered, in a sandbox")


def _plugin(verb: Verb) -> None:
    help = "a plug-in of the contract that may run here; it is code that you have installed"
    verb.add_argument("--plugin", action="append", default=[], metavar="NAME", help=help)


def _reviews(verb: Verb, help: str) -> None:
    verb.add_argument("--reviews", type=Path, action="append", default=[], metavar="FILE", help=help)


def _file(verb: Verb, name: str, help: str, required: bool = False) -> None:
    verb.add_argument(name, type=_named, default=None, metavar="FILE", required=required, help=help)


def _folder(verb: Verb, name: str, help: str, required: bool = False) -> None:
    verb.add_argument(name, type=Path, default=None, metavar="FOLDER", required=required, help=help)


def _number(verb: Verb, name: str, low: int, high: int, default: int, help: str) -> None:
    verb.add_argument(name, type=_whole(low, high), default=default, metavar="N", help=help)


def _figure(verb: Verb, name: str, help: str) -> None:
    verb.add_argument(name, type=_amount, default=None, metavar="X", help=help)


def _named(text: str) -> Path:
    """The path of a file; `reports/` would become a file of that name."""
    if text.endswith("/"):
        raise argparse.ArgumentTypeError(f"{text!r} is a folder; name a file in it")
    return Path(text)


def _amount(text: str) -> Decimal:
    try:
        amount = Decimal(text)
    except InvalidOperation:
        amount = Decimal(-1)
    if not 0 <= amount < 10**9:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0")
    return amount


def _whole(low: int, high: int) -> Callable[[str], int]:
    def whole(text: str) -> int:
        if not (text.isascii() and text.isdecimal() and len(text) < 10 and low <= int(text) <= high):
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return whole


class _Version(argparse.Action):
    """`--version`, which looks the version up only when asked."""

    def __init__(self, option_strings: Sequence[str], dest: str) -> None:
        super().__init__(option_strings, dest, nargs=0, help="print the version")

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        from importlib.metadata import version

        print(f"sftspec {version('sftspec')}")
        parser.exit()


VERBS = (
    check, fmt, explain, lsp, keygen, seal, prints, lock, pack, plugin, manifest, validate, preview, sample, certify,
    verify,
)  # fmt: skip
"""In the order of the work."""
