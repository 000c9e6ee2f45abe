"""The texts of a record to its prints: one hash of all of them, and one of each run of words. The algorithm `runs_1`.

Identity: blake2b of the sorted texts, words as `folding.folded` gives them, so that order and names of fields make no
difference, nor do case, spacing, punctuation and disguises, but numbers do. Runs: hashes of `size` words each, of all
texts one after the other, words as `folding.hardened` gives them, so that changed numbers hide nothing; their upper 32
bits. A changed rule is a new algorithm: `tests/test_prints.py` holds the bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from acceptance.text.folding import folded
from acceptance.text.ngrams import ngrams, word_hashes

Keys = npt.NDArray[np.uint64]
NUMBERS = str.maketrans("123456789", "000000000")
LOWER = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)


def identity(texts: Iterable[str]) -> int:
    """One hash of texts as `folded` gives them, whatever their order; 0 if they have no words."""
    words = sorted(filter(None, (" ".join(text.split()) for text in texts)))
    joined = "\n".join(words).encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(joined, digest_size=8).digest(), "little") if words else 0


def joined(texts: Iterable[str]) -> str:
    """All texts one after the other, as `hardened` gives them, from texts as `folded` gives them."""
    return " ".join(texts).translate(NUMBERS)


def runs(texts: Sequence[str], size: int) -> Keys:
    """The different runs of each of the joined texts, as (number of the text << 32 | hash), rising."""
    grams, offsets = ngrams(*word_hashes(texts), size)
    owners = np.repeat(np.arange(len(texts), dtype=np.uint64), np.diff(offsets))
    return np.unique(owners << SHIFT | grams >> SHIFT)


def owners(keys: Keys) -> npt.NDArray[np.int64]:
    """The text of each run."""
    return (keys >> SHIFT).astype(np.int64)


def hashes(keys: Keys) -> npt.NDArray[np.uint32]:
    """The hash of each run."""
    return (keys & LOWER).astype(np.uint32)


def kept(keys: Keys, keep: int, common: int) -> Keys:
    """Of each text the `keep` runs with the smallest hashes, leaving out those that more than `common` texts have."""
    _, inverse, counts = np.unique(hashes(keys), return_inverse=True, return_counts=True)
    own = keys[counts[inverse] <= common]
    texts = owners(own)
    rank = np.arange(len(own)) - np.searchsorted(texts, texts)
    return own[rank < keep]


def shifted(keys: Keys, first: int) -> Keys:
    """The runs of texts that are numbered from `first`."""
    return keys + (np.uint64(first) << SHIFT)


def folded_all(texts: Iterable[str]) -> list[str]:
    """Each text as `folded` gives it."""
    return [folded(text) for text in texts]
