"""A word that a contract may hold, or a code, to all that is to be said about it.

Each kind is told from where it is defined, so nothing here can differ from what `check` accepts.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from textwrap import fill, indent

from spec_lang import settings
from spec_lang import syntax as s
from spec_lang.arguments import usage
from spec_lang.codes import Code, codes, samples
from spec_lang.completeness import GROUPS, RULES, record_has_its_groups
from spec_lang.diagnostics import frame, hint, listing
from spec_lang.loader import STANDARD
from spec_lang.measurecalls import ENTRYWISE
from spec_lang.parser import parse
from spec_lang.signatures import Parameter, signatures
from spec_lang.source import Source
from spec_lang.words import LABELS, MEANINGS, TYPES, UNITS

WIDTH = 100
Shape = s.Enum | s.TypeDecl | s.Record


@dataclass(frozen=True, slots=True)
class Chapter:
    """One kind of things that can be asked. `topics`: each with one sentence; `text`: all that is said of one."""

    name: str
    title: str
    topics: Callable[[], Mapping[str, str]]
    text: Callable[[str], str]
    head: Callable[[str], str] = str
    """How a topic is written in the list of its chapter."""


def explain(topic: str) -> str:
    """All that is said of a topic, or of a chapter; of anything else, what was probably meant."""
    for chapter in CHAPTERS:
        if topic == chapter.name:
            return _overview(chapter)
    found = [chapter.text(name) for chapter, name in _found(topic)]
    return "\n".join(_shown(text) for text in found) or _unknown(topic)


def known(topic: str) -> bool:
    """Whether `explain` has something to say about it."""
    return any(topic == chapter.name for chapter in CHAPTERS) or bool(_found(topic))


def contents() -> str:
    """What can be asked."""
    lines = [fill(f"{one.name}: {', '.join(one.topics())}", WIDTH, subsequent_indent="  ") for one in CHAPTERS]
    return "\n\n".join([*lines, "`sftspec explain` takes one of these: `explain recipe`, `explain measures`."]) + "\n"


def _found(topic: str) -> list[tuple[Chapter, str]]:
    names = (topic, topic.upper(), topic.removeprefix("std."), f"std.{topic}")
    pairs = ((one, next((name for name in names if name in one.topics()), "")) for one in CHAPTERS)
    return [(chapter, name) for chapter, name in pairs if name]


def _unknown(topic: str) -> str:
    meant = hint(topic, [one.name for one in CHAPTERS] + [name for one in CHAPTERS for name in one.topics()])
    return f"nothing is known about `{topic}`; {meant or '`sftspec explain` alone lists what can be asked'}\n"


def _overview(chapter: Chapter) -> str:
    lines = (f"  {chapter.head(name)}\n      {text}" for name, text in chapter.topics().items())
    return "\n".join([f"{chapter.title}:", "", *lines]) + "\n"


def _shown(text: str) -> str:
    """Text with the characters that cannot be seen made visible."""
    return "".join(char if char == "\n" or char.isprintable() else "\ufffd" for char in text)


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part) + "\n"


def _sample(topic: str) -> str:
    """A fragment that uses it, where there is one."""
    found = next((one for one in samples() if topic in one.of), None)
    return f"For example:\n\n{indent(found.text.rstrip(), '    ')}" if found is not None else ""


def _code(name: str) -> str:
    code = codes()[name]
    earned = "\n\n".join(frame(item) for item in code.earned(code.bad, code.encoding))
    return _joined(
        f"{code.code}: {code.title}", fill(code.text, WIDTH), "For example:", indent(code.bad.rstrip("\n"), "    "),
        "earns", indent(earned, "    "), *_mended(code),
    )  # fmt: skip


def _mended(code: Code) -> tuple[str, ...]:
    if code.good == code.bad:
        return ("Saved as UTF-8, this is sound.",)
    return "This is sound:", indent(code.good.rstrip("\n"), "    ")


def _word(name: str) -> str:
    labels = settings.LABELS.get(name, {})
    told = [f"  {label}{' (required)' if needed else ''}: {LABELS[name][label]}" for label, needed in labels.items()]
    return _joined(f"{name}: a word of the language", fill(MEANINGS[name], WIDTH),
                   "\n".join(["Its labels:", *told]) if told else "", _sample(name))  # fmt: skip


def _labels() -> dict[str, str]:
    """Each label with its meaning in the first block that has it."""
    found: dict[str, str] = {}
    for block in settings.LABELS:
        found = {**LABELS[block], **found}
    return found


def _label(name: str) -> str:
    blocks = [block for block in LABELS if name in LABELS[block]]
    sample = f"    {name}: {settings.SAMPLES[name]}" if name in settings.SAMPLES else ""
    told = [
        f"{name}: a label of `{block}`, {'required' if settings.LABELS[block][name] else 'may be left out'}\n\n"
        + fill(LABELS[block][name], WIDTH)
        for block in blocks
    ]
    return _joined(*told, sample)


def _type(name: str) -> str:
    return _joined(f"{name}: a type", fill(TYPES[name], WIDTH), _sample(name))


def _unit(name: str) -> str:
    return _joined(f"{name}: a unit", UNITS[name])


def _waivers() -> dict[str, str]:
    """What a warning that can be waived wants to see, in the words of its rule."""
    groups = dict.fromkeys(GROUPS, record_has_its_groups)
    return {name: inspect.getdoc(rule) or "" for name, rule in {**groups, **dict(RULES)}.items()}


def _waiver_topics() -> dict[str, str]:
    return {name: text.partition("\n\n")[0] for name, text in _waivers().items()}


def _waiver(name: str) -> str:
    return _joined(f"{name}: a warning that can be waived", _waivers()[name], f'    waive {name} "..."')


@cache
def library() -> dict[str, s.File | Shape]:
    """The modules of the library, `std.chat`, and what they declare, as a contract names it: `chat.Message`."""
    found: dict[str, s.File | Shape] = {}
    for module in STANDARD:
        text = resources.files("spec_lang.std").joinpath(f"{module}.sftspec").read_text(encoding="utf-8")
        file, _ = parse(Source(f"std.{module}", text))
        shapes = [one for one in file.declarations if isinstance(one, Shape)]
        found |= {f"std.{module}": file, **{f"{module}.{one.name.text}": one for one in shapes}}
    return found


def _library_topics() -> dict[str, str]:
    return {name: _purpose(name) for name in library()}


def _purpose(name: str) -> str:
    found = library()[name]
    if isinstance(found, s.File):
        return found.comments[0].text.lstrip("# ") if found.comments else ""
    if found.doc is not None:
        return found.doc.text
    inside = found.members if isinstance(found, s.Enum) else found.items
    names = (one.name.text for one in inside if isinstance(one, s.Member | s.Field))
    return f"{'One of' if isinstance(found, s.Enum) else 'With the fields'} {listing(names)}"


def _library(name: str) -> str:
    found = library()[name]
    if isinstance(found, s.File):
        module = name.removeprefix("std.")
        inside = [f"  {one}: {_purpose(one)}" for one in library() if one.startswith(f"{module}.")]
        return _joined(f"{name}: a module of the library; write `use {name}`", _purpose(name), "\n".join(inside))
    text = found.span.text
    marks = [told for mark, told in MARKS.items() if mark in text]
    module = name.partition(".")[0]
    return _joined(f"{name}: from `use std.{module}`", indent(text, "    "), "\n".join(marks))


MARKS = {
    "?": "A field whose type ends with `?` may be absent; all others are required.",
    " untrained": "What is marked `untrained` is read by the model and bears no loss.",
}


def _measures() -> dict[str, str]:
    return {name: one.text for name, one in signatures().items()}


SORTS = {
    "Bool": "a statement, true or false",
    "T": "a number or a quantity",
    "Any": "any value",
    "Enum": "an enum",
    "List": "a list",
    "Texts": "a list of texts",
    "Text": "a text",
    "Number": "a number",
    "Option": "a place in the list, counted from 0, or a text of it",
    "Numeral": "a number, or a text that ends on one",
    "Wording": "a text, or a word of an enum",
    "Int": "a whole number",
    "Date": "a date",
    "File": "a file",
    "Set": "a set",
    "Pattern": "a pattern in RE2",
    "Table": "a table of figures",
    "heldout": "the name of a held-out set",
    "reference": "the name of a reference",
    "recipe": "the name of a recipe",
    "field": "a field",
    "%": "a share in %",
    "pp": "points (pp)",
}
EVIDENCE = {
    "scores": "It is decided by the trial.",
    "reviews": "It is decided by a review of a sample.",
    "executions": "It is decided by running tests in the sandbox, with `--execute`.",
    "likelihoods": "It asks the model how likely each text is after the prompt, and stands alone as a `score:`.",
    "files": "It looks at the delivered files.",
    "lines": "It looks at the delivered lines.",
}


def _measure(name: str) -> str:
    """How a measure is written, what it says, and what its arguments are."""
    signature = signatures()[name]
    kind = "all rows of a table" if signature.kind == "aggregate" else "one row"
    parts = [
        f"{usage(signature)}: a measure",
        fill(re.sub(r"\{(\w+)\}", r"`\1`", f"{signature.text[:1].upper()}{signature.text[1:]}."), WIDTH),
        f"It speaks of {kind} and gives {_sort((signature.sort,))}. {EVIDENCE.get(signature.source, '')}".rstrip(),
    ]
    if name in ENTRYWISE:
        parts.append(f"Of one row's list: {name}(... for each x in list).")
    arguments = [f"  {item.name}: {explain_parameter(item)}" for item in signature.parameters]
    return _joined(*parts, "\n".join(["Arguments:", *arguments]) if arguments else "", _sample(name))


def explain_parameter(parameter: Parameter) -> str:
    """What an argument is, and what stands for it if it is left out."""
    text = _sort(parameter.sort)
    text += " of each row" if parameter.row else ""
    text += ", one or more" if parameter.variadic else ""
    return text + (f"; {parameter.default} if left out" if parameter.default is not None else "")


def _sort(sort: tuple[str, ...]) -> str:
    if len(sort) > 1:
        return " or ".join(sort)
    return SORTS.get(sort[0], f"a number of {sort[0]}" if sort[0].islower() and sort[0].endswith("s") else sort[0])


CHAPTERS = (
    Chapter("language", "Words of the language", lambda: MEANINGS, _word),
    Chapter("labels", "Labels of blocks", _labels, _label),
    Chapter("types", "Types", lambda: TYPES, _type),
    Chapter("units", "Units", lambda: UNITS, _unit),
    Chapter("library", "The library", _library_topics, _library),
    Chapter("measures", "Measures", _measures, _measure, lambda name: usage(signatures()[name])),
    Chapter("waivers", "Warnings that can be waived", _waiver_topics, _waiver),
    Chapter("codes", "Messages", lambda: {name: code.title for name, code in codes().items()}, _code),
)
