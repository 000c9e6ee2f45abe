"""What a contract declares: one table of names, filled by `resolve`, read by every later pass."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal, TypeVar

from spec_lang import syntax as s
from spec_lang.contract import EnumDef, FieldDef, Shape, TableDef
from spec_lang.diagnostics import Diagnostic, Fix, Label, closest, listing
from spec_lang.signatures import Signature, signatures
from spec_lang.source import Span
from spec_lang.typed import Definitions
from spec_lang.types import Enum


@dataclass(slots=True)
class Symbols:
    """Declarations by name. After `resolve` every type name has a meaning here; no later pass asks again."""

    shapes: dict[str, Shape] = field(default_factory=dict)
    enums: dict[str, EnumDef] = field(default_factory=dict)
    tables: dict[str, TableDef] = field(default_factory=dict)
    records: dict[str, s.Record] = field(default_factory=dict)
    """Record types; the contract's own record is the first."""
    aliases: dict[str, str] = field(default_factory=dict)
    """The alias of the file in which a recipe, held-out set or reference stands."""
    recipes: dict[str, s.Recipe] = field(default_factory=dict)
    heldouts: dict[str, s.HeldOut] = field(default_factory=dict)
    references: dict[str, s.Reference] = field(default_factory=dict)
    spans: dict[str, Span] = field(default_factory=dict)
    """Where each name was declared."""
    field_spans: dict[str, Span] = field(default_factory=dict)
    """Where each field was declared, by its path: `Request.input.task`."""
    word_spans: dict[str | tuple[str, ...], dict[str, Span]] = field(default_factory=dict)
    """Where the words of each enum were declared; an enum written in place has its words for a name."""
    clauses: list[tuple[str, s.Clause]] = field(default_factory=list)
    """Clauses written in records and tables, with the table's name."""
    terms: list[tuple[str, s.Terms]] = field(default_factory=list)
    """With the alias of the file they stand in."""
    mixtures: list[tuple[str, s.Mixture]] = field(default_factory=list)
    lets: list[tuple[str, s.Let]] = field(default_factory=list)
    """Definitions written in records and tables, with the table's name."""
    definitions: dict[str, Definitions] = field(default_factory=dict)
    """What they stand for, by table; filled by `define`."""
    expanded: int = 0
    """Parts written out for definitions so far, over all clauses."""
    waivers: dict[str, s.Waive] = field(default_factory=dict)
    """What is waived in words, by name."""
    measures: dict[str, Signature] = field(default_factory=dict)
    """Those of plug-ins, by the name under which they are called."""
    contract: s.Contract | None = None
    payment: s.Payment | None = None
    _fields: dict[str, tuple[Shape, dict[str, FieldDef]]] = field(default_factory=dict)

    def near(self, alias: str, name: str, known: Mapping[str, object]) -> str | None:
        """The declaration that a name written in a file means: the file's own first, then the contract's."""
        own = f"{alias}.{name}" if alias else name
        return own if own in known else name if name in known else None

    def meant(self, alias: str, word: s.Word, known: Mapping[str, object], report: Report) -> str | None:
        """The same for a word that stands in the text: what it means is noted there."""
        found = self.near(alias, word.text, known)
        if found is not None:
            report.means(word.span, "declaration", found)
        return found

    def signature(self, measure: str) -> Signature | None:
        """The measure of this name, the library's or a plug-in's."""
        return signatures().get(measure) or self.measures.get(measure)

    def field(self, shape: str, name: str) -> FieldDef | None:
        """The field of this name in a shape."""
        found = self.shapes[shape]
        indexed = self._fields.get(shape)
        if indexed is None or indexed[0] is not found:
            indexed = self._fields[shape] = (found, {item.name: item for item in found.fields})
        return indexed[1].get(name)


MAX_WORDS = 1_000
"""Words of an enum. Each value that is compared with it carries them all in the contract's canonical form."""
SUGGESTED = 100
"""Behind so many diagnostics no more suggestions are looked for: they take time, and nobody reads that far."""


Item = TypeVar("Item")
What = Literal[
    "declaration", "field", "word", "definition", "variable", "answer", "measure", "argument", "file", "type"
]


@dataclass(frozen=True, slots=True)
class Use:
    """A name where it is used and what it means there: `Request`, `Request.input.task`, `user`, `share.of`."""

    span: Span
    what: What
    name: str
    at: Span | None = None
    """Where it was declared, if `Symbols` does not know."""
    of: Enum | None = None
    """Whose word it is."""


@dataclass(frozen=True, slots=True)
class Offer:
    """An unknown word, the code under which it was reported, and the words that could stand there."""

    span: Span
    code: str
    words: tuple[str, ...]


class Report:
    """Collects mistakes, and what names mean. A pass reports here and goes on; nothing is raised."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.uses: list[Use] = []
        self.offers: list[Offer] = []

    def means(self, span: Span, what: What, name: str, at: Span | None = None, of: Enum | None = None) -> None:
        """The name at `span` was found."""
        self.uses.append(Use(span, what, name, at, of))

    def error(
        self,
        code: str,
        message: str,
        span: Span,
        label: str = "",
        *,
        why: tuple[tuple[Span, str], ...] = (),
        help: str = "",
        notes: tuple[str, ...] = (),
        warning: bool = False,
        known: Collection[str] = (),
        fix: str = "",
    ) -> None:
        """One mistake at `span`. `known`: the words that could stand there; `fix`: the text that should."""
        if known and len(self.diagnostics) < SUGGESTED:
            self.offers.append(Offer(span, code, tuple(known)))
            meant = closest(span.text.strip('"'), known)
            label = label or (f"did you mean `{meant}`?" if meant else "")
            fix = fix or meant or ""
        secondary = tuple(Label(where, text) for where, text in why)
        severity: Any = "warning" if warning else "error"
        repair = Fix(span, fix) if fix else None
        self.diagnostics.append(Diagnostic(code, message, Label(span, label), secondary, notes, help, severity, repair))

    def unknown(self, code: str, what: str, word: str, span: Span, known: list[str]) -> None:
        """`word` is none of the `known` names of this kind."""
        help = f"known here: {listing(known)}" if known else "none is declared"
        self.error(code, f"{what} `{word}` is not known", span, help=help, known=known)

    def first(self, words: Iterable[tuple[str, Item]], where: Callable[[Item], Span]) -> dict[str, Item]:
        """The words of an enum, each once; that there are too many is reported, and the others are left out."""
        found = dict(islice(words, MAX_WORDS + 1))
        if len(found) > MAX_WORDS:
            _, beyond = found.popitem()
            help = "deliver them as a table of their own, and write `ref`"
            self.error("SFT1004", f"an enum ends at {MAX_WORDS:,} words", where(beyond), "one too many", help=help)
        return found

    def failed(self) -> bool:
        return any(item.severity == "error" for item in self.diagnostics)
