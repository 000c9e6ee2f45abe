"""`sftspec fmt`: contracts to the one way of writing them."""

from __future__ import annotations

import argparse
import sys

from acceptance.errors import BREACHED, MET, Refused
from acceptance.files import write_whole
from spec_lang.diagnostics import Diagnostic, frame, listed
from spec_lang.formatter import format_file
from spec_lang.loader import open_source
from spec_lang.parser import parse


def run(arguments: argparse.Namespace) -> int:
    """Exit 1 if a file has mistakes, or with `--check` if one would change."""
    code = MET
    for path in arguments.contract:
        source = open_source(path)
        if isinstance(source, Diagnostic):
            raise Refused(source.message, code=2)
        file, problems = parse(source)
        if problems:
            for problem in listed(problems):
                print(frame(problem, sys.stderr.isatty()), file=sys.stderr)
            print(f"{path}: not touched, since it has mistakes", file=sys.stderr)
            code = BREACHED
            continue
        text = format_file(file)
        if text == source.text:
            continue
        if arguments.check:
            print(f"{path}: would change")
            code = BREACHED
        else:
            write_whole(path, text.encode())
            print(f"{path}: written")
    return code
