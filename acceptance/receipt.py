"""The vendor's proof of a validation: the ledger as it was decided, which anyone can decide again."""

from __future__ import annotations

from importlib.metadata import version
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from acceptance.errors import Refused
from acceptance.files import write_whole
from acceptance.ledger import Ledger, Sheet, redacted
from spec_lang.contract import canonical


class Receipt(Sheet):
    """What `sftspec validate` found. Holds digests and findings without delivered values."""

    sftspec_receipt: Literal[1] = 1
    tool: str
    """Name and version of the tool that decided."""
    ledger: Ledger

    def dumps(self) -> bytes:
        """The only bytes a receipt is written as (RFC 8785)."""
        return canonical(self.model_dump(mode="json")) + b"\n"


def tool() -> str:
    """`sftspec 0.1.0`."""
    return f"sftspec {version('sftspec')}"


def write(ledger: Ledger, path: Path) -> Receipt:
    """Write a receipt, whole or not at all."""
    receipt = Receipt(tool=tool(), ledger=redacted(ledger))
    write_whole(path, receipt.dumps())
    return receipt


def parse(data: bytes, name: str) -> Receipt:
    """Bytes to receipt. Anything but the exact bytes that `write` makes is refused."""
    try:
        receipt = Receipt.model_validate_json(data)
        exact = receipt.dumps() == data
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise Refused(f"{name}: is not a receipt: {where}: {first['msg']}", code=1) from error
    except ValueError as error:
        raise Refused(f"{name}: is not a receipt: it has no canonical form", code=1) from error
    if not exact:
        raise Refused(f"{name}: was edited after it was written", code=1)
    return receipt
