"""Three more published sets under contract: every figure of the ledger equals one counted by plain Python."""

from __future__ import annotations

import ast
import gzip
import json
import re
from pathlib import Path

import pytest
from test_real_data import FOLDER, alike, entry, places, told, validated

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
