"""A text to its skeleton: names, numbers and quotations masked, case and spacing gone.

A name is two or more capitalised words in a row, or one inside a sentence. So records that fill one template share a
skeleton, and `largest_share(skeleton(...))` is the share of the most used template.
"""

from __future__ import annotations

from typing import Any

import re2

from acceptance.measures.protocol import RowFunction
from acceptance.tables import ABSENT, Malformed

NAME = r"\p{Lu}[\p{L}\p{N}'&-]*"
NAMES = re2.compile(rf"{NAME}(?: {NAME})+")
INSIDE = re2.compile(rf"([\p{{Ll}}\p{{N}},;] ){NAME}")
NUMBERS = re2.compile(r"\p{N}[\p{N}.,:/-]*\p{N}|\p{N}")
QUOTED = re2.compile('"[^"\n]{1,200}"|\u201c[^\u201d\n]{1,200}\u201d|\u00ab[^\u00bb\n]{1,200}\u00bb')


def skeleton(text: Any) -> Any:
    if text is ABSENT:
        return ABSENT
    if not isinstance(text, str):
        raise Malformed
    bare = NUMBERS.sub("0", INSIDE.sub(r"\1@", NAMES.sub("@", QUOTED.sub("@", " ".join(text.split())))))
    return str(bare).casefold()


MEASURE = RowFunction(lambda use: skeleton)
