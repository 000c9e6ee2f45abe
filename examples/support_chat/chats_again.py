"""Defects in other forms than those that the rules were written for: other words, languages, encodings and places."""

from again_in_answers import ANSWERS
from again_in_dialogues import DIALOGUES
from again_in_files import FILES
from again_in_texts import TEXTS
from harness import Plant

AGAIN: tuple[Plant, ...] = FILES + DIALOGUES + ANSWERS + TEXTS
