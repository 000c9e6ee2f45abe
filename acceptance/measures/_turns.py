"""Entries of a dialogue or run, in any common spelling, to the turns, calls and results in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

CALL = "call"
"""The turn of a model that calls tools."""
ROLES = {
    "system": "system", "developer": "system", "user": "user", "human": "user", "assistant": "assistant", "gpt":
    "assistant", "model": "assistant", "tool": "tool", "function": "tool", "observation": "tool", "ipython":
    "tool", "function_call": CALL,
}  # fmt: skip
"""Spellings of roles; others are no role."""


TAKES_NOTHING = {"type": "object", "additionalProperties": False}
"""A tool that declares no parameters has none."""


@dataclass(frozen=True, slots=True)
class Called:
    """One call of a tool. Paths are below the list of entries: `[3].tool_calls[0]` and where its arguments are."""

    entry: int
    path: str
    id: Any
    name: Any
    arguments: Any
    place: str


def role(entry: Mapping[str, Any]) -> str:
    """system, user, assistant, call or tool; empty for what is no role."""
    written = entry["role"] if "role" in entry else entry.get("from")
    found = ROLES.get(written, "") if isinstance(written, str) else ""
    if found != "assistant":
        return found
    return CALL if entry.get("tool_calls") or entry.get("function_call") else found


def content(entry: Mapping[str, Any]) -> str:
    """The words of an entry: its text, or the text blocks in it, a line each."""
    written = entry["content"] if "content" in entry else entry.get("value")
    if isinstance(written, str):
        return written
    blocks = written if isinstance(written, list) else []
    texts = (block.get("text") for block in blocks if isinstance(block, Mapping))
    return "\n".join(text for text in texts if isinstance(text, str))


def calls(entries: list[Any]) -> Iterator[Called]:
    """All calls in order: `tool_calls` and `function_call` of messages, and entries that are calls themselves."""
    for at, entry in enumerate(entries):
        if not isinstance(entry, Mapping):
            continue
        listed = entry.get("tool_calls")
        for position, one in enumerate(listed if isinstance(listed, list) else []):
            yield _called(at, f"[{at}].tool_calls[{position}]", one)
        if isinstance(entry.get("function_call"), Mapping):
            yield _called(at, f"[{at}].function_call", entry["function_call"])
        if "arguments" in entry and ("tool" in entry or "name" in entry):
            name = entry.get("tool", entry.get("name"))
            yield Called(at, f"[{at}]", entry.get("id"), name, entry["arguments"], f"[{at}].arguments")


def unreadable(entries: list[Any]) -> str | None:
    """The path of the first entry that is neither a message nor a call; nothing could be said of it."""
    known = {one.entry for one in calls(entries)}
    for at, entry in enumerate(entries):
        if at not in known and not (isinstance(entry, Mapping) and ("role" in entry or "from" in entry)):
            return f"[{at}]"
    return None


def _called(at: int, path: str, one: Any) -> Called:
    whole = one if isinstance(one, Mapping) else {}
    nested = isinstance(whole.get("function"), Mapping)
    inner = whole["function"] if nested else whole
    place = f"{path}.function.arguments" if nested else f"{path}.arguments"
    return Called(at, path, whole.get("id"), inner.get("name"), inner.get("arguments"), place)


def declared(tools: list[Any]) -> Iterator[tuple[str, Any, Any]]:
    """(path below the list, name, schema of the arguments) of each tool, bare or under `function`."""
    for at, tool in enumerate(tools):
        whole = tool if isinstance(tool, Mapping) else {}
        nested = isinstance(whole.get("function"), Mapping)
        inner = whole["function"] if nested else whole
        place = f"[{at}].function" if nested else f"[{at}]"
        yield place, inner.get("name"), inner.get("parameters", TAKES_NOTHING)
