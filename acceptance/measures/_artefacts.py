"""A target's text to the traces in it: for each kind (what it is, the words that show it), or None."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import re2

from acceptance.measures.declines import declines

Trace = tuple[str, str] | None

SELF = re2.compile(
    r"(?i)\b(?:as an? (?:ai|artificial intelligence)(?: language)?(?: model| assistant)?\b"
    r"(?:,|\.| i\b| developed| created)"
    r"|as an? (?:large )?language model"
    r"|i(?:'m| am) (?:chatgpt|gpt-?[0-9]|claude|gemini|bard|copilot|llama|mistral|qwen|deepseek"
    r"|an? (?:ai|large language|language|ai language) (?:model|assistant))\b"
    r"|(?:trained|developed|created|made|built) by"
    r" (?:openai|anthropic|google deepmind|deepmind|meta ai|mistral ai|alibaba cloud)"
    r"|as of my (?:last|latest|knowledge|training)\b|my (?:knowledge|training)(?: data)? (?:cut-?off|only goes))"
)
SENTINELS = frozenset((
    "n/a", "na", "none", "null", "nil", "nan", "todo", "tbd", "fixme", "undefined", "noinput", "nooutput",
    "no input", "no output", "not applicable", "lorem ipsum",
))  # fmt: skip
PLACEHOLDER = re2.compile(
    r"(?i)(<\s?no\s?(?:in|out)put\s?>|\[(?:insert|your|enter|add)\b[^\]\n]{0,60}\]|\[(?:name|date|company|address|link)\]"
    r"|<(?:insert|your|enter)[ _][^>\n]{0,60}>|lorem ipsum dolor|\bTODO:|\bTBD\b|\{\{[^}\n]{0,60}\}\})"
)
ROLES = re2.compile(
    r"(?m)(^\s*#{2,3}\s*(?:Response|Instruction|Input|Output|Human|Assistant|User|System)\s*:?\s*$"
    r"|^\s*#{2,3}\s*(?:Response|Instruction|Input|Human|Assistant|User|System):"
    r"|^\s*(?:Human|Assistant|User|System):\s|^##?\s*[0-9]{1,3}\.\s*Instruction:"
    r"|<\|(?:im_start|im_end|user|assistant|system|end|endoftext|eot_id|start_header_id|end_header_id|begin_of_text)\|>"
    r"|\[/?INST\]|<</?SYS>>|</?s>|<start_of_turn>|<end_of_turn>)"
)
DANGLING = re2.compile(r"(?i)(?:,|\b(?:and|or|the|an|of|to|with|because|but|for|in|is|are|that|which))$")
OPEN, BRACKETS = "([{", frozenset("()[]{}")
GRAM = 8
"""Words of the runs whose repetition is counted."""


def refusal(text: str) -> Trace:
    return ("the opening turns the request down", text[:60]) if declines(text) else None


def self_identity(text: str) -> Trace:
    match = SELF.search(text)
    return (f"at character {match.start() + 1}", match.group()) if match else None


def placeholder(text: str) -> Trace:
    """The whole text stands for nothing, or a part waits to be filled in."""
    bare = text.strip().strip("<>[](){}\"'.!-_ ").casefold()
    if bare in SENTINELS or not bare.strip():
        return "the text says nothing", text[:60]
    match = PLACEHOLDER.search(text)
    return (f"at character {match.start() + 1}", match.group()) if match else None


def cut_off(text: str) -> Trace:
    """An open code fence or bracket, or an end in mid-sentence."""
    fences = sum(line.lstrip().startswith("```") for line in text.split("\n"))
    if fences % 2:
        return "a code fence is not closed", "```"
    depth = 0
    if any(sign in text for sign in OPEN):
        bare = text.replace(":(", "").replace(":-(", "").replace(";(", "")
        for sign in filter(BRACKETS.__contains__, bare):
            depth = depth + 1 if sign in OPEN else max(0, depth - 1)
    if depth:
        return "a bracket is not closed", text[-40:]
    end = text.rstrip()
    return ("it ends in mid-sentence", end[-40:]) if len(end.split()) >= 5 and DANGLING.search(end[-40:]) else None


def role_marker(text: str) -> Trace:
    match = ROLES.search(text)
    return (f"at character {match.start() + 1}", match.group().strip()) if match else None


def repetition(text: str) -> Trace:
    """Half of the eight-word runs occur before, one word twelve times in a row, or one line makes up half of many."""
    words = text.casefold().split()
    different = len(set(words))
    if different * 2 < len(words) + GRAM:  # else half of the runs cannot be copies: each new word makes a new run
        grams = list(zip(*(words[shift:] for shift in range(GRAM)), strict=False))
        if len(grams) >= 3 * GRAM and len(set(grams)) * 2 < len(grams):
            return "the same words come again and again", " ".join(Counter(grams).most_common(1)[0][0])
    return (_row_of_words(words) if different <= len(words) - 11 else None) or _line(text)


def _row_of_words(words: list[str]) -> Trace:
    run = 1
    for before, word in pairwise(words):
        run = run + 1 if word == before else 1
        if run == 12:
            return "one word stands twelve times in a row", word
    return None


def _line(text: str) -> Trace:
    if text.count("\n") < 4:
        return None
    lines = [line.strip() for line in text.split("\n") if len(line.split()) >= 3]
    line, count = Counter(lines).most_common(1)[0] if lines else ("", 0)
    return ("one line makes up half of the text", line) if count >= 5 and count * 2 > len(lines) else None


FINDERS: dict[str, Callable[[str], Trace]] = {
    "refusal": refusal, "self_identity": self_identity, "placeholder": placeholder, "cut_off": cut_off,
    "role_marker": role_marker, "repetition": repetition,
}  # fmt: skip
