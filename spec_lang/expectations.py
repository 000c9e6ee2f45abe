"""What the parser expected at a token, in words: the messages for syntax mistakes."""

from __future__ import annotations

from lark import Token

from spec_lang.currencies import decimals
from spec_lang.diagnostics import Diagnostic, Fix, Label, closest, listing
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
    "OPEN": "`..`",
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
    "amends",
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
    "waive",
]


def spoken(kind: str) -> str:
    """A token's kind in the reader's words."""
    if kind in SPOKEN:
        return SPOKEN[kind]
    return {"__ANON_0": "`..`", "__ANON_1": "`+-`"}.get(kind, "`..`" if kind.startswith("__") else f"`{kind.lower()}`")


def explain_token(token: Token | None, before: Token | None, accepts: set[str], start: str, span: Span) -> Diagnostic:
    """The diagnostic for the first token that does not fit. `token` is None at the end of the declaration."""
    if token is None:
        return _unfinished(accepts, span)
    word = str(token)
    if before is None and start == "declaration":
        return _unknown_block(word, span)
    meant = closest(word, [kind.lower() for kind in accepts if kind.isalpha() and kind not in SPOKEN])
    if token.type == "NAME" and meant is not None:
        return _misspelt(f"unexpected `{word}`", meant, span)
    if token.type == "NAME" and accepts >= {"REQUIRE", "LABEL"}:
        meant = closest(word, ("require", "advise", "report"))
        if meant:
            return _misspelt(f"unexpected `{word}`", meant, span)
    return _misfit(token, before, accepts, span)


def _misspelt(message: str, meant: str, span: Span) -> Diagnostic:
    label = Label(span, f"did you mean `{meant}`?")
    return Diagnostic("SFT1001", message, label, help=f"write `{meant}`", fix=Fix(span, meant))


def _misfit(token: Token, before: Token | None, accepts: set[str], span: Span) -> Diagnostic:
    word = str(token)
    after = f" after `{before}`" if before is not None else ""
    message = f"unexpected `{word}`{after}"
    if token.type == "EQUAL" and "CMP" in accepts:
        return Diagnostic(
            "SFT1001", message, Label(span, "did you mean `==`?"), help="write `==` to compare", fix=Fix(span, "==")
        )
    if token.type == word.upper() and word.islower() and "NAME" in accepts:
        note = f"`{word}` is a word of the language; choose another name"
        return Diagnostic("SFT1001", message, Label(span, f"expected {_expected(accepts)}"), help=note)
    if token.type == "QMARK":
        help = "the `?` of an optional field stands right behind its type: `note: Text? 1..60 chars`"
        return Diagnostic("SFT1001", message, Label(span, "no type stands before this"), help=help)
    if before is not None and before.type == "UNTRAINED":
        help = "write `untrained` behind bounds, pattern and default: `note: Text 1..60 chars untrained`"
        return Diagnostic("SFT1001", message, Label(span, "this stands before `untrained`"), help=help)
    if token.type in ("NUMBER", "DATE", "QUANTITY") and "EACH" in accepts:
        help = (
            "a mixture divides by words; bound a number or a date in a clause: `require few: share(... in 1..2) <= 20%`"
        )
        return Diagnostic("SFT1001", message, Label(span, f"expected {_expected(accepts)}"), help=help)
    if accepts >= VALUES and before is not None and before.type == "COMMA":
        help = "remove the comma, or write what comes next"
        return Diagnostic("SFT1001", message, Label(span, "expected a value"), help=help)
    expected = _expected(accepts)
    label = f"expected {expected}" if expected else "this does not belong here"
    help = _instead(token, before, accepts) or ("" if expected else "remove it")
    return Diagnostic("SFT1001", message, Label(span, label), help=help)


def _instead(token: Token, before: Token | None, accepts: set[str]) -> str:
    """What to write where one of the usual slips is made; empty elsewhere."""
    if token.type == "LABEL" and accepts & {"NAME", "ATTRIBUTE"}:
        return f"no colon stands behind `{token}` here"
    if token.type == "CMP" and accepts >= VALUES:
        return "a value stands here, or a range of two: `450..550 records`"
    if before is not None and before.type in AMOUNTS and accepts <= RANGE:
        return f"bounds are a range: `..{before}` is at most so many, `{before}..{before}` just so many"
    if token.type in AMOUNTS | {"CMP", "LSQB"} and accepts & RANGE:
        return "bounds are a range: `1..40` is both ends, `..40` at most"
    return ""


AMOUNTS = frozenset(("NUMBER", "QUANTITY", "DATE"))
RANGE = frozenset(("__ANON_0", "OPEN"))
VALUES = frozenset(("NAME", "NUMBER", "STRING", "TRUE"))
MANY = 5


def _expected(accepts: set[str]) -> str:
    """What could stand here, in words; nothing if that is too much to be of use."""
    if accepts >= VALUES:
        return "a value"
    helpful = sorted(accepts - OPERATORS) or sorted(accepts)
    if "COLON" in accepts and len(helpful) <= 3:
        helpful = ["COLON"]
    return _or([spoken(kind) for kind in helpful]) if len(helpful) <= MANY else ""


def _unfinished(accepts: set[str], span: Span) -> Diagnostic:
    label = f"expected {_or([spoken(kind) for kind in sorted(accepts - OPERATORS)][:MANY])}"
    return Diagnostic("SFT1001", "this declaration is not finished", Label(span, label), help="finish it, or remove it")


def _unknown_block(word: str, span: Span) -> Diagnostic:
    meant = closest(word, BLOCKS)
    if meant:
        return _misspelt(f"`{word}` does not begin a declaration", meant, span)
    return Diagnostic(
        "SFT1001",
        f"`{word}` does not begin a declaration",
        Label(span),
        help=f"a declaration begins with {listing(BLOCKS)}",
    )


PUNCTUATION = frozenset(("RPAR", "RSQB", "COLON", "COMMA", "LBRACE", "EQUAL"))


def only_punctuation(accepts: set[str]) -> bool:
    """Whether nothing but a sign is missing here."""
    helpful = _signs(accepts)
    return bool(helpful) and helpful <= PUNCTUATION | {"RBRACE"} and helpful != {"RBRACE"}


def _signs(accepts: set[str]) -> set[str]:
    """What to suggest; a text is optional wherever a colon is needed."""
    return accepts - OPERATORS - ({"STRING"} if "COLON" in accepts else set())


def missing(before: Token, accepts: set[str], span: Span) -> Diagnostic:
    """A sign is missing behind a token; the mark stands where it belongs."""
    kinds = sorted(_signs(accepts))
    signs = _or([spoken(kind) for kind in kinds])
    message = f"{signs} is missing after `{before}`"
    fix = Fix(span, signs.strip("`")) if len(kinds) == 1 else None
    return Diagnostic("SFT1001", message, Label(span, "here"), help=f"write {signs} here", fix=fix)


def unclosed(opener: str, span: Span) -> Diagnostic:
    """A bracket that stays open to the end of its statement or block."""
    closing = {"{": "}", "(": ")", "[": "]"}[opener]
    return Diagnostic("SFT1007", f"`{opener}` is never closed", Label(span, "opened here"), help=f"add `{closing}`")


SHORTEST = 3
"""Letters that a shortened unit has at least: `sec`, `min`."""
ALIASES = {
    "percent": "%",
    "percentage": "%",
    "pct": "%",
    "point": "pp",
    "character": "chars",
    "letter": "chars",
    "row": "records",
    "item": "records",
    "example": "records",
    "sample": "records",
    "hr": "hours",
    "yr": "years",
    "h": "hours",
    "d": "days",
    "s": "seconds",
    "y": "years",
    "dollar": "USD",
    "euro": "EUR",
}
"""What units are called elsewhere, in the singular."""


def unknown_unit(word: str, span: Span) -> Diagnostic:
    """A number followed by a word that is no unit."""
    meant = meant_unit(word)
    label = f"did you mean `{meant}`?" if meant else ""
    help = f"write `{meant}`" if meant else f"the units are {listing(UNITS, 20)}"
    fix = Fix(span, meant) if meant else None
    return Diagnostic("SFT2012", f"`{word}` is not a unit", Label(span, label), help=help, fix=fix)


def meant_unit(word: str) -> str | None:
    """The unit that a word was probably meant to be."""
    stem = word.casefold().removesuffix("s")
    begun = [unit for unit in UNITS if len(stem) >= SHORTEST and unit.startswith(stem)]
    known = ALIASES.get(word) or ALIASES.get(stem) or (begun[0] if len(begun) == 1 else None)
    return (
        known
        or closest(word, [*UNITS, *SINGULAR], 0.75)
        or next((code for code in decimals() if code == word.upper()), None)
    )


def _or(words: list[str]) -> str:
    unique = list(dict.fromkeys(words))
    return " or ".join([", ".join(unique[:-1]), unique[-1]]) if len(unique) > 1 else "".join(unique)
