"""Defects in other forms than those that the rules were written for: other words, languages, encodings and places."""

from again_in_bytes import BYTES
from again_in_records import ANSWERS
from again_in_values import VALUES
from harness import Plant

AGAIN: tuple[Plant, ...] = BYTES + ANSWERS + VALUES
