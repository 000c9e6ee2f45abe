"""What `contract.lock` holds: the bytes behind every name in a contract, as frozen records with one written form."""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Literal

from pydantic import Field, field_validator

from spec_lang.types import Node

NAME = "contract.lock"
"""Where a lock lies: beside its contract."""
SEALS = "seals.json"
"""Where the evaluation team's promises lie until a lock takes them over."""

Role = Literal["template", "tokenizer", "base", "keys", "reference", "rubric", "prints", "pilot", "public"]
DECIMAL = r"^[0-9]+(\.[0-9]+)?$"
SIGNED = r"^-?[0-9]+(\.[0-9]+)?$"
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

ROLES: tuple[Role, ...] = ("template", "tokenizer", "base", "keys", "reference", "rubric", "prints", "pilot", "public")
VENDOR_ROLES: tuple[Role, ...] = ("template", "tokenizer", "keys", "rubric", "prints")
"""What `sftspec pack` gives the vendor: never reference data, pilots, public tasks or the base."""


def written(document: Node) -> bytes:
    """Sorted keys, two spaces, one newline at the end."""
    text = json.dumps(document.model_dump(mode="json"), sort_keys=True, indent=2, ensure_ascii=False)
    return text.encode() + b"\n"


class Pinned(Node):
    """One file the contract names."""

    path: str
    """Relative to the contract, with `/` between folders."""
    bytes: int = Field(ge=0)
    sha256: Sha256
    role: Role
    """What the contract uses it for. One file may be pinned under two roles."""


class Sealed(Node):
    """The buyer's promise about a held-out set that nobody else may see."""

    heldout: str
    """Its name in the contract."""
    commitment: Sha256
    """sha256(0x02 || item nonce || sha256 of the file)."""
    items: int = Field(ge=0)


class Seals(Node):
    """What the evaluation team promises before anybody signs: `sftspec seal` writes it, `lock` takes it over."""

    sftspec_seals: Literal[1] = 1
    seal: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """Drawn by every `seal`, so that no two deals share a nonce."""
    sealed: tuple[Sealed, ...]
    """Sorted by name."""
    seeds: tuple[Sha256, ...]
    """One for each attempt, the first attempt's first: sha256(0x01 || seed nonce of that attempt)."""

    @field_validator("sealed")
    @classmethod
    def _sealed_once(cls, sealed: tuple[Sealed, ...]) -> tuple[Sealed, ...]:
        if len({one.heldout for one in sealed}) < len(sealed):
            raise ValueError("a held-out set is sealed twice")
        return tuple(sorted(sealed, key=lambda one: one.heldout))

    def dumps(self) -> bytes:
        """The only bytes `seals.json` is written as."""
        return written(self)


class Spread(Node):
    """What a pilot measured on one held-out set; decimal strings, fractions (2 pp of seed noise are `0.02`)."""

    heldout: str
    item_variance: Annotated[str, Field(pattern=DECIMAL)]
    """Variance over items of the gain, each item averaged over seeds."""
    icc: Annotated[str, Field(pattern=DECIMAL)]
    """Correlation of gains within a cluster, 0 to 1."""
    seed_sd: Annotated[str, Field(pattern=DECIMAL)]
    """Standard deviation over seeds of an arm's mean score."""
    residual_variance: Annotated[str, Field(pattern=DECIMAL)]
    """Variance of a score that neither its item nor its seed explains."""
    skewness: Annotated[str, Field(pattern=SIGNED)]
    """Skewness of the clusters' gains."""
    drift: Annotated[str, Field(pattern=SIGNED)]
    """Covariance over seeds of the gain with its variance over items, as a share of that variance."""
    changed: int = Field(ge=0)
    """Items whose score some seed changed."""
    items: int = Field(ge=2)
    seeds: int = Field(ge=2)


class Lock(Node):
    """What the contract's text stands for, down to the byte."""

    sftspec_lock: Literal[1] = 1
    contract: Sha256
    """Digest of the checked contract's canonical form."""
    source: Sha256
    """sha256 of the contract's text."""
    files: tuple[Pinned, ...]
    """Sorted by path, then role."""
    seals: Seals | None = None
    """None until the held-out sets are sealed."""
    pilot: tuple[Spread, ...] = ()
    """Figures of the pilot that is pinned among the files, sorted by held-out set."""

    @field_validator("files")
    @classmethod
    def _files_once(cls, files: tuple[Pinned, ...]) -> tuple[Pinned, ...]:
        if len({(file.path, file.role) for file in files}) < len(files):
            raise ValueError("a file is listed twice under one role")
        return tuple(sorted(files, key=lambda file: (file.path, file.role)))

    @field_validator("pilot")
    @classmethod
    def _measured_once(cls, pilot: tuple[Spread, ...]) -> tuple[Spread, ...]:
        if len({one.heldout for one in pilot}) < len(pilot):
            raise ValueError("a pilot measures a held-out set twice")
        return tuple(sorted(pilot, key=lambda one: one.heldout))

    def dumps(self) -> bytes:
        """The only bytes this lock is written as."""
        return written(self)

    def digest(self) -> str:
        """sha256 of the lock's bytes, in hex."""
        return hashlib.sha256(self.dumps()).hexdigest()

    def sealed(self, heldout: str) -> Sealed | None:
        """The promise about one held-out set, or None."""
        found = self.seals.sealed if self.seals is not None else ()
        return next((one for one in found if one.heldout == heldout), None)

    def pinned(self, role: Role, path: str) -> Pinned | None:
        """The entry of one file, or None."""
        return next((file for file in self.files if (file.path, file.role) == (path, role)), None)
