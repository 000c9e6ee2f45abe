"""The tokens of one declaration to its tree, mending where one token was forgotten, misspelt or too many.

The mending works on parser states alone; the tree is built once, from tokens that are known to fit.
"""

from __future__ import annotations

from typing import Any

from lark import Lark, Token

from spec_lang.diagnostics import Diagnostic, Fix, Label, closest
from spec_lang.expectations import explain_token, missing, only_punctuation, unclosed
from spec_lang.layout import closed
from spec_lang.parsertable import Stack, Table
from spec_lang.source import Source, Span

OPENERS = {"LBRACE": "{", "LPAR": "(", "LSQB": "["}
CLOSERS = {"RBRACE": "LBRACE", "RPAR": "LPAR", "RSQB": "LSQB"}
CLAUSES = frozenset(("REQUIRE", "ADVISE", "REPORT", "LET"))
STATEMENT_STARTS = CLAUSES | {"LABEL", "NAME"}
TAILS = frozenset(("OTHERWISE", "AT", "EACH"))
"""What follows the expression of a clause, and never stands inside of one."""
MAX_MISTAKES = 100
"""After so many mistakes in one text, the rest of it is not read."""
MAX_CLOSERS = 40
MAX_STACK = 600
"""Parser states: far above what 40 brackets need, far below what chained operators could reach."""
WINDOW = 9
"""How far ahead a repair is judged, in tokens."""
ENOUGH = 5
"""A repair counts if this many of the next tokens fit after it."""
SHORTEST = 3
"""The words of the shortest statement: a label, a colon, a value."""

Edit = tuple[Stack, int, list[Token], int]
"""Parser states, how many tokens to keep before, tokens to add, and the next token to read."""
Statement = tuple[Stack, int, int]
"""Parser states, how many tokens were kept, and the position at which a statement began."""


class Reader:
    """Reads one declaration."""

    def __init__(self, grammar: Lark, source: Source, tokens: list[Token], start: str, limit: int = 100) -> None:
        self.grammar = grammar
        self.source = source
        self.tokens, unclosed_braces = closed(tokens)
        self.unneeded = _unneeded(self.tokens)
        self.start = start
        self.limit = limit
        self.table = Table(grammar, start)
        self.kept: list[Token] = []
        self.problems = [unclosed("{", span_of(source, brace)) for brace in unclosed_braces]
        self.lost: list[Token] = []
        """Tokens that are in no tree."""

    def read(self) -> tuple[Any, list[Diagnostic]]:
        """Lark's tree, or None if nothing could be saved; and the mistakes."""
        if not self._mend():
            self.lost = self.tokens
            return None, self.problems
        parser = self.grammar.parse_interactive(start=self.start)
        for token in self.kept:
            parser.feed_token(token)
        return parser.feed_eof(self.kept[-1]), self.problems  # type: ignore[no-untyped-call]

    def _mend(self) -> bool:
        """Fill `kept` with tokens that fit, to the end."""
        stack: Stack = [self.table.first]
        statement: Statement | None = None
        position = 0
        while position < len(self.tokens):
            if len(stack) > MAX_STACK:
                self._too_deep(position)
                return False
            moved = self.table.shift(stack, self.tokens[position].type)
            if self._starts_statement(position) and self._between(position, stack, moved):
                statement = (stack, len(self.kept), position)
            if moved is not None:
                self.kept.append(self.tokens[position])
                stack, position = moved, position + 1
                continue
            self._report(position, stack, statement)
            if len(self.problems) >= self.limit:
                return False
            edit = self._repair(stack, position, statement) or self._resume(statement, position)
            if edit is None:
                return self._give_up(statement)
            stack, keep, added, resumed = edit
            self.lost += self.tokens[position - (len(self.kept) - keep) : resumed]
            position = resumed
            self.kept = [*self.kept[:keep], *added]
        return self._close(stack, statement)

    def _between(self, position: int, stack: Stack, moved: Stack | None) -> bool:
        """Whether a statement may begin here: an expression can go on with a name on the next line."""
        kind = self.tokens[position].type
        first = position > 0 and self.tokens[position - 1].type == "LBRACE"
        fits = moved is not None and (kind in CLAUSES or first)
        return fits or self.table.shift(stack, "RBRACE") is not None

    def _give_up(self, statement: Statement | None) -> bool:
        """Keep the statements before the one that failed; the rest of the declaration is lost."""
        if statement is None:
            return False
        stack, keep, start = statement
        self.lost += self.tokens[start:]
        self.kept = self.kept[:keep]
        return self._close(stack, statement)

    def _too_deep(self, position: int) -> None:
        span = span_of(self.source, self.tokens[position])
        help = "split the statement into several clauses"
        self.problems.append(Diagnostic("SFT1004", "this is nested too deep to be read", Label(span), help=help))

    def _close(self, stack: Stack, statement: Statement | None) -> bool:
        """Add the closing braces that are missing at the end."""
        for _ in range(MAX_CLOSERS):
            if self.table.shift(stack, "$END") is not None:
                return True
            if not self.problems:
                self._report(len(self.tokens), stack, statement)
            moved = self.table.shift(stack, "RBRACE")
            if moved is None:
                return False
            self.kept.append(_made("RBRACE", self.tokens[-1]))
            stack = moved
        return False

    def _starts_statement(self, position: int) -> bool:
        token = self.tokens[position]
        first = position > 0 and (self.tokens[position - 1].end_line or 0) < (token.line or 0)
        return first and token.type in STATEMENT_STARTS

    def _begins_another(self, position: int, start: int) -> bool:
        """Whether the statement that began at `start` is followed by another: a name further in belongs to it."""
        token, first = self.tokens[position], self.tokens[start]
        inside = token.type == "NAME" and (token.column or 0) > (first.column or 0)
        return self._starts_statement(position) and not inside

    def _resume(self, statement: Statement | None, failed: int) -> Edit | None:
        """Forget the statement that failed; go on with the next one."""
        if statement is None:
            return None
        stack, keep, start = statement
        position = max(start + 1, failed)
        depth = _depth(self.tokens[start:position])
        while position < len(self.tokens):
            here = self._begins_another(position, start) or self.tokens[position].type == "RBRACE"
            if depth <= 0 and here and self.table.shift(stack, self.tokens[position].type) is not None:
                return stack, keep, [], position
            depth += _depth([self.tokens[position]])
            position += 1
        return None

    def _repair(self, stack: Stack, position: int, statement: Statement | None) -> Edit | None:
        """The single edit after which most of the following tokens can be read, if it reaches far enough."""
        best: tuple[int, Edit] | None = None
        for origin, keep, added, resume in self._edits(stack, position, statement):
            moved = self.table.run(origin, added)
            if moved is None:
                continue
            score = self._reach(moved, resume) - max(0, resume - position)
            if best is None or score > best[0]:
                best = (score, (moved, keep, added, resume))
        return best[1] if best is not None and best[0] >= ENOUGH else None

    def _reach(self, stack: Stack, position: int) -> int:
        """How many of the next tokens fit; to the end of their line, or of the declaration, counts as far."""
        ahead = self.tokens[position : position + WINDOW]
        moved: Stack | None = stack
        for reached, token in enumerate(ahead):
            moved = self.table.shift(moved, token.type)
            if moved is None:
                whole_line = reached >= SHORTEST and token.line != self.tokens[position + reached - 1].line
                return max(reached, ENOUGH) if whole_line else reached
        at_end = position + WINDOW >= len(self.tokens) and self.table.shift(moved, "$END") is not None
        return 99 if at_end else len(ahead)

    def _edits(self, stack: Stack, position: int, statement: Statement | None) -> list[Edit]:
        """Candidate edits: insert an expected token, replace this one by it, leave it out, or add a label's colon."""
        token, keep = self.tokens[position], len(self.kept)
        edits: list[Edit] = []
        accepts = self.table.accepts(stack) - self.unneeded
        meant = closest(str(token), [kind.lower() for kind in accepts])
        for kind in sorted(accepts, key=lambda kind: (kind.lower() != meant, kind)):
            made = _made(kind, token)
            edits += [(stack, keep, [made], position), (stack, keep, [made], position + 1)]
        edits.append((stack, keep, [], position + 1))
        if statement is not None and token.type == "LABEL" and statement[2] == position - 1:
            edits.append((statement[0], statement[1], [], position))  # a name too much before a label
        if statement is not None and self._bare_name(position, statement) is not None:
            edits.append((statement[0], statement[1], _label(self.tokens[statement[2]]), statement[2] + 1))
        return edits

    def _bare_name(self, position: int, statement: Statement | None) -> Token | None:
        """The name that began the statement, if it could be a label whose colon was forgotten."""
        if statement is None or statement[2] < position - 1 or self.tokens[statement[2]].type != "NAME":
            return None
        name = self.tokens[statement[2]]
        following = self.tokens[statement[2] + 1 : statement[2] + 2]
        return name if self.table.run(statement[0], [*_label(name), *following]) is not None else None

    def _report(self, position: int, stack: Stack, statement: Statement | None) -> None:
        bare = self._bare_name(position, statement)
        if bare is not None and (position >= len(self.tokens) or str(self.tokens[position]) != "{"):
            label = Label(span_of(self.source, bare), "a label is followed by `:`")
            message, fix = f"a colon is missing after `{bare}`", Fix(_after(self.source, bare), ":")
            self.problems.append(Diagnostic("SFT1001", message, label, help=f"write `{bare}:`", fix=fix))
            return
        before = self.tokens[position - 1] if position else None
        token = self.tokens[position] if position < len(self.tokens) else None
        accepts = self.table.accepts(stack)
        opener = self._opener(position, statement)
        if opener is not None:
            self.problems.append(unclosed(str(opener), span_of(self.source, opener)))
        elif token is not None and before is not None and self._lacks_brace(position, stack):
            self.problems.append(missing(before, {"LBRACE"}, _after(self.source, before)))
        elif token is not None and before is not None and only_punctuation(accepts):
            self.problems.append(missing(before, accepts, _after(self.source, before)))
        else:
            span = _after(self.source, before) if token is None and before is not None else span_of(self.source, token)
            self.problems.append(explain_token(token, before, accepts, self.start, span))

    def _lacks_brace(self, position: int, stack: Stack) -> bool:
        """Whether a statement begins where the block around it was not opened."""
        return (
            self._starts_statement(position)
            and self.table.run(stack, [_made("LBRACE", self.tokens[position]), self.tokens[position]]) is not None
        )

    def _opener(self, position: int, statement: Statement | None) -> Token | None:
        """The bracket left open where the declaration ends, or where another statement begins."""
        if position >= len(self.tokens):
            return _last_open(self.tokens)
        if statement is None:
            return None
        if not self._begins_another(position, statement[2]) and self.tokens[position].type not in TAILS | {"RBRACE"}:
            return None
        opener = _last_open(self.tokens[statement[2] : position])
        return opener if opener is not None and opener.type in ("LPAR", "LSQB") else None


def _unneeded(tokens: list[Token]) -> set[str]:
    """The end, and the brace of which there are enough: to add another one would move all that follows."""
    kinds = [token.type for token in tokens]
    surplus = kinds.count("LBRACE") - kinds.count("RBRACE")
    return {"$END"} | ({"RBRACE"} if surplus <= 0 else set()) | ({"LBRACE"} if surplus >= 0 else set())


def _last_open(tokens: list[Token]) -> Token | None:
    stack: list[Token] = []
    for token in tokens:
        if token.type in OPENERS:
            stack.append(token)
        elif token.type in CLOSERS and stack:
            stack.pop()
    return stack[-1] if stack else None


STAND_INS = {
    "COLON": ":",
    "COMMA": ",",
    "RBRACE": "}",
    "LBRACE": "{",
    "RPAR": ")",
    "LPAR": "(",
    "RSQB": "]",
    "LSQB": "[",
    "EQUAL": "=",
    "VBAR": "|",
    "QMARK": "?",
    "PLUS": "+",
    "MINUS": "-",
    "STAR": "*",
    "SLASH": "/",
    "PERCENT": "%",
    "CMP": "==",
    "NUMBER": "0",
    "QUANTITY": "0%",
    "DATE": "2000-01-01",
    "STRING": '""',
    "RAW": 'r""',
    "ATTRIBUTE": ".x",
}


def _made(kind: str, near: Token) -> Token:
    """A token that stands in for a missing one, at its place."""
    if kind in ("NAME", "LABEL"):
        text = str(near) if str(near).isidentifier() and near.isascii() else "unnamed"
    else:
        text = STAND_INS.get(kind, kind.lower())
    return Token.new_borrow_pos(kind, text, near)


def _label(name: Token) -> list[Token]:
    return [Token.new_borrow_pos("LABEL", str(name), name), _made("COLON", name)]


def _depth(tokens: list[Token]) -> int:
    return sum((token.type in OPENERS) - (token.type in CLOSERS) for token in tokens)


def span_of(source: Source, token: Token | None) -> Span:
    """The span of a token; the end of the text where there is none."""
    if token is None:
        return Span(source, len(source.text), len(source.text))
    return Span(source, token.start_pos or 0, token.end_pos or 0)


def _after(source: Source, token: Token) -> Span:
    end = token.end_pos or 0
    return Span(source, end, end)
