"""What the model will really see: text, tokens and mask of a record, and the measures that judge them."""

from __future__ import annotations

import copy
import time
from fractions import Fraction
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from acceptance.engine.evaluation import evaluate
from acceptance.measures import (
    declines,
    end_of_turn_trained,
    exact_match,
    has_control_tokens,
    mask_as_declared,
    rendered_tokens,
    same_json,
    target_truncated,
    token_share,
    tokens,
    trained_tokens,
)
from acceptance.measures.protocol import Aggregate, RowFunction, RowMark, Unavailable, Use
from acceptance.rendering import (
    BadTemplate,
    ControlText,
    Example,
    IncompleteRecord,
    NoGeneration,
    NothingTrained,
    OverBudget,
    RecordRefused,
    Renderer,
    RenderingError,
    TokenEdge,
    outlined,
)
from acceptance.tables import Batch, Column, Origin
from spec_lang.compiler import compile_source
from spec_lang.contract import Argument, Call, Clause, Const, Contract, FieldDef, Op, Recipe, Shape, TableDef
from spec_lang.contract import Path as Field
from spec_lang.source import Source
from spec_lang.types import BOOL, NUMBER, PERCENT, TEXT, Named, OptionalOf, Quantity, RecordOf

HOUSE = """\
{%- if target.call -%}{%- set answer = target.call | compact_json -%}
{%- else -%}{%- set answer = target.reply -%}{%- endif -%}
<|user|>{{ input.request }}<|end|><|assistant|>{%- generation -%}{{ answer }}<|end|>{%- endgeneration -%}
"""
SPECIAL = ["<|pad|>", "<|user|>", "<|assistant|>", "<|end|>"]
RECORD: dict[str, Any] = {
    "id": "r1",
    "input": {"request": "Pay 5 to Ann"},
    "target": {"call": {"vendor": "Ann", "tool": "pay"}},
    "training": {},
}


def contract() -> Contract:
    """Requests with a tool call or a reply."""

    def shape(name: str, **fields: FieldDef) -> Shape:
        return Shape(name=name, fields=tuple(fields.values()))

    def field(name: str, type_: Any, default: str | None = None) -> FieldDef:
        return FieldDef(name=name, type=type_, default=default)

    shapes = (
        Shape(name="Request", fields=(
            field("id", TEXT), field("input", RecordOf(name="In")), field("target", RecordOf(name="Out")),
            field("training", RecordOf(name="How")))),
        Shape(name="In", fields=(field("request", TEXT),)),
        Shape(name="Out", fields=(
            field("call", OptionalOf(item=RecordOf(name="Tool"))), field("reply", OptionalOf(item=TEXT)))),
        Shape(name="Tool", fields=(
            field("tool", TEXT), field("vendor", TEXT), field("memo", OptionalOf(item=TEXT)))),
        Shape(name="How", fields=(field("weight", NUMBER, "1"),)),
    )  # fmt: skip
    return Contract(name="t", version="1", buyer="b", vendor="v", record="Request", shapes=shapes, clauses=(),
                    tables=(TableDef(name="Request", shape="Request", key="id"),))  # fmt: skip


def recipe(**changes: Any) -> Recipe:
    fields: dict[str, Any] = {
        "name": "house", "table": "Request", "base": "base", "tokenizer": "tokenizer.json", "template": "t.jinja",
        "max_length": 64, "steps": 6, "batch": 4, "learning_rate": "0.01", "max_new_tokens": 8, "seeds": 2,
        "eval_batch": 4,
    }  # fmt: skip
    return Recipe(**{**fields, **changes})


def tokenizer(path: Path, normalise: bool = False) -> None:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    made.decoder = decoders.ByteLevel()
    made.post_processor = processors.ByteLevel(trim_offsets=True)
    if normalise:
        made.normalizer = normalizers.Lowercase()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = [AddedToken(token, special=True, normalized=normalise) for token in SPECIAL]
    trainer = trainers.BpeTrainer(
        vocab_size=320, special_tokens=special, initial_alphabet=alphabet, show_progress=False)  # fmt: skip
    made.train_from_iterator(["Pay 5 to Ann", "who is paid", "tool vendor pay pay"] * 9, trainer)
    made.save(str(path))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("contract")
    tokenizer(made / "tokenizer.json")
    (made / "t.jinja").write_text(HOUSE)
    return made


def renderer(folder: Path, template: str | None = None, **changes: Any) -> Renderer:
    if template is None:
        return Renderer(recipe(**changes), contract(), folder)
    path = folder / f"{abs(hash(template))}.jinja"
    path.write_text(template)
    return Renderer(recipe(**changes), contract(), folder, template=path.name)


def record(**changes: Any) -> dict[str, Any]:
    return copy.deepcopy({**RECORD, **changes})


def reply(request: str, text: str) -> dict[str, Any]:
    return record(input={"request": request}, target={"reply": text})


# ------------------------------------------------------------------------------------------------ text and mask


def test_a_record_becomes_text_with_the_target_trained(folder: Path) -> None:
    example = renderer(folder).encode(RECORD)
    answer = '{"tool":"pay","vendor":"Ann"}<|end|>'
    assert example.text == f"<|user|>Pay 5 to Ann<|end|><|assistant|>{answer}"
    assert [example.text[begin:end] for begin, end in example.spans] == [answer]
    made = renderer(folder)
    trained = [id_ for id_, on in zip(example.ids, example.trained, strict=True) if on]
    assert made.tokens.tokenizer.decode(trained, skip_special_tokens=False) == answer
    assert example.length == len(example.ids) == len(example.trained)


def test_the_prompt_is_the_text_before_the_first_trained_part(folder: Path) -> None:
    made = renderer(folder)
    assert made.prompt(RECORD) == "<|user|>Pay 5 to Ann<|end|><|assistant|>"
    assert made.encode(RECORD).text.startswith(made.prompt(RECORD))


def test_absent_optional_fields_are_none_and_defaults_are_filled(folder: Path) -> None:
    made = renderer(folder, "{% generation %}{{ target.call is none }} {{ training.weight }}<|end|>{% endgeneration %}")
    assert made.render(reply("a", "b")).text == "True 1<|end|>"


def test_keys_keep_their_declared_order_and_json_of_the_type_any_its_own(folder: Path) -> None:
    made = renderer(folder, "{% generation %}{{ target.call | tojson }}{% endgeneration %}")
    assert made.render(record(target={"call": {"vendor": "é", "tool": "pay"}})).text == '{"tool": "pay", "vendor": "é"}'


def test_tokens_cut_by_max_length_are_counted(folder: Path) -> None:
    example = renderer(folder, max_length=10).encode(RECORD)
    assert example.cut_target == sum(example.trained[10:]) > 0


def test_spans_are_exact_beside_spaces_and_in_any_script(folder: Path) -> None:
    made = renderer(folder, "<|user|>{% generation %} {{ target.reply }}<|end|>{% endgeneration %}")
    example = made.encode(reply("a", "who 日本 é is"))
    first, last = example.trained.index(True), len(example.trained) - 1
    assert all(example.trained[first:])
    assert (example.starts[first], example.stops[last]) == (8, len(example.text))


# ------------------------------------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("template", "error", "message"),
    [
        ("<|user|>{{ input.request }}", NoGeneration, "has no {% generation %} block"),
        ("{% generation %}{{ input.request }", BadTemplate, "line 1"),
        ("{% generation %}{{ input.request | shout }}{% endgeneration %}", BadTemplate, "No filter named 'shout'"),
        ("{% include 'x' %}{% generation %}{% endgeneration %}", BadTemplate, "`include` is not available"),
        ("{% generation %}" + "x" * 70_000 + "{% endgeneration %}", BadTemplate, "a template ends at 65,536"),
        ("{% generation %}{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}{% endgeneration %}", BadTemplate, "nested"),
    ],
)
def test_templates_that_cannot_be_used(folder: Path, template: str, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message.replace("{", r"\{").replace("(", r"\(")):
        renderer(folder, template)


def block(inside: str) -> str:
    return "{% generation %}" + inside + "<|end|>{% endgeneration %}"


@pytest.mark.parametrize(
    ("template", "error", "message"),
    [
        (block("{{ input.requst }}"), BadTemplate, "line 1: `requst` is not there, though the record has all its"),
        (block("{{ raise_exception('no ' ~ input.request) }}"), RecordRefused, "line 1: it refuses the record"),
        (block("{% for a in range(99999) %}x{% endfor %}"), OverBudget, "it counts further than 50,000"),
        (block("{% for a in range(999) %}{% for b in range(999) %}x{% endfor %}{% endfor %}"), OverBudget, "steps"),
        (block("{% macro m(x) %}{{ m(x ~ x) }}{{ m(x ~ x) }}{% endmacro %}{{ m('ab') }}"), OverBudget, "characters"),
        (block("{% set n = namespace(x='abcdefgh') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}"),
         OverBudget, "characters"),
        (block("{% set n = namespace(x=[1]) %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}"),
         OverBudget, "characters"),
        (block("{% set n = namespace(x=3) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}"),
         BadTemplate, "too large"),
        (block("{{ 'x' * 1000000000 }}"), BadTemplate, "`\\*` is not available"),
        (block("{{ '%999999999d' % 1 }}"), BadTemplate, "`%` is not available"),
        (block("{{ 10 ** 9 ** 9 }}"), BadTemplate, "`\\*\\*` is not available"),
        (block("{{ '{:999999999}'.format(1) }}"), BadTemplate, "`format` is not there"),
        (block("{{ 'x'['ljust'](999999999) }}"), BadTemplate, "`an entry` is not there"),
        (block("{{ input.__class__ }}"), BadTemplate, "`__class__` is not there"),
        (block("{{ 'aa' | replace('a', 'b' * 2) }}"), BadTemplate, "`\\*` is not available"),
        (block("{% set x %}{% for i in range(9999) %}" + "y" * 5000 + "{% endfor %}{% endset %}"),
         OverBudget, "characters"),
    ],
)  # fmt: skip
def test_hostile_templates_end_at_once(folder: Path, template: str, error: type[Exception], message: str) -> None:
    made, begun = renderer(folder, template), time.perf_counter()
    with pytest.raises(error, match=message):
        made.encode(RECORD)
    assert time.perf_counter() - begun < 5


def test_a_template_outside_the_contracts_folder_is_not_read(folder: Path) -> None:
    with pytest.raises(BadTemplate, match="outside the contract's folder"):
        Renderer(recipe(), contract(), folder, template="../../../../etc/passwd")


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("<|user|>wh{% generation %}o is{% endgeneration %}", "begins inside token 2"),
        ("<|user|>{% generation %}wh{% endgeneration %}o is", "ends inside token 2"),
    ],
)
def test_a_trained_part_must_end_where_a_token_ends(folder: Path, template: str, message: str) -> None:
    with pytest.raises(TokenEdge, match=message):
        renderer(folder, template).encode(RECORD)


@pytest.mark.parametrize(
    ("changed", "path"),
    [
        (reply("say <|end|> now", "no"), r"\$\.input\.request"),
        (reply("a", "b<|assistant|>c"), r"\$\.target\.reply"),
        (record(target={"call": {"tool": "x", "vendor": "\ufdd0"}}), r"\$\.target\.call\.vendor"),
        (reply("half \ud800 pair", "no"), r"\$\.input\.request"),
        (record(notes={"<|user|>": 1}), r"\$\.notes\.\*"),
    ],
)
def test_text_never_becomes_a_control_token(folder: Path, changed: dict[str, Any], path: str) -> None:
    with pytest.raises(ControlText, match=path):
        renderer(folder).encode(changed)


def test_two_texts_never_spell_a_control_token_together(folder: Path) -> None:
    made = renderer(folder, "<|user|>" + block("{{ target.reply }}{{ input.request }}"))
    with pytest.raises(ControlText, match="becomes part of a control token"):
        made.encode(reply("|end|>", "a <"))
    assert made.encode(reply("b", "a <")).text == "<|user|>a <b<|end|>"


def test_a_normalising_tokenizer_knows_other_spellings(tmp_path: Path) -> None:
    tokenizer(tmp_path / "tokenizer.json", normalise=True)
    (tmp_path / "t.jinja").write_text(HOUSE)
    with pytest.raises(ControlText, match=r"\$\.input\.request holds the control token"):
        renderer(tmp_path).encode(reply("say <|END|>", "no"))


def test_a_missing_field_is_the_records_fault(folder: Path) -> None:
    with pytest.raises(IncompleteRecord, match=r"the record lacks \$\.input\.request"):
        renderer(folder).encode(record(input={}))
    with pytest.raises(IncompleteRecord, match=r"\$\.target is not a group of fields"):
        renderer(folder).encode(record(target="text"))


def test_arbitrary_records_end_in_an_example_or_an_error(folder: Path) -> None:
    made, random = renderer(folder), Random(7)
    values: list[Any] = [None, True, 3, 1.5, "", "a b", "<|end|>", [], {}, ["x"], {"tool": 3}, {"call": None}, "\ud800"]
    for _ in range(600):
        hostile = record()
        for group in random.sample(["id", "input", "target", "training", "extra"], 2):
            inside = random.choice(["request", "call", "reply", "weight", "items"])
            hostile[group] = random.choice([random.choice(values), {inside: random.choice(values)}])
        try:
            assert isinstance(made.encode(hostile), Example)
        except RenderingError as error:
            assert str(error) and error.path.startswith("$")
    deep: Any = "x"
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(OverBudget, match="nested too deeply"):
        made.encode({**RECORD, "extra": deep})


def test_a_record_that_passes_no_generation_block(folder: Path) -> None:
    made = renderer(folder, "x{% if target.call %}" + block("y") + "{% endif %}")
    with pytest.raises(NothingTrained, match="passes no generation block"):
        made.encode(reply("a", "b"))
    with pytest.raises(NothingTrained, match="its prompt is empty"):
        renderer(folder, block("y")).prompt(RECORD)


# ------------------------------------------------------------------------------------------------ measures


def use(made: Renderer) -> Use:
    by = Argument(name="by", value=Const(value="house", type=Named(what="recipe")))
    call = Call(measure="m", kind="row", args=(by,), type=BOOL)
    return Use(call, contract(), Path(), {}, {}, lambda name: made, lambda name: [], lambda by: None)  # type: ignore[arg-type, return-value]


def column(module: ModuleType, made: Renderer, rows: list[dict[str, Any]], cuts: tuple[int, ...] = ()) -> Column:
    """The measure's column, computed in batches and merged."""
    assert isinstance(module.MEASURE, RowMark)
    markers = []
    for start, end in zip((0, *cuts), (*cuts, len(rows)), strict=True):
        marker = module.MEASURE.make(use(made))
        marker.add(Batch("Request", start, rows[start:end], [Origin("f", 1)] * (end - start)))
        markers.append(marker)
    for later in markers[1:]:
        markers[0].merge(later)
    return markers[0].finish()


MASKS = {
    "target": ("<|user|>{{ input.request }}<|end|><|assistant|>" + block("{{ target.reply }}"), ""),
    "everything": (block("<|user|>{{ input.request }}<|end|><|assistant|>{{ target.reply }}"),
                   "the loss covers $.input.request, which is not part of the target"),
    "the input": ("<|user|>" + block("{{ input.request }}") + "<|assistant|>{{ target.reply }}<|end|>",
                  "the loss covers $.input.request, which is not part of the target"),
    "part": ("<|user|>{{ input.request }}<|end|><|assistant|>{{ target.reply }}" + block(""),
             "$.target.reply is rendered outside the trained part"),
    "no end": ("<|user|>{{ input.request }}<|end|>{% generation %}{{ target.reply }}{% endgeneration %}<|end|>",
               "trained part 1 ends before <|end|>, so the model would not learn to stop"),
    "left out": ("<|user|>{{ input.request }}<|end|>" + block("yes"),
                 "leaves $.target.reply out, so it is never trained"),
    "hint": ("<|user|>{{ input.request }} {{ target.reply }}<|end|>" + block("{{ target.reply }}"),
             "$.target.reply is rendered outside the trained part"),
}  # fmt: skip


@pytest.mark.parametrize("name", MASKS)
def test_the_mask_is_compared_with_where_texts_come_from(folder: Path, name: str) -> None:
    template, message = MASKS[name]
    rows = [reply("yes", "yes"), reply("Pay 5", "who is paid")]  # an input that equals the target is still an input
    made = column(mask_as_declared, renderer(folder, template), rows)
    assert made.known.all() and list(made.values) == [message == ""] * 2
    assert not message or message in made.details[0].message


AGENT = """sftspec 1
use std.agent
use std.chat
contract runs { version: "1.0.0" buyer: "b" vendor: "v" }
type Move by kind { asked untrained { say: Text } said { say: Text } }
record Request key id {
  id: Text
  input { request: Text  level: Int }
  target {
    steps: [agent.Step]
    chat: [chat.Message]?
    amount: Number
    final: Bool
    solved: yes | no untrained
    moves: [Move]?
    interventions: [agent.Intervention]
  }
}
"""
STEPS = """<|user|>{{ input.request }}{% for step in target.steps %}<|assistant|>\
{% generation %}CALL<|end|>{% endgeneration %}<|user|>{{ step.observation }}{% endfor %}<|assistant|>\
{% generation %}{{ target.amount }}{% if target.final is true %} {{ target.final }}{% endif %}<|end|>\
{% endgeneration %}"""
CALL = "{{ {'tool': step.tool, 'arguments': step.arguments} | tojson }}"
SEEN = STEPS.replace("CALL", CALL)
TALK = """{% for one in target.chat %}<|user|>{% if one.role == 'assistant' %}{% generation %}{{ one.content }}<|end|>\
{% endgeneration %}{% else %}{{ one.role }} {{ one.content }}<|end|>{% endif %}{% endfor %}"""
MOVES = TALK.replace("target.chat", "target.moves").replace("one.content", "one.say")
MOVES = MOVES.replace("one.role == 'assistant'", "one.kind == 'said'").replace("one.role", "one.kind")
RUNS = {
    "all": (SEEN, ""),
    "calls left out": (SEEN.replace(CALL, "call"), "leaves $.target.steps[0].tool out, so it is never trained"),
    "tools alone": (SEEN.replace(CALL, "{{ step.tool }}"), "leaves $.target.steps[0].arguments.n out"),
    "no amount": (SEEN.replace("{{ target.amount }}", ""), "leaves $.target.amount out"),
    "results too": (SEEN.replace("<|end|>{% endgeneration %}<|user|>{{ step.observation }}",
                                 "{{ step.observation }}<|end|>{% endgeneration %}"),
                    "the loss covers $.target.steps[0].observation, which the contract marks untrained"),
    "the label too": (SEEN.replace("{{ target.amount }}", "{{ target.amount }}{{ target.solved }}"),
                      "the loss covers $.target.solved, which the contract marks untrained"),
    "a number of the input": (SEEN.replace("{{ target.amount }}", "{{ target.amount }} {{ input.level }}"),
                              "the loss covers $.input.level, which is not part of the target"),
    "cases": (SEEN + MOVES, ""),
    "both cases": (SEEN + MOVES.replace("== 'said'", "!= ''"),
                   "the loss covers $.target.moves[0].say, which the contract marks untrained"),
    "a dialogue": (SEEN + TALK, ""),
    "all of a dialogue": (SEEN + TALK.replace("== 'assistant'", "!= ''"),
                          "the loss covers $.target.chat[0].content, which the contract marks untrained"),
}  # fmt: skip
RUN = {
    "id": "r1",
    "input": {"request": "Book it", "level": 3},
    "target": {
        "steps": [{"tool": "book", "arguments": {"n": 2, "at": 0.5, "ok": False}, "observation": "done",
                   "exit_code": 0, "executed": True}],
        "amount": 2.5, "final": True, "solved": "yes",
        "interventions": [{"step": 0, "kind": "hint", "note": "the author's word"}],
    },
}  # fmt: skip
CASES = [{"kind": "asked", "say": "a"}, {"kind": "said", "say": "b"}]
CHAT = [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}, {"role": "tool", "content": "c"}]


@pytest.mark.parametrize("name", RUNS)
def test_marked_fields_are_read_and_everything_else_of_the_target_is_trained(folder: Path, name: str) -> None:
    template, message = RUNS[name]
    made = compile_source(Source("runs.sftspec", AGENT)).contract
    assert made is not None
    (folder / "run.jinja").write_text(template)
    more = {"chat": CHAT} if "dialogue" in name else {"moves": CASES} if "cases" in name else {}
    row = {**RUN, "target": {**RUN["target"], **more}}  # type: ignore[dict-item]
    judged = column(mask_as_declared, Renderer(recipe(max_length=500), made, folder, template="run.jinja"), [row])
    assert judged.known[0], judged.details
    assert message in (judged.details[0].message if judged.details else "") and bool(judged.values[0]) == (not message)


def test_a_mask_that_cannot_be_traced_is_unknown_not_wrong(folder: Path) -> None:
    reworked = "{% set t %}{{ target.reply }}{% endset %}<|user|>" + block("{{ t[0] }}{{ t | length }}")
    made = column(mask_as_declared, renderer(folder, reworked), [reply("a", "b c")])
    assert not made.known[0] and "cannot be traced" in made.details[0].message


def test_tracing_follows_strip_split_and_joins(folder: Path) -> None:
    template = "<|user|>{{ input.request }}<|end|>" + block("{{ ('- ' ~ target.reply | trim) + '.' }}")
    assert column(mask_as_declared, renderer(folder, template), [reply("a", " b ")]).values[0]


def test_the_end_of_turn_must_be_trained(folder: Path) -> None:
    rows = [reply("a", "b")]
    assert column(end_of_turn_trained, renderer(folder), rows).values[0]
    bare = "<|user|>{% generation %}{{ target.reply }}{% endgeneration %}<|end|>"
    made = column(end_of_turn_trained, renderer(folder, bare), rows)
    assert not made.values[0] and "ends without <|end|>" in made.details[0].message


def test_truncation_and_counts(folder: Path) -> None:
    rows = [RECORD, reply("a", "b")]
    short = renderer(folder, max_length=12)
    assert list(column(target_truncated, short, rows).values) == [True, False]
    lengths = column(rendered_tokens, short, rows).values
    full = column(trained_tokens, renderer(folder), rows).values
    cut = column(trained_tokens, renderer(folder, max_length=12, overflow="cut"), rows).values
    dropped = column(trained_tokens, renderer(folder, max_length=12, overflow="drop"), rows).values
    assert lengths[0] > 12 > lengths[1] and full[0] > cut[0] > 0 == dropped[0] and full[1] == cut[1] == dropped[1]


def test_control_tokens_are_found_and_other_rows_judged(folder: Path) -> None:
    rows = [RECORD, reply("<|user|>", "b"), record(input={})]
    made = column(has_control_tokens, renderer(folder), rows)
    assert made.known.all() and list(made.values) == [False, True, False] and made.details[1].path == "$.input.request"
    assert list(column(rendered_tokens, renderer(folder), rows).known) == [True, False, False]


def test_a_control_token_is_named_also_inside_a_larger_statement(folder: Path) -> None:
    by = Argument(name="by", value=Const(value="house", type=Named(what="recipe")))
    spelled = Call(measure="has_control_tokens", kind="row", args=(by,), type=BOOL)
    request = Argument(name="text", value=Field(root="row", steps=("input", "request"), type=TEXT))
    length = Call(measure="chars", kind="row", args=(request,), type=Quantity(unit="chars"))
    long = Op(name=">", args=(length, Const(value="20", type=Quantity(unit="chars"))), type=BOOL)
    both = Op(name="or", args=(long, spelled), type=BOOL)
    share = Call(measure="share", kind="aggregate", args=(Argument(name="condition", value=both),), type=PERCENT)
    most = Op(name="<=", args=(share, Const(value="10", type=PERCENT)), type=BOOL)
    clause = Clause(name="c", table="Request", role="require", expr=most, stage="delivery", basis="recomputed")
    agreed = contract().model_copy(update={"clauses": (clause,)})
    rows = [RECORD, reply("<|user|>", "b"), reply("a", "b<|end|>"), reply("so long, long, long ago", "b")]
    batch = Batch("Request", 0, rows, [Origin("f", line) for line in range(1, 5)])
    made = renderer(folder)
    (found,) = evaluate(
        agreed, {"Request": lambda: iter([batch])}, folder=folder, renderer=lambda _: made
    ).ledger.entries
    assert [(one.line, one.message) for one in found.findings] == [
        (2, "holds the control token <|user|>"),
        (3, "holds the control token <|end|>"),
        (4, "`chars(input.request) > 20 chars` holds"),
    ]


@pytest.mark.parametrize("module", [mask_as_declared, has_control_tokens, trained_tokens])
def test_cutting_and_merging_batches_changes_nothing(folder: Path, module: ModuleType) -> None:
    rows = [RECORD, reply("<|user|>", "b"), record(input={}), reply("a", "b"), reply("<|end|>", "b")]
    whole, parts = (column(module, renderer(folder), rows, cuts) for cuts in ((), (1, 4)))
    assert (whole.values == parts.values).all() and (whole.known == parts.known).all()
    assert whole.details == parts.details


def test_renderings_are_shared_by_the_batch(folder: Path) -> None:
    batch, made = Batch("Request", 0, [RECORD], [Origin("f", 1)]), renderer(folder)
    assert outlined(batch, made) is outlined(batch, made)
    assert outlined(batch, made) == [made.encode(RECORD).outline()]


def test_tokenising_piece_by_piece_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [RECORD, record(input={}), reply("<|end|>", "b"), reply("a", "b")]
    whole = column(rendered_tokens, renderer(folder), rows)
    monkeypatch.setattr("acceptance.rendering.batch.CHARS", 1)
    parts = column(rendered_tokens, renderer(folder), rows)
    assert list(whole.values) == list(parts.values) and list(whole.known) == list(parts.known) == [
        True,
        False,
        False,
        True,
    ]


def test_a_template_that_cannot_be_used_leaves_its_clauses_undecided(folder: Path) -> None:
    def broken(name: str) -> Renderer:
        raise BadTemplate("t.jinja cannot be read")

    bad = use(renderer(folder))
    with pytest.raises(Unavailable, match=r"t\.jinja cannot be read"):
        mask_as_declared.MEASURE.make(Use(bad.call, bad.contract, bad.folder, {}, {}, broken, bad.items, bad.execute))


def test_tokens_counts_a_text(folder: Path) -> None:
    assert isinstance(tokens.MEASURE, RowFunction)
    assert tokens.MEASURE.make(use(renderer(folder)))("Pay 5 to Ann") == renderer(folder).count("Pay 5 to Ann") > 0


def test_token_share_weighs_rows_by_their_trained_tokens(folder: Path) -> None:
    assert isinstance(token_share.MEASURE, Aggregate)
    condition, trained = Column.of(np.array([True, False, True])), Column.of(np.array([30, 60, 10]))
    reduce = token_share.MEASURE.reduce
    assert reduce([condition, trained], np.array([True, True, False]), use(renderer(folder))).value == Fraction(100, 3)
    assert reduce([condition, trained], np.zeros(3, dtype=bool), use(renderer(folder))).value is None


# ------------------------------------------------------------------------------------------------ answers

REFUSALS = [
    "Tut mir leid, aber dabei kann ich Ihnen nicht helfen.", "抱歉，我无法回答。",
    "Je suis désolé, mais je ne peux pas.",
    "I can't help with that: bank details stay private.", "I can’t do that.", "I'm sorry, but I cannot do this.",
    "Sorry - I won't pay that.", "Unfortunately, I am unable to skip the approval.", "No, I will not.",
    "I must decline this request.", "“I'm not able to share it.”".strip("“”"), "That isn't something I can do.",
]  # fmt: skip
HELP = [
    "Leider ist nichts mehr frei.",
    "", "an invoice", '{"tool":"refund"}', "I can help with that.", "I can't see why not: paid.",  "I can't wait!",
    "Sorry for the delay. Here is the invoice.", "No", "The customer said I can't pay.", "I cannotate the text.",
    "Yes. I can't do more than that.",
]  # fmt: skip


@pytest.mark.parametrize(("answer", "expected"), [(text, True) for text in REFUSALS] + [(text, False) for text in HELP])
def test_declines(answer: str, expected: bool) -> None:
    assert declines.declines(answer) is expected


@pytest.mark.parametrize(
    ("answer", "expected", "equal"),
    [
        ('{"b": "2", "a": 1}', {"a": 1, "b": "2"}, True),
        (' {"a":1} \n', {"a": 1}, True),
        ('{"a":1}.', {"a": 1}, False),
        ('{"a":1,"a":1}', {"a": 1}, False),
        ('{"a":NaN}', {"a": float("nan")}, False),
        ('{"a":1.0}', {"a": 1}, False),
        ('{"a":0.1}', {"a": 0.1}, True),
        ('{"a":true}', {"a": 1}, False),
        ('{"a":1,"b":null}', {"a": 1}, False),
        ("[1, [2]]", [1, [2]], True),
        ("[" * 100_000, [], False),
        ("9" * 5000, 9, False),
        ("```json\n{}\n```", {}, False),
        ("", {}, False),
    ],
)
def test_same_json(answer: str, expected: Any, equal: bool) -> None:
    assert same_json.same_json(answer, expected) is equal


def test_exact_match() -> None:
    assert exact_match.exact_match(" cafe\u0301  au\nlait ", "café au lait")
    assert not exact_match.exact_match("Ann", "ann")
    assert not exact_match.exact_match("1", 1)


def test_errors_keep_their_place_across_processes() -> None:
    import pickle

    error = pickle.loads(pickle.dumps(ControlText("no", "$.a")))
    assert isinstance(error, RenderingError) and (str(error), error.path) == ("no", "$.a")
