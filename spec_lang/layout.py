"""The tokens of a declaration that lacks closing braces to tokens that have them, where the margins put them."""

from __future__ import annotations

from lark import Token


def closed(tokens: list[Token]) -> tuple[list[Token], list[Token]]:
    """The tokens, balanced, and the braces never closed; as they were where margins do not tell which those are."""
    kinds = [token.type for token in tokens]
    lacking = kinds.count("LBRACE") - kinds.count("RBRACE")
    if lacking <= 0:
        return tokens, []
    out: list[Token] = []
    open_: list[Token] = []
    unclosed: list[Token] = []
    margins: dict[int, int] = {}
    for token in tokens:
        line = token.line or 0
        if line not in margins:
            margins[line] = token.column or 0
            while open_ and _ended(open_[-1], token, margins):
                unclosed.append(open_.pop())
                out.append(_brace(out[-1]))
        if token.type == "LBRACE":
            open_.append(token)
        elif token.type == "RBRACE" and open_:
            open_.pop()
        out.append(token)
    unclosed += open_
    out += [_brace(tokens[-1]) for _ in open_]
    return (out, unclosed) if len(unclosed) == lacking else (tokens, [])


def _ended(opener: Token, token: Token, margins: dict[int, int]) -> bool:
    """Whether the first word of a line stands too far left to be inside of the block."""
    margin, column = margins[opener.line or 0], token.column or 0
    return column < margin or (column == margin and token.type != "RBRACE")


def _brace(before: Token) -> Token:
    return Token.new_borrow_pos("RBRACE", "}", before)
