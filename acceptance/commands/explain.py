"""`sftspec explain`: a word of a contract to its explanation, of a measure also what it does exactly."""

from __future__ import annotations

import argparse
import ast
from importlib import resources
from pkgutil import iter_modules

from acceptance import commands
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
        raise Refused(_a_verb(topic) or explain(topic).rstrip(), code=USAGE)
    print(explain(topic) + (exactly(topic) if topic in signatures() else ""), end="")
    return MET


def _a_verb(topic: str) -> str:
    """Where to ask about a command; empty for any other word."""
    if all(command.name != topic for command in iter_modules(commands.__path__)):
        return ""
    return f"`{topic}` is a command, not a word of a contract; `sftspec {topic} --help` explains it"


def exactly(measure: str) -> str:
    """The opening text of the module that implements a measure, read and not run."""
    source = resources.files("acceptance.measures").joinpath(f"{measure}.py").read_text(encoding="utf-8")
    return f"\nExactly:\n\n{ast.get_docstring(ast.parse(source))}\n"
