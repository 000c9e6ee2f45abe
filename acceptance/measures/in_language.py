"""Whether a text is written in the language that is declared for it; texts of fewer than `from` words are not judged.

Another language must be found with a probability of SURE, its close ones included, by py3langid's model, which ships
with that package. Of a long text both ends are read, and fenced code is left out. Tags that the model does not know are
not judged either: such texts are let through.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import re2

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import ABSENT, Malformed
from acceptance.text.folding import words

SURE = 0.9
END = 400
"""Characters read at each end."""
CODE = re2.compile(r"(?ms)^[ \t]*```.*?(?:^[ \t]*```[ \t]*$|\z)|`[^`\n]*`|https?://\S+")
CLOSE = (
    {"no", "nb", "nn", "da"}, {"hr", "sr", "bs", "sh"}, {"id", "ms"}, {"zh", "yue", "wuu"}, {"en", "pcm"}, {"es",
    "gl", "an", "ext"}, {"pt", "gl"}, {"cs", "sk"}, {"ar", "arz", "ary"}, {"de", "lb"}, {"nl", "af", "fy"}, {"it",
    "vec", "lij"}, {"fr", "wa", "gcf", "gcr"}, {"bg", "mk"}, {"ru", "uk", "be"}, {"hi", "mr", "ne"}, {"ca", "oc"},
    {"zu", "xh"}, {"he", "hbo"}, {"el", "grc"},
)  # fmt: skip
"""Languages that short texts do not tell apart."""


def make(use: Use) -> Callable[[Any, Any], bool]:
    least = int(use.word("from"))

    def in_language(text: Any, language: Any) -> bool:
        if text is ABSENT or language is ABSENT:
            return text is ABSENT
        if not isinstance(text, str) or not isinstance(language, str):
            raise Malformed
        bare = CODE.sub(" ", text)
        return len(words(bare)) < least or not _is_other(bare, language.replace("_", "-").split("-")[0].lower())

    return in_language


def _is_other(text: str, declared: str) -> bool:
    model = _model()
    if declared not in model.labels:
        return False
    read = text if len(text) <= 2 * END else f"{text[:END]} {text[-END:]}"
    found, sure = model.classify(read)
    family = {found}.union(*(group for group in CLOSE if found in group))
    if sure < SURE and len(family) > 1:
        sure = sum(share for label, share in model.rank(read) if label in family)
    return sure >= SURE and declared not in family


@cache
def _model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


MEASURE = RowFunction(make)
