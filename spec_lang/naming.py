"""A contract in, the files and folders that its text names out, each with what it is used for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from spec_lang.contract import Call, Const, Contract
from spec_lang.lock import Role
from spec_lang.paths import Safe, regular, tree
from spec_lang.types import Node


def named_files(contract: Contract) -> list[tuple[str, Role]]:
    """Files and folders that the text names, with their roles: sorted, each once, sealed sets left out."""
    return sorted(set(_named(contract)))


def _named(contract: Contract) -> Iterator[tuple[str, Role]]:
    for recipe in contract.recipes:
        yield from ((recipe.base, "base"), (recipe.tokenizer, "tokenizer"), (recipe.template, "template"))
    yield from ((heldout.template, "template") for heldout in contract.heldouts if heldout.template)
    yield from ((heldout.lm_eval.data, "public") for heldout in contract.heldouts if heldout.lm_eval)
    yield from ((reference.items, "reference") for reference in contract.references)
    if contract.keys:
        yield contract.keys, "keys"
    for clause in contract.clauses:
        yield from _in_measures(clause.expr)


MEASURED: dict[str, tuple[str, Role]] = {"defective": ("rubric", "rubric"), "taken_from": ("sets", "prints")}
"""The measures that take files, with the parameter that names them."""


def _in_measures(node: object) -> Iterator[tuple[str, Role]]:
    """The files that measures take, wherever they stand in an expression."""
    if isinstance(node, Call) and node.measure in MEASURED:
        parameter, role = MEASURED[node.measure]
        yield from ((str(value.value), role) for value in node.all(parameter) if isinstance(value, Const))
    if isinstance(node, Node):
        for name in type(node).model_fields.keys() - {"type"}:
            yield from _in_measures(getattr(node, name))
    elif isinstance(node, tuple):
        for inner in node:
            yield from _in_measures(inner)


def expand(folder: Path, name: str, role: Role) -> list[Safe]:
    """The regular files that a named path stands for: itself, or every file of the folder of a base or a public set."""
    return tree(folder, name) if role in ("base", "public") else [regular(folder, name)]
