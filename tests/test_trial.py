"""The trial: arms, the training loop against transformers' own, evaluation through lm-eval, and the whole of it."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from test_rendering import HOUSE, column, contract, recipe, reply, tokenizer

from acceptance import scores
from acceptance.answers import Answer, Scorer
from acceptance.measures import trained_tokens
from acceptance.rendering import Renderer
from acceptance.scores import Run, ScoreRow, ScoresError, Trial
from acceptance.tables import Malformed
from acceptance.trial import arms, order
from acceptance.trial.errors import TrialError
from spec_lang.contract import Contract, HeldOut, Recipe, Reference
from spec_lang.contract import Path as FieldPath
from spec_lang.types import TEXT

torch = pytest.importorskip("torch")
transformers = pytest.importorskip("transformers")
pytest.importorskip("lm_eval")

from acceptance.trial import evaluate, run  # noqa: E402 - heavy, and only where they are installed
from acceptance.trial import recipe as recipes  # noqa: E402
from acceptance.trial.finetune import finetune  # noqa: E402
from acceptance.trial.store import Store  # noqa: E402
from acceptance.trial.telling import WHOLE, At, Told  # noqa: E402

NAMES = ["Ann", "Bo", "Cy", "Di", "Ed", "Flo", "Gus", "Hal", "Ida", "Jo", "Kim", "Lou"]
WRITTEN = Scorer(lambda item, answer: 0.0)
RECORDS = [{**reply(f"who is {name}", f"{name} is paid"), "id": name} for name in NAMES]


def scorer(made: Contract, name: str, folder: Path) -> Scorer:
    """Stands in for the engine's scorer; part of an answer counts, so that a random model scores, too."""
    assert made.heldout(name).name == name
    return Scorer(
        lambda item, answer: len(set(answer) & set(item["target"]["reply"])) / len(set(item["target"]["reply"]))
    )


def picky(made: Contract, name: str, folder: Path) -> Scorer:
    def score(item: dict[str, Any], answer: Answer) -> float:
        if item["id"] == "Bo":
            raise Malformed("no")
        return 1.0

    return Scorer(score)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("trial")
    tokenizer(made / "tokenizer.json")
    (made / "t.jinja").write_text(HOUSE)
    torch.manual_seed(0)
    config = transformers.LlamaConfig(
        vocab_size=320, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=96, tie_word_embeddings=True, bos_token_id=None, eos_token_id=3,
        pad_token_id=0)  # fmt: skip
    model = transformers.LlamaForCausalLM(config)
    model.generation_config.max_new_tokens = 3  # a habit of the base that must not override the recipe
    model.save_pretrained(made / "base")
    return made


def setting(folder: Path, **changes: Any) -> tuple[Contract, Recipe, Renderer]:
    house = recipe(**changes)
    suite = HeldOut(name="who", record="Request", items="who.jsonl", size=4, cluster_by=FieldPath(
        root="row", steps=("input", "request"), type=TEXT))  # fmt: skip
    mix = Reference(name="mix", items="mix.jsonl", within="0.3")
    made = contract().model_copy(update={"recipes": (house,), "heldouts": (suite,), "references": (mix,)})
    return made, house, Renderer(house, made, folder)


def plan(folder: Path, **changes: Any) -> run.Plan:
    made, house, _ = setting(folder, **changes)
    return run.Plan(
        contract=made, recipe=house, folder=folder, vendor=RECORDS[:6], references={"mix": RECORDS[6:]},
        suites={"who": RECORDS[:4]}, seeds={"vendor": ["1", "2"], "mix": ["1"]}, scorer="test_trial:scorer",
        blind=lambda text: hashlib.sha256(f"nonce {text}".encode()).hexdigest()[:32])  # fmt: skip


# ------------------------------------------------------------------------------------------------ arms and order


def test_an_arm_counts_what_is_trained(folder: Path) -> None:
    _, _, renderer = setting(folder)
    silent = {**RECORDS[0], "training": {"weight": 0}}
    held_back = {**RECORDS[1], "training": {"split": "validation"}}
    arm = arms.build("vendor", [*RECORDS, silent, held_back], renderer)
    assert len(arm.examples) == 12
    assert arm.losses() == "1 without a token that bears loss, 1 of another split"
    assert arm.trained_tokens == sum(sum(renderer.encode(record).trained) for record in RECORDS)
    assert arm.sha256() != arms.build("vendor", RECORDS[::-1], renderer).sha256()
    counted = column(trained_tokens, renderer, [*RECORDS, silent, held_back])  # what shares of tokens are counted by
    assert counted.known.all() and int(counted.values.sum()) == arm.trained_tokens


@pytest.mark.parametrize(("overflow", "kept", "said"), [("drop", 0, arms.DROPPED), ("cut", 1, arms.CUT)])
def test_records_over_the_length(folder: Path, overflow: str, kept: int, said: str) -> None:
    _, _, renderer = setting(folder, overflow=overflow, max_length=18)
    arm = arms.build("vendor", [reply("a", "b"), reply("a", "who is paid and who is not paid")], renderer)
    assert len(arm.examples) == 1 + kept and all(example.length <= 18 for example in arm.examples)
    assert arm.losses() == f"1 {said}"


def test_a_recipe_that_refuses_long_records_names_the_record(folder: Path) -> None:
    _, _, renderer = setting(folder, max_length=18)
    with pytest.raises(TrialError, match=r"record 2 of arm `vendor` has \d+ tokens; recipe house refuses more than"):
        arms.build("vendor", [reply("a", "b"), reply("a", "who is paid and who is not paid")], renderer)


def test_the_reference_is_cut_to_the_delivery_whatever_its_order(folder: Path) -> None:
    _, _, renderer = setting(folder)
    vendor = arms.build("vendor", RECORDS[:4], renderer)
    reference = arms.build("mix", RECORDS, renderer)
    matched = arms.match(reference, vendor, Reference(name="mix", items="m", within="0.2"))
    assert abs(matched.trained_tokens - vendor.trained_tokens) <= 0.2 * vendor.trained_tokens
    backwards = arms.build("mix", RECORDS[::-1], renderer)
    turned = arms.match(backwards, vendor, Reference(name="mix", items="m", within="0.2"))
    assert set(turned.examples) == set(matched.examples)


def test_a_reference_that_is_too_small_is_refused(folder: Path) -> None:
    _, _, renderer = setting(folder)
    vendor, reference = arms.build("vendor", RECORDS, renderer), arms.build("mix", RECORDS[:3], renderer)
    with pytest.raises(TrialError, match=r"reference `mix` cannot be matched.*Give the reference more records"):
        arms.match(reference, vendor, Reference(name="mix", items="m"))
    with pytest.raises(TrialError, match="the delivery has 12 records, the reference 3"):
        arms.match(reference, vendor, Reference(name="mix", items="m", matching="records"))


def test_the_order_of_records_is_fixed_by_the_seed_alone() -> None:
    first = list(order.batches(5, 3, 5, "11"))
    assert first == [[4, 2, 0], [1, 3, 4], [3, 0, 1], [2, 0, 1], [4, 3, 2]]
    assert sorted(itertools.chain(*first)) == sorted([*range(5)] * 3)
    assert first != list(order.batches(5, 3, 5, "12"))


@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
def test_learning_rates_are_those_of_transformers(schedule: str) -> None:
    made = recipe(steps=37, warmup="0.1", schedule=schedule, learning_rate="1.5e-3")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.5e-3)
    name = "constant_with_warmup" if schedule == "constant" else schedule
    theirs = transformers.get_scheduler(name, optimizer, num_warmup_steps=4, num_training_steps=37)
    for step in range(37):
        assert order.rate(made, step) == pytest.approx(theirs.get_last_lr()[0], abs=1e-12)
        optimizer.step()
        theirs.step()


# ------------------------------------------------------------------------------------------------ training


def test_a_run_repeats_bit_by_bit_and_another_seed_does_not(folder: Path) -> None:
    _, house, renderer = setting(folder)
    base, arm = recipes.resolve(house, folder), arms.build("vendor", RECORDS, renderer)
    recipes.deterministic(1)
    first, again, other = (
        finetune(recipes.load(base, house, renderer), arm, house, seed).run for seed in ("1", "1", "2")
    )
    assert first.model_copy(update={"seconds": 0.0}) == again.model_copy(update={"seconds": 0.0})
    assert first.weights_sha256 != other.weights_sha256
    chosen = itertools.chain(*order.batches(12, 4, 6, "1"))
    assert first.trained_tokens == sum(arm.examples[at].tokens for at in chosen) and first.steps == 6


def test_a_records_weight_scales_its_loss(folder: Path) -> None:
    """Two records, one of weight 3: the same as that record three times."""
    _, house, renderer = setting(folder, batch=2, steps=3)
    four = recipe(batch=4, steps=3)
    one, other = RECORDS[0], RECORDS[1]
    heavy = {**other, "training": {"weight": 3}}
    base = recipes.resolve(house, folder)
    weighted = finetune(recipes.load(base, house, renderer), arms.build("v", [one, heavy], renderer), house, "1")
    repeated = arms.build("v", [one, other, other, other], renderer)
    plain = finetune(recipes.load(base, house, renderer), repeated, four, "1")
    for name, tensor in plain.model.state_dict().items():
        assert torch.allclose(tensor, weighted.model.state_dict()[name], atol=2e-5), name


def test_a_diverged_run_says_so(folder: Path) -> None:
    _, house, renderer = setting(folder, learning_rate="1e30", steps=20)
    base = recipes.resolve(house, folder)
    tuned = finetune(recipes.load(base, house, renderer), arms.build("vendor", RECORDS, renderer), house, "1")
    assert tuned.run.status == "diverged" and tuned.run.steps < 20 and tuned.run.weights_sha256 == ""


def test_bases_that_are_not_loaded(folder: Path, tmp_path: Path) -> None:
    _, house, _ = setting(folder)
    with pytest.raises(TrialError, match="lies outside the contract's folder"):
        recipes.resolve(house.model_copy(update={"base": "../x"}), folder)
    (tmp_path / "base").mkdir()
    (tmp_path / "base" / "config.json").write_text("{}")
    (tmp_path / "base" / "pytorch_model.bin").write_bytes(b"x")
    with pytest.raises(TrialError, match=r"has no \*\.safetensors file"):
        recipes.resolve(house, tmp_path)
    (tmp_path / "base" / "config.json").write_text('{"auto_map": {}}')
    with pytest.raises(TrialError, match="brings its own code"):
        recipes.resolve(house, tmp_path)


# ------------------------------------------------------------------------------------------------ evaluation


def test_answers_come_from_the_prompt_alone_and_end_with_the_turn(folder: Path) -> None:
    """A model trained until it knows the records answers them, through lm-eval, in any order of length."""
    made, house, renderer = setting(folder, steps=60, max_new_tokens=16)
    base = recipes.resolve(house, folder)
    model = finetune(recipes.load(base, house, renderer), arms.build("v", RECORDS[:3], renderer), house, "1").model
    lengths = Scorer(lambda item, answer: len(answer))
    asked = evaluate.suite(made.heldout("who"), RECORDS[:3], renderer, base.positions, lengths)
    model.eval()  # type: ignore[no-untyped-call]
    answers = evaluate.answered(model, renderer.tokens.tokenizer, house, asked)
    assert answers == ["Ann is paid", "Bo is paid", "Cy is paid"]
    found = evaluate.evaluate(model, renderer.tokens.tokenizer, house, asked, lengths)
    assert [row.score for row in found] == [11.0, 10.0, 10.0]
    assert found[0].answer_sha256 == hashlib.sha256(b"Ann is paid").hexdigest()


def test_items_that_cannot_be_asked(folder: Path) -> None:
    made, _, renderer = setting(folder, max_new_tokens=60)
    long = reply("who " * 60, "no")
    with pytest.raises(TrialError, match=r"item 2 of held-out set `who` has a prompt of \d+ tokens; the model"):
        evaluate.suite(made.heldout("who"), [RECORDS[0], long], renderer, 96, WRITTEN)
    with pytest.raises(TrialError, match="item 1 of held-out set `who` has no prompt: "):
        evaluate.suite(made.heldout("who"), [reply("<|end|>", "no")], renderer, 96, WRITTEN)


# ------------------------------------------------------------------------------------------------ options


def chosen(*options: str) -> Scorer:
    """The score is what the model thinks of the first option."""
    return Scorer(lambda item, answer: float(answer[0]), lambda item: options)


def test_options_are_weighed_by_the_model_itself(folder: Path) -> None:
    """lm-eval's log-likelihoods are those of a plain forward pass over prompt and option, token by token."""
    made, house, renderer = setting(folder, eval_batch=2)
    base = recipes.resolve(house, folder)
    model = recipes.load(base, house, renderer)
    options = ("Ann is paid", "Bo", "is not paid at all, whoever asks")
    asked = evaluate.suite(made.heldout("who"), RECORDS[:3], renderer, base.positions, chosen(*options))
    model.eval()  # type: ignore[no-untyped-call]
    answers = evaluate.answered(model, renderer.tokens.tokenizer, house, asked)
    for record, likelihoods in zip(RECORDS[:3], answers, strict=True):
        prompt = renderer.prompt(record)
        assert likelihoods == pytest.approx([weighed(model, renderer, prompt, option) for option in options], abs=1e-4)
    found = evaluate.evaluate(model, renderer.tokens.tokenizer, house, asked, chosen(*options))
    assert [row.score for row in found] == [answer[0] for answer in answers]
    assert len({row.answer_sha256 for row in found}) == 3


def weighed(model: Any, renderer: Renderer, prompt: str, option: str) -> float:
    ids, begun = renderer.tokens.encode(prompt + option).ids, len(renderer.tokens.encode(prompt).ids)
    with torch.inference_mode():
        logits = model(input_ids=torch.tensor([ids])).logits[0].log_softmax(-1)
    return sum(float(logits[at - 1, ids[at]]) for at in range(begun, len(ids)))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("yes", "no <|end|>"), r"has the control token <\|end\|> in option 2; remove it"),
        (("yes", "who " * 60), r"has \d+ tokens with option 2; the model has room for 96. Shorten it"),
    ],
)
def test_options_that_cannot_be_weighed(folder: Path, options: tuple[str, ...], told: str) -> None:
    made, _, renderer = setting(folder)
    with pytest.raises(TrialError, match=f"item 1 of held-out set `who` {told}"):
        evaluate.suite(made.heldout("who"), RECORDS[:1], renderer, 96, chosen(*options))


def test_an_option_that_joins_the_prompt_is_refused(folder: Path) -> None:
    _, _, renderer = setting(folder)
    assert "joined to the prompt's last token" in evaluate.unfit("who i", ["s Ann"], renderer, 96)
    assert evaluate.unfit("who", [" is Ann"], renderer, 96) == ""


# ------------------------------------------------------------------------------------------------ the whole


def test_a_trial_scores_every_item_with_every_model(folder: Path, tmp_path: Path) -> None:
    lines: list[Told] = []
    asked = replace(plan(folder), store=tmp_path / "store", logs=tmp_path / "logs", tell=lines.append)
    trial = run.run_trial(asked)
    assert [(one.arm, one.seed) for one in trial.runs] == [("base", ""), ("vendor", "1"), ("vendor", "2"), ("mix", "1")]
    assert len(trial.scores) == 4 * 4 and len({row.item for row in trial.scores}) == 4
    assert {row.item for row in trial.scores} == {asked.blind(f"who/{name}") for name in NAMES[:4]}
    assert {row.cluster for row in trial.scores} == {asked.blind(f'who#"who is {name}"') for name in NAMES[:4]}
    log = (tmp_path / "logs" / "vendor-1.log").read_bytes()
    assert hashlib.sha256(log).hexdigest() == trial.runs[1].log_sha256
    lines.clear()
    assert run.run_trial(asked) == trial
    assert lines == ["4 of 4 runs are known from an earlier certification", At(WHOLE, "run", 4, 4)]
    assert not list((tmp_path / "store").glob("*.safetensors"))  # a checkpoint goes with its outcome
    lines.clear()
    again = run.run_trial(replace(asked, vendor=RECORDS[2:8]))  # another delivery: base and reference stay as they are
    assert lines[0] == "2 of 4 runs are known from an earlier certification" and again.runs[0] == trial.runs[0]


def test_what_is_not_trained_on_is_said(folder: Path) -> None:
    lines: list[Told] = []
    held_back = {**RECORDS[0], "training": {"split": "validation"}}
    run.prepared(replace(plan(folder), vendor=[*RECORDS[:6], held_back], tell=lines.append))
    assert lines == ["arm `vendor` trains on 6 records; 1 of another split"]


def test_a_pool_gives_the_scores_of_one_process(folder: Path) -> None:
    alone, pooled = run.run_trial(plan(folder)), run.run_trial(replace(plan(folder), workers=2))
    assert scores.dumps(alone.scores) == scores.dumps(pooled.scores)
    assert [one.weights_sha256 for one in alone.runs] == [one.weights_sha256 for one in pooled.runs]


def test_a_diverged_run_scores_its_worst(folder: Path) -> None:
    trial = run.run_trial(plan(folder, learning_rate="1e30", steps=12))
    assert [one.status for one in trial.runs] == ["ok", "diverged", "diverged", "diverged"]
    assert {row.score for row in trial.scores if row.arm != "base"} == {0.0}
    assert len(trial.scores) == 16


def test_an_altered_entry_of_the_store_is_not_used(folder: Path, tmp_path: Path) -> None:
    asked = replace(plan(folder, steps=1), store=tmp_path, seeds={"vendor": ["1"], "mix": []})
    run.run_trial(asked)
    said: list[Told] = []
    for path in tmp_path.glob("*.json"):
        assert Store(tmp_path).get(path.stem) is not None
        entry = json.loads(path.read_bytes())
        entry["body"]["scores"]["who"][0][0] = 1
        path.write_text(json.dumps(entry))
        assert Store(tmp_path, said.append).get(path.stem) is None
        assert said.pop() == f"{path}: is damaged or another run's; it is not used, the run is done again"
    assert not list(tmp_path.glob("*.part"))


def test_two_items_of_one_key_are_refused_before_training(folder: Path) -> None:
    with pytest.raises(TrialError, match="has two items of one key"):
        run.run_trial(replace(plan(folder), suites={"who": [RECORDS[0], RECORDS[0]]}))


def test_items_that_cannot_be_scored_are_refused_before_training(folder: Path) -> None:
    with pytest.raises(TrialError, match="item 2 of held-out set `who` is not as its type declares"):
        run.run_trial(replace(plan(folder), scorer="test_trial:picky"))


# ------------------------------------------------------------------------------------------------ the score file


def score(**changes: Any) -> ScoreRow:
    return ScoreRow(**{"suite": "s", "arm": "base", "seed": "", "item": "a", "cluster": "c", "score": 1.0, **changes})


def test_the_score_file_is_canonical(tmp_path: Path) -> None:
    rows = (score(), score(item="b", score=0.25), score(arm="vendor", seed="1"))
    digest = scores.write(rows[::-1], tmp_path / "scores.jsonl")
    data = (tmp_path / "scores.jsonl").read_bytes()
    assert data.split(b"\n")[0] == b'{"arm":"base","cluster":"c","item":"a","score":1,"seed":"","suite":"s"}'
    assert scores.read(tmp_path / "scores.jsonl", digest) == rows


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: data[:-1], "does not end with a line break"),
        (lambda data: data.replace(b":1,", b":1.0,"), "not in its canonical form"),
        (lambda data: b"".join(sorted(data.splitlines(True), reverse=True)), "not in its canonical form"),
        (lambda data: data + data, "not in its canonical form at line 3: rows must be sorted, each once"),
        (lambda data: data.replace(b'"score":1', b'"score":NaN'), "line 1 of the score file is not a score"),
        (lambda data: data.replace(b'"score":1', b'"score":"1"'), "line 1 of the score file is not a score"),
        (lambda data: b"[]\n" + data, "line 1 of the score file is not a score"),
        (lambda data: data.replace(b'"cluster"', b'"klaster"'), "line 1 of the score file is not a score"),
    ],
)
def test_a_score_file_that_is_not_ours_is_refused(change: Callable[[bytes], bytes], message: str) -> None:
    with pytest.raises(ScoresError, match=message):
        scores.loads(change(scores.dumps([score(), score(item="b")])))


def test_a_trial_is_a_document() -> None:
    one = Run(arm="base", seed="", weights_sha256="", steps=0, trained_tokens=0, status="ok", log_sha256="",
              seconds=0.5)  # fmt: skip
    trial = Trial(runs=(one,), scores=(score(),))
    assert Trial.model_validate_json(trial.model_dump_json()) == trial
