"""Invented requests in, the base model out: a tokenizer and a small Llama that knows canonical calls only."""

import time
from collections.abc import Callable, Iterator
from itertools import chain, islice
from random import Random
from typing import Any

import data
import phrases
import render
import torch
from muon import Muon
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from torch.nn.functional import cross_entropy
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

Lesson = tuple[str, dict[str, Any]]  # request, target
Pair = tuple[str, str]  # prompt, answer
Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor]  # ids, targets and weights, each [items, tokens]

FOLDER = data.HERE / "base"
END = "<|end|>"
SPECIAL = ("<|pad|>", "<|user|>", "<|assistant|>", END)
VOCABULARY = 640
# A key of the call is one piece. A space stays with the word, digit or sign after it: a lone space token makes copying
# ambiguous.
PIECES = r"""[{,"]+\p{L}+":"| ?\p{L}+(?:_\p{L}+)*| ?\p{N}| ?[^\s\p{L}\p{N}]+|\s"""

SEED, STEPS, BATCH = 0, 4_000, 16
COPYING = 0.3  # share of the steps over which the copying warm-up fades
PROMPT_WEIGHT = 0.1
MATRIX_RATE, OTHER_RATE = 0.02, 5e-3
WARM_UP, COOL_DOWN = 100, 0.5


def main() -> None:
    torch.set_num_threads(1)
    torch.manual_seed(SEED)
    split = render.splitter()
    tokenizer = train_tokenizer(split)
    model = LlamaForCausalLM(config(tokenizer))
    print(f"parameters {sum(weight.numel() for weight in model.parameters()):,}")
    train(model, tokenizer, split)
    save(model, tokenizer)
    for suite in ("calls", "general", "declines"):
        items = data.read_jsonl(data.HERE / "pilot" / f"{suite}.jsonl")
        print(f"pilot {suite} {100 * accuracy(model, tokenizer, [split(item) for item in items]):.1f} %")


def train_tokenizer(split: Callable[[dict[str, Any]], Pair]) -> PreTrainedTokenizerFast:
    """Byte-level pairs, so that any text has a spelling."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        show_progress=False,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL],
    )
    sample = islice(lessons(Random("tokenizer")), 3_000)
    texts = ("".join(split(as_record(*item))) for item in chain(sample, drills()))
    tokenizer.train_from_iterator((strip_special(text) for text in texts), trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<|pad|>", eos_token=END, clean_up_tokenization_spaces=False
    )


def drills() -> Iterator[Lesson]:
    """Every name and word often enough, with and without a space before it, to become one or two tokens."""
    for _ in range(10):
        for name in phrases.vendor_names("train"):
            yield f"{name} {name}", {"reply": name}
        for word in phrases.WORDS:
            for _ in range(6):
                yield f"{word} {word} {word}", {"reply": f"{word} {word}"}


def strip_special(text: str) -> str:
    for token in SPECIAL:
        text = text.replace(token, "\n")
    return text


def config(tokenizer: PreTrainedTokenizerFast) -> LlamaConfig:
    return LlamaConfig(
        vocab_size=VOCABULARY,
        hidden_size=128,
        intermediate_size=352,
        num_hidden_layers=3,
        num_attention_heads=4,
        max_position_embeddings=256,
        tie_word_embeddings=True,
        use_cache=True,
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )


def lessons(rng: Random, progress: Callable[[], float] = lambda: 1.0) -> Iterator[Lesson]:
    """Requests with targets, without end; copying exercises fade as `progress` goes from 0 to `COPYING`."""
    names = phrases.vendor_names("train")
    while True:
        if rng.random() > progress() / COPYING:
            yield copying(rng, names)
        else:
            yield lesson(rng, names)


def lesson(rng: Random, names: list[str]) -> Lesson:
    kind = rng.choices(("call", "general", "decline"), (38, 52, 10))[0]
    if kind == "call":
        cell = rng.choice(data.CANONICAL)
        draft = data.call_draft(rng, cell, phrases.draw(rng, names, cell[2]), phrases.DELIVERED_WORDINGS)
        return draft.request, draft.target
    request, reply = phrases.general(rng, names) if kind == "general" else phrases.decline(rng, names)
    return request, {"reply": reply}


def copying(rng: Random, names: list[str]) -> Lesson:
    """Words or facts to be said again."""
    amount_form = rng.choice(phrases.AMOUNT_FORMS)
    facts = phrases.draw(rng, names, amount_form)
    parts = [
        facts.vendor,
        phrases.amount_text(facts, amount_form),
        phrases.date_text(facts.day, rng.choice(phrases.DATE_FORMS)),
        *rng.sample(phrases.WORDS, 4),
    ]
    text = " ".join(rng.sample(parts, rng.randint(1, 4)))
    return f"Repeat: {text}", {"reply": text}


def as_record(request: str, target: dict[str, Any]) -> dict[str, Any]:
    """As much of a record as the template reads."""
    return {"input": {"request": request}, "target": target, "training": {"train_on": "target"}}


def train(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, split: Callable[[dict[str, Any]], Pair]) -> None:
    matrices = [weight for weight in model.model.layers.parameters() if weight.ndim == 2]
    chosen = {id(weight) for weight in matrices}
    others = [weight for weight in model.parameters() if id(weight) not in chosen]
    optimisers = (
        Muon(matrices, lr=MATRIX_RATE),
        torch.optim.AdamW(others, lr=OTHER_RATE, betas=(0.9, 0.99), weight_decay=0.0),
    )
    schedules = [torch.optim.lr_scheduler.LambdaLR(optimiser, rate) for optimiser in optimisers]
    step, tokens, started = 0, 0, time.perf_counter()
    source = lessons(Random(f"lessons {SEED}"), lambda: step / STEPS)
    model.train()
    for step in range(STEPS):
        pairs = [split(as_record(*item)) for item in islice(source, BATCH)]
        ids, targets, weights = (part.to(model.device) for part in batch(tokenizer, pairs))
        loss = weighted_loss(model(input_ids=ids).logits, targets, weights)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser, schedule in zip(optimisers, schedules, strict=True):
            optimiser.step()
            optimiser.zero_grad()
            schedule.step()
        tokens += int((weights > 0).sum())
        if step % 500 == 499:
            print(
                f"step {step + 1} loss {loss.item():.4f} tokens {tokens:,} seconds {time.perf_counter() - started:.0f}",
                flush=True,
            )


def rate(step: int) -> float:
    """Up over the first steps, level, then down to zero over the last part."""
    return min(1.0, (step + 1) / WARM_UP, (STEPS - step) / (COOL_DOWN * STEPS))


def batch(tokenizer: PreTrainedTokenizerFast, pairs: list[Pair]) -> Batch:
    """Rows padded on the right; a causal model does not see the padding after a text, and its weight is zero."""
    coded = [(tokenizer.encode(prompt), tokenizer.encode(answer)) for prompt, answer in pairs]
    width = max(len(prompt) + len(answer) for prompt, answer in coded)
    ids = torch.full((len(coded), width), tokenizer.pad_token_id)
    weights = torch.zeros(len(coded), width)
    for row, (prompt, answer) in enumerate(coded):
        end = len(prompt) + len(answer)
        ids[row, :end] = torch.tensor(prompt + answer)
        weights[row, : len(prompt)] = PROMPT_WEIGHT
        weights[row, len(prompt) : end] = 1.0
    return ids[:, :-1], ids[:, 1:], weights[:, 1:]


def weighted_loss(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    losses = cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="none")
    return (losses * weights.flatten()).sum() / weights.sum()


@torch.inference_mode()
def accuracy(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast, pairs: list[Pair]) -> float:
    """Share of answers that greedy decoding gives exactly."""
    model.eval()
    right = 0
    pairs = sorted(pairs, key=lambda pair: len(pair[0]))
    for start in range(0, len(pairs), 64):
        prompts, answers = zip(*pairs[start : start + 64], strict=True)
        coded = tokenizer(
            list(prompts), return_tensors="pt", padding=True, padding_side="left", return_token_type_ids=False
        )
        out = model.generate(**coded, max_new_tokens=80, do_sample=False)
        texts = tokenizer.batch_decode(out[:, coded["input_ids"].shape[1] :])
        right += sum(text.split(END)[0] + END == answer for text, answer in zip(texts, answers, strict=True))
    return right / len(pairs)


def save(model: LlamaForCausalLM, tokenizer: PreTrainedTokenizerFast) -> None:
    model.generation_config.update(
        do_sample=False, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, max_new_tokens=80
    )
    model.save_pretrained(FOLDER)
    tokenizer.save_pretrained(FOLDER)


if __name__ == "__main__":
    main()
