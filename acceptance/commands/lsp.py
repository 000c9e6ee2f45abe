"""`sftspec lsp`: an editor's messages on stdin to answers on stdout."""

from __future__ import annotations

import argparse
from importlib.util import find_spec

from acceptance.errors import FAILED, MET, Refused, extra


def run(arguments: argparse.Namespace) -> int:
    """Serve until the editor ends it."""
    if find_spec("pygls") is None:
        raise Refused(f"this command needs pygls; {extra('lsp')}", code=FAILED)
    from acceptance.editor.server import serve

    serve()
    return MET
