"""`sftspec explain`: a code or a measure to its explanation with examples."""

from __future__ import annotations

import argparse

from acceptance.errors import MET, USAGE, Refused
from spec_lang.codes import explain, known


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 for a topic that does not exist."""
    if not known(arguments.topic):
        raise Refused(explain(arguments.topic), code=USAGE)
    print(explain(arguments.topic), end="")
    return MET
