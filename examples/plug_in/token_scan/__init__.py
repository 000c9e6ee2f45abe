"""Texts of a row to the tokens that detect-secrets finds in them: a plug-in of `sftspec` (group `sftspec.measures`).

Only the detectors are used, each text for itself. The scanner around them is not: its filters skip lines that a comment
marks as allowed, and its verification asks the providers over the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from typing import Any

from detect_secrets.plugins.aws import AWSKeyDetector
from detect_secrets.plugins.discord import DiscordBotTokenDetector
from detect_secrets.plugins.private_key import PrivateKeyDetector
from detect_secrets.plugins.slack import SlackDetector
from detect_secrets.plugins.telegram_token import TelegramBotTokenDetector
from detect_secrets.plugins.twilio import TwilioKeyDetector

MADE_FOR = "1.5.0"
DETECTORS = {
    "aws": AWSKeyDetector,
    "discord": DiscordBotTokenDetector,
    "private_key": PrivateKeyDetector,
    "slack": SlackDetector,
    "telegram": TelegramBotTokenDetector,
    "twilio": TwilioKeyDetector,
}


def has_token(options: Mapping[str, Any]) -> Callable[[Any], str | bool]:
    """`token_scan.has_token(aws, slack)`: the first token of these kinds anywhere in the row."""
    if version("detect-secrets") != MADE_FOR:
        raise ImportError(f"made for detect-secrets {MADE_FOR}, {version('detect-secrets')} is installed")
    kinds = options["kinds"] if isinstance(options["kinds"], list) else [options["kinds"]]
    detectors = [DETECTORS[kind]() for kind in kinds]

    def look(row: Any) -> str | bool:
        found = (token for text in texts(row) for one in detectors for token in one.analyze_string(text))
        return next(found, False)

    return look


def texts(value: Any) -> Iterator[str]:
    """Every text of a JSON value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


MEASURES = {"has_token": has_token}
