"""Five more published sets under contract: every figure of the ledger equals one counted by plain Python."""

from __future__ import annotations

import ast
import gzip
import json
import re
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from test_real_data import FOLDER, alike, entry, places, texts, told, validated

from acceptance.ledger import Ledger

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER, reason="SFTSPEC_REAL_DATA names no folder with published data"),
]


def ledger(contract: str, file: str, factory: pytest.TempPathFactory) -> Ledger:
    return validated(contract, file, factory.mktemp(contract))


def test_humaneval_is_met(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = "HumanEval.jsonl.gz"
    rows = [json.loads(line) for line in gzip.decompress((Path(FOLDER) / file).read_bytes()).splitlines()]
    found = ledger("humaneval", file, tmp_path_factory)
    assert len(rows) == 164 and found.verdict(("delivery",)) == "met"
    assert all(ast.parse(row["test"]) and row["entry_point"] in row["prompt"] for row in rows)
    words = [re.findall(r"\w+", row["prompt"].casefold()) for row in rows]
    assert entry(found, "quality.near_copies").observed.endswith(f"({len(alike(words, 5, 0.7))} of 164)")
    assert told(found) == set()


def test_gsm8k_test_hides_one_character(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = "gsm8k_test.jsonl"
    rows = [json.loads(line) for line in (Path(FOLDER) / file).read_text("utf-8").split("\n") if line]
    found = ledger("gsm8k_test", file, tmp_path_factory)
    assert len(rows) == 1_319 and told(found) == {"quality.nothing_hidden"}
    unseen = [(line, "$.answer") for line, row in enumerate(rows, 1) if "\u200b" in row["answer"]]
    assert [*places(found, "quality.nothing_hidden")] == unseen == [(394, "$.answer")]
    assert not any(hidden(text) - {"\u200b"} for row in rows for text in row.values())
    words = [re.findall(r"\w+", row["question"].casefold()) for row in rows]
    for clause, size, least in (("near_copies", 5, 0.7), ("same_story", 3, 0.5)):
        assert entry(found, f"quality.{clause}").observed.endswith(f"({len(alike(words, size, least))} of 1,319)")


def hidden(text: str) -> set[str]:
    """Characters that nobody sees; a carriage return before a line feed is one end of line."""
    unseen = {sign for sign in text if unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Co")} - set("\n\t\r")
    return unseen | ({"\r"} if re.search(r"\r(?!\n)", text) else set())


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Ledger]:
    files = sorted((Path(FOLDER) / "swe_agent").iterdir())
    found = ledger("swe_agent", "swe_agent", tmp_path_factory)
    return {one.name: json.loads(one.read_text("utf-8")) for one in files}, found


def at_fault(found: Ledger, clause: str) -> set[str]:
    return {one.file for one in entry(found, clause).findings}


def test_a_run_is_a_file_and_one_is_no_run(runs: tuple[dict[str, Any], Ledger]) -> None:
    rows, found = runs
    assert len(rows) == found.counts[0].delivered == found.counts[0].accepted == 11
    for field in ("environment", "trajectory", "info"):
        assert at_fault(found, f"Run.{field}") == {name for name, row in rows.items() if field not in row}
        assert at_fault(found, f"Run.{field}") == {"function_calling_simple.traj"}
    whole = [row for row in rows.values() if "info" in row]
    assert all(row["info"]["exit_status"] == "submitted" and "diff --git" in row["info"]["submission"] for row in whole)
    assert entry(found, "Run.submitted").verdict == "undecided"  # the one that is no run has no outcome to judge
    assert told(found) == {
        *(f"Run.{one}" for one in ("environment", "trajectory", "info", "submitted", "its_own_work")),
        *(f"quality.{one}" for one in ("no_copies", "near_copies", "no_pii", "nothing_hidden", "steps", "costs")),
    }


def test_runs_that_show_a_demonstration(runs: tuple[dict[str, Any], Ledger]) -> None:
    rows, found = runs
    shown = {name for name, row in rows.items() if any(turn.get("is_demo") for turn in row["history"])}
    assert at_fault(found, "Run.its_own_work") == shown and len(shown) == 2


def test_runs_that_hand_in_one_patch(runs: tuple[dict[str, Any], Ledger]) -> None:
    rows, found = runs
    patches = {name: row["info"]["submission"] for name, row in sorted(rows.items()) if "info" in row}
    first: dict[str, str] = {}
    for name, patch in patches.items():
        first.setdefault(" ".join(patch.casefold().split()), name)
    again = set(patches) - set(first.values())
    assert at_fault(found, "quality.no_copies") == again and len(again) == 5
    words = [re.findall(r"[^\W_]+", patch.casefold()) for patch in patches.values()]
    near = len(alike(words, 3, 0.5))
    assert entry(found, "quality.near_copies").observed == f"54.55 % to 63.64 % ({near} of 11)" and near == 6


def test_runs_that_name_people(runs: tuple[dict[str, Any], Ledger]) -> None:
    rows, found = runs
    homes = {name for name, row in rows.items() if "/Users/" in json.dumps(row) or "/home/" in json.dumps(row)}
    mails = {name for name, row in rows.items() if re.search(r"[\w.]+@[a-z]+\.com", json.dumps(row))}
    assert (len(homes), len(mails)) == (3, 3)
    assert at_fault(found, "quality.no_pii") == homes | mails and len(homes | mails) == 5


def test_runs_with_control_characters(runs: tuple[dict[str, Any], Ledger]) -> None:
    rows, found = runs
    dirty = {name for name, row in rows.items() if any(hidden(text) for _, text in texts(row, "$"))}
    assert at_fault(found, "quality.nothing_hidden") == dirty and len(dirty) == 4


def test_calls_of_runs_are_answered_and_some_ids_used_twice(runs: tuple[dict[str, Any], Ledger]) -> None:
    rows, found = runs
    again = 0
    for row in rows.values():
        calls = [call["id"] for turn in row["history"] for call in turn.get("tool_calls") or ()]
        assert calls == [one for turn in row["history"] for one in turn.get("tool_call_ids") or ()]
        again += len(calls) - len(set(calls))
    assert again == 14  # no clause of today can ask for this where a result names a list of calls
    for clause in ("acts", "results_asked_for", "calls_answered"):
        assert entry(found, f"Run.{clause}").verdict == "met"


def test_toolformer_repeats_itself(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = "toolformer_dedupe_only.json"
    rows = json.loads((Path(FOLDER) / file).read_text("utf-8"))
    found = ledger("toolformer", file, tmp_path_factory)
    assert {one.clause for one in found.entries if one.verdict == "breached"} == {
        "quality.near_copies",
        "quality.varied",
    }
    asked = [(row["instruction"], row["input"]) for row in rows]
    assert len(set(asked)) == len(rows) == 7_673  # as its name says: no copy to the letter
    same = [tuple(" ".join(part.casefold().split()) for part in one) for one in asked]
    assert entry(found, "quality.no_copies_in_other_words").dropped == len(rows) - len(set(same)) == 20
    words = [re.findall(r"[^\W_]+", row["response"].casefold()) for row in rows]
    assert entry(found, "quality.near_copies").observed.endswith(f"({len(alike(words, 5, 0.8))} of 7,673)")


def test_bfcl_has_a_schema_language_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = "BFCL_v4_simple_python.json"
    rows = [json.loads(line) for line in (Path(FOLDER) / file).read_text("utf-8").splitlines()]
    found = ledger("bfcl_simple", file, tmp_path_factory)
    assert {one.clause for one in found.entries if one.verdict == "breached"} == {
        "delivery.as_listed",  # JSON Lines, called .json
        "quality.functions",
        "quality.no_pii",
    }
    own = [row for row in rows if row["function"][0]["parameters"]["type"] == "dict"]  # JSON Schema says "object"
    assert entry(found, "quality.functions").marked == len(own) == len(rows) == 400
    asked = [(line, row["question"][0][0]["content"]) for line, row in enumerate(rows, 1)]
    addresses = {
        line for line, text in asked if re.search(r"@(?!example\.com)[a-z]+\.com", text)
    }  # that one is nobody's
    assert {line for line, _ in places(found, "quality.no_pii")} == addresses
