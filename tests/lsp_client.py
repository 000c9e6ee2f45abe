"""A language client as small as can be: it starts the real server and speaks the protocol over its pipes."""

from __future__ import annotations

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

PATIENCE = 60
"""Seconds to wait for a message; a loaded machine is slow to start a process."""


class Client:
    """One server process and what it has said so far."""

    def __init__(self, encodings: list[str] | None = None) -> None:
        command = [sys.executable, "-m", "acceptance.cli", "lsp"]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.inbox: queue.Queue[dict[str, Any]] = queue.Queue()
        self.told: list[dict[str, Any]] = []
        self.number = 0
        threading.Thread(target=self._listen, daemon=True).start()
        general = {"positionEncodings": encodings} if encodings else {}
        capabilities = {"general": general}
        started = self.request("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.capabilities = started["result"]["capabilities"]
        self.notify("initialized", {})

    def _listen(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while header := stream.readline():
            length = int(header.removeprefix(b"Content-Length: "))
            while stream.readline().strip():
                pass
            self.inbox.put(json.loads(stream.read(length)))

    def send(self, body: bytes) -> None:
        """Bytes as a message's body, whatever they are."""
        stream = self.process.stdin
        assert stream is not None
        stream.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))
        stream.flush()

    def notify(self, method: str, params: Any) -> None:
        self.send(json.dumps({"jsonrpc": "2.0", "method": method, "params": params}).encode())

    def request(self, method: str, params: Any) -> dict[str, Any]:
        """The whole answer, with `result` or `error`."""
        self.number += 1
        message = {"jsonrpc": "2.0", "id": self.number, "method": method, "params": params}
        self.send(json.dumps(message).encode())
        return self.wait(lambda said: said.get("id") == message["id"])

    def ask(self, method: str, uri: str, line: int, character: int, **more: Any) -> Any:
        """The result of a request about a position, counted from 0."""
        position = {"line": line, "character": character}
        return self.request(method, {"textDocument": {"uri": uri}, "position": position, **more})["result"]

    def wait(self, wanted: Any) -> dict[str, Any]:
        """The first message that is wanted, among those said and those to come."""
        while True:
            found = next((said for said in self.told if wanted(said)), None)
            if found is not None:
                self.told.remove(found)
                return found
            self.told.append(self.inbox.get(timeout=PATIENCE))

    def open(self, path: Path, text: str) -> str:
        """Open a text as if it stood in a file; its URI."""
        uri = path.as_uri()
        item = {"uri": uri, "languageId": "sftspec", "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": item})
        return uri

    def change(self, uri: str, version: int, text: str) -> None:
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [{"text": text}]})

    def diagnostics(self, uri: str, version: int) -> list[dict[str, Any]]:
        """What is published about a version of a text."""

        def wanted(said: dict[str, Any]) -> bool:
            params = said.get("params", {})
            method = said.get("method")
            return (
                method == "textDocument/publishDiagnostics"
                and params["uri"] == uri
                and params.get("version") == version
            )

        found: list[dict[str, Any]] = self.wait(wanted)["params"]["diagnostics"]
        return found

    def close(self) -> int:
        """Shut the server down as an editor does; its exit code."""
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(PATIENCE)
