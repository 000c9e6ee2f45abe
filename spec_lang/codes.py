"""A diagnostic's code or a measure's name to its explanation: what it means, an example, and how to write it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from textwrap import fill, indent
from typing import Any

import yaml

from spec_lang.arguments import usage
from spec_lang.diagnostics import Diagnostic, frame, hint
from spec_lang.examples import diagnose, placed
from spec_lang.signatures import Parameter, Signature, signatures


@dataclass(frozen=True, slots=True)
class Code:
    """One entry of the registry. `place` says where in the skeleton the fragments stand; empty for whole files."""

    code: str
    title: str
    text: str
    bad: str
    good: str
    place: str
    encoding: str
    skeleton: str

    def earned(self, fragment: str, encoding: str = "utf-8") -> tuple[Diagnostic, ...]:
        """What the fragment earns in its place."""
        text, above = placed(fragment, self.place, self.skeleton) if self.place else (fragment, 0)
        return diagnose(text, above, encoding)


@cache
def codes() -> dict[str, Code]:
    """Every code of the language, in order."""
    text = resources.files("spec_lang").joinpath("codes.yaml").read_text(encoding="utf-8")
    read: dict[str, Any] = yaml.safe_load(text)
    return {entry["code"]: _code(entry, read["skeleton"]) for entry in read["codes"]}


def _code(entry: dict[str, str], skeleton: str) -> Code:
    return Code(
        code=entry["code"],
        title=entry["title"],
        text=entry["text"],
        bad=entry["bad"],
        good=entry["good"],
        place=entry.get("in", ""),
        encoding=entry.get("encoding", "utf-8"),
        skeleton=skeleton,
    )


def explain(topic: str) -> str:
    """The explanation of a code, of a measure, or of `measures`; a list of what can be asked for anything else."""
    code = codes().get(topic.upper())
    if code is not None:
        return _explain_code(code)
    if topic == "measures":
        return _explain_measures()
    signature = signatures().get(topic)
    if signature is not None:
        return explain_measure(signature)
    return _unknown(topic)


def known(topic: str) -> bool:
    """Whether `explain` has something to say about it."""
    return topic.upper() in codes() or topic == "measures" or topic in signatures()


def _unknown(topic: str) -> str:
    meant = hint(topic, [*codes(), "measures", *signatures()])
    advice = "ask for a code such as SFT3002, for `measures`, or for one measure"
    return f"nothing is known about `{topic}`; {meant or advice}\n"


def _explain_code(code: Code) -> str:
    earned = code.earned(code.bad, code.encoding)
    parts = [
        f"{code.code}: {code.title}",
        fill(code.text, 100),
        "For example:",
        indent(code.bad.rstrip("\n"), "    "),
        "earns",
        indent("\n\n".join(frame(item) for item in earned), "    "),
        "Saved as UTF-8, this is sound." if code.good == code.bad else "This is sound:",
        *([] if code.good == code.bad else [indent(code.good.rstrip("\n"), "    ")]),
    ]
    return "\n\n".join(_shown(part) for part in parts) + "\n"


def _shown(text: str) -> str:
    """Text with the characters that cannot be seen made visible."""
    return "".join(char if char == "\n" or char.isprintable() else "\ufffd" for char in text)


def _explain_measures() -> str:
    rows = [item for item in signatures().values() if item.kind == "row"]
    totals = [item for item in signatures().values() if item.kind == "aggregate"]
    return "\n".join(
        [
            "Of all rows of a table; these stand in clauses:",
            "",
            *_listed(totals),
            "",
            "Of one row; these stand inside the ones above, or alone in a record:",
            "",
            *_listed(rows),
            "",
            "`sftspec explain share` explains one of them.",
            "",
        ]
    )


def _listed(measures: Iterable[Signature]) -> list[str]:
    return [line for item in measures for line in (f"  {usage(item)}", f"      {item.text}")]


SORTS = {
    "Bool": "a statement, true or false",
    "T": "a number or a quantity",
    "Any": "any value",
    "Enum": "an enum",
    "List": "a list",
    "Texts": "a list of texts",
    "Text": "a text",
    "Number": "a number",
    "Int": "a whole number",
    "Date": "a date",
    "File": "a file",
    "Set": "a set",
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
    "executions": "It is decided by running the record's tests in the sandbox.",
    "files": "It looks at the delivered files.",
    "lines": "It looks at the delivered lines.",
}


def explain_measure(signature: Signature) -> str:
    """How a measure is written, what it says, and what its arguments are."""
    kind = "all rows of a table" if signature.kind == "aggregate" else "one row"
    parts = [
        usage(signature),
        fill(f"{signature.text[:1].upper()}{signature.text[1:]}.", 100),
        f"It speaks of {kind} and gives {_sort((signature.sort,))}. {EVIDENCE.get(signature.source, '')}".rstrip(),
    ]
    arguments = [f"  {item.name}: {explain_parameter(item)}" for item in signature.parameters]
    return "\n\n".join([*parts, *(["\n".join(["Arguments:", *arguments])] if arguments else [])]) + "\n"


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
