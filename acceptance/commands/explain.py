"""`sftspec explain`: a word of a contract to its explanation, of a measure also what it does exactly."""

from __future__ import annotations

import argparse
import ast
from importlib import resources

from acceptance.errors import MET, USAGE, Refused
from spec_lang.explanation import contents, explain, known
from spec_lang.signatures import signatures


def run(arguments: argparse.Namespace) -> int:
    """Exit 2 for a topic that does not exist."""
    topic = arguments.topic
    if topic is None:
        print(contents(), end="")
        return MET
    if not known(topic):
        raise Refused(explain(topic), code=USAGE)
    print(explain(topic) + (exactly(topic) if topic in signatures() else ""), end="")
    return MET


def exactly(measure: str) -> str:
    """The opening text of the module that implements a measure, read and not run."""
    source = resources.files("acceptance.measures").joinpath(f"{measure}.py").read_text(encoding="utf-8")
    return f"\nExactly:\n\n{ast.get_docstring(ast.parse(source))}\n"
