"""A contract to the syntax trees of it and of everything it uses. The only part of the language that opens files."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from spec_lang import syntax as s
from spec_lang.diagnostics import Diagnostic, closest
from spec_lang.parser import MAX_CHARS, parse
from spec_lang.source import Source
from spec_lang.symbols import Report

STANDARD = ("agent", "chat")
MAX_FILES = 64


@dataclass(frozen=True, slots=True)
class Module:
    """One file and the name its declarations carry: empty for the contract itself, `agent` for `use std.agent`."""

    alias: str
    file: s.File


def open_source(path: Path) -> Source | Diagnostic:
    """The text of a file, or the diagnostic saying why it cannot be read."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_CHARS * 4 + 1)
        return Source(path.name, data.decode("utf-8-sig"), path)
    except UnicodeDecodeError as error:
        message = f"{path.name} is not UTF-8: byte {error.start} is 0x{error.object[error.start]:02X}"
        return Diagnostic("SFT1005", message, None, help="save the file as UTF-8")
    except IsADirectoryError:
        return Diagnostic("SFT2008", f"{path} is a folder, not a contract", None, help="name the .sftspec file in it")
    except OSError as error:
        return Diagnostic("SFT2008", f"{path} cannot be read: {error.strerror}", None, help="check the path")


def load(source: Source, report: Report) -> list[Module]:
    """The contract and everything it uses, each file once; the contract first."""
    modules: list[Module] = []
    _load(source, "", report, modules, [source])
    return modules


def _load(source: Source, alias: str, report: Report, modules: list[Module], trail: list[Source]) -> None:
    file, problems = parse(source)
    report.diagnostics += problems
    modules.append(Module(alias, file))
    for use in (item for item in file.declarations if isinstance(item, s.Use)):
        _follow(use, source, report, modules, trail)


def _follow(use: s.Use, source: Source, report: Report, modules: list[Module], trail: list[Source]) -> None:
    found = _standard(use, report) if isinstance(use.target, s.Word) else _relative(use, source, report)
    if found is None:
        return
    if any(found.path == item.path and found.name == item.name for item in trail):
        chain = " uses ".join(f"`{item.name}`" for item in [*trail, found])
        report.error("SFT2009", "a contract cannot use itself", use.span, chain, help="remove this line")
        return
    alias = use.alias.text if use.alias else found.name.removeprefix("std.").removesuffix(".sftspec")
    if len(modules) >= MAX_FILES:
        report.error("SFT1004", f"a contract uses at most {MAX_FILES} files", use.span)
    elif all(module.alias != alias for module in modules):
        _load(found, alias, report, modules, [*trail, found])


def _standard(use: s.Use, report: Report) -> Source | None:
    assert isinstance(use.target, s.Word)
    parts = use.target.parts
    if len(parts) == 2 and parts[0] == "std" and parts[1] in STANDARD:
        text = resources.files("spec_lang.std").joinpath(f"{parts[1]}.sftspec").read_text(encoding="utf-8")
        return Source(f"std.{parts[1]}", text)
    known = [f"std.{name}" for name in STANDARD]
    meant = closest(use.target.text, known)
    label = f"did you mean `{meant}`?" if meant else ""
    help = f'the library has {", ".join(known)}; a file of your own is written in quotes: use "terms.sftspec"'
    report.error("SFT2008", f"there is no `{use.target.text}` to use", use.target.span, label, help=help)
    return None


def _relative(use: s.Use, source: Source, report: Report) -> Source | None:
    assert isinstance(use.target, s.Text)
    name = Path(use.target.text)
    if name.is_absolute() or ".." in name.parts or source.path is None:
        message = f"`{use.target.text}` lies outside the contract's folder"
        report.error("SFT2008", message, use.target.span, help="keep the files of a contract in one folder")
        return None
    opened = open_source(source.path.parent / name)
    if isinstance(opened, Source):
        return opened
    report.error(opened.code, opened.message, use.target.span, help=opened.help)
    return None
