"""Defects planted into the runs, each by one small pure function."""

from harness import Plant
from runs_in_answers import ANSWERS
from runs_in_calls import CALLS
from runs_in_copies import COPIES
from runs_in_files import FILES
from runs_in_sources import SOURCES
from runs_in_turns import TURNS
from runs_in_values import VALUES

PLANTS: tuple[Plant, ...] = FILES + TURNS + CALLS + ANSWERS + COPIES + VALUES + SOURCES
