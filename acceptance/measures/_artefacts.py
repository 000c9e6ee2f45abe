"""A target's text to the traces in it: for each kind (what it is, the words that show it), or None."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

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
    r"|as of my (?:last|latest|knowledge|training)\b|my (?:knowledge|training)(?: data)? (?:cut-?off|only goes)"
    r"|als (?:eine? )?(?:ki|künstliche intelligenz|(?:ki-|großes )?sprachmodell|ki-assistent)"
    r"(?:,| kann| bin| habe| darf)"
    r"|en tant qu(?:e |')(?:modèle de langage|ia|intelligence artificielle|assistant ia)(?:,| je)"
    r"|como (?:un )?(?:modelo de lenguaje|modelo de linguagem|(?:una? )?(?:ia|inteligencia artificial))(?:,| no))"
    r"|作为(?:一个|一名)?(?:人工智能|AI|大?型?语言模型)[^。，\n]{0,6}[，,我]|AI(?:アシスタント|言語モデル)として"
)
SENTINELS = frozenset((
    "n/a", "na", "none", "null", "nil", "nan", "todo", "tbd", "fixme", "undefined", "noinput", "nooutput",
    "no input", "no output", "not applicable", "not available", "no answer", "lorem ipsum",
    "无", "なし", "keine angabe",
))  # fmt: skip
PLACEHOLDER = re2.compile(
    r"(?i)(<\s?no\s?(?:in|out)put\s?>|\[(?:insert|your|enter|add)\b[^\]\n]{0,60}\]|\[(?:name|date|company|address|link)\]"
    r"|(?:^|[^=:\"'`/\w])<(?:insert|your|enter)[ _][^>\n]{0,60}>|lorem ipsum dolor|\bTODO:|\bTBD\b|\{\{[^}\n]{0,60}\}\}"
    r"|(?:^|[ (])\{(?:[a-z]{1,20}_)?(?:name|date|address|company|email|number|amount|city)\}(?:[ ,.!?;)]|$)"
    r"|\[(?-i:(?:[A-Z]{2,15} ){0,3}(?:NAME|DATE|NUMBER|ADDRESS|COMPANY|EMAIL|LINK|PHONE))\])"
)
ROLES = re2.compile(
    r"(?m)(^\s*#{2,3}\s*(?:Response|Instruction|Input|Output|Human|Assistant|User|System)\s*:?\s*$"
    r"|^\s*#{2,3}\s*(?:Response|Instruction|Input|Human|Assistant|User|System):"
    r"|^\s*(?:Human|Assistant|User|System):\s|^##?\s*[0-9]{1,3}\.\s*Instruction:"
    r"|<\|(?:im_start|im_end|user|assistant|system|end|endoftext|eot_id|start_header_id|end_header_id|begin_of_text)\|>"
    r"|\[/?INST\]|<</?SYS>>|</?s>|<start_of_turn>|<end_of_turn>)"
)
BAIT = re2.compile(
    r"(?i)\b(?:ignore|disregard|forget|override)\b[^.\n]{0,40}\b(?:rubric|scoring|grading"
    r"|(?:previous|prior|above|other|all) (?:instructions?|criteria|guidelines))\b"
    r"|\b(?:score|rate|grade|mark|give|assign)\b[^.\n]{0,40}"
    r"\b(?:this|my|the) (?:answer|response|reply|output|submission)\b"
    r"[^.\n]{0,40}(?:\b(?:10|100|5)\b|\bperfect\b|\bhighest\b|\bfull (?:marks|score)\b)"
    r"|\b(?:ignoriere?n?|missachte)\b[^.\n]{0,40}\b(?:anweisungen|kriterien|vorgaben)\b|\bvolle punktzahl\b"
    r"|\bignore[zr]?\b[^.\n]{0,40}\b(?:instructions|consignes)\b[^.\n]{0,20}\b(?:précédentes|ci-dessus)"
    r"|\bignor[ae]\b[^.\n]{0,40}\binstrucciones\b|忽略(?:以上|之前|上面)[^。\n]{0,12}(?:指令|指示|标准)"
    r"|\b(?:score|output|answer with|respond with|give it)[ :]{1,2}(?:a )?"
    r"(?:10 ?/ ?10|10 out of 10|\[\[10\]\]|\[\[A\]\])"
)
_DID = (
    r"(?:set|sent|booked|scheduled|ordered|paid|created|added|cancell?ed|e-?mailed|reserved|submitted"
    r"|turned o[nf]f?|dialled)"
)
_THING = (
    r"(?:alarm|timer|reminder|e-?mail|message|meeting|appointment|flight|hotel|order|payment|ticket|call|lights?"
    r"|reservation|booking|event|calendar|thermostat|deposit|itinerary|invoice|room|seat)"
)
DONE = re2.compile(
    rf"(?i)\b(?:i(?:'ve| have)|i) (?:just |now |already |successfully |gone ahead and |went ahead and )?{_DID}"
    rf" (?:up )?(?:you )?(?:an?|the|your|that|it to your) (?:[a-z]{{1,15}} )?{_THING}\b"
    r"|\bi(?:'ve| have|) (?:just |now |already )?(?:booked|reserved) (?:you )?(?:an?|the|your) (?:[a-z]{1,15} )?table\b"
    r"|\byour (?:[a-z]{1,15} )?table (?:has|have) (?:just |now |already )?been (?:booked|reserved)\b"
    r"|\bi(?:'ve| have) (?:just |now |already )?(?:sent|booked|ordered|paid|e-?mailed|reserved|dispatched|dialled)"
    r" [^.\n]{1,40}\b(?:for you|to you|to your)\b"
    rf"|\byour (?:[a-z]{{1,15}} )?{_THING} (?:has|have) (?:just |now |already |successfully )?been {_DID}\b"
)
FABRICATED = re2.compile(
    r"(?m)(^\s*(?:Observation|(?:Tool|Function) (?:output|results?|response|returned|says))\s*:"
    r"|</?(?:tool_response|tool_results?|function_results?|function_response)>|\[/?TOOL_RESULTS\])"
)
WRONGLY_DECODED = re2.compile(r"[\x{c2}-\x{f4}][^\x00-\x7f]{1,3}")
THINKING = re2.compile(r"(?i)<(think|thinking|reasoning|scratchpad)>")
STRINGS = re2.compile(r"\"(?:[^\"\\\n]|\\.)*\"|`[^`\n]*`|(?:^|[\s(=,\[{:])'(?:[^'\\\n]|\\.)*'")
ENDED = ".!?:;\"'`\u201d\u2019\u2026\u3002)]}>*_|"
"""Signs after which a text may end, whatever stands open in it."""
DANGLING = re2.compile(r"(?i)(?:,|\b(?:and|or|the|an|of|to|with|because|but|for|in|is|are|that|which))$")
BULLET = re2.compile(r"\n[ \t]*(?:[0-9]{1,2}[.)]|[-*\x{2022}])$")
OPEN, BRACKETS = "([{", frozenset("()[]{}")
GRAM = 8
"""Words of the runs whose repetition is counted."""
LONG_WORD, LONGEST_PIECE = 48, 12
"""Characters from which a word is looked at for a piece that comes again and again, and of that piece."""


def refusal(text: str) -> Trace:
    return ("the opening turns the request down", text[:60]) if declines(text) else None


def placeholder(text: str) -> Trace:
    """The whole text stands for nothing, or a part waits to be filled in."""
    bare = text.strip().strip("<>[](){}\"'.!-_ ").casefold()
    if bare in SENTINELS or not bare.strip():
        return "the text says nothing", text[:60]
    match = PLACEHOLDER.search(text)
    return (f"at character {match.start() + 1}", match.group()) if match else None


def cut_off(text: str) -> Trace:
    """An open code fence, an open thought, an empty entry of a list, an end inside brackets or in mid-sentence."""
    for fence in ("```", "~~~"):
        if sum(line.lstrip().startswith(fence) for line in text.split("\n")) % 2:
            return "a code fence is not closed", fence
    thought = THINKING.search(text)
    if thought and f"</{thought.group(1).lower()}>" not in text.lower():
        return "a thought is not closed", thought.group()
    end = text.rstrip()
    if BULLET.search(end):
        return "the last entry of a list is empty", end[-40:]
    if _inside_brackets(end):
        return "a bracket is not closed", end[-40:]
    return ("it ends in mid-sentence", end[-40:]) if len(end.split()) >= 5 and DANGLING.search(end[-40:]) else None


def _inside_brackets(text: str) -> bool:
    """Whether the text stops within a bracket; those in quotations and emoticons open nothing."""
    if not any(sign in text for sign in OPEN) or (text[-1:] in ENDED and text[:1] not in "{["):
        return False
    depth = 0
    for sign in filter(
        BRACKETS.__contains__, STRINGS.sub("", text.replace(":(", "").replace(":-(", "").replace(";(", ""))
    ):
        depth = depth + 1 if sign in OPEN else max(0, depth - 1)
    return depth > 0


def repetition(text: str) -> Trace:
    """Half of the eight-word runs occur before, one word twelve times in a row, or one line makes up half of many."""
    words = text.casefold().split()
    different = len(set(words))
    if different * 2 < len(words) + GRAM:  # else half of the runs cannot be copies: each new word makes a new run
        grams = list(zip(*(words[shift:] for shift in range(GRAM)), strict=False))
        if len(grams) >= 3 * GRAM and len(set(grams)) * 2 < len(grams):
            return "the same words come again and again", " ".join(Counter(grams).most_common(1)[0][0])
    return (_row_of_words(words) if different <= len(words) - 11 else None) or _line(text) or _stutter(words)


def _row_of_words(words: list[str]) -> Trace:
    run = 1
    for before, word in pairwise(words):
        run = run + 1 if word == before else 1
        if run == 12:
            return "one word stands twelve times in a row", word
    return None


def _stutter(words: list[str]) -> Trace:
    """A long word that is one short piece again and again; lines that only part a text are none."""
    for word in words:
        if len(word) >= LONG_WORD and any(map(str.isalpha, word[:LONGEST_PIECE])):
            piece = next((size for size in range(1, LONGEST_PIECE) if word[size:] == word[:-size]), 0)
            if piece:
                return "one word is the same piece again and again", word[:40]
    return None


def _line(text: str) -> Trace:
    if text.count("\n") < 4:
        return None
    lines = [line.strip() for line in text.split("\n") if len(line.split()) >= 3]
    line, count = Counter(lines).most_common(1)[0] if lines else ("", 0)
    return ("one line makes up half of the text", line) if count >= 5 and count * 2 > len(lines) else None


def mojibake(text: str) -> Trace:
    """UTF-8 that was read as Windows-1252: the bytes of such letters are one letter again."""
    for match in WRONGLY_DECODED.finditer(text) if not text.isascii() else ():
        letters = match.group()
        for end in range(len(letters), 1, -1):
            right = _decoded_again(letters[:end])
            if right:
                return f"at character {match.start() + 1}", letters[:end]
    return None


def _decoded_again(letters: str) -> str:
    try:
        raw = b"".join(one.encode("latin-1" if ord(one) < 256 else "cp1252") for one in letters)
        right = raw.decode("utf-8")
    except UnicodeError:
        return ""
    return right if len(right) == 1 else ""


def _at(pattern: Any) -> Callable[[str], Trace]:
    def find(text: str) -> Trace:
        match = pattern.search(text)
        return (f"at character {match.start() + 1}", match.group().strip()) if match else None

    return find


FINDERS: dict[str, Callable[[str], Trace]] = {
    "refusal": refusal, "self_identity": _at(SELF), "placeholder": placeholder, "cut_off": cut_off,
    "role_marker": _at(ROLES), "repetition": repetition, "mojibake": mojibake, "judge_bait": _at(BAIT),
    "claimed_action": _at(DONE), "fabricated_result": _at(FABRICATED),
}  # fmt: skip
