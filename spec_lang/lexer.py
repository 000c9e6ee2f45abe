"""Text to tokens and comments; what cannot be read, shown or counted is reported and mended."""

from __future__ import annotations

import re
import unicodedata

from lark import Token

from spec_lang.diagnostics import MAX_NAME, Diagnostic, Label, closest
from spec_lang.expectations import meant_unit, unknown_unit
from spec_lang.grammarfile import grammar
from spec_lang.recovery import CLOSERS, OPENERS, span_of
from spec_lang.rewriting import rewritten
from spec_lang.source import Source, Span
from spec_lang.syntax import Comment

MAX_DEPTH = 40
MAX_DIGITS = 24
MAX_EXPONENT = 12
BLOCK_WORDS = frozenset(
    (
        "CONTRACT",
        "AMENDS",
        "USE",
        "ENUM",
        "TYPE",
        "TABLE",
        "RECORD",
        "TERMS",
        "MIXTURE",
        "REFERENCE",
        "RECIPE",
        "HELDOUT",
        "PAYMENT",
        "WAIVE",
        "MEASURE",
    )
)
BLOCK_NAMES = tuple(sorted(kind.lower() for kind in BLOCK_WORDS))
CLOSED = frozenset(("RBRACE", "STRING", "ATTRIBUTE", "NUMBER", "QUANTITY"))
AFTER_A_NAME = frozenset(("LBRACE", "STRING", "FROM", "KEY", "BY", "ON", "OF", "FOR", "LPAR"))
HEADS = {"AMENDS": ("STRING",), "USE": ("NAME", "STRING"), "WAIVE": ("NAME",), "PAYMENT": ("IN",)}
"""What follows the words of the blocks that have no brace or no name."""
OUTER_WORDS = BLOCK_WORDS | {"SFTSPEC", "AS", "FROM", "KEY", "ON", "OF", "FOR", "USING", "WITHIN"}
"""Words that have a meaning only before the brace of a block."""
SIGNATURE_WORDS = frozenset(("ROW", "AGGREGATE"))
HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]|\r(?!\n)"
)
"""Characters that a reader cannot see, or that make the text show other than it says (Trojan Source).

The joiners U+200C and U+200D stay allowed: several scripts cannot be written without them.
"""
REORDERING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def read_tokens(source: Source) -> tuple[list[Token], tuple[Comment, ...], list[Diagnostic]]:
    """The tokens that can be parsed, the comments, and the mistakes so far. No tokens if the text is beyond limits."""
    tokens, comments = _tokenise(source)
    tokens, elsewhere = rewritten(tokens, source)
    problems = [*_hidden(source), *elsewhere, *_unreadable(tokens, source)]
    too_deep = _depth_problem(tokens, source)
    if too_deep is not None:
        return [], comments, [*problems, too_deep]
    readable = [_as_text(token) for token in tokens if token.type not in ("BAD", "UNTERMINATED")]
    counted, too_long = _shortened(readable, source)
    measured, unknown = _units(counted, source)
    return measured, comments, [*problems, *too_long, *unknown]


def _tokenise(source: Source) -> tuple[list[Token], tuple[Comment, ...]]:
    """The words of a source and its comments, in order."""
    tokens: list[Token] = []
    comments: list[Comment] = []
    line_start = True
    for token in grammar().lex(source.text, dont_ignore=True):
        if token.type == "WS":
            line_start = line_start or "\n" in token
        elif token.type == "COMMENT":
            comments.append(Comment(str(token).rstrip(), token.start_pos or 0, line_start))
        else:
            line_start = False
            tokens.append(token)
    return _freed(tokens), tuple(comments)


def _freed(tokens: list[Token]) -> list[Token]:
    """Inside a block, the words that only stand before it are plain names. At its margin a forgotten brace ends it."""
    out: list[Token] = []
    depth = 0
    block = ""
    for position, token in enumerate(tokens):
        if depth and token.column == 1 and begins_block(tokens, position):
            depth = 0
        opens = not depth and token.type in BLOCK_WORDS and _may_begin(out, token)
        block = token.type if opens else block
        if token.type in OPENERS:
            depth += 1
        elif token.type in CLOSERS:
            depth = max(0, depth - 1)
        elif _is_name(token, depth, opens, block):
            token = Token.new_borrow_pos("NAME", str(token), token)
        out.append(token)
    return out


def _is_name(token: Token, depth: int, opens: bool, block: str) -> bool:
    """Whether a word of the language has no meaning here and so is a plain name."""
    if token.type in SIGNATURE_WORDS:
        return block != "MEASURE"
    return (bool(depth) and token.type in OUTER_WORDS) or (token.type in BLOCK_WORDS and not opens)


def _may_begin(before: list[Token], token: Token) -> bool:
    """A block begins its line, or follows the end of another one; in `otherwise drop record` no block begins."""
    return not before or before[-1].line != token.line or before[-1].type in CLOSED


def begins_block(tokens: list[Token], position: int) -> bool:
    """Whether a word is followed as a block word is: well spelt, or nearly so."""
    word, *following = tokens[position : position + 3]
    kinds = [token.type for token in following if token.line == word.line]
    if not kinds or word.type not in BLOCK_WORDS | {"NAME"}:
        return False
    if word.type in HEADS:
        return kinds[0] in HEADS[word.type]
    named = kinds[0] == "NAME" and len(kinds) > 1 and kinds[1] in AFTER_A_NAME
    meant = word.type if word.type != "NAME" else (closest(str(word), BLOCK_NAMES) or "").upper()
    return (named and bool(meant)) or (meant, kinds[0]) in (("MIXTURE", "ON"), ("PAYMENT", "IN"))


def _hidden(source: Source) -> list[Diagnostic]:
    """Characters that a reader cannot see: one diagnostic per line."""
    problems = []
    lines: set[int] = set()
    for found in HIDDEN.finditer(source.text):
        span = Span(source, found.start(), found.end())
        if span.line in lines:
            continue
        lines.add(span.line)
        char = found.group()
        what = "turns the direction of the text" if char in REORDERING else "cannot be seen"
        message = f"the character U+{ord(char):04X} {what}, so this line reads other than it says"
        help = "remove it; in a text in quotes, use words that show"
        problems.append(Diagnostic("SFT1008", message, Label(span, "here"), help=help))
    return problems


def _unreadable(tokens: list[Token], source: Source) -> list[Diagnostic]:
    """Characters and texts that no rule of the language can hold. One diagnostic per line is enough."""
    problems = []
    lines: set[int] = set()
    for token in tokens:
        if token.type not in ("BAD", "UNTERMINATED", "QUOTED") or token.line in lines or HIDDEN.match(str(token)):
            continue
        lines.add(token.line or 0)
        span = span_of(source, token)
        if token.type == "UNTERMINATED":
            label = Label(span, "starts here")
            problems.append(
                Diagnostic("SFT1002", "this text is not closed", label, help='end it with `"` on this line')
            )
        else:
            problems.append(_no_part(str(token)[0], span))
    return problems


def _as_text(token: Token) -> Token:
    """A text in single quotes is read as the text it was meant to be."""
    if token.type != "QUOTED":
        return token
    inner = "".join(char for char in token[1:-1] if char not in '"\\')
    return Token.new_borrow_pos("STRING", f'"{inner}"', token)


INSTEAD = {
    "'": 'texts stand in double quotes: "..."',
    "“": 'texts stand in straight quotes: "..."',
    "”": 'texts stand in straight quotes: "..."',
    "`": 'texts stand in double quotes: "..."',
    "„": 'texts stand in straight quotes: "..."',
    "«": 'texts stand in straight quotes: "..."',
    "»": 'texts stand in straight quotes: "..."',
    "‘": 'texts stand in straight quotes: "..."',
    "’": 'texts stand in straight quotes: "..."',
    ";": "end the line instead; values are separated by `,`",
    "&": "write `and`",
    "!": "write `not`, or `!=` to compare",
    "–": "write `..` for a range, `-` for minus",
    "—": "write `..` for a range, `-` for minus",
    "…": "write `..`",
    "−": "write `-`",
    "×": "write `*`",
    "÷": "write `/`",
    "~": "write the bounds that are meant: `450..550`",
    "≈": "write the bounds that are meant: `450..550`",
    "$": "write the code of the currency behind the amount: `5 USD`",
    "€": "write the code of the currency behind the amount: `5 EUR`",
}


def _no_part(char: str, span: Span) -> Diagnostic:
    shown = char if char.isprintable() else f"U+{ord(char[0]):04X}"
    help = INSTEAD.get(char) or _plain(char) or "remove it, or put it into a text in quotes"
    return Diagnostic("SFT1003", f"`{shown}` is not part of the language", Label(span), help=help)


def _plain(char: str) -> str:
    """What to write for a space, digit or letter of another width or script; empty for what only looks like one."""
    plain = unicodedata.normalize("NFKC", char)
    digit = unicodedata.decimal(plain, None) if len(plain) == 1 else None
    plain = plain if digit is None else str(digit)
    if plain == char or not plain.isascii() or not plain.isprintable():
        return ""
    return f"write `{plain}`" if plain.strip() else "write a plain space"


def _shortened(tokens: list[Token], source: Source) -> tuple[list[Token], list[Diagnostic]]:
    """Longer than any contract needs: such a number is reported and stands as 0, such a name as its beginning."""
    out: list[Token] = []
    problems = []
    for token in tokens:
        if token.type in ("NUMBER", "QUANTITY") and _too_long(str(token)):
            message = f"a number ends at {MAX_DIGITS} digits, with an exponent to {MAX_EXPONENT}"
            help = "write a shorter number"
            problems.append(Diagnostic("SFT1004", message, Label(span_of(source, token)), help=help))
            token = Token.new_borrow_pos("NUMBER", "0", token)
        elif len(token) > MAX_NAME and token.type in ("NAME", "LABEL", "ATTRIBUTE"):
            message = f"a name ends at {MAX_NAME} characters"
            label = Label(span_of(source, token), f"{len(token):,} characters")
            problems.append(Diagnostic("SFT1004", message, label, help="write a shorter name"))
            token = Token.new_borrow_pos(token.type, str(token)[:MAX_NAME], token)
        out.append(token)
    return out, problems


def _too_long(text: str) -> bool:
    found = re.match(r"([0-9_.]+)(?:[eE]([+-]?[0-9]+))?", text)
    assert found is not None
    digits, exponent = found.groups()
    too_many = sum(char.isdigit() for char in digits) > MAX_DIGITS
    return too_many or (exponent is not None and (len(exponent) > 4 or abs(int(exponent)) > MAX_EXPONENT))


def _units(tokens: list[Token], source: Source) -> tuple[list[Token], list[Diagnostic]]:
    """A number directly followed by a name on its line: the name was meant as a unit. It is reported and mended."""
    out: list[Token] = []
    problems = []
    for token in tokens:
        before = out[-1] if out else None
        if token.type != "NAME" or before is None or before.type != "NUMBER" or before.line != token.line:
            out.append(token)
            continue
        problems.append(unknown_unit(str(token), span_of(source, token)))
        meant = meant_unit(str(token))
        if meant is not None:
            out[-1] = Token.new_borrow_pos("QUANTITY", f"{before} {meant}", before)
    return out, problems


def _depth_problem(tokens: list[Token], source: Source) -> Diagnostic | None:
    """Nesting beyond any honest contract."""
    depth = 0
    for token in tokens:
        depth += (token.type in OPENERS) - (token.type in CLOSERS)
        if depth > MAX_DEPTH:
            message = f"brackets are nested more than {MAX_DEPTH} deep"
            help = "split the statement into several clauses"
            return Diagnostic("SFT1004", message, Label(span_of(source, token)), help=help)
    return None
