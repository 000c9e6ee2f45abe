"""Plug-ins: run only where they are allowed and what was pinned; whatever they do, the vendor is not blamed."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import plugged
import pytest
from plugged import CODE, deal, install

from acceptance.certification.procedure import Request, before_trial
from acceptance.cli import main
from acceptance.deal import open_deal
from acceptance.plugins import process
from acceptance.plugins.installed import Unusable, find
from acceptance.signing.secrets import Secrets
from acceptance.validation import open_delivery

ROWS = [
    {"id": "1", "input": {"ask": "how do I pay"}, "source": {}},
    {"id": "2", "input": {"ask": "WHERE IS IT"}, "source": {"note": "ok"}},
    {"id": "3", "input": {"ask": "pay, pay"}, "source": {"note": "fine"}},
]
Entries = dict[str, dict[str, Any]]


def validated(contract: Path, capsys: pytest.CaptureFixture[str], code: int, *more: str, rows: Any = ROWS) -> Entries:
    delivery = contract.parent / "delivery"
    delivery.mkdir(exist_ok=True)
    (delivery / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert main(["manifest", str(contract), str(delivery)]) == 0
    capsys.readouterr()
    assert main(["validate", str(contract), str(delivery), "--format", "json", *more]) == code
    return {entry["clause"]: entry for entry in json.loads(capsys.readouterr().out)["ledger"]["entries"]}


def reason(found: Entries) -> str:
    """Why the clauses of the plug-in are undecided; nothing else is touched, and nothing is marked."""
    open_ = {name for name, entry in found.items() if entry["verdict"] == "undecided"}
    assert open_ <= {"quality.quiet", "quality.noted", "quality.rare"} and "quality.quiet" in open_
    assert all(not found[name]["marked"] and not found[name]["findings"] for name in open_)
    assert found["quality.filled"]["verdict"] == "met"
    return str(found["quality.quiet"]["reason"])


# ------------------------------------------------------------------------------------------------ what is agreed


def test_a_plugin_decides_and_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = deal(tmp_path, install(tmp_path, monkeypatch))
    found = validated(contract, capsys, 0, "--plugin", "loud")
    quiet = found["quality.quiet"]
    assert (quiet["verdict"], quiet["dropped"], quiet["basis"], quiet["plugins"]) == ("met", 1, "plugin", ["loud 1.2"])
    (finding,) = quiet["findings"]
    assert (finding["line"], finding["path"], finding["found"]) == (2, "$.input.ask", None)
    assert finding["message"] == "loud.shouts objects to it"
    assert found["quality.rare"]["observed"].startswith("50 %") and found["quality.rare"]["verdict"] == "met"
    assert found["quality.filled"]["plugins"] == [] and found["quality.filled"]["basis"] == "recomputed"
    shown = validated(contract, capsys, 0, "--plugin", "loud", "--show-values")["quality.quiet"]["findings"][0]
    assert shown["found"] == "WHERE IS IT"


def test_the_report_and_the_receipt_say_that_a_plugin_decided(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = deal(tmp_path, install(tmp_path, monkeypatch))
    delivery, receipt, page = (str(tmp_path / name) for name in ("delivery", "receipt.json", "report.html"))
    validated(contract, capsys, 0, "--plugin", "loud")
    words = ["validate", str(contract), delivery, "--plugin", "loud", "--receipt", receipt, "--html", page]
    assert main(words) == 0
    assert "1 of 3 rows dropped (by plug-in loud 1.2)" in capsys.readouterr().out
    assert (
        "loud 1.2" in Path(page).read_text() and "found by a plug-in that the contract names" in Path(page).read_text()
    )
    again = ["verify", receipt, "--contract", str(contract), "--delivery", delivery]
    assert main([*again, "--plugin", "loud"]) == 0
    assert main(again) == 1
    assert "runs only where you allow it: --plugin loud" in capsys.readouterr().out


def test_a_certificate_holds_what_the_plugin_found_before_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = deal(tmp_path, install(tmp_path, monkeypatch))
    validated(contract, capsys, 0, "--plugin", "loud")
    agreed = open_deal(contract)
    with process.allowed(agreed, ["loud"]) as plugin:
        delivery, private = open_delivery(tmp_path / "delivery", agreed), Secrets(key="a" * 64)
        ledger_at = tmp_path / "exposures.jsonl"
        request = Request(agreed, delivery, private, ledger_at, (), tmp_path, 1, None, 1, "", 1, plugin)
        ledger = before_trial(request, lambda line: None).ledger
    quiet = next(entry for entry in ledger.entries if entry.clause == "quality.quiet")
    assert (quiet.verdict, quiet.basis, quiet.plugins, quiet.dropped) == ("met", "plugin", ("loud 1.2",), 1)
    assert ledger.by_basis()["plugin"] == 3


def test_nothing_is_imported_that_the_command_line_does_not_allow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A contract comes from somebody else: it must not choose what of this machine runs."""
    marker = tmp_path / "imported"
    code = f"import pathlib\npathlib.Path({str(marker)!r}).touch()\n{CODE}"
    contract = deal(tmp_path, install(tmp_path, monkeypatch, code))
    assert main(["check", str(contract)]) == 0
    assert reason(validated(contract, capsys, 4)) == "plug-in loud 1.2 runs only where you allow it: --plugin loud"
    assert not marker.exists()
    contract.write_text(
        contract.read_text().replace("plugins/loud.sftspec", "plugins/other.sftspec").replace("loud.", "other.")
    )
    (tmp_path / "plugins" / "other.sftspec").write_text(plugged.SIGNATURES)
    assert "--plugin other" in reason(validated(contract, capsys, 4, "--plugin", "loud"))
    assert not marker.exists() and "loud" not in sys.modules


def test_check_and_pack_need_only_the_signatures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = deal(tmp_path, "0" * 64)
    assert main(["check", str(contract)]) == 0
    assert main(["lock", str(contract)]) == 0
    assert main(["pack", str(contract), "--out", str(tmp_path / "p.tar.gz")]) == 0
    assert "plugins/loud.sftspec" in capsys.readouterr().out


def test_two_files_that_pin_another_plugin_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = deal(tmp_path, "0" * 64)
    use = contract.read_text().splitlines()[2]
    house = tmp_path / "house.sftspec"
    for line, code in ((use, 0), (use.replace("1.2", "1.3"), 1), (use.replace("0" * 64, "1" * 64), 1)):
        house.write_text(f"sftspec 1\n\n{line}\n")
        contract.write_text(
            plugged.CONTRACT.replace("SHA", "0" * 64).replace("contract small", 'use "house.sftspec"\n\ncontract small')
        )
        assert main(["check", str(contract)]) == code
        assert code == 0 or "`loud` is used as another plug-in already" in capsys.readouterr().err


def test_the_digest_and_the_version_are_part_of_what_is_signed(tmp_path: Path) -> None:
    one = open_deal(deal(tmp_path, "0" * 64)).contract.digest()
    (tmp_path / "small.sftspec").write_text(plugged.CONTRACT.replace("SHA", "1" * 64))
    assert open_deal(tmp_path / "small.sftspec").contract.digest() != one


def test_the_verb_writes_what_a_contract_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    digest = install(tmp_path, monkeypatch, f"raise SystemExit('imported')\n{CODE}")
    monkeypatch.chdir(tmp_path)
    assert main(["plugin", "loud", "--out", "plugins"]) == 0
    assert f'use plugin "plugins/loud.sftspec" version "1.2" sha256 "{digest}"' in capsys.readouterr().out
    assert (tmp_path / "plugins" / "loud.sftspec").read_text() == plugged.SIGNATURES
    assert main(["plugin", "quiet"]) == 2
    assert "plug-in quiet is not installed" in capsys.readouterr().err


# ------------------------------------------------------------------------------------------------ what is not agreed


def test_another_plugin_than_the_agreed_one_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = deal(tmp_path, install(tmp_path, monkeypatch))
    (tmp_path / "site" / "loud" / "__init__.py").write_text(CODE + "\n# one line more\n")
    assert "its files have sha256" in reason(validated(contract, capsys, 4, "--plugin", "loud"))
    (tmp_path / "site" / "loud" / "__init__.py").write_text(CODE)
    (tmp_path / "plugins" / "loud.sftspec").write_text(plugged.SIGNATURES.replace("in capitals", "quiet"))
    assert "is not the file of signatures" in reason(validated(contract, capsys, 4, "--plugin", "loud"))


def test_another_version_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = deal(tmp_path, install(tmp_path, monkeypatch, version="1.3"))
    assert "1.3 is installed, the contract pins 1.2" in reason(validated(contract, capsys, 4, "--plugin", "loud"))


def test_an_absent_plugin_leaves_its_clauses_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    contract = deal(tmp_path, "0" * 64)
    assert reason(validated(contract, capsys, 4, "--plugin", "loud")).startswith("plug-in loud is not installed")


def test_an_installation_that_cannot_be_weighed_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As an editable one, whose package lists no file of its own."""
    install(tmp_path, monkeypatch)
    record = tmp_path / "site" / "loud-1.2.dist-info" / "RECORD"
    record.write_text("loud-1.2.dist-info/METADATA,,\n")
    with pytest.raises(Unusable, match="not in editable mode"):
        find("loud")
    record.write_text("loud/__init__.py,,\nloud/loud.sftspec,,\n../../etc/passwd,,\n")
    with pytest.raises(Unusable, match=r"cannot be read|leads out"):
        find("loud")


def test_a_module_of_the_same_name_elsewhere_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = deal(tmp_path, install(tmp_path, monkeypatch))
    (tmp_path / "other" / "loud").mkdir(parents=True)
    (tmp_path / "other" / "loud" / "__init__.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(str(tmp_path / "other"))
    assert validated(contract, capsys, 0, "--plugin", "loud")["quality.quiet"]["dropped"] == 1


# ------------------------------------------------------------------------------------------------ what goes wrong

FAULTS = {
    "raise ValueError(text)": "raised ValueError",
    "raise SystemExit": "raised SystemExit",
    "import os; os._exit(0)": "ended without an answer",
    "import os; os.kill(os.getpid(), 11)": "ended without an answer",
    "return 7": "answered with a value of type int",
    "return {'met': True}": "answered with a value of type dict",
    "return text.encode()": "answered with a value of type bytes",
    "import socket; socket.create_connection(('127.0.0.1', 9)); return False": "raised PermissionError",
    "return (lambda: (yield))()": "answered with a value of type generator",
}


def broken(line: str) -> str:
    return f"""
def shouts(options):
    def look(text):
        {line}
    return look

MEASURES = {{"shouts": shouts}}
"""


@pytest.mark.parametrize("line", FAULTS)
def test_a_fault_of_the_plugin_is_no_fault_of_the_data(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = deal(tmp_path, install(tmp_path, monkeypatch, broken(line)))
    told = reason(validated(contract, capsys, 4, "--plugin", "loud"))
    assert told == f"plug-in loud 1.2 failed, which is no fault of the data: {FAULTS[line]}"


def test_a_plugin_that_cannot_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for code, why in (
        ("import no_such_package", "ModuleNotFoundError: No module named 'no_such_package'"),
        ("MEASURES = {}", "KeyError: 'shouts'"),
        ("MEASURES = 3", "TypeError"),
        ("syntax error", "SyntaxError"),
        ("import os; os._exit(1)", "ended without an answer"),
    ):
        folder = tmp_path / str(len(list(tmp_path.iterdir())))
        folder.mkdir()
        with monkeypatch.context() as patch:
            contract = deal(folder, install(folder, patch, code))
            assert why in reason(validated(contract, capsys, 4, "--plugin", "loud"))


def test_a_plugin_that_hangs_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(process, "AT_LEAST", 1.0)
    monkeypatch.setattr(process, "PER_ROW", 0.01)
    contract = deal(tmp_path, install(tmp_path, monkeypatch, broken("while True: pass")))
    start = time.monotonic()
    assert reason(validated(contract, capsys, 4, "--plugin", "loud")).endswith("has not answered for 1 s")
    assert time.monotonic() - start < 60


def test_what_a_plugin_cannot_tell_is_unjudged_and_what_it_prints_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code = broken("print('{\"answers\": [true]}', flush=True); return None if text.isupper() else False")
    contract = deal(tmp_path, install(tmp_path, monkeypatch, code))
    found = validated(contract, capsys, 4, "--plugin", "loud")["quality.quiet"]
    assert (found["verdict"], found["unjudged"], found["marked"]) == ("undecided", 1, 0)


def test_odd_values_reach_a_plugin_and_long_deliveries_are_asked_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    contract = deal(tmp_path, install(tmp_path, monkeypatch))
    asks = ["x" * 5_000_000, "\ud83d\ude00 \u2028 \x7f", "İ", *(f"row {number}" for number in range(600)), "LAST"]
    rows = [{"id": str(at), "input": {"ask": ask}, "source": {}} for at, ask in enumerate(asks)]
    quiet = validated(contract, capsys, 0, "--plugin", "loud", rows=rows)["quality.quiet"]
    assert [one["line"] for one in quiet["findings"]] == [3, 604]


# ------------------------------------------------------------------------------------------------ the example


def test_the_example_finds_what_a_comment_would_hide(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("detect_secrets")
    example = Path(__file__).resolve().parent.parent / "examples" / "plug_in"
    site, info = tmp_path / "site", tmp_path / "site" / "token_scan-1.0.0.dist-info"
    (site / "token_scan").mkdir(parents=True)
    info.mkdir()
    files = ("token_scan/__init__.py", "token_scan/token_scan.sftspec")
    for name in files:
        (site / name).write_bytes((example / name).read_bytes())
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: token-scan\nVersion: 1.0.0\n")
    (info / "entry_points.txt").write_text("[sftspec.measures]\ntoken_scan = token_scan:MEASURES\n")
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    monkeypatch.syspath_prepend(str(site))
    assert find("token_scan").line("plugins/") in (example / "tickets.sftspec").read_text()
    assert find("token_scan").signatures == (example / "plugins" / "token_scan.sftspec").read_text()
    token = "xoxb-" + "123456789012-1234567890123-" + "AbCdEfGhIjKlMnOpQrStUvWx"
    rows = [
        {"id": "1", "input": {"question": "My order is late."}, "target": {"answer": "It ships today."}},
        {"id": "2", "input": {"question": f"Use {token}  # pragma: allowlist secret"}, "target": {"answer": "Done."}},
    ]
    for name in ("tickets.sftspec", "plugins/token_scan.sftspec"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((example / name).read_bytes())
    found = validated(tmp_path / "tickets.sftspec", capsys, 1, "--plugin", "token_scan", rows=rows)
    tokens = found["quality.no_tokens"]
    assert (tokens["verdict"], [one["line"] for one in tokens["findings"]]) == ("breached", [2])
    assert tokens["plugins"] == ["token_scan 1.0.0"] and token not in json.dumps(found)
