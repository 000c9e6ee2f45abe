"""What stands behind `untrained where` to the words of an enum with which a field bears no loss."""

from __future__ import annotations

from spec_lang import syntax as s
from spec_lang.contract import FieldDef, Untrained
from spec_lang.diagnostics import listing
from spec_lang.symbols import Report
from spec_lang.types import Enum, bare

HELP = "write words of an enum beside it: `untrained where role != assistant`"


def marked(
    fields: dict[str, FieldDef], marks: dict[str, s.Untrained], owner: str, report: Report
) -> dict[str, FieldDef]:
    """The fields of `owner`, each with what is written behind it."""
    read = {name: untrained(mark, fields, owner, report) for name, mark in marks.items() if name in fields}
    return fields | {name: fields[name].model_copy(update={"untrained": mark}) for name, mark in read.items()}


def untrained(mark: s.Untrained, fields: dict[str, FieldDef], owner: str, report: Report) -> Untrained | None:
    """The mark of a field or group that stands among the `fields` of `owner`."""
    if mark.where is None:
        return Untrained()
    read = _read(mark.where)
    if read is None:
        report.error("SFT3030", "this does not say with which words of an enum", mark.where.span, help=HELP)
        return None
    tag, words, others = read
    enum = bare(fields[tag.text].type) if tag.text in fields else None
    if not isinstance(enum, Enum):
        enums = [name for name, field in fields.items() if isinstance(bare(field.type), Enum)]
        help = f"beside it: {listing(enums)}" if enums else HELP
        report.error("SFT3030", f"`{tag.text}` is no enum beside this field", tag.span, help=help, known=enums)
        return None
    report.means(tag.span, "field", f"{owner}.{tag.text}")
    for word in words:
        report.means(word.span, "word", word.text, of=enum)
        if word.text not in enum.members:
            help = f"its words are {listing(enum.members)}"
            report.error("SFT2007", f"`{tag.text}` cannot be `{word.text}`", word.span, help=help, known=enum.members)
            return None
    said = {word.text for word in words}
    return Untrained(tag=tag.text, words=tuple(word for word in enum.members if (word in said) != others))


def _read(where: s.Expr) -> tuple[s.Word, tuple[s.Word, ...], bool] | None:
    """The enum's field, the words that are written, and whether all others are meant."""
    match where:
        case s.Binary(op="==" | "!=" as op, left=s.Path(word=tag), right=s.Path(word=word)):
            return tag, (word,), op == "!="
        case s.Membership(left=s.Path(word=tag), right=s.Set(items=items), by=None):
            words = tuple(item.word for item in items if isinstance(item, s.Path))
            return (tag, words, False) if len(words) == len(items) else None
    return None
