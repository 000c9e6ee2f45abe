"""What was found in a contract to the protocol's words: diagnostics, repairs, completions, outlines, places."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from lsprotocol import types
from pygls.uris import to_fs_path
from pygls.workspace import PositionCodec

from acceptance.editor.positions import Positions
from spec_lang.compiler import Compiled
from spec_lang.diagnostics import Diagnostic
from spec_lang.editing.completion import Completion, Completions
from spec_lang.editing.outline import Entry
from spec_lang.loader import path_of
from spec_lang.source import Source, Span

NAME = "sftspec"
SEVERITIES = {"error": types.DiagnosticSeverity.Error, "warning": types.DiagnosticSeverity.Warning}
COMPLETIONS = {
    "keyword": types.CompletionItemKind.Keyword,
    "label": types.CompletionItemKind.Property,
    "field": types.CompletionItemKind.Field,
    "word": types.CompletionItemKind.EnumMember,
    "name": types.CompletionItemKind.Variable,
    "type": types.CompletionItemKind.Class,
    "measure": types.CompletionItemKind.Function,
    "argument": types.CompletionItemKind.Property,
    "module": types.CompletionItemKind.Module,
    "unit": types.CompletionItemKind.Unit,
}
ENTRIES = {
    "block": types.SymbolKind.Namespace,
    "enum": types.SymbolKind.Enum,
    "type": types.SymbolKind.Class,
    "table": types.SymbolKind.Struct,
    "group": types.SymbolKind.Object,
    "field": types.SymbolKind.Field,
    "clause": types.SymbolKind.Boolean,
    "definition": types.SymbolKind.Variable,
    "word": types.SymbolKind.EnumMember,
    "setting": types.SymbolKind.Property,
}


class Document:
    """One open text in the protocol's words."""

    def __init__(self, uri: str, source: Source, codec: PositionCodec) -> None:
        self.uri = uri
        self.source = source
        self.codec = codec
        self.positions = Positions(source.text, codec)

    def diagnostic(self, item: Diagnostic, compiled: Compiled) -> types.Diagnostic:
        """A mistake; one in a used file is shown where that file is used."""
        span = item.primary.span if item.primary is not None else Span(self.source, 0, 0)
        message, related = item.message, [(label.span, label.text) for label in item.secondary]
        if span.source is not compiled.source and item.primary is not None:
            message = f"{span.source.name}:{span.line}:{span.column}: {message}"
            related = [(span, item.primary.text or item.message), *related]
            span = self._use_of(span.source, compiled)
        parts = [message, item.primary.text if item.primary is not None else "", *item.notes]
        return types.Diagnostic(
            range=self.positions.range(span),
            message="\n".join(part for part in (*parts, f"help: {item.help}" if item.help else "") if part),
            severity=SEVERITIES[item.severity],
            code=item.code,
            source=NAME,
            related_information=[
                types.DiagnosticRelatedInformation(place, text)
                for where, text in related
                if (place := self.location(where)) is not None
            ],
        )

    def _use_of(self, source: Source, compiled: Compiled) -> Span:
        """Where the contract uses a file, directly; else its beginning."""
        uses = compiled.reading.report.uses if compiled.reading is not None else []
        found = (use.span for use in uses if use.what == "file" and use.at is not None and use.at.source is source)
        return next((span for span in found if span.source is compiled.source), Span(self.source, 0, 0))

    def location(self, span: Span) -> types.Location | None:
        """Where a span stands; None for a text that is in no file."""
        if span.source == self.source:
            return types.Location(self.uri, self.positions.range(span))
        path = path_of(span.source)
        if path is None:
            return None
        return types.Location(path.as_uri(), Positions(span.source.text, self.codec).range(span))

    def action(self, item: Diagnostic, shown: types.Diagnostic) -> types.CodeAction | None:
        """The repair of a mistake in this text."""
        if item.fix is None or item.fix.span.source != self.source:
            return None
        title = f"Write `{item.fix.text}`" if item.fix.span.text else f"Add `{item.fix.text}`"
        edit = types.TextEdit(self.positions.range(item.fix.span), item.fix.text)
        return types.CodeAction(
            title=title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[shown],
            is_preferred=True,
            edit=types.WorkspaceEdit(changes={self.uri: [edit]}),
        )

    def completions(self, found: Completions) -> types.CompletionList:
        """What may be written at the cursor, keywords behind names."""
        place = self.positions.range(Span(self.source, found.start, found.end))
        return types.CompletionList(is_incomplete=False, items=[self._completion(item, place) for item in found.items])

    def _completion(self, item: Completion, place: types.Range) -> types.CompletionItem:
        return types.CompletionItem(
            label=item.word,
            kind=COMPLETIONS[item.kind],
            documentation=item.text or None,
            sort_text=f"{int(item.kind == 'measure') + 2 * int(item.kind == 'keyword')}{item.word}",
            text_edit=types.TextEdit(place, item.insert),
        )

    def symbol(self, entry: Entry) -> types.DocumentSymbol:
        """A line of the outline with those below it."""
        return types.DocumentSymbol(
            name=entry.name,
            detail=entry.detail,
            kind=ENTRIES[entry.kind],
            range=self.positions.range(entry.span),
            selection_range=self.positions.range(entry.name_span),
            children=[self.symbol(inner) for inner in entry.inner],
        )


def path_at(uri: str) -> Path | None:
    """The file that a URI names; None for one that is not saved yet."""
    path = to_fs_path(uri) if urlsplit(uri).scheme == "file" else None
    return Path(path).resolve() if path else None
