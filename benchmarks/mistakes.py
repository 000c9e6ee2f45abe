"""A sound contract to one with mistakes in it, as people make them; each with the lines it may be found on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from random import Random

from lark import Token

from spec_lang.lexer import read_tokens
from spec_lang.parser import split
from spec_lang.source import Source

CLAUSE_WORDS = frozenset(("REQUIRE", "ADVISE", "REPORT", "OTHERWISE", "EXPECTING", "CONFIDENCE", "MATCHING"))
OPERATOR_WORDS = frozenset(("IMPLIES", "AND", "OR", "IN", "SATISFIES", "NOT"))
SETTINGS = frozenset(("CONTRACT", "RECIPE", "HELDOUT", "PAYMENT"))
EXPRESSIONS = frozenset(("TERMS", "RECORD", "TABLE"))


@dataclass(frozen=True)
class Mistake:
    """Characters `start` to `end` replaced by `text`. A diagnostic on any of `lines` has found it."""

    kind: str
    start: int
    end: int
    text: str
    lines: frozenset[int]


@dataclass(frozen=True)
class Words:
    """One declaration: its words, and the text they stand in."""

    tokens: list[Token]
    source: Source

    @property
    def block(self) -> str:
        return str(self.tokens[0].type)

    def around(self) -> Iterator[tuple[Token | None, Token, Token | None]]:
        """Each word with the one before and the one after."""
        return zip([None, *self.tokens[:-1]], self.tokens, [*self.tokens[1:], None], strict=True)

    def change(self, kind: str, token: Token, text: str, *lines: int) -> Mistake:
        """Another text in the place of a word."""
        return Mistake(kind, token.start_pos or 0, token.end_pos or 0, text, frozenset((token.line or 0, *lines)))


def misspelt(word: str, draw: Random) -> str:
    """Two letters swapped, one dropped, or one doubled; never the word itself."""
    at = draw.randrange(len(word) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    dropped, doubled = word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]
    return draw.choice([other for other in (swapped, dropped, doubled) if other != word])


def block_word(words: Words, draw: Random) -> Iterator[Mistake]:
    yield words.change("block word misspelt", words.tokens[0], misspelt(str(words.tokens[0]), draw))


def clause_word(words: Words, draw: Random) -> Iterator[Mistake]:
    for token in words.tokens:
        if token.type in CLAUSE_WORDS:
            yield words.change("clause word misspelt", token, misspelt(str(token), draw))


def operator_word(words: Words, draw: Random) -> Iterator[Mistake]:
    for token in words.tokens:
        if token.type in OPERATOR_WORDS and words.block in EXPRESSIONS:
            yield words.change("operator word misspelt", token, misspelt(str(token), draw))


def colon(words: Words, draw: Random) -> Iterator[Mistake]:
    for before, token, after in words.around():
        if token.type == "COLON" and before is not None and after is not None:
            yield words.change("colon missing", token, "", before.line or 0, after.line or 0)


def opening_brace(words: Words, draw: Random) -> Iterator[Mistake]:
    for _, token, after in words.around():
        if token.type == "LBRACE" and after is not None and after.line != token.line:
            yield words.change("{ missing", token, "", after.line or 0)


def closing_brace(words: Words, draw: Random) -> Iterator[Mistake]:
    open_: list[Token] = []
    for before, token, _ in words.around():
        if token.type == "LBRACE":
            open_.append(token)
        elif token.type == "RBRACE" and before is not None:
            opener = open_.pop()
            if opener.line != token.line:
                yield words.change("} missing", token, "", opener.line or 0, before.line or 0)


def parenthesis(words: Words, draw: Random) -> Iterator[Mistake]:
    open_: list[Token] = []
    for _, token, after in words.around():
        if token.type == "LPAR":
            open_.append(token)
        elif token.type == "RPAR":
            around = [opener.line or 0 for opener in open_]  # which of them lacks it is a matter of opinion
            yield words.change(") missing", token, "", *around, after.line or 0 if after else 0)
            open_.pop()


def comma(words: Words, draw: Random) -> Iterator[Mistake]:
    for before, token, after in words.around():
        if token.type == "COMMA" and before is not None and after is not None:
            yield words.change("comma missing", token, "", before.line or 0, after.line or 0)


def field(words: Words, draw: Random) -> Iterator[Mistake]:
    for before, token, _ in words.around():
        path = token.type == "ATTRIBUTE" and before is not None and before.type in ("NAME", "ATTRIBUTE")
        if path and words.block == "TERMS" and len(token) > 3:
            yield words.change("field unknown", token, "." + misspelt(token[1:], draw))


def unit(words: Words, draw: Random) -> Iterator[Mistake]:
    for token in words.tokens:
        if token.type == "QUANTITY":
            yield words.change("unit missing", token, token.rstrip("abcdefghijklmnopqrstuvwxyz% \t"))


def unit_word(words: Words, draw: Random) -> Iterator[Mistake]:
    for token in words.tokens:
        number, _, written = str(token).partition(" ")
        if token.type == "QUANTITY" and len(written) > 3:
            yield words.change("unit misspelt", token, f"{number} {misspelt(written, draw)}")


def enum_word(words: Words, draw: Random) -> Iterator[Mistake]:
    for before, token, after in words.around():
        compared = (
            before is not None and before.type == "CMP" and (after is None or after.type not in ("ATTRIBUTE", "LPAR"))
        )
        divided = words.block == "MIXTURE" and after is not None and after.type in ("QUANTITY", "CMP")
        if token.type == "NAME" and len(token) > 3 and (compared or divided) and str(token) != "each":
            yield words.change("enum word unknown", token, misspelt(str(token), draw))


def measure(words: Words, draw: Random) -> Iterator[Mistake]:
    for _, token, after in words.around():
        if token.type == "NAME" and after is not None and after.type == "LPAR" and len(token) > 3:
            yield words.change("measure unknown", token, misspelt(str(token), draw))


def type_name(words: Words, draw: Random) -> Iterator[Mistake]:
    for before, token, after in words.around():
        plain = after is not None and after.type not in ("ATTRIBUTE", "VBAR") and token[0].isupper()
        if before is not None and before.type == "COLON" and token.type == "NAME" and plain and words.block != "TERMS":
            yield words.change("type unknown", token, misspelt(str(token), draw))


def label(words: Words, draw: Random) -> Iterator[Mistake]:
    for token in words.tokens:
        if token.type == "LABEL" and words.block in SETTINGS and len(token) > 3:
            yield words.change("label unknown", token, misspelt(str(token), draw), words.tokens[0].line or 0)


def text(words: Words, draw: Random) -> Iterator[Mistake]:
    for token in words.tokens:
        if token.type == "STRING":
            yield words.change("text not closed", token, token[:-1])


def quotes(words: Words, draw: Random) -> Iterator[Mistake]:
    for token in words.tokens:
        if token.type == "STRING" and "'" not in token:
            yield words.change("single quotes", token, f"'{token[1:-1]}'")


def semicolon(words: Words, draw: Random) -> Iterator[Mistake]:
    for _, token, after in words.around():
        if after is not None and after.line != token.line and token.type not in ("LBRACE", "RBRACE", "COLON"):
            yield words.change("semicolon", token, f"{token};")


def equals(words: Words, draw: Random) -> Iterator[Mistake]:
    for token in words.tokens:
        if token == "==":
            yield words.change("= for ==", token, "=")


def consequence(words: Words, draw: Random) -> Iterator[Mistake]:
    for before, token, _ in words.around():
        if before is not None and before.type == "OTHERWISE":
            yield words.change("consequence unknown", token, misspelt(str(token), draw))


def doubled_word(words: Words, draw: Random) -> Iterator[Mistake]:
    for token in words.tokens[1:]:
        if token.type in ("NAME", "CMP", "LABEL") or token.type in OPERATOR_WORDS - {"NOT"}:
            yield words.change("word doubled", token, f"{token} {token}")


KINDS: tuple[Callable[[Words, Random], Iterator[Mistake]], ...] = (
    block_word,
    clause_word,
    operator_word,
    colon,
    opening_brace,
    closing_brace,
    parenthesis,
    comma,
    field,
    unit,
    unit_word,
    enum_word,
    measure,
    type_name,
    label,
    text,
    quotes,
    semicolon,
    equals,
    consequence,
    doubled_word,
)


def possible(source: Source, draw: Random) -> dict[str, list[Mistake]]:
    """Every mistake that a contract has room for, by kind."""
    tokens, _, _ = read_tokens(source)
    found: dict[str, list[Mistake]] = {}
    for chunk in split(tokens):
        for kind in KINDS if chunk[0].type != "SFTSPEC" else ():
            for mistake in kind(Words(chunk, source), draw):
                found.setdefault(mistake.kind, []).append(mistake)
    return found


def plant(source: Source, count: int, draw: Random) -> tuple[str, list[Mistake]]:
    """The text with `count` mistakes of different kinds as far as there are, no two on one line, first to last."""
    room = possible(source, draw)
    kinds = [kind for _ in range(-(-count // len(room))) for kind in draw.sample(sorted(room), len(room))]
    chosen: list[Mistake] = []
    for kind in kinds[:count]:
        free = [one for one in room[kind] if not any(one.lines & other.lines for other in chosen)]
        chosen += [draw.choice(free)] if free else []
    chosen.sort(key=lambda one: one.start)
    text = source.text
    for one in reversed(chosen):
        text = text[: one.start] + one.text + text[one.end :]
    return text, chosen
