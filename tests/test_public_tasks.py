"""Public tasks of the installed lm-eval on rows beside the contract: asked, scored, and refused before any training."""

# ruff: noqa: F811 - the tiny model is a fixture of another module
from __future__ import annotations

import json
import math
import shutil
from dataclasses import replace
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import procurement
import pytest
from test_trial import RECORDS, folder, plan, setting  # noqa: F401

from acceptance.certification import certificate
from acceptance.certification.dossier import gather
from acceptance.certification.verifying_trial import cells_are_complete
from acceptance.trial.errors import TrialError
from spec_lang.compiler import compile_file
from spec_lang.contract import HeldOut, Public

torch = pytest.importorskip("torch")
pytest.importorskip("lm_eval")

import datasets  # noqa: E402 - heavy, and only where they are installed
from lm_eval.api.model import LM  # noqa: E402

from acceptance.trial import public, run  # noqa: E402
from acceptance.trial import recipe as recipes  # noqa: E402

HARNESS = "0.4.13"
EASY = [
    {"question": "who", "choices": {"text": ["Ann is paid", "Bo"], "label": ["A", "B"]}, "answerKey": "A"},
    {"question": "not", "choices": {"text": ["is", "who", "not"], "label": ["1", "2", "3"]}, "answerKey": "3"},
    {"question": "is", "choices": {"text": ["paid", "Bo"], "label": ["A", "B"]}, "answerKey": "B"},
]
SUMS = [{"question": "1+1", "answer": "so #### 2"}, {"question": "1+2", "answer": "#### 3"}]
ENDINGS = [
    {"ctx_a": "Ann", "ctx_b": "is", "activity_label": "Pay", "endings": ["paid [x]", "not"], "label": "0"},
    {"ctx_a": "Bo", "ctx_b": "is", "activity_label": "Pay", "endings": ["paid", "not"], "label": "1"},
]


def public_set(**changes: Any) -> HeldOut:
    told = {"task": "arc_easy", "version": "1.0", "harness": HARNESS, "metric": "acc,none", "data": "easy", **changes}
    size = told.pop("size", 3)
    return HeldOut(name="easy", record="", lm_eval=Public(**told), size=size)


SUMMED = {"task": "gsm8k", "version": "3.0", "metric": "exact_match,strict-match", "size": 2}


def written(folder: Path, rows: list[Any], split: str = "test", name: str = "easy") -> Path:
    (folder / name).mkdir(exist_ok=True)
    (folder / name / f"{split}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


# ------------------------------------------------------------------------------------------------ asked and scored


def test_a_trial_asks_public_tasks_as_it_asks_sealed_sets(folder: Path) -> None:
    written(folder, EASY)
    written(folder, SUMS, name="sums")
    written(folder, ENDINGS, "validation", name="endings")
    sums = public_set(**SUMMED, data="sums").model_copy(update={"name": "sums"})
    endings = public_set(task="hellaswag", metric="acc_norm,none", data="endings", size=2)
    sets = (public_set(), sums, endings.model_copy(update={"name": "endings"}))
    before, cached = files(folder), files(Path(datasets.config.HF_DATASETS_CACHE))
    asked = plan(folder)
    made = asked.contract.model_copy(update={"heldouts": (*asked.contract.heldouts, *sets)})
    suites = dict(asked.suites) | {one.name: public.rows(one, folder) for one in sets}
    trial = run.run_trial(replace(asked, contract=made, suites=suites))
    for name, size in {"who": 4, "easy": 3, "sums": 2, "endings": 2}.items():
        found = [row for row in trial.scores if row.suite == name]
        assert len(found) == size * 4 and all(0 <= row.score <= 1 for row in found)
        assert {row.item for row in found} == {asked.blind(f"{name}/{key}") for key in keys(name, size)}
        assert name == "who" or all(row.cluster == row.item for row in found)  # each item is a cluster of its own
    assert files(folder) == before and files(Path(datasets.config.HF_DATASETS_CACHE)) == cached


def keys(name: str, size: int) -> list[str]:
    return [record["id"] for record in RECORDS[:size]] if name == "who" else [str(at) for at in range(size)]


def files(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*")) if folder.is_dir() else []


def test_options_are_scored_by_a_plain_forward_pass(folder: Path) -> None:
    """The likeliest option is the answer, and by its length in `acc_norm`; token by token from the model itself."""
    written(folder, EASY)
    _, house, renderer = setting(folder)
    base = recipes.resolve(house, folder)
    model = recipes.load(base, house, renderer)
    for metric, per in (("acc", lambda text: 1), ("acc_norm", len)):
        found = public.evaluate(model, public_set(metric=f"{metric},none"), EASY, renderer)
        expected = []
        for row in EASY:
            begun, texts = f"Question: {row['question']}\nAnswer:", row["choices"]["text"]
            told = [likelihood(model, renderer, begun, f" {text}") / per(text) for text in texts]
            right = row["choices"]["label"].index(row["answerKey"])
            expected.append(float(told.index(max(told)) == right))
        assert [one.score for one in found] == expected and [one.index for one in found] == [0, 1, 2]


def likelihood(model: Any, renderer: Any, begun: str, text: str) -> float:
    start, ids = renderer.count(begun), renderer.tokens.encode(begun + text).ids
    with torch.no_grad():
        told = torch.log_softmax(model(torch.tensor([ids])).logits[0].double(), -1)
    return math.fsum(float(told[at - 1, ids[at]]) for at in range(start, len(ids)))


class Spoken(LM):  # type: ignore[misc]
    """Answers every request alike, and keeps what it was asked."""

    def __init__(self, answer: str) -> None:
        super().__init__()
        self.answer, self.asked = answer, []

    def generate_until(self, requests: Any) -> list[str]:
        self.asked += [request.args for request in requests]
        return [self.answer] * len(requests)

    def loglikelihood(self, requests: Any) -> Any:
        raise NotImplementedError

    loglikelihood_rolling = loglikelihood


@pytest.mark.parametrize(
    ("metric", "answer", "scores"),
    [
        ("exact_match,strict-match", "it is #### 2", [1.0, 0.0]),
        ("exact_match,strict-match", "it is 2", [0.0, 0.0]),
        ("exact_match,flexible-extract", "first 2, then 3", [0.0, 1.0]),
    ],
)
def test_answers_are_scored_by_the_task(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    metric: str,
    answer: str,
    scores: list[float],
) -> None:
    _, house, renderer = setting(folder)
    speaker = Spoken(answer)
    monkeypatch.setattr(public, "language_model", lambda *_, **__: speaker)
    model = recipes.load(recipes.resolve(house, folder), house, renderer)
    found = public.evaluate(model, public_set(**{**SUMMED, "metric": metric}), SUMS, renderer)
    assert [one.score for one in found] == scores
    prompts = [prompt for prompt, _ in speaker.asked]
    assert prompts == ["Question: 1+1\nAnswer:", "Question: 1+2\nAnswer:"]  # no examples, no template
    assert {said["max_gen_toks"] for _, said in speaker.asked} == {house.max_new_tokens}


# ------------------------------------------------------------------------------------------------ refused


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"task": "no_such"}, f"`no_such` is not known to lm-eval {HARNESS}; correct `lm_eval`"),
        ({"task": "../easy/test.yaml"}, "is not known to lm-eval"),
        ({"version": "2.0"}, f"has version 1.0 in lm-eval {HARNESS}, not 2.0; correct `task_version`"),
        ({"harness": "0.4.2"}, f"is asked by lm-eval 0.4.2, here is {HARNESS}; install that version"),
        ({"task": "mmlu"}, "is a group of tasks; name one task"),
        ({"task": "ai2_arc"}, "is a group of tasks; name one task"),
        ({"task": "squadv2"}, "is written as a program; name one task"),
        ({"task": "humaneval"}, "runs what the model writes, outside a sandbox"),
        ({"task": "wikitext"}, "asks by `loglikelihood_rolling`"),
        ({"size": 4}, r"has 3 items in easy/test.jsonl; the contract says 4"),
        ({"data": "absent"}, r"has its items in absent/test.jsonl, which is not here"),
    ],
)
def test_tasks_that_are_not_asked(folder: Path, changes: dict[str, Any], message: str) -> None:
    written(folder, EASY)
    with pytest.raises(TrialError, match=message):
        public.rows(public_set(**changes), folder)


@pytest.mark.parametrize(
    ("changes", "rows", "message"),
    [
        ({"metric": "f1,none"}, EASY, "has no metric `f1` for an item; it has acc, acc_norm"),
        ({"metric": "acc"}, EASY, "has no such filter of answers; .* one of: none"),
        ({}, [{"query": "x"}], r"cannot be asked with the items in easy \(UndefinedError: 'question' is undefined\)"),
        ({}, [{**EASY[0], "choices": "{{ 7 * 7 }}"}], "cannot be asked with the items in easy"),
        ({}, [{**EASY[0], "answerKey": "Z"}], "cannot be asked with the items in easy"),
        ({}, [{"question": 1}, {"question": "x"}], r"cannot be asked with the items in easy \(Arrow"),
        ({}, [], "cannot be asked with the items in easy"),
        ({}, [{**EASY[0], "question": "a <|end|>"}], r"has the control token <\|end\|> in item 1; remove it"),
        ({}, [EASY[0], {**EASY[0], "question": "who " * 60}], r"takes \d+ tokens for item 2, the model has room"),
        (SUMMED, [{"question": "who " * 20, "answer": "#### 2"}], r"takes \d+ tokens for item 1, the model has room"),
        ({"task": "hellaswag"}, [ENDINGS[0], {**ENDINGS[0], "label": "7"}], "among the options of item 2"),
        ({"task": "hellaswag"}, [{**ENDINGS[0], "label": "-1"}], "finds no right answer among the options of item 1"),
    ],
)  # fmt: skip
def test_items_that_are_not_asked(folder: Path, changes: dict[str, Any], rows: Any, message: str) -> None:
    _, _, renderer = setting(folder, max_new_tokens=50 if changes is SUMMED else 6)
    with pytest.raises(TrialError, match=message):
        public.rehearsed(public_set(**changes), rows, renderer, 96)


def test_lines_that_are_no_rows(folder: Path) -> None:
    written(folder, EASY)
    with (folder / "easy" / "test.jsonl").open("a") as stream:
        stream.write('{"question": "x", "question": "y"}\n')
    with pytest.raises(TrialError, match=r"easy/test\.jsonl:4: "):
        public.rows(public_set(size=4), folder)


def test_a_task_that_writes_more_than_the_recipe_allows(folder: Path) -> None:
    _, _, renderer = setting(folder, max_new_tokens=8)
    with pytest.raises(TrialError, match="generates up to 1024 tokens, recipe house up to 8; raise `max_new_tokens`"):
        public.rehearsed(public_set(task="acp_areach_bool"), [{"question": "x"}], renderer, 96)


# ------------------------------------------------------------------------------------------------ certified


SEALED = """\
heldout general of Request {
  items: "sealed/general.jsonl"
  score: exact_match(answer, target.reply)
  size: 14 records
}
"""
PUBLISHED = f"""\
heldout general {{
  lm_eval: "arc_easy"
  task_version: "1.0"
  harness: "{HARNESS}"
  metric: "acc,none"
  data: "easy"
  size: 14 records
}}
"""


@pytest.fixture(scope="module")
def agreement(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny deal whose guard is a public task."""
    contract = procurement.build(tmp_path_factory.mktemp("published") / "deal")
    text = contract.read_text()
    assert SEALED in text
    contract.write_text(
        text.replace(SEALED, PUBLISHED).replace("like_house: gain(calls, over: house_mix)", "again: gain(calls)")
    )
    procurement.small(contract.parent / "base")
    written(contract.parent, [EASY[at % 3] | {"question": f"question {at}"} for at in range(14)])
    return procurement.agreed_on(contract)


def certify(contract: Path, out: str) -> procurement.Answer:
    at = contract.parent
    options = ["--out", at / out, *procurement.signing(at), "--workers", 1, "--reuse", at / "store"]
    return procurement.sftspec("certify", contract, at / "delivery", *options)


@pytest.fixture(scope="module")
def tried(agreement: Path) -> procurement.Answer:
    return procurement.done(certify(agreement, "trial"))


def test_a_public_guard_is_certified_and_verified(agreement: Path, tried: procurement.Answer) -> None:
    at = agreement.parent
    said = "held-out set `general` is the public task `arc_easy`, not sealed"
    assert f"warning: {said}" in tried.out
    statement = certificate.read(at / "trial/certificate.json")[1].predicate
    assert statement.trial is not None and [one.name for one in statement.trial.heldout] == ["calls"]
    assert any(said in limit for limit in statement.limits)
    assert said[1:] in (at / "trial/report.html").read_text()
    rows = [json.loads(line) for line in (at / "trial/scores.jsonl").read_text().splitlines()]
    general = [row for row in rows if row["suite"] == "general"]
    assert len(general) == 14 * 6 and {row["score"] for row in general} == {0, 1}
    verify = ("--contract", agreement, "--delivery", at / "delivery")
    procurement.done(procurement.sftspec("verify", at / "trial/certificate.json", *verify))
    entry = next(one for one in statement.ledger.entries if one.clause == "acceptance.still_general")
    assert entry.verdict == "met" and entry.statistics


def test_seal_passes_public_sets_over_and_lock_pins_their_items(agreement: Path) -> None:
    locked = json.loads((agreement.parent / "contract.lock").read_text())
    assert [one["heldout"] for one in locked["seals"]["sealed"]] == ["calls"]
    assert [one["path"] for one in locked["files"] if one["role"] == "public"] == ["easy/test.jsonl"]
    known = (agreement.parent / "private/exposures.jsonl").read_text()
    assert '"heldout":"calls"' in known and "general" not in known


def test_items_that_changed_since_the_lock_are_refused(agreement: Path, tmp_path: Path) -> None:
    shutil.copytree(agreement.parent, tmp_path / "deal", ignore=shutil.ignore_patterns("trial", "store"))
    written(tmp_path / "deal", EASY)
    answer = certify(tmp_path / "deal" / agreement.name, "trial")
    assert answer.code == 1 and "public `easy/test.jsonl`: " in answer.err and "but contract.lock pins" in answer.err


def test_another_harness_is_refused_before_anything_is_asked(agreement: Path, tmp_path: Path) -> None:
    shutil.copytree(agreement.parent, tmp_path / "deal", ignore=shutil.ignore_patterns("trial", "store"))
    contract = tmp_path / "deal" / agreement.name
    contract.write_text(contract.read_text().replace(f'harness: "{HARNESS}"', 'harness: "0.4.0"'))
    procurement.done(procurement.sftspec("lock", contract))
    before = (tmp_path / "deal/private/exposures.jsonl").read_bytes()
    answer = certify(contract, "trial")
    assert answer.code == 1 and "is asked by lm-eval 0.4.0, here is" in answer.err
    assert (tmp_path / "deal/private/exposures.jsonl").read_bytes() == before


def test_scores_of_a_public_set_cannot_be_left_out(agreement: Path, tried: procurement.Answer) -> None:
    at = agreement.parent
    contract = compile_file(agreement).contract
    assert contract is not None
    whole = gather(at / "trial/certificate.json", contract, agreement)
    assert not list(cells_are_complete(whole))
    lines = (at / "trial/scores.jsonl").read_bytes().splitlines(keepends=True)
    general = [line for line in lines if b'"suite":"general"' in line]
    for left, says in ((general, "the contract says 14"), (general[-1:], "suite `general`, arm `vendor`, seed")):
        kept = replace(whole, scores=partial(BytesIO, b"".join(line for line in lines if line not in left)))
        assert says in " ".join(cells_are_complete(kept))
