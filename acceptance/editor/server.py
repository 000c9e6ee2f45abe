"""An editor's messages in, diagnostics and answers out: the language server. It compiles as `check` does, nothing else.

A text is compiled in a thread of its own, once per version; what is told is always about the last version.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams, PyglsError
from pygls.lsp.server import LanguageServer

from acceptance.editor.protocol import NAME, Document, path_at
from spec_lang.compiler import Compiled, compile_source
from spec_lang.editing import navigation
from spec_lang.editing.completion import complete
from spec_lang.editing.hover import hover
from spec_lang.editing.outline import outline
from spec_lang.formatter import format_file
from spec_lang.parser import parse, remember
from spec_lang.source import Source
from spec_lang.symbols import Use

PAUSE = 0.02
"""Seconds without a keystroke after which a text is compiled."""
Answer = TypeVar("Answer")


class Server(LanguageServer):
    """The open texts, each with the compilation of its last version."""

    def __init__(self) -> None:
        # Whole texts: the protocol's client and pygls do not agree on what ends a line (pygls also takes U+2028).
        super().__init__(NAME, version(NAME), types.TextDocumentSyncKind.Full)
        remember()
        self.compiling = ThreadPoolExecutor(1, thread_name_prefix="compile")
        self.texts: dict[str, tuple[int, Source]] = {}
        self.results: dict[str, tuple[int, asyncio.Future[Compiled]]] = {}
        self.telling: set[asyncio.Task[None]] = set()

    def put(self, uri: str, number: int, text: str) -> None:
        """A text as it is now; its diagnostics, and those of the contracts that use it, follow."""
        path = path_at(uri)
        self.texts[uri] = (number, Source(path.name if path is not None else uri.rpartition("/")[2], text, path))
        self.results = {uri: self.results[uri] for uri in self.results if not self._uses(uri, path)}
        for other in self.texts:
            if other not in self.results:
                self._later(self.tell(other, self.texts[other][0]))

    def _later(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(work)
        self.telling.add(task)
        task.add_done_callback(self._told)

    def _told(self, task: asyncio.Task[None]) -> None:
        self.telling.discard(task)
        error = task.exception() if not task.cancelled() else None
        if isinstance(error, Exception):
            self.report_server_error(error, PyglsError)

    def _uses(self, uri: str, path: Path | None) -> bool:
        """Whether what is known of a text rests on the file at `path`."""
        task = self.results[uri][1]
        if not task.done() or task.cancelled() or task.exception() is not None:
            return True
        reading = task.result().reading
        files = reading.files if reading is not None else ()
        return self.texts[uri][1].path == path or any(file.span.source.path == path for file in files)

    def drop(self, uri: str) -> None:
        """A text that is open no more."""
        self.texts.pop(uri, None)
        self.results.pop(uri, None)
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    async def tell(self, uri: str, number: int) -> None:
        """Publish a version's diagnostics, unless another one has come meanwhile."""
        await asyncio.sleep(PAUSE)
        if not self.is_last(uri, number):
            return
        compiled = await self.compiled(uri)
        if not self.is_last(uri, number):
            return
        document = self.document(uri)
        shown = [document.diagnostic(item, compiled) for item in compiled.diagnostics]
        self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, shown, number))

    def is_last(self, uri: str, number: int) -> bool:
        return uri in self.texts and self.texts[uri][0] == number

    def document(self, uri: str) -> Document:
        """An open text. Raises for any other: a client's word is no reason to open a file."""
        if uri not in self.texts:
            raise JsonRpcInvalidParams(message=f"{uri} is not open")
        return Document(uri, self.texts[uri][1], self.workspace.position_codec)

    async def compiled(self, uri: str) -> Compiled:
        """The compilation of a text's last version."""
        number, source = self.texts[uri]
        known = self.results.get(uri)
        if known is None or known[0] != number:
            known = self.results[uri] = (number, asyncio.ensure_future(self.apart(lambda: self.compile(source))))
        return await asyncio.shield(known[1])

    def compile(self, source: Source) -> Compiled:
        """As `check` does, with the texts that are open in place of their files."""
        others = {text.path: text.text for _, text in list(self.texts.values()) if text.path is not None}
        return compile_source(source, others)

    async def apart(self, work: Callable[[], Answer]) -> Answer:
        """Work done where it does not keep messages waiting."""
        return await asyncio.get_running_loop().run_in_executor(self.compiling, work)

    async def named(self, uri: str, at: types.Position) -> tuple[Document, Compiled, Use | None]:
        """A text, its compilation and the name at a position in it."""
        document = self.document(uri)
        compiled = await self.compiled(document.uri)
        if compiled.reading is None or compiled.source is None:
            return document, compiled, None
        offset = document.positions.offset(at)
        return document, compiled, navigation.name_at(compiled.reading, compiled.source, offset)


server = Server()


@server.feature(types.TEXT_DOCUMENT_DID_OPEN)
async def opened(ls: Server, params: types.DidOpenTextDocumentParams) -> None:
    item = params.text_document
    ls.put(item.uri, item.version, item.text)


@server.feature(types.TEXT_DOCUMENT_DID_CHANGE)
async def changed(ls: Server, params: types.DidChangeTextDocumentParams) -> None:
    item = params.text_document
    ls.put(item.uri, item.version, ls.workspace.get_text_document(item.uri).source)


@server.feature(types.TEXT_DOCUMENT_DID_CLOSE)
async def closed(ls: Server, params: types.DidCloseTextDocumentParams) -> None:
    ls.drop(params.text_document.uri)


@server.feature(types.TEXT_DOCUMENT_HOVER)
async def hovered(ls: Server, params: types.HoverParams) -> types.Hover | None:
    document = ls.document(params.text_document.uri)
    compiled = await ls.compiled(document.uri)
    found = hover(compiled, document.positions.offset(params.position))
    if found is None:
        return None
    text = types.MarkupContent(types.MarkupKind.Markdown, found.text)
    return types.Hover(text, document.positions.range(found.span))


@server.feature(types.TEXT_DOCUMENT_COMPLETION, types.CompletionOptions(trigger_characters=[".", ":", "(", " "]))
async def completed(ls: Server, params: types.CompletionParams) -> types.CompletionList:
    document = ls.document(params.text_document.uri)
    offset = document.positions.offset(params.position)
    return document.completions(await ls.apart(lambda: complete(document.source, offset, ls.compile)))


@server.feature(types.TEXT_DOCUMENT_DEFINITION)
async def defined(ls: Server, params: types.DefinitionParams) -> types.Location | None:
    document, compiled, use = await ls.named(params.text_document.uri, params.position)
    at = navigation.declared(compiled.reading, use) if compiled.reading is not None and use is not None else None
    return document.location(at) if at is not None else None


@server.feature(types.TEXT_DOCUMENT_REFERENCES)
async def referred(ls: Server, params: types.ReferenceParams) -> list[types.Location]:
    document, compiled, use = await ls.named(params.text_document.uri, params.position)
    if compiled.reading is None or use is None:
        return []
    at = navigation.declared(compiled.reading, use)
    spans = navigation.references(compiled.reading, use)
    wanted = [span for span in spans if params.context.include_declaration or span != at]
    return [place for span in wanted if (place := document.location(span)) is not None]


@server.feature(types.TEXT_DOCUMENT_PREPARE_RENAME)
async def renamable(ls: Server, params: types.PrepareRenameParams) -> types.Range | None:
    document, _, use = await ls.named(params.text_document.uri, params.position)
    return document.positions.range(use.span) if use is not None else None


@server.feature(types.TEXT_DOCUMENT_RENAME, types.RenameOptions(prepare_provider=True))
async def renamed(ls: Server, params: types.RenameParams) -> types.WorkspaceEdit:
    document, compiled, use = await ls.named(params.text_document.uri, params.position)
    if compiled.reading is None or compiled.source is None or use is None:
        raise JsonRpcInvalidParams(message="there is no name here")
    try:
        spans = navigation.rename(compiled.reading, compiled.source, use, params.new_name)
    except navigation.NotRenamed as error:
        raise JsonRpcInvalidParams(message=str(error)) from error
    edits = [types.TextEdit(document.positions.range(span), params.new_name) for span in spans]
    return types.WorkspaceEdit(changes={document.uri: edits})


@server.feature(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL)
async def outlined(ls: Server, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    document = ls.document(params.text_document.uri)
    file, _ = await ls.apart(lambda: parse(document.source))
    return [document.symbol(entry) for entry in outline(file)]


@server.feature(types.TEXT_DOCUMENT_FORMATTING)
async def formatted(ls: Server, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """As `sftspec fmt`: nothing where the text cannot be read whole."""
    document = ls.document(params.text_document.uri)
    file, problems = await ls.apart(lambda: parse(document.source))
    text = format_file(file) if not problems else document.source.text
    if text == document.source.text:
        return None
    return [types.TextEdit(document.positions.range(file.span), text)]


@server.feature(
    types.TEXT_DOCUMENT_CODE_ACTION, types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix])
)
async def repaired(ls: Server, params: types.CodeActionParams) -> list[types.CodeAction]:
    document = ls.document(params.text_document.uri)
    compiled = await ls.compiled(document.uri)
    first, last = (document.positions.offset(end) for end in (params.range.start, params.range.end))
    touched = [
        item
        for item in compiled.diagnostics
        if item.primary is not None and item.primary.span.start <= last and first <= item.primary.span.end
    ]
    actions = [document.action(item, document.diagnostic(item, compiled)) for item in touched]
    return [action for action in actions if action is not None]


def serve() -> None:
    """Speak with the editor over stdin and stdout until it ends."""
    messages = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # a stray print would break the protocol
    server.start_io(sys.stdin.buffer, messages)
