"""A contract that amends another, and that other, to one: what is said anew replaces what was said, item by item."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from spec_lang import syntax as s

Named = s.Enum | s.TypeDecl | s.Table | s.Record | s.Terms | s.Reference | s.Recipe | s.HeldOut
Part = s.Setting | s.Field | s.Group | s.Clause | s.Let | s.MixtureLine
P = TypeVar("P", bound=Part)


@dataclass(slots=True)
class Changes:
    """What an amendment does to the contract it amends, by the names of clauses, fields and settings."""

    of: str
    replaced: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    waived: list[str] = field(default_factory=list)


def amend(base: s.File, own: s.File) -> tuple[s.File, Changes]:
    """The contract as amended. A waiver that names a clause of the base takes it out and is marked so."""
    changes = Changes(base.span.source.name)
    waivers = {item.name.text: item for item in own.declarations if isinstance(item, s.Waive)}
    before = [_without(item, waivers, changes) for item in base.declarations]
    news = {_key(item): item for item in own.declarations if _key(item) is not None}
    merged = [_joined(item, news.get(_key(item)), changes) for item in before if not isinstance(item, s.Amends)]
    known = {_key(item) for item in before}
    rest = [item for item in own.declarations if _key(item) is None or _key(item) not in known]
    changes.added += [" ".join(_key(item) or ()) for item in rest if _key(item) is not None]
    kept = [_marked(item, changes) for item in rest if not isinstance(item, s.Amends)]
    return replace(own, declarations=(*merged, *kept)), changes


def _key(item: s.Declaration) -> tuple[str, ...] | None:
    """What tells a declaration from the others of its file; None for those that only ever add."""
    match item:
        case s.Contract() | s.Payment():
            return (type(item).__name__.lower(),)
        case s.Mixture(name=name, table=table):
            return ("mixture", name.text if name is not None else table.text)
        case s.Use() | s.Waive() | s.Amends() | s.Measure():
            return None
        case _:
            return type(item).__name__.lower(), item.name.text


def _marked(item: s.Declaration, changes: Changes) -> s.Declaration:
    return replace(item, clause=True) if isinstance(item, s.Waive) and item.name.text in changes.waived else item


# ------------------------------------------------------------------------------------------------ taking out


def _without(item: Any, waivers: dict[str, s.Waive], changes: Changes) -> Any:
    """The declaration without the clauses that are waived."""
    match item:
        case s.Terms(name=name, items=items):
            return replace(item, items=_kept(items, name.text, waivers, changes))
        case s.Record(name=name, items=items) | s.Table(name=name, items=items):
            return replace(item, items=_kept(items, name.text, waivers, changes))
        case s.Mixture(name=own, lines=lines):
            return replace(item, lines=_kept(lines, own.text if own else "mixture", waivers, changes))
        case _:
            return item


def _kept(parts: Iterable[Any], prefix: str, waivers: dict[str, s.Waive], changes: Changes) -> tuple[Any, ...]:
    out = []
    for part in parts:
        names = [f"{prefix}.{_label(part)}"]
        if isinstance(part, s.MixtureLine) and part.entries[0].member.text == "each":
            names.append(f"{names[0]}.each")  # the whole name of its one clause
        waived = [name for name in names if name in waivers]
        if isinstance(part, s.Clause | s.MixtureLine) and waived:
            changes.waived += waived
        elif isinstance(part, s.Group):
            out.append(replace(part, items=_kept(part.items, prefix, waivers, changes)))
        else:
            out.append(part)
    return tuple(out)


# ------------------------------------------------------------------------------------------------ putting in


def _joined(before: Any, news: Any, changes: Changes) -> Any:
    """One declaration said twice: heads of the later one, parts of both."""
    if news is None:
        return before
    named = isinstance(news, Named) or (isinstance(news, s.Mixture) and news.name is not None)
    prefix = news.name.text if named else type(news).__name__.lower()
    match news:
        case s.Contract(title=title):
            settings = _parts(before.settings, news.settings, prefix, changes)
            return replace(news, title=title or before.title, settings=settings)
        case s.Recipe() | s.HeldOut() | s.Payment():
            return replace(news, settings=_parts(before.settings, news.settings, prefix, changes))
        case s.Terms():
            return replace(news, items=_parts(before.items, news.items, prefix, changes))
        case s.Record() | s.Table() | s.TypeDecl():
            return replace(news, items=_parts(before.items, news.items, prefix, changes))
        case s.Mixture():
            return replace(news, lines=_parts(before.lines, news.lines, prefix, changes))
        case _:
            changes.replaced.append(prefix)
            return news


def _parts(before: tuple[P, ...], news: tuple[P, ...], prefix: str, changes: Changes) -> tuple[P, ...]:
    """Each part once under its label: the later one in the place of the earlier, further ones at the end."""
    later: dict[str, list[P]] = {}
    for part in news:
        later.setdefault(_label(part), []).append(part)
    out: list[P] = []
    seen: set[str] = set()
    for part in before:
        label = _label(part)
        if label not in later:
            out.append(part)
        elif label not in seen:
            out += _over(part, later[label], f"{prefix}.{label}", changes)
        seen.add(label)
    for label, parts in later.items():
        if label not in seen:
            changes.added.append(f"{prefix}.{label}")
            out += parts
    return tuple(out)


def _over(part: P, later: list[P], name: str, changes: Changes) -> list[P]:
    news = later[0]
    if isinstance(part, s.Group) and isinstance(news, s.Group):
        return [replace(news, items=_parts(part.items, news.items, name, changes)), *later[1:]]
    changes.replaced.append(name)
    return later


def _label(part: Part) -> str:
    match part:
        case s.Setting(label=label):
            return label.text
        case s.MixtureLine(dimensions=dimensions):
            return "*".join(word.text for word in dimensions)
        case _:
            return part.name.text
