"""Preview: what is shown of a record is what it is trained on, and the measures that decide on the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest
from tokenizers import Tokenizer, processors

from acceptance.measures import begins_twice, prefix_stable, shown
from acceptance.measures.protocol import RowMark, Unavailable, Use
from acceptance.rendering import Renderer, RenderingError
from acceptance.rendering.inspection import MAX_PARTS
from acceptance.rendering.lesson import Lesson, lesson
from acceptance.report import preview
from acceptance.report.preview import Shown, as_html, as_json, as_text
from acceptance.tables import Batch, Column, Origin
from spec_lang.contract import Argument, Call, Const, Contract, FieldDef, Recipe, Shape, TableDef, Untrained
from spec_lang.types import BOOL, TEXT, ListOf, Named, OptionalOf, RecordOf, Scalar
from tests.procurement import build, done, sftspec
from tests.test_rendering import SPECIAL, tokenizer

TEMPLATE = """\
{%- for tool in input.tools -%}<|user|>{{ tool.name }}: {{ tool.about }}<|end|>{%- endfor -%}
{%- for turn in target.turns -%}
<|user|>{{ turn.ask }}<|end|><|assistant|>{% generation %}KEPT{{ turn.answer }}<|end|>{% endgeneration %}
{%- endfor -%}
"""
THINKING = "{% if turn.thought %}{{ turn.thought }}\n{% endif %}"
STABLE = TEMPLATE.replace("KEPT", THINKING)
FORGETFUL = TEMPLATE.replace("KEPT", "{% if loop.last %}" + THINKING + "{% endif %}")
PEEKING = STABLE.replace(
    "<|user|>{{ turn.ask }}", "<|user|>{% if target.turns | length > 1 %}long {% endif %}{{ turn.ask }}"
)
NO_TOOLS = STABLE[STABLE.index("{%- for turn") :]


def contract() -> Contract:
    """Dialogues of several turns, with tools."""
    fields = {
        "Dialogue": {"id": TEXT, "input": RecordOf(name="In"), "target": RecordOf(name="Out")},
        "In": {"tools": ListOf(item=RecordOf(name="Tool")), "note": OptionalOf(item=Scalar(name="Json"))},
        "Tool": {"name": TEXT, "about": TEXT},
        "Out": {"turns": ListOf(item=RecordOf(name="Turn"))},
        "Turn": {"ask": TEXT, "thought": OptionalOf(item=TEXT), "answer": TEXT},
    }
    shapes = tuple(
        Shape(
            name=name,
            fields=tuple(
                FieldDef(name=field, type=type_, untrained=Untrained() if field == "ask" else None)
                for field, type_ in of.items()
            ),
        )
        for name, of in fields.items()
    )
    tables = (TableDef(name="Dialogue", shape="Dialogue", key="id"),)
    return Contract(name="t", version="1", buyer="b", vendor="v", record="Dialogue", shapes=shapes, clauses=(),
                    tables=tables)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("contract")
    tokenizer(made / "tokenizer.json")
    return made


def renderer(folder: Path, template: str, tokens: str = "tokenizer.json", **changes: Any) -> Renderer:
    (folder / "t.jinja").write_text(template)
    fields: dict[str, Any] = {
        "name": "house", "table": "Dialogue", "base": "base", "tokenizer": tokens, "template": "t.jinja",
        "max_length": 4_000, "steps": 1, "batch": 1, "learning_rate": "0.01", "max_new_tokens": 8, "seeds": 2,
    }  # fmt: skip
    return Renderer(Recipe(**{**fields, **changes}), contract(), folder)


def dialogue(random: Random, turns: int) -> dict[str, Any]:
    """Texts of every kind, among them characters of several tokens and signs that preview uses itself."""
    letters = "ab \n\t\r\u00b7\u2502\u27e6\u27e7\u21b5\\é漢😀\u202e\x1b\u00a0<&>\"'{}%"

    def text() -> str:
        return "".join(random.choice(letters) for _ in range(random.randint(0, 12)))

    def turn() -> dict[str, Any]:
        found = {"ask": text(), "answer": text()}
        return found | {"thought": "t" + text()} if random.random() < 0.5 else found

    tools = [{"name": text(), "about": text()} for _ in range(random.randint(0, 2))]
    return {"id": "d1", "input": {"tools": tools}, "target": {"turns": [turn() for _ in range(turns)]}}


def dialogues(count: int, most: int = 4) -> list[dict[str, Any]]:
    random = Random(5)
    return [dialogue(random, random.randint(1, most)) for _ in range(count)]


# ------------------------------------------------------------------------------------------------ the lesson


def test_a_lesson_is_the_example_token_by_token(folder: Path) -> None:
    made = renderer(folder, STABLE, max_length=30)
    for record in dialogues(150):
        example, found = made.encode(record), lesson(made, record)
        assert "".join(piece.text for piece in found.pieces) == example.text
        assert [id_ for piece in found.pieces for id_ in piece.ids] == example.ids
        trained = [piece.trained for piece in found.pieces for _ in piece.ids]
        assert trained == example.trained and found.trained == sum(trained)
        assert [part.tokens for part in found.parts] == counted(made, example.text, example.spans)
        assert sum(part.kept for part in found.parts) == sum(example.trained[:30])
        assert all(part.ends for part in found.parts) and found.length == len(example.ids)


def counted(made: Renderer, text: str, spans: Any) -> list[int]:
    """The tokens of each trained part, tokenised alone: it begins and ends at control tokens or line ends."""
    return [len(made.tokens.encode(text[:end]).ids) - len(made.tokens.encode(text[:begin]).ids) for begin, end in spans]


def test_the_text_is_readable_without_colour(folder: Path) -> None:
    record = dialogue(Random(1), 1) | {"input": {"tools": []}}
    record["target"]["turns"] = [{"ask": "Pay 5\tto Ann", "answer": "a b\nc"}]
    text = as_text(Shown(lesson(renderer(folder, STABLE), record), "Dialogue d1", "delivery/a.jsonl:1"))
    assert "\x1b" not in text
    shown_text = text.split("\n\n")[1]
    plain = re.sub("[\u2502\u27e6\u27e7]", "", shown_text)
    assert plain == "<|user|>Pay\u00b75\u21e5to\u00b7Ann<|end|><|assistant|>a\u00b7b\u21b5\nc<|end|>"
    (trained,) = re.findall("\u27e6(.*?)\u27e7", shown_text, re.DOTALL)
    assert trained.replace("\u2502", "") == "a\u00b7b\u21b5\nc<|end|>"


def test_where_max_length_cuts_is_shown(folder: Path) -> None:
    record = {
        "id": "d",
        "input": {"tools": []},
        "target": {"turns": [{"ask": "who is paid", "answer": "Pay 5 to Ann"}]},
    }
    found = lesson(renderer(folder, STABLE, max_length=8, overflow="cut"), record)
    text = as_text(Shown(found, "d", "f:1"))
    assert "--- what follows is beyond max_length 8 (overflow: cut) ---" in text
    kept, cut = found.parts[0].kept, found.trained - found.parts[0].kept
    assert f"  {kept} of {found.trained}  trained" in text
    assert f"  !!  length: {found.length} tokens; {cut} trained tokens lie beyond 8 (overflow: cut)" in text
    assert sum(len(piece.ids) for piece in found.pieces if not piece.cut) == 8


def test_nothing_delivered_acts_on_a_terminal_or_a_page(folder: Path) -> None:
    made = renderer(folder, STABLE)
    hostile = '\x1b[2J</div><script>alert(1)</script>\u202e" onmouseover="x'
    record = {"id": hostile, "input": {"tools": []}, "target": {"turns": [{"ask": hostile, "answer": hostile}]}}
    found = Shown(lesson(made, record), f"Dialogue {hostile}", f"delivery/{hostile}:1")
    for text in (as_text(found), as_json(found)):
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    page = as_html(found)
    assert "<script" not in page and 'onmouseover="' not in page and "\u202e" not in page and "\x1b" not in page
    assert "script-src" not in page and "default-src 'none'" in page
    colored = re.sub("\x1b\\[[0-9;]*m", "", as_text(found, color=True))
    assert colored == as_text(found)


def test_json_is_the_lesson(folder: Path) -> None:
    found = lesson(renderer(folder, STABLE), dialogues(1)[0])
    sheet = json.loads(as_json(Shown(found, "d", "f:1")))
    assert (sheet["record"], sheet["place"]) == ("d", "f:1")
    assert Lesson.model_validate(sheet["lesson"]) == found


def noted(made: Renderer, record: dict[str, Any]) -> dict[str, str]:
    return {note.what: f"{note.state}: {note.text}" for note in lesson(made, record).notes}


def test_what_deserves_a_look_is_said(folder: Path) -> None:
    two = {"ask": "a", "thought": "b", "answer": "c"}
    record = {"id": "d", "input": {"tools": [{"name": "n", "about": "a"}]}, "target": {"turns": [two, two]}}
    assert all(text.startswith("good") for text in noted(renderer(folder, STABLE), record).values())
    assert noted(renderer(folder, FORGETFUL), record)["prompt"] == (
        "bad: what stands up to trained part 1 is another text once later turns follow"
    )
    found = lesson(renderer(folder, NO_TOOLS), record)
    assert found.left_out == {"$.id": 1, "$.input.tools[*].name": 1, "$.input.tools[*].about": 1}
    assert noted(renderer(folder, NO_TOOLS), record)["left out"] == (
        "bad: t.jinja leaves out $.input.tools[*].name, $.input.tools[*].about"
    )
    asking = "<|user|>{{ turn.ask"
    whole = TEMPLATE.replace("{% generation %}KEPT", "").replace(asking, "{% generation %}" + asking)
    assert noted(renderer(folder, whole), record)["loss mask"] == (
        "bad: the loss covers $.target.turns[0].ask, which the contract marks untrained"
    )
    endless = STABLE.replace("<|end|>{% endgeneration %}", "{% endgeneration %}<|end|>")
    assert noted(renderer(folder, endless), record)["end of turn"].startswith("bad: 2 of 2 trained parts end without")
    assert noted(renderer(folder, "<|user|>" + STABLE), record | {"input": {"tools": []}})["beginning"] == (
        "bad: the text begins with <|user|> twice"
    )


def test_a_tokenizer_that_adds_a_beginning_of_its_own_is_mentioned(folder: Path) -> None:
    made = Tokenizer.from_file(str(folder / "tokenizer.json"))
    made.post_processor = processors.TemplateProcessing(
        single="<|user|> $A", special_tokens=[("<|user|>", made.token_to_id("<|user|>"))]
    )
    made.save(str(folder / "adding.json"))
    record = {"id": "d", "input": {"tools": []}, "target": {"turns": [{"ask": "a", "answer": "b"}]}}
    notes = lesson(renderer(folder, STABLE, "adding.json"), record).notes
    assert [note.state for note in notes if note.what == "beginning"] == ["good", "unknown"]
    assert (
        lesson(renderer(folder, STABLE, "adding.json"), record).pieces
        == lesson(renderer(folder, STABLE), record).pieces
    )


# ------------------------------------------------------------------------------------------------ the measures


def use(made: Renderer, path: str = "") -> Use:
    by = Argument(name="by", value=Const(value="house", type=Named(what="recipe")))
    call = Call(measure="m", kind="row", args=(by,), type=BOOL)
    return Use(call, contract(), Path(), {}, {"value": [path]}, lambda name: made, lambda name: [], lambda by: None)  # type: ignore[arg-type, return-value]


def column(module: ModuleType, of: Use, rows: list[dict[str, Any]], cuts: tuple[int, ...] = ()) -> Column:
    """The measure's column, computed in batches and merged."""
    assert isinstance(module.MEASURE, RowMark)
    markers = []
    for start, end in zip((0, *cuts), (*cuts, len(rows)), strict=True):
        marker = module.MEASURE.make(of)
        marker.add(Batch("Dialogue", start, rows[start:end], [Origin("f", 1)] * (end - start)))
        markers.append(marker)
    for later in markers[1:]:
        markers[0].merge(later)
    found: Column = markers[0].finish()
    return found


@pytest.mark.parametrize("template", [STABLE, FORGETFUL, PEEKING], ids=["stable", "forgetful", "peeking"])
def test_prefix_stable_is_that_every_shorter_dialogue_begins_the_longer_one(folder: Path, template: str) -> None:
    """The reference: render the dialogue after each of its turns; each must begin the next."""
    made, rows = renderer(folder, template), dialogues(120)
    found = column(prefix_stable, use(made), rows)
    assert found.known.all()
    for row, judged in zip(rows, found.values, strict=True):
        turns = row["target"]["turns"]
        texts = [made.render({**row, "target": {"turns": turns[:last]}}).text for last in range(1, len(turns) + 1)]
        assert judged == all(whole.startswith(part) for whole in texts[-1:] for part in texts)
    assert found.values.all() == (template == STABLE) and found.values.any()


def test_a_prompt_that_evaluation_does_not_show_is_found(folder: Path) -> None:
    """A block that the prompt renders empty, and whose text the template reads back."""
    looking = (
        "{% set all %}{% generation %}{{ target.turns[0].answer }}<|end|>{% endgeneration %}{% endset %}"
        "<|user|>{% if all | length > 2 %}seen{% endif %}<|assistant|>{{ all }}"
    )
    record = {"id": "d", "input": {"tools": []}, "target": {"turns": [{"ask": "a", "answer": "Pay 5"}]}}
    found = column(prefix_stable, use(renderer(folder, looking)), [record])
    assert list(found.values) == [False] and "is not the prompt that evaluation shows" in found.details[0].message


def test_too_many_turns_and_keys_that_are_no_names_are_unknown(folder: Path) -> None:
    many = {"id": "d", "input": {"tools": []}, "target": {"turns": [{"ask": "a", "answer": "b"}] * (MAX_PARTS + 1)}}
    odd = "{% for turn in input.note['a.b'] %}<|user|>{% generation %}{{ turn }}<|end|>{% endgeneration %}{% endfor %}"
    keyed = {"id": "d", "input": {"tools": [], "note": {"a.b": ["x", "y"]}}, "target": {"turns": []}}
    for template, record, message in (
        (STABLE, many, f"histories are compared up to {MAX_PARTS}"), (odd, keyed, "its turns cannot be found"),
    ):  # fmt: skip
        found = column(prefix_stable, use(renderer(folder, template)), [record])
        assert not found.known[0] and message in found.details[0].message


@pytest.mark.parametrize("template", [STABLE, NO_TOOLS, STABLE.replace(": {{ tool.about }}", "")])
@pytest.mark.parametrize("path", ["$.input.tools", "$.target.turns", "$.id", "$.input.note"])
def test_shown_is_that_each_text_stands_in_the_rendering(folder: Path, template: str, path: str) -> None:
    """The reference: every text becomes a word that stands nowhere else; then one looks for it."""
    made, rows = renderer(folder, template), dialogues(40)
    found = column(shown, use(made, path), rows)
    for row, judged in zip(rows, found.values, strict=True):
        words: list[str] = []
        unique = numbered(row, "$", path, words)
        assert judged == all(word in made.render(unique).text for word in words)


def numbered(value: Any, at: str, under: str, words: list[str]) -> Any:
    """The value with every text replaced by its own word; those at or below `under` are noted."""
    if isinstance(value, dict):
        return {key: numbered(inner, f"{at}.{key}", under, words) for key, inner in value.items()}
    if isinstance(value, list):
        return [numbered(inner, f"{at}[{place}]", under, words) for place, inner in enumerate(value)]
    word = f"w{abs(hash(at))}q"
    words += [word] if f"{at}.".startswith((f"{under}.", f"{under}[")) else []
    return word


def test_shown_asks_for_a_field(folder: Path) -> None:
    with pytest.raises(Unavailable, match="name the field itself"):
        shown.MEASURE.make(use(renderer(folder, STABLE)))


def test_begins_twice_is_that_the_text_opens_with_a_token_twice(folder: Path) -> None:
    made = renderer(folder, "<|user|>" + STABLE)
    rows = [*dialogues(30), {"id": "d", "input": {"tools": []}, "target": {"turns": [{"ask": "", "answer": "x"}]}}]
    found = column(begins_twice, use(made), rows)
    for row, judged in zip(rows, found.values, strict=True):
        assert judged == any(made.render(row).text.startswith(token * 2) for token in SPECIAL)
    assert found.values.all()
    assert not column(begins_twice, use(renderer(folder, STABLE)), rows).values.any()


@pytest.mark.parametrize("module", [shown, prefix_stable, begins_twice])
def test_cutting_and_merging_batches_changes_nothing(folder: Path, module: ModuleType) -> None:
    rows = [*dialogues(9), {"id": "d"}, {"id": "<|end|>", "input": {}, "target": {}}]
    made = renderer(folder, FORGETFUL)
    whole, parts = (column(module, use(made, "$.target.turns"), rows, cuts) for cuts in ((), (1, 4, 10)))
    assert (whole.values == parts.values).all() and (whole.known == parts.known).all()
    assert whole.details == parts.details and not whole.known[-2:].any()


def test_the_record_is_not_touched(folder: Path) -> None:
    record = dialogues(1, most=4)[0]
    before = json.dumps(record)
    lesson(renderer(folder, FORGETFUL), record)
    assert json.dumps(record) == before


# ------------------------------------------------------------------------------------------------ the command


@pytest.fixture(scope="module")
def deal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A contract with its delivery, not locked."""
    made = build(tmp_path_factory.mktemp("deal"))
    text = made.read_text().replace('  keys: "keys.json"\n', "")
    made.write_text(text)
    done(sftspec("manifest", made, made.parent / "delivery"))
    return made


def test_the_record_is_chosen_by_key_place_or_number(deal: Path) -> None:
    delivery = deal.parent / "delivery"
    second = json.loads((delivery / "part-02.jsonl").read_text().splitlines()[4])
    by_key = done(sftspec("preview", deal, delivery, "--record", second["id"])).out
    assert by_key.startswith(f"Request {second['id']} ({delivery}/part-02.jsonl:5), recipe house")
    assert second["input"]["request"].replace(" ", "\u00b7") in by_key.replace("\u2502", "")
    for words in (["--line", "part-02.jsonl:5"], ["--line", f"{delivery}/part-02.jsonl:5"], ["--index", "45"]):
        assert done(sftspec("preview", deal, delivery, *words)).out == by_key
    assert "part-01.jsonl:1)" in done(sftspec("preview", deal, delivery)).out
    assert done(sftspec("preview", deal, delivery, "--format", "html")).out.startswith("<!doctype html>")
    assert json.loads(done(sftspec("preview", deal, delivery, "--format", "json")).out)["lesson"]["recipe"] == "house"


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["--record", "BO-99999"], 2, "holds no Request whose id is `BO-99999`"),
        (["--line", "part-01.jsonl:999"], 2, "holds no Request at part-01.jsonl:999"),
        (["--line", "part-01.jsonl"], 2, "write the file, a colon and the line"),
        (["--index", "1000"], 2, "holds no Request number 1,000"),
        (["--index", "1", "--record", "x"], 2, "not allowed with"),
        (["--recipe", "hause"], 2, "there is no recipe `hause`; choose with --recipe: house"),
    ],
)
def test_a_record_that_is_not_there_is_wrong_usage(deal: Path, words: list[str], code: int, message: str) -> None:
    answer = done(sftspec("preview", deal, deal.parent / "delivery", *words), code)
    assert message in answer.err and not answer.out


def test_a_record_that_cannot_be_trained_on_says_why(deal: Path, tmp_path: Path) -> None:
    line = json.loads((deal.parent / "delivery/part-01.jsonl").read_text().splitlines()[0])
    line["input"]["request"] = "say <|end|> now"
    (tmp_path / "a.jsonl").write_text(json.dumps(line) + "\n")
    done(sftspec("manifest", deal, tmp_path))
    answer = done(sftspec("preview", deal, tmp_path), 1)
    assert (
        "a.jsonl:1 $.input.request: cannot be trained on: $.input.request holds the control token <|end|>" in answer.err
    )


def test_without_the_pack_it_says_what_is_missing(deal: Path) -> None:
    tokens = deal.parent / "base/tokenizer.json"
    tokens.rename(tokens.with_suffix(".away"))
    try:
        answer = done(sftspec("preview", deal, deal.parent / "delivery"), 3)
    finally:
        tokens.with_suffix(".away").rename(tokens)
    assert "`base/tokenizer.json` of recipe house is not here; ask the buyer for the pack" in answer.err


def test_arbitrary_records_give_a_lesson_or_an_error(folder: Path) -> None:
    made, random = renderer(folder, STABLE), Random(3)
    values: list[Any] = [None, True, 3, 1.5, "", "a", [], {}, ["x"], {"ask": 3}, [{"ask": "a", "answer": "b"}], [[]]]
    for _ in range(400):
        record: dict[str, Any] = {"id": "d", "input": {"tools": random.choice(values), "note": random.choice(values)},
                                  "target": {"turns": random.choice(values)}}  # fmt: skip
        try:
            found = lesson(made, record)
        except RenderingError as error:
            assert str(error)
        else:
            assert preview.as_text(Shown(found, "d", "f:1"))
