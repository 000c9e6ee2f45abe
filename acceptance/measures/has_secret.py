"""Rows to a mark: a text of the row holds a credential, or words that switch other scanners off.

Every decoded text, and every key, is scanned as it is, without invisible characters, with percent, JSON and HTML
escapes resolved, and out of base64 and hexadecimal, three layers deep. What providers print as examples in their
manuals is no credential.
"""

from __future__ import annotations

from collections.abc import Iterator
from unicodedata import normalize

import re2

from acceptance.measures._scan import Scan, Sighting
from acceptance.measures._secret_rules import GATE, RULES, is_placeholder, is_strong
from acceptance.measures.protocol import RowMark
from acceptance.text.folding import ESCAPES, FORMATS, foreign, is_escaped, unescaped, unwrapped, visible

WIDE = re2.compile(r"[\x{ff01}-\x{ff5e}\x{1d400}-\x{1d7ff}]")
"""ASCII in other forms."""
HINT = re2.compile("|".join((GATE.pattern, FORMATS.pattern, WIDE.pattern, *ESCAPES)))
"""Finds something wherever a text, less what stands in it as base64, needs a second look."""


def look(text: str) -> Sighting | None:
    """The first credential in the text, its middle left out."""
    for how, variant in variants(text):
        for rule in RULES if GATE.search(variant) else ():
            for match in rule.pattern.finditer(variant):
                secret = match.group(1)
                if rule.certain or (not is_placeholder(secret) and (rule.shaped or is_strong(secret))):
                    return Sighting(rule.name + how, f"{secret[:4]}... ({len(secret)} characters)")
    return None


def suspicious(joined: str) -> bool:
    """Whether any of these texts may hold a credential, as it is or in disguise."""
    if not HINT.search(joined):
        return any(GATE.search(visible(inner)) for inner in unwrapped(joined))
    bare = visible(joined)
    if GATE.search(joined) or (bare != joined and GATE.search(bare)):
        return True
    if is_escaped(bare) or WIDE.search("".join(foreign(bare))):
        return True
    return any(GATE.search(visible(inner)) for inner in unwrapped(bare))


def variants(text: str) -> Iterator[tuple[str, str]]:
    """(how it was hidden, text): as it is, without invisible characters, unescaped, and unwrapped."""
    yield "", text
    bare = visible(text)
    if WIDE.search("".join(foreign(bare))):
        bare = normalize("NFKC", bare)
    if bare != text:
        yield ", split by invisible characters or in another form,", bare
    plain = unescaped(bare)
    if plain != bare:
        yield ", behind escapes,", plain
    for inner in unwrapped(plain):
        yield ", in base64 or hexadecimal,", visible(inner)


HELP = "revoke the credential, and put a placeholder such as <API_KEY> in its place"

MEASURE = RowMark(lambda use: Scan(look, "no credentials", HELP, gate=suspicious))
