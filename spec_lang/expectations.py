"""What the parser expected at a token, in words: the messages for syntax mistakes."""

from __future__ import annotations

from lark import Token

from spec_lang.diagnostics import Diagnostic, Label, closest, listing
from spec_lang.source import Span
from spec_lang.types import SINGULAR, UNITS

SPOKEN = {
    "NAME": "a name",
    "LABEL": "a label with a colon",
    "STRING": "a text in quotes",
    "RAW": 'a pattern such as r"^[A-Z]+$"',
    "NUMBER": "a number",
    "QUANTITY": "a number with a unit",
    "DATE": "a date",
    "ATTRIBUTE": "a dotted name",
    "CMP": "a comparison",
    "LBRACE": "`{`",
    "RBRACE": "`}`",
    "LPAR": "`(`",
    "RPAR": "`)`",
    "LSQB": "`[`",
    "RSQB": "`]`",
    "COLON": "`:`",
    "COMMA": "`,`",
    "EQUAL": "`=`",
    "VBAR": "`|`",
    "QMARK": "`?`",
    "PLUS": "`+`",
    "MINUS": "`-`",
    "STAR": "`*`",
    "SLASH": "`/`",
    "ELLIPSIS": "`...`",
    "PERCENT": "`%`",
    "$END": "the end of the block",
}
"""Token names as a reader would say them. A token not listed is a word of the language."""

OPERATORS = frozenset(
    [
        "PLUS",
        "MINUS",
        "STAR",
        "SLASH",
        "CMP",
        "AND",
        "OR",
        "IMPLIES",
        "IN",
        "ATTRIBUTE",
        "LPAR",
        "QMARK",
        "VBAR",
        "ELLIPSIS",
    ]
)
BLOCKS = [
    "contract",
    "use",
    "enum",
    "type",
    "table",
    "record",
    "terms",
    "mixture",
    "reference",
    "recipe",
    "heldout",
    "payment",
]


def spoken(kind: str) -> str:
    """A token's kind in the reader's words."""
    if kind in SPOKEN:
        return SPOKEN[kind]
    return {"__ANON_0": "`..`", "__ANON_1": "`+-`"}.get(kind, "`..`" if kind.startswith("__") else f"`{kind.lower()}`")


def explain_token(
    token: Token | None, before: Token | None, accepts: set[str], start: str, span: Span, opened: Span | None
) -> Diagnostic:
    """The diagnostic for the first token that does not fit. `token` is None at the end of the declaration."""
    if token is None:
        return _unfinished(accepts, span, opened)
    word = str(token)
    if before is None and start == "declaration":
        return _unknown_block(word, span)
    meant = closest(word, [kind.lower() for kind in accepts if kind.isalpha() and kind not in SPOKEN])
    if token.type == "NAME" and meant is not None:
        return Diagnostic(
            "SFT1001", f"unexpected `{word}`", Label(span, f"did you mean `{meant}`?"), help=f"write `{meant}`"
        )
    if token.type == "NAME" and accepts >= {"REQUIRE", "LABEL"}:
        meant = closest(word, ("require", "advise", "report"))
        if meant:
            return Diagnostic("SFT1001", f"unexpected `{word}`", Label(span, f"did you mean `{meant}`?"))
    return _misfit(token, before, accepts, span)


def _misfit(token: Token, before: Token | None, accepts: set[str], span: Span) -> Diagnostic:
    word = str(token)
    helpful = sorted(accepts - OPERATORS) or sorted(accepts)
    if "COLON" in accepts and len(helpful) <= 3:
        helpful = ["COLON"]
    expected = _or([spoken(kind) for kind in helpful][:8])
    label = f"expected {expected}" if expected else "does not belong here"
    after = f" after `{before}`" if before is not None else ""
    if token.type.isalpha() and token.type.isupper() and word.islower() and "NAME" in accepts and token.type != "NAME":
        note = f"`{word}` is a word of the language; choose another name"
        return Diagnostic("SFT1001", f"unexpected `{word}`{after}", Label(span, label), help=note)
    return Diagnostic("SFT1001", f"unexpected `{word}`{after}", Label(span, label))


def _unfinished(accepts: set[str], span: Span, opened: Span | None) -> Diagnostic:
    if opened is not None:
        closing = {"{": "}", "(": ")", "[": "]"}[opened.text]
        return Diagnostic(
            "SFT1007",
            f"`{opened.text}` is never closed",
            Label(opened, "opened here"),
            help=f"add `{closing}`",
        )
    helpful = [spoken(kind) for kind in sorted(accepts - OPERATORS)][:6]
    return Diagnostic("SFT1001", "this declaration is not finished", Label(span, f"expected {_or(helpful)}"))


def _unknown_block(word: str, span: Span) -> Diagnostic:
    meant = closest(word, BLOCKS)
    if meant:
        return Diagnostic(
            "SFT1001",
            f"`{word}` does not begin a declaration",
            Label(span, f"did you mean `{meant}`?"),
            help=f"write `{meant}`",
        )
    return Diagnostic(
        "SFT1001",
        f"`{word}` does not begin a declaration",
        Label(span),
        help=f"a declaration begins with {listing(BLOCKS)}",
    )


def unknown_unit(word: str, span: Span) -> Diagnostic:
    """A number followed by a word that is no unit."""
    meant = closest(word, [*UNITS, *SINGULAR])
    label = f"did you mean `{meant}`?" if meant else ""
    return Diagnostic(
        "SFT2012", f"`{word}` is not a unit", Label(span, label), help=f"the units are {listing(UNITS, 20)}"
    )


def _or(words: list[str]) -> str:
    unique = list(dict.fromkeys(words))
    return " or ".join([", ".join(unique[:-1]), unique[-1]]) if len(unique) > 1 else "".join(unique)
