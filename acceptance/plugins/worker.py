"""Values of rows in, what a plug-in says of each out: a process of its own, so that a plug-in can end nothing else.

`python -P -m acceptance.plugins.worker` talks over the socket that is its standard input, in frames: four bytes for the
length, then that much JSON. The first frame says what to import. A plug-in's function answers for one row: True, False,
None where it cannot tell, or the text that it objects to.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MEMORY = 16 << 30
NETWORK = frozenset(
    ("socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname")
)
LONGEST = 2_000
"""Characters kept of a text that is objected to."""

Answer = bool | str | None


def main() -> None:
    """Answers until the other side hangs up."""
    peer = socket.socket(fileno=os.dup(0))
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)  # what a plug-in prints is nobody's business
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY if hard == resource.RLIM_INFINITY else min(MEMORY, hard), hard))
    order = receive(peer)
    if order is None:
        return
    try:
        sys.addaudithook(_no_network)
        function = _function(order)
    except BaseException as error:  # at the edge: whatever a plug-in raises is told, and ends nothing
        send(peer, {"failed": f"{type(error).__name__}: {error}"[:300]})
        return
    send(peer, {"ready": True})
    while (asked := receive(peer)) is not None:
        send(peer, _answers(function, asked["rows"]))


def _no_network(event: str, _: Any) -> None:
    if event in NETWORK:
        raise PermissionError("a plug-in has no network: delivered data stays here, and nothing is downloaded")


def _function(order: dict[str, Any]) -> Callable[..., Any]:
    sys.path[:] = [order["root"], *order["path"]]
    top = order["module"].split(".")[0]
    spec = find_spec(top)
    if spec is None or spec.origin is None or not _belongs(spec.origin, order["root"], order["file"], top):
        raise ImportError(f"{top} would be imported from elsewhere")
    measures = getattr(import_module(order["module"]), order["attribute"])
    found: Callable[..., Any] = measures[order["measure"]](order["options"])
    return found


def _belongs(origin: str, root: str, file: str, top: str) -> bool:
    """Whether the top module lies where the files lie that were weighed."""
    at = Path(origin).resolve()
    return at in (Path(file), Path(root) / top / "__init__.py")


def _answers(function: Callable[..., Any], rows: list[list[Any]]) -> dict[str, Any]:
    answers: list[Answer] = []
    for number, values in enumerate(rows):
        try:
            answer = function(*values)
        except BaseException as error:  # what it says may hold delivered text, so only its kind is told
            return {"failed": f"raised {type(error).__name__}", "row": number}
        if not (answer is None or isinstance(answer, bool | str)):
            return {"failed": f"answered with a value of type {type(answer).__name__}", "row": number}
        answers.append(answer[:LONGEST] if isinstance(answer, str) else answer)
    return {"answers": answers}


def send(peer: socket.socket, message: dict[str, Any]) -> None:
    """One frame."""
    data = json.dumps(message).encode("ascii")
    peer.sendall(len(data).to_bytes(4, "little") + data)


def receive(peer: socket.socket) -> dict[str, Any] | None:
    """One frame; None where the other side has hung up."""
    size = _exactly(peer, 4)
    data = _exactly(peer, int.from_bytes(size, "little")) if size else b""
    found: dict[str, Any] | None = json.loads(data) if data else None
    return found


def _exactly(peer: socket.socket, size: int) -> bytes:
    found = bytearray()
    while len(found) < size:
        piece = peer.recv(min(size - len(found), 1 << 20))
        if not piece:
            return b""
        found += piece
    return bytes(found)


if __name__ == "__main__":
    main()
