"""Whether the model finds the right option likelier than every other, by log-likelihoods of options after a prompt.

`by: total` compares them as they are, `by: per_byte` divided by the option's length in UTF-8, so that short options
have no advantage. A tie is not solved: the right option must lie above all others. Options are different texts, two or
more; which is right is said by its place, counted from 0, or by its text. Raises Malformed for any other item.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from acceptance.measures.protocol import RowFunction, Use
from acceptance.tables import Malformed


def offered(options: Any) -> tuple[str, ...]:
    """The options of an item. Raises Malformed."""
    if not isinstance(options, list) or not all(isinstance(one, str) and one for one in options):
        raise Malformed("its options are not a list of texts")
    if len(options) < 2 or len(set(options)) < len(options):
        raise Malformed("its options are not two different texts or more")
    return tuple(options)


def place(options: Sequence[str], right: Any) -> int:
    """The place of the right option. Raises Malformed."""
    if isinstance(right, str) and right in options:
        return options.index(right)
    if isinstance(right, bool) or not isinstance(right, int) or not 0 <= right < len(options):
        raise Malformed(f"its right option is none of the {len(options)}")
    return right


def make(use: Use) -> Callable[[Any, Any, Sequence[float]], bool]:
    per_byte = use.word("by") == "per_byte"

    def choice(options: Any, right: Any, likelihoods: Sequence[float]) -> bool:
        texts = offered(options)
        at = place(texts, right)
        found = [one / len(text.encode()) if per_byte else one for one, text in zip(likelihoods, texts, strict=True)]
        return all(found[at] > other for number, other in enumerate(found) if number != at)

    return choice


MEASURE = RowFunction(make)
