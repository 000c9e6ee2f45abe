"""Whatever text comes in: diagnostics or a contract, in bounded time, and one way to write each meaning."""

from __future__ import annotations

import dataclasses
import os
import re
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from language_examples import PAGES, examples
from trees import FILES

from spec_lang import parser as parser_module
from spec_lang import syntax as s
from spec_lang.compiler import Compiled, compile_file, compile_source
from spec_lang.contract import canonical
from spec_lang.diagnostics import Diagnostic, frame, short
from spec_lang.examples import placed
from spec_lang.formatter import format_file
from spec_lang.grammarfile import grammar
from spec_lang.memory import Memory
from spec_lang.parser import parse
from spec_lang.source import Source, Span

LONG = bool(os.environ.get("SFTSPEC_LONG"))
ROOT = Path(__file__).resolve().parents[1]
TEXT = (ROOT / "examples" / "repo_repair" / "repo_repair.sftspec").read_text(encoding="utf-8")


def some(count: int) -> settings:
    """A few examples by default, ten thousand with `make fuzz-language`."""
    quiet = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    phases = [Phase.explicit, Phase.reuse, Phase.generate, *([Phase.shrink] if LONG else [])]
    return settings(
        max_examples=10_000 if LONG else count, deadline=None, suppress_health_check=quiet, phases=phases, database=None
    )


def compiled(text: str, seconds: float = 10) -> Compiled:
    """Compile, and show every diagnostic in each form. Each stands somewhere, and none stands there twice.

    The seconds are those of the processor, so that a busy machine makes no difference.
    """
    start = time.process_time()
    source = Source("contract.sftspec", text)
    result = compile_source(source)
    assert time.process_time() - start < seconds
    for item in result.diagnostics:
        assert frame(item) and frame(item, colour=True) and short(item) and item.as_json()
        for label in (*([item.primary] if item.primary else []), *item.secondary):
            span = label.span
            assert 0 <= span.start <= span.end <= len(span.source.text)
            assert span.source == source or span.source.name.startswith("std")
    seen = Counter((item.code, item.message, item.primary) for item in result.diagnostics)
    assert not [item for item, times in seen.items() if times > 1]
    assert result.contract is not None or any(item.severity == "error" for item in result.diagnostics)
    return result


def words(text: str) -> list[str]:
    """A text cut into words, spaces and comments."""
    return [str(token) for token in grammar().lex(text, dont_ignore=True)]


SOUP = [
    *sorted({word for word in words(TEXT) if word.strip() and not word.startswith("#")}),
    "..",
    "+-",
    "...",
    "=",
    "'",
    "&",
    '"',
    'r"',
    "\n",
    "\n  ",
    "# x\n",
    "1e9",
    "99999999999999999999999999",
]
CONTRACTS = [path.read_text("utf-8") for path in sorted((ROOT / "examples").rglob("*.sftspec"))]
MANUAL = [
    placed(example.fragment, example.place, example.skeleton)[0] if example.place else example.fragment
    for page in PAGES
    for example in examples(page)
]
WRITTEN = st.sampled_from(CONTRACTS) | st.sampled_from(MANUAL)
"""Every contract of the examples and every fragment of the manual, sound and broken."""
DAMAGES = ("drop", "double", "swap", "replace", "insert", "letter", "cut")


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A contract with a few words dropped, doubled, swapped, replaced or added, or cut off: as by mistake."""
    pieces = words(draw(WRITTEN))
    for _ in range(draw(st.integers(1, 4))):
        position = draw(st.integers(0, max(0, len(pieces) - 2)))
        match draw(st.sampled_from(DAMAGES)):
            case "drop":
                del pieces[position : position + 1]
            case "double":
                pieces[position:position] = pieces[position : position + 1]
            case "swap":
                pieces[position : position + 2] = reversed(pieces[position : position + 2])
            case "replace":
                pieces[position : position + 1] = [draw(st.sampled_from(SOUP))]
            case "insert":
                pieces[position:position] = [draw(st.sampled_from(SOUP))]
            case "letter":
                pieces[position:position] = [draw(st.characters())]
            case "cut":
                del pieces[position:]
    return "".join(pieces)


@some(60)
@given(st.text(max_size=300))
def test_any_text_compiles_or_is_explained(text: str) -> None:
    """No text raises."""
    compiled(text)


@some(60)
@given(st.lists(st.sampled_from(SOUP), max_size=120), st.sampled_from([" ", "", "\n"]))
def test_any_soup_of_words_compiles_or_is_explained(words: list[str], between: str) -> None:
    """Nor do the language's own words in any order."""
    compiled(between.join(words))


@some(60)
@given(damaged())
def test_a_damaged_contract_is_explained(text: str) -> None:
    """Close to what people write by mistake: whatever it is, few diagnostics explain it."""
    assert len(compiled(text).diagnostics) < 60


def spans(part: object) -> list[tuple[int, int]]:
    """Where every node of a tree stands."""
    if isinstance(part, Span):
        return [(part.start, part.end)]
    if isinstance(part, tuple):
        return [span for item in part for span in spans(item)]
    if isinstance(part, s.Syntax):
        return [span for field in dataclasses.fields(part) for span in spans(getattr(part, field.name))]
    return []


def parsed(text: str) -> tuple[s.File, list[Diagnostic], list[tuple[int, int]]]:
    file, problems = parse(Source("contract.sftspec", text))
    return file, problems, spans(file.declarations)


@some(40)
@given(WRITTEN, damaged(), st.text(max_size=20))
def test_what_is_remembered_changes_nothing(before: str, text: str, above: str) -> None:
    """A text is read in an editor, after others and further down, as it is read alone."""
    moved = f"# {above!r}\n{text}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parser_module, "_MEMORY", Memory())
        parse(Source("contract.sftspec", before))
        parse(Source("contract.sftspec", text))
        again = parsed(moved)
        patch.setattr(parser_module, "_MEMORY", Memory(0))
        assert parsed(moved) == again


@some(40)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_contract_or_explained(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    """Files come from anywhere."""
    path = tmp_path_factory.mktemp("bytes") / "contract.sftspec"
    path.write_bytes(data)
    assert compile_file(path).diagnostics


# one way to write each meaning


@some(50)
@given(FILES)
def test_what_is_written_is_read_again(file: s.File) -> None:
    """parse(format(tree)) == tree."""
    text = format_file(file)
    again, problems = parse(Source("contract.sftspec", text))
    assert problems == []
    assert again == file


@some(50)
@given(FILES)
def test_what_is_formatted_stays(file: s.File) -> None:
    """Formatting what was formatted changes nothing."""
    text = format_file(file)
    again, _ = parse(Source("contract.sftspec", text))
    assert format_file(again) == text


@some(30)
@given(WRITTEN)
def test_what_people_wrote_settles(text: str) -> None:
    """So does a contract or a fragment of the manual, with its comments, and it means what it meant."""
    file, problems = parse(Source("contract.sftspec", text))
    if problems:
        return
    once = format_file(file)
    again, _ = parse(Source("contract.sftspec", once))
    assert (again.version, again.declarations) == (file.version, file.declarations)
    assert Counter(c.text for c in again.comments) == Counter(c.text for c in file.comments)
    assert format_file(again) == once


COMMENTS = ["# one", "# two {", '# three "', "# four # five"]


@some(25)
@given(FILES, st.data())
def test_comments_are_kept(file: s.File, data: st.DataObject) -> None:
    """Every comment once, wherever it stood; and the text settles after one formatting."""
    lines = format_file(file).split("\n")
    for position in data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=4, unique=True)):
        comment = data.draw(st.sampled_from(COMMENTS))
        lines[position] += data.draw(st.sampled_from([f"  {comment}", f"\n{comment}", f"\n\n    {comment}"]))
    text = "\n".join(lines)
    before, problems = parse(Source("contract.sftspec", text))
    assert problems == []
    once = format_file(before)
    after, _ = parse(Source("contract.sftspec", once))
    assert after == file
    assert Counter(c.text for c in after.comments) == Counter(c.text for c in before.comments)
    assert format_file(after) == once


def digest(text: str) -> str:
    result = compile_source(Source("contract.sftspec", text))
    assert result.contract is not None, [item.message for item in result.diagnostics]
    return result.contract.digest()


@some(2)
@given(st.randoms(use_true_random=False))
def test_space_and_comments_never_change_what_a_contract_means(random: object) -> None:
    """The digest is of the meaning."""
    spaces = [" ", "  ", "\n  ", "\n\n   ", "  # said in passing\n "]
    out = []
    for token in grammar().lex(TEXT):
        stay = token.type == "COLON" or token.type in ("ATTRIBUTE", "LPAR")
        own_line = token.column == 1
        out.append("\n" if own_line else "" if stay else random.choice(spaces))  # type: ignore[attr-defined]
        out.append(str(token))
    assert digest("".join(out)) == digest(TEXT)


@some(20)
@given(st.sampled_from(CONTRACTS), st.text(st.characters(exclude_categories=["Cs"])))
def test_what_is_hashed_is_canonical(text: str, title: str) -> None:
    """RFC 8785, as its own library writes it."""
    contract = compile_source(Source("contract.sftspec", text)).contract
    if contract is not None:
        named = contract.model_copy(update={"title": title})
        assert named.canonical() == canonical(named.model_dump(mode="json"))


def test_formatting_never_changes_what_a_contract_means() -> None:
    """The digest of the formatted text is that of the text."""
    file, _ = parse(Source("contract.sftspec", TEXT))
    assert digest(format_file(file)) == digest(TEXT)


NUMBERS = [
    (found.start(), found.group())
    for found in re.finditer(r"(?<![\w.\"-])\d[\d_]*(?:\.\d+)?(?![\w.\"-])", TEXT)
    if TEXT.rfind("terms ", 0, found.start()) > 0
    and not TEXT[: found.start()].rpartition("\n")[2].lstrip().startswith("#")
]


@some(6)
@given(st.sampled_from(NUMBERS))
def test_every_number_changes_what_a_contract_means(number: tuple[int, str]) -> None:
    """No number of a clause, a recipe or a price is ignored."""
    start, written = number
    last = "9" if written[-1] != "9" else "8"
    changed = TEXT[:start] + written[:-1] + last + TEXT[start + len(written) :]
    result = compile_source(Source("contract.sftspec", changed))
    assert result.contract is None or result.contract.digest() != digest(TEXT)


# files


def codes(path: Path) -> list[str]:
    return [item.code for item in compile_file(path).diagnostics]


HEAD = 'sftspec 1\n\ncontract c {\n  version: "1"\n  buyer: "b"\n  vendor: "v"\n}\n\nrecord R {\n  text: Text\n}\n'


def test_a_missing_file_a_folder_and_a_file_in_another_encoding_are_explained(tmp_path: Path) -> None:
    """Each with a code and an advice."""
    latin = tmp_path / "latin.sftspec"
    latin.write_bytes(HEAD.replace('"b"', '"é"').encode("latin-1"))
    assert codes(tmp_path / "none.sftspec") == ["SFT2008"]
    assert codes(tmp_path) == ["SFT2008"]
    assert codes(latin) == ["SFT1005"]
    assert "on line 5" in compile_file(latin).diagnostics[0].message


def test_files_that_use_each_other_are_refused(tmp_path: Path) -> None:
    """Directly, or by way of another file; and a file that two others use is read once."""
    (tmp_path / "a.sftspec").write_text('use "b.sftspec"\n' + HEAD.replace("sftspec 1\n", ""), "utf-8")
    (tmp_path / "a.sftspec").write_text(HEAD + '\nuse "b.sftspec"\n', "utf-8")
    (tmp_path / "b.sftspec").write_text('sftspec 1\n\nuse "c.sftspec"\n', "utf-8")
    (tmp_path / "c.sftspec").write_text('sftspec 1\n\nuse "a.sftspec"\n', "utf-8")
    assert codes(tmp_path / "a.sftspec") == ["SFT2009", "SFT4101"][:1]
    (tmp_path / "c.sftspec").write_text("sftspec 1\n\ntype T {\n  text: Text\n}\n", "utf-8")
    (tmp_path / "a.sftspec").write_text(HEAD + '\nuse "b.sftspec"\nuse "c.sftspec"\n', "utf-8")
    assert codes(tmp_path / "a.sftspec") == ["SFT4101"]


def test_a_chain_of_files_ends(tmp_path: Path) -> None:
    """By their number, and by their characters: each file is within its own limit."""
    for number in range(100):
        (tmp_path / f"a{number}.sftspec").write_text(f'sftspec 1\n\namends "a{number + 1}.sftspec"\n', "utf-8")
        (tmp_path / f"u{number}.sftspec").write_text(f'sftspec 1\n\nuse "u{number + 1}.sftspec"\n', "utf-8")
        (tmp_path / f"b{number}.sftspec").write_text(f"sftspec 1\n\n{'#' * 900_000}\n", "utf-8")
    text = HEAD + "".join(f'\nuse "b{number}.sftspec"\n' for number in range(3))
    (tmp_path / "b.sftspec").write_text(text, "utf-8")
    assert "SFT1004" in codes(tmp_path / "a0.sftspec")
    assert "SFT1004" in codes(tmp_path / "u0.sftspec")
    found = [item for item in compile_file(tmp_path / "b.sftspec").diagnostics if item.code == "SFT1004"]
    assert [item.primary.span.text for item in found if item.primary] == ['use "b2.sftspec"']
    assert "2,000,000 characters together" in found[0].message


def test_an_enum_ends_at_a_thousand_words() -> None:
    """In each of its forms; and what is within the limit is read."""
    words = [f"w{number}" for number in range(1_001)]
    named = HEAD + "enum E { " + " ".join(words) + " }"
    below = HEAD + "enum E { a { " + " ".join(words[1:]) + " } }"
    here = HEAD.replace("Text", " | ".join(words))
    for text, last in ((named, "w1000"), (below, "w1000"), (here, "w1000")):
        first = next(item for item in compiled(text).diagnostics if item.severity == "error")
        assert (first.code, first.primary.span.text) == ("SFT1004", last)  # type: ignore[union-attr]
    assert compiled(named.replace(" w1000", "")).contract is not None


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    """What a contract uses lies beside it."""
    (tmp_path / "secret.sftspec").write_text("sftspec 1\n", "utf-8")
    inner = tmp_path / "deal"
    inner.mkdir()
    (inner / "terms.sftspec").symlink_to(tmp_path / "secret.sftspec")
    (inner / "a.sftspec").write_text(HEAD + '\nuse "terms.sftspec"\n', "utf-8")
    assert codes(inner / "a.sftspec") == ["SFT2008"]


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A contract that uses a pipe would hang."""
    os.mkfifo(tmp_path / "pipe.sftspec")
    (tmp_path / "a.sftspec").write_text(HEAD + '\nuse "pipe.sftspec"\n', "utf-8")
    assert codes(tmp_path / "a.sftspec") == ["SFT2008"]


def test_house_terms_in_a_file_of_their_own(tmp_path: Path) -> None:
    """A used file speaks of the contract's record, and its own names carry its name."""
    (tmp_path / "house.sftspec").write_text(
        "sftspec 1\n\nenum Tone { plain formal }\n\n"
        "terms house on R {\n  require long: every(chars(text) >= 2 chars)\n}\n",
        "utf-8",
    )
    text = HEAD.replace("  text: Text\n", "  text: Text\n  tone: house.Tone\n") + '\nuse "house.sftspec"\n'
    (tmp_path / "a.sftspec").write_text(text, "utf-8")
    contract = compile_file(tmp_path / "a.sftspec").contract
    assert contract is not None and contract.clause("house.long").table == "R"


# limits

HOSTILE = {
    "brackets": "x: " + "(" * 100_000,
    "lists": "type T { x: " + "[" * 30 + "Text" + "]" * 30 + " }",
    "negations": HEAD + "terms t on R { require a: every(" + "not " * 5_000 + "true) }",
    "minus": HEAD + "terms t on R { require a: every(" + "- " * 5_000 + "1 == 1) }",
    "sums": HEAD + "terms t on R { require a: count() >= " + "1 + " * 5_000 + "1 }",
    "implications": HEAD + "terms t on R { require a: every(" + "true implies " * 5_000 + "true) }",
    "conjunctions": HEAD + "terms t on R { require a: every(" + " and ".join(["present(text)"] * 90) + ") }",
    "paths": HEAD + "terms t on R { require a: every(present(text" + ".text" * 5_000 + ")) }",
    "exponent": HEAD + "terms t on R { require a: count() >= 1e999999999 records }",
    "digits": HEAD + "terms t on R { require a: count() >= " + "9" * 100_000 + " records }",
    "volume": HEAD.replace("}", "volume: 99999999999999999999 records }", 1),
    "mistakes": "sftspec 1\n" + "record {\n" * 5_000,
    "names": HEAD + "".join(f"enum E{i} {{ a b }}\n" for i in range(800)),
    "unknown": HEAD + "".join(f"type T{i} {{ a: Q{i} }}\n" for i in range(800)),
    "doubling": HEAD
    + "".join(f"type T{i} {{ a: T{i + 1} b: T{i + 1} }}\n" for i in range(800))
    + "type T800 { a: Text }",
    "chain": HEAD + "".join(f"type T{i} {{ a: T{i + 1} }}\n" for i in range(800)) + "type T800 { a: T0 }",
    "quotes": '"' * 100_000,
    "controls": "\u0000\u202e\r\u2028" * 20_000,
    "open braces": HEAD + "type T {\n" * 5_000,
    "open groups": HEAD + "type T {\n" + "g {\n" * 5_000,
    "shrinking margins": HEAD + "type T {\n" + "".join(" " * (400 - i) + "g {\n" for i in range(400)),
    "closing braces": HEAD + "}\n" * 50_000,
    "long line": HEAD + "enum E { " + " ".join(f"word{i}" for i in range(50_000)) + " }",
    "long text": HEAD + 'enum E { a "' + "x" * 900_000 + '" }',
    "long name": HEAD + "enum E { " + "x" * 900_000 + " }",
    "tokens": HEAD + "terms t on R {\n" + "  require a: b c d e f g h\n" * 12_000 + "}",
    "labels": HEAD + "contract d {\n" + "  a b: c\n" * 30_000 + "}",
    "apostrophes": HEAD + "'a' " * 100_000,
    "names alike": HEAD + "type T {\n" + "".join(f"  a{i}: Txt\n" for i in range(5_000)) + "}",
    "clauses alike": HEAD
    + "terms t on R {\n"
    + "".join(f"  require c{i}: every(txet == a{i})\n" for i in range(5_000))
    + "}",
    "mistakes in a line": HEAD
    + "terms t on R { "
    + " ".join(f"require c{i}: every(a{i} == 1)" for i in range(9_000))
    + " }",
    "twice in a line": HEAD + "enum E {" + " a" * 40_000 + " }",
    "long names": HEAD + "type T { " + " ".join(f"a{i}: {'q' * 9_000}{i}" for i in range(90)) + " }",
    "compared with many words": HEAD.replace("Text", " | ".join(f"w{i}" for i in range(20_000)))
    + "terms t on R { "
    + " ".join(f"require c{i}: every(text == 5)" for i in range(2_000))
    + " }",
    "shares of many words": HEAD.replace("Text", " | ".join(f"w{i}" for i in range(20_000)))
    + "mixture on R by records { text: "
    + ", ".join(f"w{i} >= 1%" for i in range(5_000))
    + " }",
    "definitions": HEAD
    + "terms t on R {\n  let a0: text\n"
    + "".join(f"  let a{i + 1}: a{i}\n" for i in range(3_000))
    + '  require x: every(a3000 == "x")\n}',
    "definitions that double": HEAD
    + "terms t on R {\n  let a0: chars(text)\n"
    + "".join(f"  let a{i + 1}: a{i} + a{i}\n" for i in range(3_000))
    + "  require x: every(a3000 >= 1 chars)\n}",
    "crossed": HEAD.replace("text: Text", "".join(f"f{i}: a | b | c\n" for i in range(300)))
    + "terms t on R { "
    + " ".join(f"require c{i}: share(f{i} == a and f{(i + 1) % 300} == b) >= {i % 60 + 5}%" for i in range(300))
    + " }",
    "the same over and over": HEAD
    + "terms t on R { "
    + " ".join(f"advise c{i}: share(present(text)) <= 9%" for i in range(3_000))
    + " }",
    "letters alike": HEAD + "enum \u0415 { \u0430 \uff41 a } type T { t\u0435xt: Text \ufb01eld: Text x\u0301: Text }",
    "pattern": HEAD.replace("Text", 'Text matching r"' + "(a{1000}){1000}" + '"'),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_text_cannot_stop_the_checker(name: str) -> None:
    """Bounded depth, bounded length, bounded work."""
    compiled(HOSTILE[name], seconds=20)


def test_a_megabyte_is_read_and_more_is_refused() -> None:
    """The limit is a limit, and up to it the time is bounded."""
    clause = "  require c{}: every(chars(text) >= 2 chars)\n"
    body = "".join(clause.format(i) for i in range(1_000 if not LONG else 20_000))
    text = HEAD + "terms t on R {\n" + body + "}\n"
    assert compiled(text, 60).contract is not None
    over = compiled(text + "#" * 1_000_000)
    assert [item.code for item in over.diagnostics] == ["SFT1004"]


@pytest.mark.parametrize("char", ["\u202e", "\u2066", "\u200b", "\u00ad", "\u0000", "\x1b", "\U000e0041", "\u2028"])
@pytest.mark.parametrize("place", ['"b"', "# note", "record R"])
def test_a_character_that_cannot_be_seen_is_refused_everywhere(char: str, place: str) -> None:
    """In a text, in a comment, in a name."""
    text = (HEAD + "# note\n").replace(place, place[:2] + char + place[2:])
    found = [item.code for item in compiled(text).diagnostics if item.severity == "error"]
    assert found == ["SFT1008"]


def test_a_carriage_return_alone_cannot_hide_a_line() -> None:
    """`# comment \\r require ...` shows as a clause in some editors and is none."""
    assert next(d.code for d in compiled(HEAD + "# note\r  require x: y\n").diagnostics) == "SFT1008"
    assert compiled(HEAD.replace("\n", "\r\n")).contract is not None


LONG_CLAUSE = """\
sftspec 1

record Row key id {
  id: Text

  require words:
    all m in target.messages satisfies  # the whole dialogue
      m.role == assistant
        implies mentions(m.content, "unscharf und verwackelt")
          or mentions(m.content, "verschwommen und dunkel")
          or mentions(m.content, "ganz und gar nicht scharf")
  require turned_down:
    every(m.first and m.second
      implies (any m in target.messages satisfies
        m.role == assistant
          and (declines(m.content)
            or mentions(m.content, "das darf ich nicht")
            or mentions(m.content, "das lehne ich leider ab"))))
}
"""


def test_a_long_chain_stands_an_operand_a_line_and_a_body_below_its_quantifier() -> None:
    """Whatever way it was broken before."""
    for text in (LONG_CLAUSE, LONG_CLAUSE.replace("\n          or", " or").replace("\n            or", " or")):
        file, problems = parse(Source("contract.sftspec", text))
        assert not problems
        again = format_file(file)
        shown = again.replace("  # the whole dialogue", "")
        assert shown == LONG_CLAUSE.replace("  # the whole dialogue", "")
        assert again.count("# the whole dialogue") == 1
        assert format_file(parse(Source("contract.sftspec", again))[0]) == again
