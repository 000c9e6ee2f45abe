"""`sftspec explain`: a code or a measure to its explanation with examples."""

from __future__ import annotations

import argparse

from acceptance.errors import MET, Refused
from spec_lang.codes import UnknownTopic, explain


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 for a topic that does not exist."""
    try:
        print(explain(arguments.topic))
    except UnknownTopic as error:
        raise Refused(str(error), code=2) from error
    return MET
