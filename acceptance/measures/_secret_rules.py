"""What credentials look like: patterns of their providers in RE2, and what makes a value a placeholder."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import re2


@dataclass(frozen=True, slots=True)
class Rule:
    """One kind of credential. Group 1 of the pattern is the secret itself."""

    name: str
    text: str
    pattern: Any
    shaped: bool = True
    """The shape alone shows it; else the value must also look random."""
    certain: bool = False
    """No placeholder looks like this."""


def _rule(name: str, text: str, *, shaped: bool = True, certain: bool = False) -> Rule:
    return Rule(name, text, re2.compile(text), shaped, certain)


RULES: tuple[Rule, ...] = (
    _rule("an AWS access key", r"\b((?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16})\b"),
    _rule("an AWS secret key", r"(?i)aws[a-z0-9_ .-]{0,24}(?:secret|sk)[a-z0-9_ .-]{0,24}"
        r"[\"']?\s{0,3}[=:,]\s{0,3}[\"']?"
        r"([A-Za-z0-9/+=]{40})\b"),
    _rule("a Google API key", r"\b(AIza[0-9A-Za-z_-]{35})"),
    _rule("a Google OAuth token", r"\b(ya29\.[0-9A-Za-z_-]{20,}|GOCSPX-[0-9A-Za-z_-]{28})"),
    _rule("a GitHub token", r"\b(gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{40,})"),
    _rule("a GitLab token", r"\b(glpat-[A-Za-z0-9_-]{20,})"),
    _rule("a Slack token", r"\b(xox[abeoprs]-[A-Za-z0-9-]{10,}|xapp-[0-9]-[A-Za-z0-9-]{20,})"),
    _rule("a Slack webhook", r"(hooks\.slack\.com/services/T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,})"),
    _rule("a Stripe key", r"\b((?:[sr]k_(?:live|test)|whsec)_[0-9A-Za-z]{20,})"),
    _rule("an Anthropic key", r"\b(sk-ant-[A-Za-z0-9_-]{24,})"),
    _rule("an OpenAI key", r"\b(sk-(?:proj-|svcacct-|admin-)?[A-Za-z0-9_-]{32,})", shaped=False),
    _rule("a Hugging Face token", r"\b(hf_[A-Za-z0-9]{30,})"),
    _rule("an npm token", r"\b(npm_[A-Za-z0-9]{36})\b"),
    _rule("a PyPI token", r"\b(pypi-AgEI[A-Za-z0-9_-]{40,})"),
    _rule("a SendGrid key", r"\b(SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{32,})"),
    _rule("a private key", r"(-----BEGIN (?:[A-Z0-9]{2,12} ){0,2}PRIVATE KEY(?: BLOCK)?-----)", certain=True),
    _rule("a JSON Web Token", r"\b(eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{16,})"),
    _rule("a presigned URL", r"(?i)(?:X-Amz-Signature|X-Goog-Signature)=([0-9a-f]{64,})"),
    _rule("a shared access signature", r"[?&]sig=([A-Za-z0-9%+/=]{40,})"),
    _rule("a URL with a password", r"\b[a-z][a-z0-9+.-]{1,15}://[^\s:/@'\"<>]{1,64}:([^\s:/@'\"<>{}$]{6,64})@[A-Za-z0-9]",
        shaped=False,),
    _rule(
        "a password or key",
        r"(?i)(?:passw(?:or)?d|passwd|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credential)"
        r"[\"'`]?\s{0,3}(?:=|:|=>|:=| is )\s{0,3}[\"'`]?([A-Za-z0-9+/=_!@#$%^&*~.-]{10,128})",
        shaped=False,
    ),
    _rule(
        "a marker that switches secret scanners off",
        r"(?i)(pragma:\s{0,3}(?:allow|white)list\s{1,3}(?:nextline\s{1,3})?secret|gitleaks:allow|trufflehog:ignore"
        r"|\bggignore\b|noqa:\s{0,2}S10[5-8]|nosec:?\s{1,2}B10[5-7]|nosemgrep:\s{0,2}\S{0,40}secret)",
        certain=True,
    ),
)  # fmt: skip

GATE = re2.compile("|".join(f"(?:{rule.text})" for rule in RULES))
"""Finds all that any rule finds; one pass over nearly every text."""

FILLERS = ("example", "xxxx", "****", "....", "placeholder", "changeme", "redacted", "your", "dummy")
SEQUENCES = ("1234567890", "abcdefgh", "00000000", "12345678", "abcdef")
DOCUMENTED = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9l",  # jwt.io
)


def is_placeholder(secret: str) -> bool:
    """Whether a value is one that documentation prints in place of a credential."""
    folded = secret.casefold()
    if len(set(folded)) < 6 or secret.startswith(DOCUMENTED) or any(filler in folded for filler in FILLERS):
        return True
    counted = max(len(sequence) * folded.count(sequence) for sequence in SEQUENCES)
    return counted * 2 > len(folded)


def is_strong(value: str) -> bool:
    """Whether a value looks random: letters and digits mixed, at least 3 bits of entropy per character, no code."""
    value = value.rstrip(".,;")
    letters, digits = sum(map(str.isalpha, value)), sum(map(str.isdigit, value))
    if len(value) < 10 or letters < 2 or digits < 1 or _is_code(value) or _entropy(value) < 3:
        return False
    hexadecimal = len(value) >= 32 and all(sign in "0123456789abcdefABCDEF-" for sign in value)
    return _classes(value) >= 3 or hexadecimal or (len(value) >= 20 and digits >= 4)


def _classes(value: str) -> int:
    """How many of lower case, upper case, digits and signs (other than - _ .) the value has."""
    signs = any(not sign.isalnum() and sign not in "-_." for sign in value)
    return any(map(str.islower, value)) + any(map(str.isupper, value)) + any(map(str.isdigit, value)) + signs


def _is_code(value: str) -> bool:
    """Names, dates and versions: `config.values.token`, `non-disclosure-2027`, `2027-11-03`."""
    parts = re2.split(r"[-_.]", value)
    return len(parts) > 1 and all(part.isalpha() or part.isdigit() or not part for part in parts)


def _entropy(value: str) -> float:
    """Shannon's entropy in bits per character."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
