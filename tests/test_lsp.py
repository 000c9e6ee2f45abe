"""The language server as an editor meets it: a process, its pipes, the protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lsp_client import Client
from test_editing import CONTRACT

from spec_lang.compiler import compile_file
from spec_lang.formatter import format_file
from spec_lang.parser import parse
from spec_lang.source import Source

pytest.importorskip("pygls", reason="the extra `lsp` is not installed")


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One server for the whole module: what one test sends must not disturb the next."""
    one = Client()
    yield one
    assert one.close() == 0


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "deal").mkdir()
    return tmp_path / "deal"


def place(text: str, mark: str) -> tuple[int, int]:
    """Line and UTF-16 column of the cursor `‸` in `mark`, wherever that stands in the text."""
    offset = text.index(mark.replace("‸", "")) + mark.index("‸")
    start = text.rfind("\n", 0, offset) + 1
    return text.count("\n", 0, offset), len(text[start:offset].encode("utf-16-le")) // 2


def cut(text: str, found: dict[str, Any], encoding: str = "utf-16-le", unit: int = 2) -> str:
    """What stands at a range, as the client counts."""
    lines = text.split("\n")
    start, end = found["start"], found["end"]
    assert start["line"] == end["line"]
    return lines[start["line"]].encode(encoding)[start["character"] * unit : end["character"] * unit].decode(encoding)


# ------------------------------------------------------------------------------------------------ the beginning


def test_the_server_says_what_it_can_do(client: Client) -> None:
    """Everything that an editor offers its user, and whole texts on each change."""
    wanted = (
        "hover",
        "completion",
        "definition",
        "references",
        "rename",
        "documentSymbol",
        "documentFormatting",
        "codeAction",
    )
    assert all(client.capabilities.get(f"{name}Provider") for name in wanted)
    assert client.capabilities["textDocumentSync"]["change"] == 1


# ------------------------------------------------------------------------------------------------ diagnostics


def test_diagnostics_are_those_of_check(client: Client, folder: Path) -> None:
    """The same codes at the same places, errors and warnings, for a contract with several mistakes."""
    text = CONTRACT.replace("ref Expert", "ref Exprt").replace("30%", "30", 1).replace("overflow", "over")
    path = folder / "order.sftspec"
    path.write_text(text, encoding="utf-8")
    expected = compile_file(path).diagnostics
    uri = client.open(path, text)
    found = client.diagnostics(uri, 1)
    assert [item["code"] for item in found] == [item.code for item in expected]
    assert {item["severity"] for item in found} <= {1, 2}
    for said, own in zip(found, expected, strict=True):
        assert said["message"].startswith(own.message) and own.help in said["message"]
        if own.primary is not None and "\n" not in own.primary.span.text:
            assert cut(text, said["range"]) == own.primary.span.text


def test_a_change_is_judged_and_only_the_last_version_counts(client: Client, folder: Path) -> None:
    """Ten keystrokes without a pause: the last one is answered, and nothing is said about older ones afterwards."""
    uri = client.open(folder / "order.sftspec", CONTRACT)
    assert all(item["severity"] == 2 or item["code"] > "SFT4" for item in client.diagnostics(uri, 1))
    for version in range(2, 12):
        client.change(uri, version, CONTRACT.replace("task: Task", f"task: {'T' * version}"))
    (mistake,) = [item for item in client.diagnostics(uri, 11) if item["code"] == "SFT2001"]
    assert f"`{'T' * 11}`" in mistake["message"]
    client.change(uri, 12, CONTRACT)
    assert not [item for item in client.diagnostics(uri, 12) if item["code"] == "SFT2001"]
    late = [said for said in client.told if said.get("params", {}).get("uri") == uri]
    assert all(said["params"].get("version", 0) <= 12 for said in late)


def test_a_closed_text_has_no_diagnostics(client: Client, folder: Path) -> None:
    uri = client.open(folder / "order.sftspec", "sftspec 1\nrecrd A {}\n")
    assert client.diagnostics(uri, 1)
    client.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    said = client.wait(
        lambda item: (
            item.get("method") == "textDocument/publishDiagnostics"
            and item["params"]["uri"] == uri
            and not item["params"]["diagnostics"]
        )
    )
    assert said["params"]["diagnostics"] == []


@pytest.mark.parametrize("before", ["", "# 😀 é é\n", '"😀'])
def test_a_mistake_stands_where_the_client_counts_it(client: Client, folder: Path, before: str) -> None:
    """Emoji take two units, combining characters one, on the line before and on the same line."""
    text = CONTRACT.replace(
        'record Dialogue key id "One conversation" {', 'record Dialogue key id "😀 é👩‍🚀" { odd: Tsk'
    )
    text = text.replace("use std.chat\n", f"use std.chat\n{before}\n" if before.startswith("#") else "use std.chat\n")
    uri = client.open(folder / f"order{len(before)}.sftspec", text)
    (mistake,) = [item for item in client.diagnostics(uri, 1) if "`Tsk`" in item["message"]]
    assert cut(text, mistake["range"]) == "Tsk"
    line, character = place(text, "odd: Ts‸k")
    assert (mistake["range"]["start"]["line"], mistake["range"]["start"]["character"] + 2) == (line, character)


@pytest.mark.parametrize(
    ("name", "codec", "unit"), [("utf-8", "utf-8", 1), ("utf-32", "utf-32-le", 4), ("utf-16", "utf-16-le", 2)]
)
def test_the_client_chooses_how_characters_are_counted(folder: Path, name: str, codec: str, unit: int) -> None:
    text = CONTRACT.replace('"One conversation" {', '"😀 é" { odd: Tsk')
    one = Client([name, "utf-16"])
    assert one.capabilities["positionEncoding"] == name
    uri = one.open(folder / "order.sftspec", text)
    (mistake,) = [item for item in one.diagnostics(uri, 1) if "`Tsk`" in item["message"]]
    assert cut(text, mistake["range"], codec, unit) == "Tsk"
    assert one.close() == 0


def test_lines_end_as_the_protocol_says(client: Client, folder: Path) -> None:
    """`\\r\\n` ends one line; U+2028 ends none, though Python thinks so."""
    text = CONTRACT.replace('"One conversation"', '"One\u2028conversation"').replace("task: Task", "task: Tsk")
    uri = client.open(folder / "order.sftspec", text.replace("\n", "\r\n"))
    (mistake,) = [item for item in client.diagnostics(uri, 1) if "`Tsk`" in item["message"]]
    assert (mistake["range"]["start"]["line"], 0) == (place(text, "task: ‸Tsk")[0], 0)
    client.change(uri, 2, text.replace("Tsk", "Taks"))
    (mistake,) = [item for item in client.diagnostics(uri, 2) if "`Taks`" in item["message"]]
    assert cut(text.replace("Tsk", "Taks"), mistake["range"]) == "Taks"


# ------------------------------------------------------------------------------------------------ questions


def test_hover_shows_a_field_behind_wide_characters(client: Client, folder: Path) -> None:
    text = CONTRACT.replace("share(input.task == pay)", 'share(target.reply != "😀" and input.task == pay)')
    uri = client.open(folder / "order.sftspec", text)
    found = client.ask("textDocument/hover", uri, *place(text, "and input.ta‸sk"))
    assert "task: Task" in found["contents"]["value"] and found["contents"]["kind"] == "markdown"
    assert cut(text, found["range"]) == "task"
    assert client.ask("textDocument/hover", uri, *place(text, '"1.0‸.0"')) is None


def test_completion_offers_fields_in_an_unfinished_statement(client: Client, folder: Path) -> None:
    text = CONTRACT.replace("  let long", "  require new: share(input.\n  let long")
    uri = client.open(folder / "order.sftspec", text)
    found = client.ask("textDocument/completion", uri, *place(text, "share(input.‸\n"))
    items = {item["label"]: item for item in found["items"]}
    assert set(items) == {"messages", "task", "mood"}
    assert items["task"]["textEdit"]["newText"] == "task" and items["task"]["kind"] == 5


def test_definition_leads_into_the_library(client: Client, folder: Path) -> None:
    """A name of `std.chat` is declared in a file that exists."""
    uri = client.open(folder / "order.sftspec", CONTRACT)
    own = client.ask("textDocument/definition", uri, *place(CONTRACT, "ref Exp‸ert"))
    assert own["uri"] == uri and cut(CONTRACT, own["range"]) == "Expert"
    there = client.ask("textDocument/definition", uri, *place(CONTRACT, "chat.Mess‸age"))
    path = Path(there["uri"].removeprefix("file://"))
    assert path.name == "chat.sftspec" and cut(path.read_text("utf-8"), there["range"]) == "Message"


def test_references_are_found_with_and_without_the_declaration(client: Client, folder: Path) -> None:
    uri = client.open(folder / "order.sftspec", CONTRACT)
    spot = place(CONTRACT, "gain(cal‸ls)")
    both = client.ask("textDocument/references", uri, *spot, context={"includeDeclaration": True})
    used = client.ask("textDocument/references", uri, *spot, context={"includeDeclaration": False})
    assert [cut(CONTRACT, item["range"]) for item in both] == ["calls", "calls"] and len(used) == 1


def test_a_rename_replaces_every_use_or_says_why_not(client: Client, folder: Path) -> None:
    uri = client.open(folder / "order.sftspec", CONTRACT)
    spot = place(CONTRACT, "gain(cal‸ls)")
    edit = client.ask("textDocument/rename", uri, *spot, newName="sealed")
    assert [item["newText"] for item in edit["changes"][uri]] == ["sealed", "sealed"]
    position = {"line": spot[0], "character": spot[1]}
    refused = client.request(
        "textDocument/rename", {"textDocument": {"uri": uri}, "position": position, "newName": "record"}
    )
    assert "cannot be a name" in refused["error"]["message"]


def test_formatting_is_that_of_fmt_and_refuses_mistakes(client: Client, folder: Path) -> None:
    untidy = CONTRACT.replace("  steps: 100", "        steps:   100").replace("task: Task", "task:Task")
    uri = client.open(folder / "order.sftspec", untidy)
    asked = {"textDocument": {"uri": uri}, "options": {"tabSize": 8, "insertSpaces": False}}
    (edit,) = client.request("textDocument/formatting", asked)["result"]
    assert edit["newText"] == format_file(parse(Source("order.sftspec", untidy))[0])
    assert edit["range"]["end"] == {"line": untidy.count("\n"), "character": 0}
    client.change(uri, 2, untidy.replace("record Dialogue", "recrd Dialogue"))
    assert client.request("textDocument/formatting", asked)["result"] is None


def test_a_code_action_repairs_the_mistake_under_it(client: Client, folder: Path) -> None:
    """From the suggestion to the text that `check` finds sound."""
    text = CONTRACT.replace("ref Expert", "ref Exprt").replace(">= 30%\n", ">= 30\n")
    uri = client.open(folder / "order.sftspec", text)
    mistakes = [item for item in client.diagnostics(uri, 1) if item["code"] in ("SFT2011", "SFT3002")]
    assert len(mistakes) == 2
    for mistake in mistakes:
        asked = {"textDocument": {"uri": uri}, "range": mistake["range"], "context": {"diagnostics": [mistake]}}
        (action,) = client.request("textDocument/codeAction", asked)["result"]
        assert action["kind"] == "quickfix" and action["diagnostics"] == [mistake]
        (edit,) = action["edit"]["changes"][uri]
        text = text.replace(cut(text, edit["range"]) + "\n", edit["newText"] + "\n", 1)
    assert text == CONTRACT


def test_the_outline_nests(client: Client, folder: Path) -> None:
    uri = client.open(folder / "order.sftspec", CONTRACT)
    found = client.request("textDocument/documentSymbol", {"textDocument": {"uri": uri}})["result"]
    (dialogue,) = [item for item in found if item["detail"] == "record"]
    assert [item["name"] for item in dialogue["children"]] == ["id", "input", "target", "source", "turns"]


# ------------------------------------------------------------------------------------------------ other files

TERMS = "sftspec 1\n\nenum Mood {\n  calm\n  angry\n}\n"


def test_a_used_file_is_read_as_it_stands_in_the_editor(client: Client, folder: Path) -> None:
    """Unsaved text counts, and a change there is judged here."""
    (folder / "terms.sftspec").write_text(TERMS, encoding="utf-8")
    text = CONTRACT.replace("use std.chat", 'use std.chat\nuse "terms.sftspec"').replace(
        "calm | angry = calm", "terms.Mood"
    )
    uri = client.open(folder / "order.sftspec", text)
    assert not [item for item in client.diagnostics(uri, 1) if item["severity"] == 1 and item["code"] < "SFT4"]
    there = client.ask("textDocument/definition", uri, *place(text, "terms.Mo‸od"))
    assert there["uri"] == (folder / "terms.sftspec").as_uri() and cut(TERMS, there["range"]) == "Mood"
    other = client.open(folder / "terms.sftspec", TERMS)
    client.diagnostics(uri, 1)
    client.change(other, 2, TERMS.replace("Mood", "Temper"))
    said = client.wait(
        lambda item: (
            item.get("method") == "textDocument/publishDiagnostics"
            and item["params"]["uri"] == uri
            and any("`terms.Mood`" in one["message"] for one in item["params"]["diagnostics"])
        )
    )
    assert said["params"]["version"] == 1


def test_a_mistake_in_a_used_file_is_shown_where_it_is_used(client: Client, folder: Path) -> None:
    (folder / "terms.sftspec").write_text(TERMS.replace("enum", "enmu"), encoding="utf-8")
    text = CONTRACT.replace("use std.chat", 'use std.chat\nuse "terms.sftspec"')
    uri = client.open(folder / "order.sftspec", text)
    (mistake,) = [item for item in client.diagnostics(uri, 1) if "terms.sftspec:3:1" in item["message"]]
    assert cut(text, mistake["range"]) == '"terms.sftspec"'
    assert mistake["relatedInformation"][0]["location"]["uri"] == (folder / "terms.sftspec").as_uri()


def test_a_file_outside_the_folder_is_never_read(client: Client, folder: Path) -> None:
    """By `..`, by an absolute path, by a link; and a question about a file that is not open opens none."""
    secret = folder.parent / "secret.sftspec"
    secret.write_text("sftspec 1\nenum Stolen { word }\n", encoding="utf-8")
    (folder / "link.sftspec").symlink_to(secret)
    for name in ("../secret.sftspec", str(secret), "link.sftspec"):
        text = CONTRACT.replace("use std.chat", f'use std.chat\nuse "{name}" as other').replace(
            "task: Task", "task: other.Stolen"
        )
        uri = client.open(folder / f"order{len(name)}.sftspec", text)
        found = client.diagnostics(uri, 1)
        assert "SFT2008" in [item["code"] for item in found]
        assert not any("word" in item["message"].split("`") for item in found)
        offered = client.ask("textDocument/completion", uri, *place(text, "task: other.‸"))
        assert not any("Stolen" in item["label"] for item in offered["items"])
    position = {"line": 1, "character": 6}
    answer = client.request("textDocument/hover", {"textDocument": {"uri": secret.as_uri()}, "position": position})
    assert "is not open" in answer["error"]["message"]


# ------------------------------------------------------------------------------------------------ bad messages


def test_bad_messages_do_not_stop_the_server(client: Client, folder: Path) -> None:
    """No JSON, no protocol, no such method, places far outside: an error or nothing, and the next one is answered."""
    client.send(b"{no json")
    client.send(b"[]")
    client.send(b"\xff\xfe")
    client.send(json.dumps({"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"x": 1}}).encode())
    client.send(json.dumps({"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 999}}).encode())
    assert "error" in client.request("textDocument/nothing", {})
    uri = client.open(folder / "order.sftspec", CONTRACT)
    for line, character in ((10**6, 0), (0, 10**6), (10**9, 10**9)):
        client.ask("textDocument/hover", uri, line, character)
        client.ask("textDocument/completion", uri, line, character)
        assert client.ask("textDocument/references", uri, line, character, context={"includeDeclaration": True}) == []
    assert client.ask("textDocument/hover", uri, *place(CONTRACT, "ref Exp‸ert")) is not None


def test_the_server_ends_when_the_editor_is_gone() -> None:
    """A closed pipe is the end, also without a farewell."""
    one = Client()
    assert one.process.stdin is not None
    one.process.stdin.close()
    assert one.process.wait(60) == 0
