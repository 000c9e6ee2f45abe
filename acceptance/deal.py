"""A contract's path to the deal as it stands on disk: checked contract, its folder, its lock, and what they open."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acceptance.errors import Refused, Unsound
from acceptance.measures.protocol import Unavailable
from spec_lang import lockfile
from spec_lang.compiler import Compiled, compile_file
from spec_lang.contract import Contract
from spec_lang.lock import Lock, Role

if TYPE_CHECKING:
    from acceptance.rendering import Renderer
    from acceptance.signing.secrets import Secrets

LOCK = "contract.lock"
PRIVATE = "private/secrets.json"
"""Where the buyer keeps the nonces, unless told otherwise; never packed."""
VALIDATED: tuple[Role, ...] = ("template", "tokenizer", "keys", "rubric")
"""What a vendor has: enough to validate, nothing sealed."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A sound contract and the folder it lives in. `lock` is None where nothing was locked yet."""

    contract: Contract
    compiled: Compiled
    path: Path
    source: bytes
    lock: Lock | None

    @property
    def folder(self) -> Path:
        return self.path.parent

    @property
    def lock_digest(self) -> str:
        """sha256 of contract.lock, empty where there is none."""
        return self.lock.digest() if self.lock is not None else ""

    def items(self, name: str, secrets: Secrets | None) -> list[dict[str, Any]]:
        """A sealed set, opened against its commitment. Raises Unavailable or Refused."""
        from acceptance.signing import sealed

        return sealed.open_items(self, name, secrets)


def open_deal(path: Path, roles: tuple[Role, ...] = VALIDATED) -> Deal:
    """Compile the contract and hold its lock against the files in `roles`. Raises Unsound or Refused."""
    compiled = compile_file(path)
    if compiled.contract is None:
        raise Unsound(compiled.diagnostics)
    source = path.read_bytes()
    lock_path = path.parent / LOCK
    lock = lockfile.read(lock_path) if lock_path.exists() else None
    if lock is not None:
        problems = lockfile.check(lock, compiled.contract, path.parent, roles, source)
        if problems:
            raise Refused("\n".join(problems), code=1)
    return Deal(compiled.contract, compiled, path, source, lock)


def renderers(deal: Deal) -> Callable[[str], Renderer]:
    """Recipe name -> its renderer, built once. Raises Unavailable where the template or tokenizer is absent."""
    from acceptance.rendering import BadTemplate, Renderer

    built: dict[str, Renderer] = {}

    def renderer(name: str) -> Renderer:
        if name not in built:
            recipe = deal.contract.recipe(name)
            for file in (recipe.template, recipe.tokenizer):
                if not (deal.folder / file).exists():
                    raise Unavailable(f"`{file}` of recipe {name} is not here; ask the buyer for the pack")
            try:
                built[name] = Renderer(recipe, deal.contract, deal.folder)
            except BadTemplate as error:
                raise Refused(str(error), code=1) from error
        return built[name]

    return renderer


def opener(deal: Deal, secrets: Secrets | None) -> Callable[[str], Iterable[dict[str, Any]]]:
    """Held-out set name -> its items."""
    return lambda name: deal.items(name, secrets)


def sha256(data: bytes) -> str:
    """Hex digest of bytes."""
    return hashlib.sha256(data).hexdigest()
