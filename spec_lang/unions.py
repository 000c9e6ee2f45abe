"""The cases of a union, `type Step by kind { ... }`, to one flat list of fields and an enum for the tag."""

from __future__ import annotations

from spec_lang import syntax as s
from spec_lang.contract import EnumDef, FieldDef, Untrained
from spec_lang.symbols import Report, Symbols
from spec_lang.types import Enum

Cases = dict[str, tuple[s.Group, dict[str, FieldDef]]]
"""By name: what was written, and its fields."""


def tag_field(union: s.TypeDecl, name: str, cases: Cases, symbols: Symbols) -> FieldDef:
    """The field that tells the cases apart; its enum is declared as `Step.kind`."""
    assert union.tag is not None
    enum = EnumDef(
        name=f"{name}.{union.tag.text}",
        members=tuple(cases),
        docs=tuple(group.doc.text if group.doc else "" for group, _ in cases.values()),
    )
    symbols.enums[enum.name] = enum
    return FieldDef(name=union.tag.text, type=Enum(name=enum.name, members=enum.members))


def joined(cases: Cases, tag: str) -> list[FieldDef]:
    """Each field of the cases once, with the cases it stands in and those that are untrained."""
    found: dict[str, FieldDef] = {}
    for case, (_, fields) in cases.items():
        for field in fields.values():
            earlier = found.get(field.name)
            names = (*earlier.cases, case) if earlier is not None else (case,)
            found[field.name] = (earlier or field).model_copy(update={"cases": names})
    unread = {case for case, (group, _) in cases.items() if group.untrained is not None}
    return [field if field.untrained is not None or not unread.intersection(field.cases)
            else field.model_copy(update={"untrained": _in_cases(tag, field, unread)})
            for field in found.values()]  # fmt: skip


def _in_cases(tag: str, field: FieldDef, cases: set[str]) -> Untrained:
    return Untrained(tag=tag, words=tuple(case for case in field.cases if case in cases))


def has_cases(union: s.TypeDecl, cases: Cases, report: Report) -> bool:
    """A tag tells groups apart, so there are some."""
    assert union.tag is not None
    for group, _ in cases.values():
        if group.untrained is not None and group.untrained.where is not None:
            help = "write `untrained` alone: the case itself says when"
            report.error("SFT3030", f"the case `{group.name.text}` has a condition", group.untrained.span, help=help)
    if cases:
        return True
    help = "write a group for each case: `call { tool: Text }`; or leave out `by`"
    report.error("SFT3025", f"`{union.name.text}` has no cases for `{union.tag.text}` to tell apart", union.tag.span,
                 help=help)  # fmt: skip
    return False


def names_differ(union: s.TypeDecl, common: dict[str, FieldDef], cases: Cases, path: str, symbols: Symbols,
                 report: Report) -> bool:  # fmt: skip
    """No field is called like the tag, none like a common one, and what cases share they declare alike."""
    assert union.tag is not None
    spans, good = symbols.field_spans, True
    first: dict[str, tuple[str, FieldDef]] = {}
    for case, (_, fields) in (("", (None, common)), *cases.items()):
        for field in fields.values():
            span = spans[f"{path}.{case}.{field.name}" if case else f"{path}.{field.name}"]
            other = first.setdefault(field.name, (case, field))
            at = spans.get(f"{path}.{other[0]}.{field.name}" if other[0] else f"{path}.{field.name}")
            if field.name == union.tag.text:
                message, label, at = f"`{field.name}` is the tag of `{union.name.text}`", "the tag", union.tag.span
                help = "leave it out: the tag is a field already"
            elif other[0] != case and not other[0]:
                message, label = f"`{field.name}` is a field of every case", "declared for every case"
                help = "rename one of them"
            elif other[0] != case and not _alike(other[1], field):
                message, label = f"two cases declare `{field.name}` differently", f"in `{other[0]}`"
                help = "declare it alike in both, or rename one"
            else:
                continue
            good = False
            report.error("SFT3025", message, span, why=((at, label),) if at is not None else (), help=help)
    return good


def _alike(one: FieldDef, other: FieldDef) -> bool:
    silent = {"doc": ""}
    return one.model_copy(update=silent) == other.model_copy(update=silent)
