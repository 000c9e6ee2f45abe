"""Each quick way of the checker against the slow, obvious one that it stands for, on random data."""

from __future__ import annotations

import base64
import html
import json
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from acceptance.delivery import strict
from acceptance.delivery.encoding import SEPARATORS, has_separators, separators
from acceptance.engine.columns import Columns
from acceptance.engine.expressions import getter
from acceptance.engine.functions import Workshop
from acceptance.engine.paths import steps_of
from acceptance.engine.readers import RowReader
from acceptance.measures import _scan, has_pii, has_secret
from acceptance.measures._scan import Scan, contents, with_keys
from acceptance.measures._texts import GROUPS, SPOKEN, Texts
from acceptance.measures.duplicate import alike
from acceptance.measures.near_duplicate import _distinct
from acceptance.measures.well_formed import WellFormed
from acceptance.tables import ABSENT, Batch, Delivered, Malformed, Origin, strings
from acceptance.text import folding, ngrams
from acceptance.values.places import Places
from spec_lang.contract import Call, Expr
from spec_lang.types import JsonOf, ListOf, RecordOf, Scalar, bare
from tests import build
from tests.build import among, batches, call, const, contract, eq, op, path, row, well
from tests.measures.support import use

LETTERS = (
    "aB 1\n\t&#;%41\\u0\u00e9\u0301\u200b\u2014\u201c\u2026"
    "\u0430\u0660\uff21\u304b\u3099\u1100\u1161\u0dd9\u0dcf\u4e2d\ufb01"
)
texts = st.text(alphabet=LETTERS, max_size=24) | st.text(max_size=24)
TOKEN = "ghp_" + "aZ3kQ9mW7xB5vN2tR8yL4pD6sF1gH0jKcEuI"
PIECES = (
    TOKEN, TOKEN[:9] + "\u200b" + TOKEN[9:], base64.b64encode(f"use {TOKEN} here".encode()).decode(),
    "password = tR8yL4pD6sF1gH", "".join(f"&#{ord(letter)};" for letter in TOKEN), "%67hp_" + TOKEN[4:],
    "\\u0067hp_", "&commat;", "&#64;", "maria.lopez@northmail.co", "maria%40northmail.co", "+49 30 1234567",
    "+49\u201130\u20111234567", "call me at 555 0100 22", "\u0665\u0665\u0665-867-5309", "415-555-2671",
    "/home/mlopez/x", "4111 1111 1111 1111", "GB82 WEST 1234 5698 7654 32", "078-05-1121", "a plain sentence",
    "\u201cquoted\u201d", "x" * 30,
)  # fmt: skip
pieces = st.lists(st.sampled_from(PIECES), max_size=3)
rows_of_texts = st.lists(
    st.fixed_dictionaries(
        {"a": pieces.map(" ".join), "b": pieces},
        optional={"a long key that says " + TOKEN: st.just("x"), "plain": st.none() | st.integers()},
    ),
    max_size=70,
)


def slowly_folded(text: str, table: Any) -> str:
    text = html.unescape(html.unescape(text))
    bare_ = unicodedata.normalize("NFKD", text)
    if any(letter in folding.COMPOSED for letter in bare_):
        bare_ = unicodedata.normalize("NFC", "".join(one for one in bare_ if ord(one) not in folding.ACCENTS))
    return "".join(table.fold(ord(letter)) or "" for letter in bare_)


@given(st.lists(texts, max_size=5))
def test_folding_goes_letter_by_letter(some: list[str]) -> None:
    assert list(map(folding.folded, some)) == [slowly_folded(text, folding._KEEPING_DIGITS) for text in some]
    hardened = [slowly_folded(text, folding._WITHOUT_DIGITS) for text in some]
    assert folding.hardened_all(some).split() == " ".join(hardened).split()


@given(texts)
def test_texts_are_alike_whatever_their_case_and_spacing(text: str) -> None:
    bare_ = str(folding.FORMATS.sub("", text))
    assert folding.visible(text) == bare_
    assert alike(text) == " ".join(unicodedata.normalize("NFKC", bare_).casefold().split())


def test_what_only_formats_is_not_printable() -> None:
    """So a printable text need not be searched for it, nor for spacing other than the space."""
    every = "".join(map(chr, range(0x110000)))
    unseen = {*"".join(folding.FORMATS.findall(every.encode("utf-8", "replace").decode())), *filter(str.isspace, every)}
    assert [letter for letter in unseen if letter.isprintable()] == [" "]


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 4), st.integers(1, 2)), max_size=20),
    st.integers(1, 6),
    st.integers(0, 20),
)
def test_places_are_those_of_the_rows(made: list[tuple[str, int, int]], size: int, cut: int) -> None:
    origins = sorted((Origin(*one) for one in made), key=lambda one: one.lot)
    first, later = Places(), Places()
    for start in range(0, len(origins), size):
        batch = Batch("R", start, [{} for _ in origins[start : start + size]], origins[start : start + size])
        (first if start < cut else later).add(batch)
    first.merge(later)
    assert [first[row] for row in range(len(first))] == origins
    assert [lot for lot, rows in first.lots() for _ in origins[rows]] == [origin.lot for origin in origins]
    names = list(first.names)
    assert [names[one] for one in first.shards()] == [origin.file for origin in origins]


@given(st.lists(st.text("ab\u00e9 ", max_size=40), max_size=5), st.sampled_from([1, 1 << 16]))
def test_a_word_is_a_polynomial_wherever_it_stands(some: list[str], table: int) -> None:
    mask, factor = (1 << 64) - 1, int(ngrams.FACTOR)

    def slowly(word: bytes) -> int:
        total = sum(int(ngrams.LETTERS[one]) * factor**at for at, one in enumerate(word)) & mask
        length = int(ngrams.mixed(np.array([len(word)], dtype=np.uint64))[0])
        return int(ngrams.mixed(np.array([(total + length) & mask], dtype=np.uint64))[0])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ngrams, "POWERS", ngrams.POWERS[:table])
        hashes, offsets = ngrams.word_hashes(some)
    assert hashes.tolist() == [slowly(word.encode()) for text in some for word in text.split()]
    assert offsets.tolist() == [0, *accumulate(len(text.split()) for text in some)]


@given(st.lists(st.text("ab\u00e9", min_size=1, max_size=40), min_size=1, max_size=12))
def test_words_of_any_length_have_hashes_of_their_own(words: list[str]) -> None:
    hashes, _ = ngrams.word_hashes([" ".join(words)])
    assert len(set(hashes.tolist())) == len(set(words))
    assert [int(ngrams.word_hashes([word])[0][0]) for word in words] == hashes.tolist()


@given(st.lists(st.lists(st.integers(0, 9), max_size=6), min_size=1, max_size=6), st.integers(1, 3))
def test_sets_of_hashes_are_sorted_and_distinct(rows: list[list[int]], fields: int) -> None:
    flat = np.array([one for some in rows for one in some], dtype=np.uint64)
    part = (flat, ngrams.offsets_of([len(some) for some in rows]))
    hashes, offsets = _distinct([part] * fields)
    found = [hashes[first:last].tolist() for first, last in pairwise(offsets)]
    assert found == [sorted(set(some)) for some in rows]


@given(st.lists(st.integers(0, 9), max_size=20))
def test_the_gate_sees_all_rows_in_order_and_a_long_one_alone(lengths: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(_scan, "CHUNK", 3)
        patch.setattr(_scan, "LONG", 8)
        groups = [range(len(lengths))[one] for one in _scan._groups(["x" * length for length in lengths])]
    assert [row for one in groups for row in one] == list(range(len(lengths)))
    assert all(len(one) == 1 or (len(one) <= 3 and sum(lengths[row] for row in one) <= 8) for one in groups)


@pytest.mark.parametrize("name", ["secret", "pii"])
@settings(max_examples=60, deadline=None)
@given(rows=rows_of_texts)
def test_the_gate_of_a_scanner_lets_nothing_pass(name: str, rows: list[dict[str, Any]]) -> None:
    kinds = ("email", "phone", "us_ssn", "card", "iban", "home")
    scan: Scan = (
        has_secret.MEASURE.make(use("has_secret")) if name == "secret" else has_pii.make(use("has_pii", kinds=kinds))
    )  # type: ignore[assignment]
    scan.add(Batch("R", 0, rows, [Origin("a.jsonl", at) for at in range(len(rows))]))
    slow = [any(scan.look(scan.prepare(text)) for _, text in with_keys(one)) for one in rows]
    assert scan.finish().values.tolist() == slow
    assert [sorted(contents(one, [])) for one in rows] == [sorted(text for _, text in with_keys(one)) for one in rows]


names = st.sampled_from(("tool", "took", "text", "z"))
values = st.recursive(
    st.none() | st.booleans() | st.text("xyz", max_size=3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=5,
)  # fmt: skip
odd_rows = st.dictionaries(st.sampled_from(("id", "input", "source", "steps", "weight")), values)


def slow_texts(agreed: Any, shape: Any, names: tuple[str, ...], one: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    def below(value: Any, type_: Any, at: str) -> Iterator[tuple[str, str]]:
        type_ = bare(type_)
        if isinstance(type_, RecordOf) and isinstance(value, dict):
            for field in agreed.shape(type_.name).fields:
                if field.name in value:
                    yield from below(value[field.name], field.type, f"{at}.{field.name}")
        elif isinstance(type_, ListOf) and isinstance(value, list):
            for position, inner in enumerate(value):
                yield from below(inner, type_.item, f"{at}[{position}]")
        elif isinstance(type_, RecordOf | ListOf | JsonOf) or (isinstance(type_, Scalar) and type_.name in SPOKEN):
            yield from strings(value, at)

    for field in shape.fields:
        if field.name in one and field.name in names:
            yield from below(one[field.name], field.type, f"$.{field.name}")


@given(odd_rows)
def test_texts_of_a_record_whatever_it_holds(one: dict[str, Any]) -> None:
    agreed = contract()
    shape = agreed.shape("Request")
    assert Texts(agreed, "Request", "all_text")(one) == list(slow_texts(agreed, shape, GROUPS["all_text"], one))


@settings(deadline=None)
@given(st.lists(odd_rows | st.integers(0, 3).map(row), max_size=12))
def test_fields_of_good_records_are_good(rows: list[dict[str, Any]]) -> None:
    for name in ("", "input", "input.text", "input.level", "weight", "steps"):
        agreed = contract(build.every("a", well("input.text")), build.every("b", well(name)))
        call = well(name)
        workshop = Workshop(agreed, Path(), *[None] * 3, lambda table: {})  # type: ignore[arg-type]
        quick, slow = (WellFormed(workshop.use(call, workshop.setting("Request"))) for _ in range(2))
        for batch in batches("Request", rows, size=5)():
            quick.add(batch)
        look = slow._begin("Request")
        for one in rows:
            slow._judge(one, look)
        one, other = quick.finish(), slow.finish()
        assert (one.values.tolist(), one.known.tolist()) == (other.values.tolist(), other.known.tolist())
        assert one.details == other.details


EASY = eq(path("input.level"), const("easy"))
EXPRESSIONS: tuple[Expr, ...] = (
    eq(path("input.task"), const("refund")), among(path("input.level"), "easy"), path("input.text"), path("weight"),
    path("source.author"), const(True), eq(path("source.reviewer"), path("source.author")),
    op("and", EASY, op("<", path("source.author.->Expert.valid_from"), path("source.written_at"))),
    op("implies", eq(path("weight"), const(1)), call("present", value=path("source.generator"))),
    path("source.author.->Expert.valid_until"), call("present", value=path("steps")),
)  # fmt: skip
scalars = (
    st.none() | st.booleans() | st.integers(-1, 1) | st.floats(0, 1) | st.lists(st.integers(), max_size=1)
    | st.sampled_from(("refund", "easy", "e1", "e2", "2026-05-01", "x" * 65, ""))
)  # fmt: skip
inner = st.dictionaries(
    st.sampled_from(("text", "task", "level", "author", "reviewer", "written_at", "generator")), scalars
)
likely_rows = st.dictionaries(st.sampled_from(("id", "input", "source", "weight", "steps")), scalars | inner | inner)


@settings(deadline=None)
@given(st.lists(likely_rows | st.integers(0, 3).map(row), max_size=12))
def test_an_expression_over_some_fields_is_the_same_where_it_is_remembered(rows: list[dict[str, Any]]) -> None:
    experts = {"e1": {"id": "e1", "valid_from": "2026-01-01"}, "e2": {"valid_from": "2027-01-01", "valid_until": 7}}
    workshop = Workshop(contract(), Path(), *[None] * 3, lambda table: experts)  # type: ignore[arg-type]
    columns = Columns(workshop, "Request")
    for expr in EXPRESSIONS:
        columns.want(expr)
        quick, slow = columns.readers[expr], RowReader(expr, getter(expr, columns.setting))
        assert quick.keys is not None
        for batch in batches("Request", [*rows, *rows], size=5)():
            quick.add(batch)
            slow.add(batch)
        one, other = quick.finish(), slow.finish()
        assert one.known.tolist() == other.known.tolist() and one.codes == other.codes
        assert one.values.tolist() == other.values.tolist()


@given(odd_rows)
def test_a_path_is_followed_step_by_step(one: dict[str, Any]) -> None:
    setting = Workshop(contract(), Path(), *[None] * 3, lambda table: {}).setting("Request")  # type: ignore[arg-type]
    for name in ("id", "input.text", "input.level", "weight", "steps", "source.generator"):
        steps, convert = steps_of(path(name), setting.contract, setting.roots, setting.rows)
        assert answer(lambda: getter(path(name), setting)(one)) == answer(lambda: stepwise(one, steps, convert))  # noqa: B023


def stepwise(value: Any, steps: Any, convert: Any) -> Any:
    for step in steps:
        value = step(value)
        if value is ABSENT:
            return ABSENT
    return convert(value)


def answer(ask: Any) -> Any:
    try:
        return repr(ask())
    except Malformed:
        return "malformed"


def test_a_call_is_worked_out_once_for_each_delivered_row() -> None:
    call = Call(measure="words", kind="row", args=build.call("words", text=path("input.text")).args, type=build.INT)
    workshop = Workshop(contract(), Path(), *[None] * 3, lambda table: {})  # type: ignore[arg-type]
    delivered = Delivered(row(1, input__text="two words"))
    first, again = (getter(call, workshop.setting("Request")) for _ in range(2))
    assert (first(delivered), again(delivered), list(delivered.memo.values())) == (2, 2, [2])
    assert json.dumps(delivered) == json.dumps(row(1, input__text="two words"))


@given(st.text(max_size=9) | st.text("a\u2028\u2029\x85", max_size=9))
def test_separators_are_seen_in_the_text_as_in_its_bytes(text: str) -> None:
    slow = [words for mark, words in SEPARATORS.items() if mark.encode() in text.encode("utf-8", "surrogatepass")]
    assert [problem.message.split(" stands")[0] for problem in separators(text)] == slow
    assert has_separators(text.encode("utf-8", "surrogatepass")) == bool(slow)


ODD = (
    "-0", "-0.0", "1E5", "1e16", "1e+16", "5e-324", "1e999", "0.10", "9007199254740993", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "1" * 70, "0." + "1" * 70, "NaN", "Infinity", "01",
    "[" * 70 + "]" * 70,
    '"\\ud83d\\ude00"', '"\\ud83d"', '"\\/"', '"\\u0041"', '"\\n"', '"\x7f"', '"\x1f"', '"\0"', '"\u2028"',
    '"\x85\u00e9"', "{}", "1e400", "-1e400", "1" * 18, "1" * 19, "-1e" + "0" * 18 + "1", "0." + "1" * 18 + "e-0007",
    '{"a" :1,"b":1,"b":2}', '{"a":"\\u003a","b":1,"b":2}', '{"a":"\\u003A\\u0022:","b":[],"b":{"c":1}}', '"\\u003c"',
    '{"\\u003a":1, "b" : 1, "b":2}', '{"a b":1, "ab":1,"a b" :1}', '":: \\":"',
    '{"a":1,"a":1}', '{"a":1,"\\u0061":1}', '{"a" :1}', '"\\":1"', "[1,]", "[1, 2]", "\ufeff1", "1\x0c",
)  # fmt: skip
jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
forms = st.fixed_dictionaries(
    {"ensure_ascii": st.booleans(), "separators": st.sampled_from(((",", ":"), (", ", ": "), (" ,  ", " :\t")))}
)
written = st.builds(lambda value, form: json.dumps(value, **form), jsons, forms)


@settings(deadline=None)
@given(
    st.lists(written | st.sampled_from(ODD), max_size=3),
    st.sampled_from(("", "", "", " ", "\ufeff", "x", "[")),
    st.data(),
)
def test_a_line_read_quickly_is_read_as_the_standard_parser_reads_it(
    some: list[str], odd: str, data: st.DataObject
) -> None:
    line = odd + "{" + ",".join(f'"{at}":{one}' for at, one in enumerate(some)) + "}"
    raw = bytearray(line.encode("utf-8", "surrogatepass"))
    if data.draw(st.booleans()):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    same_either_way(bytes(raw))


@pytest.mark.parametrize("odd", ODD)
def test_each_odd_value_is_read_alike(odd: str) -> None:
    same_either_way(f'{{"a": {odd}, "b": 1}}'.encode())


def same_either_way(raw: bytes) -> None:
    quick, slow = strict.quickly(raw), strict.closely(raw)
    assert quick is None or (repr(quick), None, ()) == (repr(slow[0]), *slow[1:])
    assert strict.parse(raw) == slow or "nan" in repr(slow)


@pytest.mark.parametrize("form", [{}, {"ensure_ascii": False}, {"separators": (",", ":")}])
def test_lines_as_most_writers_put_them_are_read_quickly(form: dict[str, Any]) -> None:
    for record in ({"a": [1, 0.5, None, True, {"b": 'caf\u00e9 \u201cx\u201d\n"\\'}], "\u4e2d": ""}, {}):
        assert strict.quickly(json.dumps(record, **form).encode()) == record
