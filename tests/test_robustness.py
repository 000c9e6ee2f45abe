"""Small versions of `make fuzz-delivery` and `python -m benchmarks.monsters`, and what they have found."""

from __future__ import annotations

import json
from collections import Counter
from functools import reduce
from pathlib import Path

import pytest
from test_delivery import a_contract

from acceptance.cli import main
from acceptance.delivery.findings import Reading
from acceptance.delivery.manifest import BadManifest, read_manifest, write_manifest
from acceptance.delivery.reader import BATCH_BYTES, read
from acceptance.rendering.counting import PATTERNS
from acceptance.rendering.soundness import objection
from acceptance.tables import FARTHEST, MAX_WORDS, Detail, strings
from benchmarks import fuzz_delivery, monsters
from benchmarks.fuzz_child import Files, Room, Wrong, outcome, smaller, store, stored
from benchmarks.fuzz_reports import quiet, sound_page
from benchmarks.hordes import MONSTERS

tokenizers = pytest.importorskip("tokenizers")


@pytest.mark.parametrize("part", fuzz_delivery.PARTS)
def test_some_cases_of_each_part_find_nothing(tmp_path: Path, part: str) -> None:
    """In a process of its own, as the command plays them."""
    summary = fuzz_delivery.fuzzed(part, 1, 60, range(6), tmp_path)
    assert (summary.cases, summary.findings) == (6, Counter())


class Broken:
    """A product with three faults, each at a word of its own."""

    def draw(self, rng: object) -> Files:
        return {"a": b"xxxx crash xxxx", "b": b"of no account"}

    def play(self, files: Files, room: Room) -> None:
        words = files.get("a", b"")
        with room.kept():
            if b"crash" in words:
                raise KeyError(words)
            if b"stray" in words:
                (room.folder / "home" / "left").write_text("behind")
            if b"acts" in words:
                quiet("\x1b[2J", "report")


def test_a_finding_is_told_apart_made_smaller_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(tmp_path))
    room, part = Room(tmp_path / "room"), Broken()
    sign, words = outcome(part, part.draw(None), room)
    assert sign == "KeyError in the fuzzer" and "Traceback" in words
    least = smaller(part, part.draw(None), room, sign)
    assert least == {"a": b"crash"}
    store(least | {"\x1b\n": b"\0"}, tmp_path / "kept")
    assert stored(tmp_path / "kept") == least | {"\x1b\n": b"\0"}
    assert outcome(part, {"a": b"stray"}, room)[0] == "a trace outside the output folder"
    assert outcome(part, {"a": b"acts"}, room)[0] == "a report holds a character that acts"
    assert outcome(part, {"a": b"fine"}, room) == ("", "")


@pytest.mark.parametrize("page", ["<p onclick=x>", "<iframe>", '<a href="http://x">', "<script>1</script>", "\u202e"])
def test_a_page_that_acts_is_a_finding(page: str) -> None:
    with pytest.raises(Wrong):
        sound_page(f"<html>{page}</html>", 0)


SMALL = {
    "400,000 texts below a key of 4 MiB": 0.1,
    "1 GiB in a single line": 0.01,
    "gzip bomb in tar in gzip": 0.003,
    "zip bomb: 5,000 members that share bytes": 0.01,
    "100,000 nested arrays, and objects": 0.1,
    "1,000,000 keys in one object": 0.01,
    "links in circles, and a pipe": 1.0,
}


@pytest.mark.parametrize("name", SMALL)
def test_a_small_monster_is_met(name: str) -> None:
    """Two processes: a breach or a verdict, no traceback, no stray file, bounded memory."""
    (monster,) = (one for one in MONSTERS if one.name == name)
    row, wrong = monsters.met(monster, SMALL[name])
    assert not wrong and row[1] == "1"


# ------------------------------------------------------------------------------------------------ what was found


def test_long_lines_come_in_small_batches(tmp_path: Path) -> None:
    """A thousand lines of 8 MiB would otherwise be held together."""
    line = json.dumps({"id": "a" * (BATCH_BYTES // 3)}) + "\n"
    (tmp_path / "a.jsonl").write_text(line * 10)
    batches = read(tmp_path, write_manifest(tmp_path, a_contract()), a_contract(), "R", Reading())
    assert [len(batch) for batch in batches] == [3, 3, 3, 1]


def test_a_path_does_not_grow_with_what_was_delivered() -> None:
    """A line held a key of 4 MiB and 400,000 texts below it: each had a path of 4 MiB."""
    assert list(strings({"k" * 201: ["a"], "media-type": {"": "b"}})) == [("$.*[0]", "a"), ("$.media-type.*", "b")]
    ((path, _),) = strings(reduce(lambda inner, _: {"k" * 200: inner}, range(9), "a"))
    assert FARTHEST <= len(path) <= FARTHEST + 201


def test_an_explanation_does_not_grow_with_what_was_delivered() -> None:
    told = Detail("$." + "k" * 5_000, "a text", "x" * 5_000)
    assert (len(told.path), told.expected, len(told.found)) == (MAX_WORDS + 3, "a text", MAX_WORDS + 3)


def test_a_manifest_cannot_write_on_the_terminal(tmp_path: Path) -> None:
    """The contract's name in it was shown as it was."""
    (tmp_path / "a.jsonl").write_text('{"id":"x"}\n')
    manifest = write_manifest(tmp_path, a_contract()).model_dump(mode="json") | {"contract": "\x1b[2J\nsftspec: met"}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BadManifest, match="contract"):
        read_manifest(tmp_path)


def test_a_refusal_cannot_write_on_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Names of files come from anywhere."""
    assert main(["fmt", str(tmp_path / "\x1b[2J\u202e.sftspec")]) != 0
    said = capsys.readouterr().err
    assert "\\x1b[2J\\u202e.sftspec" in said and "\x1b" not in said and "\u202e" not in said


SPLIT = {"type": "Split", "behavior": "Isolated", "invert": False}
SOUND = (
    *PATTERNS,
    r"[{,\"]+\p{L}+\":\"| ?\p{L}+(?:_\p{L}+)*| ?\p{N}",
    r"(?<=\d)(?=(?:\d{3})+(?!\d))",
    r"\(\)*[)]+",
    r"[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$",
    r"\\g|\{\d+\}|a+\{9\}|[a+]{3}",
    r"(a|b)?",
)


def made(**parts: object) -> tokenizers.Tokenizer:
    """A tokenizer of one word, with more."""
    model = {"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "a"}
    return tokenizers.Tokenizer.from_str(json.dumps({"version": "1.0", "model": model, "added_tokens": []} | parts))


@pytest.mark.parametrize("pattern", SOUND)
def test_the_patterns_of_tokenizers_in_use_are_taken(pattern: str) -> None:
    assert not objection(made(pre_tokenizer=SPLIT | {"pattern": {"Regex": pattern}}))


@pytest.mark.parametrize(
    "pattern",
    [
        "(a+)+$", "(?:a|aa)*b", r"(\w*){2,}", "((a?){60}){60,}", "[)](.*)+", r"\w{1,9}{1,9}b", "a+{2,}b", "a?{,9}",
        r"(?<x>a|a\g<x>|a\g<x>\g<x>)b", r"(?<x>\\\g<x>?)",
    ],
)  # fmt: skip
def test_a_pattern_that_may_take_for_ever_is_refused(pattern: str) -> None:
    split = {"type": "Sequence", "pretokenizers": [SPLIT | {"pattern": {"Regex": pattern}}]}
    assert "repeats a group without end" in objection(made(pre_tokenizer=split))


def test_a_normalizer_that_blows_texts_up_is_refused() -> None:
    """Twelve times ten for one: a million million."""
    ten = {"type": "Replace", "pattern": {"String": "a"}, "content": "a" * 10}
    assert not objection(made(normalizer=ten))
    assert "more than 64 characters of one" in objection(
        made(normalizer={"type": "Sequence", "normalizers": [ten] * 12})
    )
    assert "more than 64 characters of one" in objection(made(normalizer={"type": "Prepend", "prepend": "x" * 100}))


def test_a_special_token_is_no_novel() -> None:
    """All its beginnings are remembered, since a text may end with one."""
    token = {"id": 1, "special": True, "normalized": False, "single_word": False, "lstrip": False, "rstrip": False}
    assert not objection(made(added_tokens=[token | {"content": "<|end|>"}]))
    assert "special tokens are longer" in objection(made(added_tokens=[token | {"content": "x" * 30_000}]))
