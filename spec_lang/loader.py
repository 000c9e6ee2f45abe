"""A contract to the syntax trees of it and of everything it uses. The only part of the language that opens files."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from spec_lang import syntax as s
from spec_lang.amending import Changes, amend
from spec_lang.diagnostics import Diagnostic, listing
from spec_lang.parser import MAX_CHARS, parse
from spec_lang.paths import PathError, regular
from spec_lang.source import Source, Span
from spec_lang.symbols import Report

STANDARD = ("agent", "chat", "governance", "people", "provenance")
MAX_FILES = 64
MAX_TOGETHER = 2 * MAX_CHARS
"""Characters of a contract and of all that it uses."""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Plugin:
    """A plug-in as a contract pins it."""

    name: str
    version: str
    sha256: str
    """Of its files, as `sftspec plugin` prints it."""

    def identity(self) -> str:
        """`token_scan 1.2 9f86...`: what stands in every call of its measures."""
        return f"{self.name} {self.version} {self.sha256}"


@dataclass(frozen=True, slots=True)
class Module:
    """One file and the name its declarations carry: empty for the contract itself, `agent` for `use std.agent`.

    The declarations of a contract that is amended stand in the file that amends it.
    """

    alias: str
    file: s.File
    changes: Changes | None = None
    """What the file does to the contract that it amends."""
    plugin: Plugin | None = None
    """The plug-in whose measures the file declares."""


def open_source(path: Path) -> Source | Diagnostic:
    """The text of a file, or the diagnostic saying why it cannot be read."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_CHARS * 4 + 1)
        return Source(path.name, data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        if len(data) > MAX_CHARS * 4:
            return Diagnostic("SFT1004", f"a contract file ends at {MAX_CHARS:,} characters", None, help="split it")
        line = data.count(b"\n", 0, error.start) + 1
        message = f"{path.name} is not UTF-8: byte 0x{data[error.start]:02X} on line {line}"
        return Diagnostic("SFT1005", message, None, help="save the file as UTF-8")
    except IsADirectoryError:
        return Diagnostic("SFT2008", f"{path} is a folder, not a contract", None, help="name the .sftspec file in it")
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        return Diagnostic("SFT2008", f"{path} cannot be read: {reason}", None, help="check the path")


NO_TEXTS: Mapping[Path, str] = MappingProxyType({})


def load(source: Source, report: Report, unsaved: Mapping[Path, str] = NO_TEXTS) -> list[Module]:
    """The contract and everything it uses, each file once; the contract first. `unsaved` stands for files."""
    loader = _Loader(report, unsaved)
    loader.load(source, "", [source])
    return loader.modules


class _Loader:
    """Follows `use` from file to file."""

    def __init__(self, report: Report, unsaved: Mapping[Path, str]) -> None:
        self.report = report
        self.unsaved = unsaved
        self.modules: list[Module] = []
        self.chars = 0
        self.sources: dict[str, Source] = {}
        """What each alias stands for."""

    def load(self, source: Source, alias: str, trail: list[Source], plugin: Plugin | None = None) -> None:
        self.chars += len(source.text)
        file, problems = parse(source)
        self.report.diagnostics += problems
        position = len(self.modules)
        self.modules.append(Module(alias, file, plugin=plugin))
        self._declares_its_kind(file, plugin)
        self.sources.setdefault(alias, source)
        for use in (item for item in file.declarations if isinstance(item, s.Use)):
            self._follow(use, source, trail)
        amended = [item for item in file.declarations if isinstance(item, s.Amends)]
        for more in amended[1:]:
            why = ((amended[0].span, "the first one"),)
            message = "a contract amends one other contract"
            self.report.error("SFT2002", message, more.span, why=why, help="remove one of these lines")
        if amended:
            self._amend(amended[0], position, trail)

    def _declares_its_kind(self, file: s.File, plugin: Plugin | None) -> None:
        """A plug-in's file declares measures and nothing else; no other file does."""
        misplaced = [item for item in file.declarations if isinstance(item, s.Measure) == (plugin is None)]
        for item in misplaced[:1]:
            if isinstance(item, s.Measure):
                help = 'a file of measures is used as `use plugin "scan.sftspec" version "1.2" sha256 "..."`'
                self.report.error("SFT2007", "only a plug-in's file declares measures", item.name.span, help=help)
            else:
                message = "a plug-in's file declares measures and nothing else"
                self.report.error("SFT2007", message, item.span, help="move this to another file")

    def _amend(self, amends: s.Amends, position: int, trail: list[Source]) -> None:
        """The contract that is amended comes next in the list, and leaves its declarations to the one before it."""
        alias, own = self.modules[position].alias, self.modules[position].file
        found = self._relative(amends, amends.file, own.span.source)
        if found is not None:
            self.report.means(amends.file.span, "file", found.name, Span(found, 0, 0))
        if found is None or self._circle(found, amends.span, trail, "amends"):
            self.modules[position] = Module(alias, replace(own, declarations=()))  # half of it means nothing
            return
        if self._too_many(found, amends.span):
            return
        below = len(self.modules)
        self.load(found, alias, [*trail, found])
        base = self.modules[below].file
        merged, changes = amend(base, own)
        self.modules[position] = Module(alias, merged, changes)
        self.modules[below] = Module(alias, replace(base, declarations=()))

    def _circle(self, found: Source, span: Span, trail: list[Source], verb: str) -> bool:
        """Whether a file would come to itself again; reported."""
        if not any(_same(found, item) for item in trail):
            return False
        chain = f" {verb} ".join(f"`{item.name}`" for item in [*trail, found])
        message = f"a contract cannot {verb.removesuffix('s')} itself"
        self.report.error("SFT2009", message, span, chain, help="remove this line")
        return True

    def _follow(self, use: s.Use, source: Source, trail: list[Source]) -> None:
        found = self._standard(use) if isinstance(use.target, s.Word) else self._relative(use, use.target, source)
        if found is None:
            return
        self.report.means(use.target.span, "file", found.name, Span(found, 0, 0))
        if self._circle(found, use.span, trail, "uses"):
            return
        alias = use.alias.text if use.alias else found.name.removeprefix("std.").removesuffix(".sftspec")
        if not NAME.fullmatch(alias):
            help = f"write `use {use.target.span.text} as terms`"
            self.report.error("SFT2002", f"`{alias}` cannot stand in front of a name", use.span, help=help)
        elif alias in self.sources:
            self._taken(alias, use, found)
        elif not self._too_many(found, use.span):
            self.load(found, alias, [*trail, found], _plugin(alias, use, self.report))

    def _too_many(self, found: Source, span: Span) -> bool:
        """Whether one more file is too much; reported."""
        if len(self.modules) >= MAX_FILES:
            message, help = f"a contract uses at most {MAX_FILES} files", "join some of them"
        elif self.chars + len(found.text) > MAX_TOGETHER:
            message = f"a contract and the files it uses end at {MAX_TOGETHER:,} characters together"
            help = "use fewer files"
        else:
            return False
        self.report.error("SFT1004", message, span, help=help)
        return True

    def _taken(self, alias: str, use: s.Use, found: Source) -> None:
        """The same file once more is nothing; another one needs another name, and a plug-in is pinned once."""
        other = self.sources[alias]
        pinned = next(module.plugin for module in self.modules if module.alias == alias)
        if _same(found, other) and _plugin(alias, use, self.report) != pinned:
            help = "agree on one version, or take this line out"
            self.report.error("SFT2002", f"`{alias}` is used as another plug-in already", use.span, help=help)
        if not _same(found, other):
            message = f"`{alias}` stands for `{other.name}` already"
            help = f"give it a name of its own: `use {use.target.span.text} as other_{alias}`"
            self.report.error("SFT2002", message, use.span, help=help)

    def _standard(self, use: s.Use) -> Source | None:
        assert isinstance(use.target, s.Word)
        parts = use.target.parts
        if len(parts) == 2 and parts[0] == "std" and parts[1] in STANDARD:
            text = resources.files("spec_lang.std").joinpath(f"{parts[1]}.sftspec").read_text(encoding="utf-8")
            return Source(f"std.{parts[1]}", text)
        known = [f"std.{name}" for name in STANDARD]
        own = use.target.text if use.target.text not in ("std", "") else "terms"
        help = f'the library has {listing(known)}; a file of your own stands in quotes: use "{own}.sftspec"'
        message = f"there is no `{use.target.text}` to use"
        self.report.error("SFT2008", message, use.target.span, help=help, known=known)
        return None

    def _relative(self, use: s.Use | s.Amends, target: s.Text, source: Source) -> Source | None:
        if source.path is None:
            message = "a text without a file cannot use other files"
            self.report.error("SFT2008", message, target.span, help="save it, or use the library: `use std.chat`")
            return None
        try:
            at = regular(source.path.parent, target.text).at
            opened = Source(at.name, self.unsaved[at], at) if at in self.unsaved else open_source(at)
        except PathError as error:
            reason, _, help = str(error).partition(": ")[2].rpartition("; ")
            message = f"`{target.text}` cannot be used{': it ' + reason if reason else ''}"
            self.report.error("SFT2008", message, target.span, help=help)
            return None
        if isinstance(opened, Source):
            return opened
        self.report.error(opened.code, opened.message, target.span, help=opened.help)
        return None


PIN = ("plugin", "version", "sha256")
VERSION = re.compile(r"[0-9A-Za-z][0-9A-Za-z.+!_-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")


def _plugin(name: str, use: s.Use, report: Report) -> Plugin | None:
    """The plug-in that a use pins; None where it pins none. Words and texts that are wrong are reported."""
    if use.pin is None:
        return None
    for word, wanted in zip(use.pin.words, PIN, strict=True):
        if word.text != wanted:
            help = 'write `use plugin "scan.sftspec" version "1.2" sha256 "..."`'
            report.error("SFT2007", f"`{word.text}` cannot stand here", word.span, help=help, known=(wanted,))
    for text, pattern in ((use.pin.version, VERSION), (use.pin.sha256, SHA256)):
        if not pattern.fullmatch(text.text):
            help = "`sftspec plugin` prints the line for a plug-in that is installed"
            what = "a version" if pattern is VERSION else "a sha256: 64 digits from 0 to f"
            report.error("SFT2007", f"this is not {what}", text.span, help=help)
    return Plugin(name, use.pin.version.text, use.pin.sha256.text)


def _same(one: Source, other: Source) -> bool:
    if one.path is None or other.path is None:
        return one.path is other.path and one.name == other.name
    return one.path.resolve() == other.path.resolve()


def path_of(source: Source) -> Path | None:
    """Where a text is kept: its file, or the library's; None for a text that was never saved."""
    if source.path is not None:
        return source.path
    name = source.name.replace("std/", "std.").removesuffix(".sftspec")
    if not name.startswith("std."):
        return None
    found = resources.files("spec_lang.std").joinpath(f"{name.removeprefix('std.')}.sftspec")
    return found if isinstance(found, Path) and found.is_file() else None
