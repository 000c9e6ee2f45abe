"""Defects planted into the conversations, each by one small pure function."""

from chats_again import AGAIN
from chats_in_answers import ANSWERS
from chats_in_bytes import BYTES
from chats_in_dialogues import DIALOGUES
from chats_in_sources import SOURCES
from chats_in_texts import TEXTS
from harness import Plant

PLANTS: tuple[Plant, ...] = DIALOGUES + ANSWERS + TEXTS + SOURCES + BYTES + AGAIN
