"""The made records to `pilot/tokenizer.json`: byte-level pairs, a stand-in for the tokenizer of the base model."""

from __future__ import annotations

import json
from pathlib import Path

import repairs
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

PATH = Path(__file__).parents[1] / "pilot" / "tokenizer.json"
SPECIAL = ("<|pad|>", "<|task|>", "<|agent|>", "<|patch|>", "<|end|>")


def train() -> Tokenizer:
    """The same every time."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=768,
        show_progress=False,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL],
    )
    tokenizer.train_from_iterator([json.dumps(row, ensure_ascii=False) for row in repairs.rows({})], trainer)
    return tokenizer


if __name__ == "__main__":
    train().save(str(PATH))
    print(f"{PATH}: written")
