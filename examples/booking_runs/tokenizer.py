"""The control tokens of a chat to a tokenizer of single bytes, small enough to ship: a stand-in for a base model's.

python examples/booking_runs/tokenizer.py     writes the tokenizers of booking_runs and support_chat
"""

from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

SPECIAL = ("<|pad|>", "<|begin|>", "<|system|>", "<|user|>", "<|assistant|>", "<|tool|>", "<|call|>", "<|end|>")
FOLDERS = (Path(__file__).parent, Path(__file__).parents[1] / "support_chat")


def made() -> Tokenizer:
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {token: number for number, token in enumerate([*SPECIAL, *alphabet])}
    tokenizer = Tokenizer(models.BPE(vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    return tokenizer


if __name__ == "__main__":
    for folder in FOLDERS:
        (folder / "tokenizer.json").write_text(made().to_str() + "\n", "utf-8")
