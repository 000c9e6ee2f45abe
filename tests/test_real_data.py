"""Published data under contract: every figure of the ledger equals one counted by plain Python."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.cli import main
from acceptance.deal import Deal, open_deal
from acceptance.delivery.manifest import write_manifest
from acceptance.ledger import Entry, Ledger
from acceptance.validation import decide, open_delivery

ROOT = Path(__file__).resolve().parent.parent
CONTRACTS = ROOT / "examples" / "real_data"
sys.path.insert(0, str(ROOT / "benchmarks"))

import contamination  # noqa: E402

FOLDER = os.environ.get("SFTSPEC_REAL_DATA", "")
GSM8K, TAU = "gsm8k_train.jsonl", "tau_bench_gpt-4o-airline.json"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FOLDER, reason="SFTSPEC_REAL_DATA names no folder with published data"),
]

Rows = list[dict[str, Any]]
Lines = set[tuple[int, str]]


@pytest.fixture(scope="module")
def gsm8k(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rows, Ledger]:
    rows = [json.loads(line) for line in (Path(FOLDER) / GSM8K).read_text("utf-8").split("\n") if line]
    return rows, validated("gsm8k", GSM8K, tmp_path_factory.mktemp("gsm8k"))


@pytest.fixture(scope="module")
def tau(tmp_path_factory: pytest.TempPathFactory) -> tuple[Rows, Ledger]:
    rows = json.loads((Path(FOLDER) / TAU).read_text("utf-8"))
    return rows, validated("tau_airline", TAU, tmp_path_factory.mktemp("tau"))


def validated(contract: str, file: str, folder: Path) -> Ledger:
    deal: Deal = open_deal(CONTRACTS / f"{contract}.sftspec")
    source = Path(FOLDER) / file
    for one in sorted(source.iterdir()) if source.is_dir() else [source]:
        shutil.copyfile(one, folder / one.name)
    write_manifest(folder, deal.contract)
    return decide(deal, open_delivery(folder, deal), ("delivery",)).ledger


def entry(ledger: Ledger, clause: str) -> Entry:
    return next(one for one in ledger.entries if one.clause == clause)


def places(ledger: Ledger, clause: str) -> Lines:
    """(line, path) of each finding; complete where there are at most 20."""
    return {(one.line, one.path) for one in entry(ledger, clause).findings}


def told(ledger: Ledger) -> set[str]:
    """Clauses that object to anything."""
    return {one.clause for one in ledger.entries if one.verdict in ("breached", "undecided") or one.marked}


# ------------------------------------------------------------------------------------------------ GSM8K


def test_gsm8k_is_met_and_five_records_are_dropped(gsm8k: tuple[Rows, Ledger]) -> None:
    rows, ledger = gsm8k
    assert len(rows) == 7_473 and ledger.verdict(("delivery",)) == "met"
    assert (ledger.counts[0].delivered, ledger.counts[0].accepted) == (7_473, 7_468)
    assert told(ledger) == {"quality.in_words", "quality.nothing_hidden", "quality.no_artefacts"}


def test_gsm8k_answers_end_in_their_result(gsm8k: tuple[Rows, Ledger]) -> None:
    rows, ledger = gsm8k
    assert all(re.fullmatch(r"-?[0-9][0-9,]*", row["answer"].rsplit("\n#### ", 1)[1]) for row in rows)
    assert entry(ledger, "Problem.answer").verdict == "met"


def test_gsm8k_hidden_characters(gsm8k: tuple[Rows, Ledger]) -> None:
    rows, ledger = gsm8k
    hidden = {
        (line, f"$.{field}")
        for line, row in enumerate(rows, 1)
        for field, text in row.items()
        if any(unicodedata.category(sign) in ("Cc", "Cf", "Zl", "Zp", "Co") and sign != "\n" for sign in text)
    }
    assert places(ledger, "quality.nothing_hidden") == hidden == {(2382, "$.question"), (7389, "$.question")}


def test_gsm8k_brackets_that_stay_open(gsm8k: tuple[Rows, Ledger]) -> None:
    rows, ledger = gsm8k
    still_open = {
        (line, f"$.{field}")
        for line, row in enumerate(rows, 1)
        for field, text in row.items()
        if any(text.count(left) > text.count(right) for left, right in ("()", "[]", "{}"))
    }
    assert places(ledger, "quality.no_artefacts") <= still_open
    assert places(ledger, "quality.no_artefacts") == {(848, "$.answer"), (5965, "$.answer")}


def test_gsm8k_short_answers(gsm8k: tuple[Rows, Ledger]) -> None:
    rows, ledger = gsm8k
    short = {(line, "$.answer") for line, row in enumerate(rows, 1) if len(row["answer"].split()) < 5}
    assert places(ledger, "quality.in_words") == short


def test_gsm8k_copies(gsm8k: tuple[Rows, Ledger]) -> None:
    rows, ledger = gsm8k
    words = [re.findall(r"\w+", row["question"].casefold()) for row in rows]
    assert len({tuple(one) for one in words}) == len(rows) and entry(ledger, "quality.no_copies").marked == 0
    dropped = {line for clause in told(ledger) for line, _ in places(ledger, clause)}
    kept = [one for line, one in enumerate(words, 1) if line not in dropped]
    for clause, size, least in (("near_copies", 5, 0.7), ("same_story", 3, 0.5)):
        assert entry(ledger, f"quality.{clause}").observed.endswith(f"({len(alike(kept, size, least))} of 7,468)")


def alike(texts: list[list[str]], size: int, least: float) -> set[int]:
    """Rows behind the first of each chain of rows that share at least `least` of their runs of words (Jaccard)."""
    holders: dict[tuple[str, ...], list[int]] = defaultdict(list)
    sets: list[set[tuple[str, ...]]] = []
    chains: list[set[int]] = []
    for row, text in enumerate(texts):
        runs = {tuple(text[at : at + size]) for at in range(max(1, len(text) - size + 1)) if text}
        shared = Counter(other for run in runs for other in holders[run])
        near = {other for other, count in shared.items() if count / (len(runs) + len(sets[other]) - count) >= least}
        joined = {id(chains[other]): chains[other] for other in near}
        chain = set().union({row}, *joined.values())
        chains.append(chain)
        for other in chain:
            chains[other] = chain
        for run in runs:
            holders[run].append(row)
        sets.append(runs)
    return {row for row, chain in enumerate(chains) if row != min(chain)}


# ------------------------------------------------------------------------------------------------ GSM8K resold

RESOLD = """sftspec 1

contract resold "Tutoring dialogues, said to be written for the buyer" {
  version: "1.0.0"
  buyer: "B"
  vendor: "V"
  volume: 1_000..9_000 records
}

type Turn {
  role: Text
  content: Text
}

record Lesson {
  input { turns: [Turn] 1.. }
  target { reply: Text }
  source { origin: human | licensed }
}

terms provenance on Lesson {
  require not_resold: no(taken_from("gsm8k.prints", fields: all_text, run: 5 words, cover: 50%)) otherwise drop record
}
"""


@pytest.fixture(scope="module")
def resold(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("resold")
    (folder / "resold.sftspec").write_text(RESOLD)
    words = ["--fields", "question,answer", "--name", "GSM8K train", "--license", "MIT"]
    assert main(["prints", str(Path(FOLDER) / GSM8K), *words, "--out", str(folder / "gsm8k.prints")]) == 0
    assert (folder / "gsm8k.prints").stat().st_size < 2**20
    return folder


def sold(folder: Path, problems: Rows, disguise: str) -> Entry:
    """GSM8K as a vendor's own dialogues: other fields, another order, a prompt before them."""
    teach = {"role": "system", "content": "You are a patient tutor. Explain every step."}
    delivery = folder / disguise
    delivery.mkdir()
    with (delivery / "part.jsonl").open("w", encoding="utf-8") as file:
        for one in problems:
            question, answer = one["question"], one["answer"].rsplit("\n####", 1)[0]
            if disguise == "upper case":
                question, answer = question.upper(), answer.upper()
            if disguise == "names and numbers changed":
                question, answer = contamination.renamed(question), contamination.renamed(answer)
            turns = [teach, {"role": "user", "content": question}]
            row = {"input": {"turns": turns}, "target": {"reply": answer}, "source": {"origin": "human"}}
            file.write(json.dumps(row) + "\n")
    deal = open_deal(folder / "resold.sftspec")
    write_manifest(delivery, deal.contract)
    return entry(decide(deal, open_delivery(delivery, deal), ("delivery",)).ledger, "provenance.not_resold")


def test_gsm8k_train_relabelled_is_found(resold: Path, gsm8k: tuple[Rows, Ledger]) -> None:
    for disguise, expected in (("plain", 7_473), ("upper case", 7_473), ("names and numbers changed", 6_831)):
        found = sold(resold, gsm8k[0], disguise)
        assert found.dropped == expected, disguise  # as docs/prints.md says
        for finding in found.findings:
            assert finding.message.endswith(f"record {finding.line} of GSM8K train (MIT)")


def test_gsm8k_test_is_not_train(resold: Path) -> None:
    rows = [json.loads(line) for line in (Path(FOLDER) / "gsm8k_test.jsonl").read_text("utf-8").split("\n") if line]
    found = sold(resold, rows, "test")
    assert len(rows) == 1_319 and (found.verdict, found.marked) == ("met", 0)


# ------------------------------------------------------------------------------------------------ tau-bench


def test_tau_is_breached_since_most_runs_failed(tau: tuple[Rows, Ledger]) -> None:
    rows, ledger = tau
    failed = [line for line, row in enumerate(rows, 1) if row["reward"] == 0]
    assert len(rows) == 200 and len(failed) == 116 == entry(ledger, "Run.successful").dropped
    assert [one.line for one in entry(ledger, "Run.successful").findings] == failed[:20]
    assert ledger.verdict(("delivery",)) == "breached"
    assert told(ledger) == {
        "delivery.volume",
        "quality.enough",
        "Run.successful",
        "quality.no_pii",
        "quality.ids_once",
        "quality.agent_last",
    }


def test_tau_addresses_with_an_owner(tau: tuple[Rows, Ledger]) -> None:
    rows, ledger = tau
    assert places(ledger, "quality.no_pii") == owned(rows) and len(owned(rows)) == 2
    assert ledger.counts[0].accepted == len(rows) - len(lost(rows)) == 83


def owned(rows: Rows) -> Lines:
    """Addresses at a domain that has an owner."""
    return {
        (line, path)
        for line, row in enumerate(rows, 1)
        for path, text in texts(row, "$")
        for address in re.findall(r"[\w.+-]+@[\w-]+\.[a-z]+", text)
        if not address.endswith("@example.com")
    }


def lost(rows: Rows) -> set[int]:
    return {line for line, _ in owned(rows)} | {line for line, row in enumerate(rows, 1) if row["reward"] == 0}


def texts(value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from texts(inner, f"{path}[{position}]")


def test_tau_calls_and_results_belong_together(tau: tuple[Rows, Ledger]) -> None:
    rows, ledger = tau
    for row in rows:
        calls = {
            (call["id"], call["function"]["name"]) for turn in row["traj"] for call in turn.get("tool_calls") or ()
        }
        results = {(turn["tool_call_id"], turn["name"]) for turn in row["traj"] if turn["role"] == "tool"}
        assert calls == results
    for clause in ("spoken", "agent_calls", "results_named", "results_asked_for", "calls_answered"):
        assert (entry(ledger, f"Run.{clause}").verdict, entry(ledger, f"Run.{clause}").dropped) == ("met", 0)


def test_tau_last_words_and_ids(tau: tuple[Rows, Ledger]) -> None:
    rows, ledger = tau
    assert Counter(row["traj"][-1]["role"] for row in rows) == {"user": 149, "tool": 51}
    used = [[call["id"] for turn in row["traj"] for call in turn.get("tool_calls") or ()] for row in rows]
    again = [len(ids) - len(set(ids)) for ids in used]
    assert (sum(again), sum(count > 0 for count in again)) == (73, 49)
    kept = [count for line, count in enumerate(again, 1) if line not in lost(rows)]
    assert entry(ledger, "quality.agent_last").marked == len(kept) == 83
    assert entry(ledger, "quality.ids_once").marked == sum(count > 0 for count in kept) == 9


def test_tau_planted_faults_are_found(tau: tuple[Rows, Ledger], tmp_path: Path) -> None:
    """The clauses that this data meets are no empty words: each catches a run that was spoiled for it."""
    good = next(row for row in tau[0] if row["reward"] == 1 and any(turn["role"] == "tool" for turn in row["traj"]))
    spoiled = [json.loads(json.dumps(good)) | {"task_id": 1_000 + number} for number in range(5)]
    result = next(at for at, turn in enumerate(good["traj"]) if turn["role"] == "tool")
    spoiled[0]["traj"][1] = {"role": "user", "content": None}
    spoiled[1]["traj"][1]["tool_calls"] = spoiled[1]["traj"][result - 1]["tool_calls"]
    del spoiled[2]["traj"][result]["name"]
    spoiled[3]["traj"][result]["tool_call_id"] = "call_of_another_run"
    del spoiled[4]["traj"][result]
    deal = open_deal(CONTRACTS / "tau_airline.sftspec")
    (tmp_path / "runs.json").write_text(json.dumps([*tau[0], *spoiled]))
    write_manifest(tmp_path, deal.contract)
    ledger = decide(deal, open_delivery(tmp_path, deal), ("delivery",)).ledger
    caught = {one.clause: {finding.line - 201 for finding in one.findings} for one in ledger.entries}
    assert caught["Run.spoken"] == {0} and caught["Run.agent_calls"] == {1}
    assert 2 in caught["Run.results_named"]
    assert 3 in caught["Run.results_asked_for"]
    assert {3, 4} <= caught["Run.calls_answered"]
