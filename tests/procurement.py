"""A whole procurement in a folder, small enough for a test: contract, keys, lock, delivery, sealed sets, base."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acceptance import cli

EXAMPLE = Path(__file__).resolve().parent.parent / "examples" / "back_office"

CONTRACT = """\
sftspec 1

contract tiny "Back-office requests, sixty of them" {
  version: "1.0.0"
  buyer: "Harbour Ledger Ltd"
  vendor: "Meridian Data Works"
  keys: "keys.json"
  volume: 50..70 records
  attempts: 2
}

type ToolCall {
  tool: Text
  vendor: Text
  date: Date
  amount: Text
  currency: Text
}

record Request key id {
  id: Text matching r"^BO-[0-9]{5}$"

  input {
    request: Text 8..200 chars
    task: payment | refund | invoice | general | decline
    date_form: Text
    language: Lang
  }
  target {
    call: ToolCall? "What the system executes"
    reply: Text? 1..160 chars
  }
  source: Json
  training {
    split: train | validation
    train_on: target | everything | input
    weight: Number 0..4 = 1
  }
  governance: Json

  require one_answer: present(target.call) != present(target.reply) otherwise drop record
}

terms quality on Request {
  require no_copies: no(duplicate(input.request, normalise: text)) otherwise drop record
  require no_leak: no(overlaps(calls, fields: input_text, fragment: 13 words, rewrite: 95%)) otherwise drop record
  require calls_sold: share(present(target.call)) >= 50%
}

terms training on Request using house {
  require mask: every(mask_as_declared(by: house))
}

reference house_mix from "reference/house.jsonl" matching records within 10%

recipe house for Request {
  base: "base"
  tokenizer: "base/tokenizer.json"
  template: "request.jinja"
  max_length: 192 tokens
  overflow: refuse
  steps: 2
  batch: 4
  optimizer: adamw
  learning_rate: 0.000001
  schedule: constant
  precision: fp32
  max_new_tokens: 8 tokens
  end_of_turn: "<|end|>"
  seeds: 5
}

heldout calls of Request {
  items: "sealed/calls.jsonl"
  score: same_json(answer, target.call)
  size: 14 records in 14 clusters by target.call.vendor
}

heldout general of Request {
  items: "sealed/general.jsonl"
  score: exact_match(answer, target.reply)
  size: 14 records
}

terms acceptance on Request using house {
  require calls_kept: gain(calls) >= -46pp at 95% confidence expecting 0pp
  require like_house: gain(calls, over: house_mix) >= -46pp at 95% confidence expecting 0pp
  require still_general: gain(general) >= -46pp at 95% confidence expecting 0pp
}
"""
"""Two steps at a rate that moves nothing: both arms answer as the base does, so every guard of 46 pp is met."""

PARTS = """\
  report half: scaling(calls, fractions: { 50%, 100% })
  report worth: ablation(calls, by: input.task)
"""
"""What more can be asked of a trial: 25 fine-tunes beside the 10 of the contract, if `task` has two words."""

KEYS = ("buyer", "vendor", "runner")


@dataclass(frozen=True)
class Answer:
    """What a shell would see."""

    code: int
    out: str
    err: str


def sftspec(*words: object) -> Answer:
    """One command in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = cli.main([str(word) for word in words])
    return Answer(code, out.getvalue(), err.getvalue())


def build(folder: Path, marker: str = "") -> Path:
    """Everything but keys, lock and manifest, which the commands make; `marker` goes into every item.

    Returns the contract.
    """
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copytree(EXAMPLE / "base", folder / "base")
    shutil.copy(EXAMPLE / "request.jinja", folder)
    delivered = list(_balanced(_rows(EXAMPLE / "delivery/part-01.jsonl"), 60))
    _write(folder / "delivery/part-01.jsonl", delivered[:40])
    _write(folder / "delivery/part-02.jsonl", delivered[40:])
    _write(folder / "reference/house.jsonl", _rows(EXAMPLE / "reference/house.jsonl")[:60])
    _write(folder / "sealed/calls.jsonl", _marked(_clustered(_rows(EXAMPLE / "sealed/calls.jsonl"), 14, 1), marker))
    _write(folder / "sealed/general.jsonl", _marked(_rows(EXAMPLE / "sealed/general.jsonl")[:14], marker))
    (folder / "tiny.sftspec").write_text(CONTRACT)
    return folder / "tiny.sftspec"


def parted(folder: Path, steps: int = 2) -> Path:
    """`build` with clauses about parts of the delivery and a small random base, on which a run takes an instant."""
    contract = build(folder)
    for path in folder.glob("*/*.jsonl"):
        _write(path, [_in_two(row) for row in _rows(path)])
    text = contract.read_text().rstrip().removesuffix("}") + PARTS + "}\n"
    text = text.replace("payment | refund | invoice | general | decline", "call | reply")
    contract.write_text(text.replace("steps: 2\n", f"steps: {steps}\n").replace("0.000001", "0.01"))
    small(folder / "base")
    return contract


def _in_two(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"input": row["input"] | {"task": "call" if "call" in row["target"] else "reply"}}


def small(base: Path) -> None:
    """A random model in place of the example's; made in a process of its own, so that this one computes nothing."""
    made = (
        "import sys, torch; from transformers import AutoConfig, AutoModelForCausalLM; torch.set_num_threads(1)\n"
        "torch.manual_seed(0); config = AutoConfig.from_pretrained(sys.argv[1])\n"
        "config.update({'hidden_size': 32, 'intermediate_size': 64, 'num_hidden_layers': 1, 'num_attention_heads': 2,\n"
        "               'num_key_value_heads': 2, 'head_dim': 16})\n"
        "AutoModelForCausalLM.from_config(config).save_pretrained(sys.argv[1])"
    )
    subprocess.run([sys.executable, "-c", made, str(base)], check=True, capture_output=True, timeout=300)


def agreed(folder: Path, marker: str = "") -> Path:
    """The same with keys, lock and manifest, made by the commands. Returns the contract."""
    return agreed_on(build(folder, marker))


def agreed_on(contract: Path) -> Path:
    """Keys, lock and manifest beside a contract of `build`, which may have been changed."""
    folder = contract.parent
    for role in KEYS:
        done(sftspec("keygen", role, "--key", folder / f"{role}.pem", "--keys", folder / "keys.json"))
    done(sftspec("seal", contract))
    done(sftspec("lock", contract))
    done(sftspec("manifest", contract, folder / "delivery"))
    return contract


def done(answer: Answer, code: int = 0) -> Answer:
    """The answer, which must have this exit code."""
    assert answer.code == code, f"exit code {answer.code}, not {code}\n{answer.out}\n{answer.err}"
    return answer


def signing(folder: Path) -> list[str]:
    """The options that name the keys of runner and buyer."""
    return ["--key", str(folder / "runner.pem"), "--key", str(folder / "buyer.pem")]


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]


def _write(path: Path, rows: Sequence[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")


def _marked(rows: Iterable[dict[str, Any]], marker: str) -> list[dict[str, Any]]:
    """The rows with a text of one's own in the request, and in the reply where there is one."""
    found = [json.loads(json.dumps(row)) for row in rows]
    for row in found if marker else ():
        row["input"]["request"] = f"{row['input']['request'][:80]} {marker}"
        if row["target"].get("reply"):
            row["target"]["reply"] = f"{row['target']['reply'][:80]} {marker}"
    return found


def _balanced(rows: list[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    """Two calls for each reply, in the order given."""
    calls = [row for row in rows if "call" in row["target"]][: count * 2 // 3]
    replies = [row for row in rows if "reply" in row["target"]][: count - len(calls)]
    chosen = {row["id"] for row in [*calls, *replies]}
    return (row for row in rows if row["id"] in chosen)


def _clustered(rows: list[dict[str, Any]], clusters: int, each: int) -> Iterator[dict[str, Any]]:
    """So many items of so many vendors."""
    taken: dict[str, int] = {}
    for row in rows:
        vendor = row["target"]["call"]["vendor"]
        if (vendor in taken or len(taken) < clusters) and taken.get(vendor, 0) < each:
            taken[vendor] = taken.get(vendor, 0) + 1
            yield row
