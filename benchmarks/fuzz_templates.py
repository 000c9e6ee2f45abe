"""Hostile templates, tokenizers and messages: records are rendered, or refused in words, within bounds."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

from acceptance.deal import renderers
from acceptance.delivery import strict
from acceptance.delivery.limits import MAX_LINE
from acceptance.errors import Refused
from acceptance.measures.protocol import Unavailable
from acceptance.rendering import Renderer, RenderingError
from acceptance.rendering.batch import outlined
from acceptance.rendering.lesson import lesson
from acceptance.report.preview import Shown
from acceptance.tables import Batch, Origin
from benchmarks.fuzz_child import Files, Room
from benchmarks.fuzz_reader import Deals, told
from benchmarks.fuzz_reports import Reports, quiet
from benchmarks.mutations import changed, hostile_text, mutated, written

WRITTEN = Path(__file__).with_name("hostile_templates.txt").read_text("utf-8").splitlines()
"""Pieces of templates, a line each: loops, reaching out, growing, marks where none belong."""
SNIPPETS = (
    *WRITTEN,
    "{# " + "x" * 100 + " #}",
    "{{ range(40000) | join('" + "x" * 10 + "') | length }}",
    "\ufdd0\ufdd1",
    "{{ " + "(" * 150 + "1" + ")" * 150 + " }}",
    "{{ " + "not " * 3_000 + "1 }}",
    "{{ " + "-" * 5_000 + "1 }}",
    "{{ " + "1+" * 5_000 + "1 }}",
    "{% if 1 %}" * 90 + "{% endif %}" * 90,
)
PATHS = (
    "target.messages",
    "input.tools",
    "target.messages[0].content",
    "input",
    "target",
    "source",
    "x",
    "1",
    "'a'",
    "none",
    "[]",
)
STATEMENTS = (
    "{{% for v in {0} %}}{1}{{% endfor %}}",
    "{{% if {0} %}}{1}{{% else %}}{1}{{% endif %}}",
    "{{% set v = {0} %}}{1}",
    "{{{{ {0} }}}}{1}",
    "{{% generation %}}{1}{{% endgeneration %}}",
    "{{% macro v(w) %}}{1}{{% endmacro %}}{{{{ v({0}) }}}}",
    "{{{{ {0} | tojson }}}}{1}",
    "{{{{ {0} | string | replace('a', {0} | string) }}}}{1}",
    "{{% set v %}}{1}{{% endset %}}{{{{ v ~ v }}}}",
    "{{{{ {0} ~ {0} }}}}{1}",
    "{{{{ {0} + {0} }}}}{1}",
    "{{% filter upper %}}{1}{{% endfilter %}}",
)
REGEXES = (
    "(a+)+$",
    "(.*)*$",
    "(x+x+)+y",
    "",
    "\\p{L}",
    "(?=a)",
    "[",
    "(?i:'s|'t)|\\s+(?!\\S)|\\s+",
    "(a?){60}a{60}",
    "\ud800",
)
NORMALIZERS = (
    {"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": "b"},
    {"type": "NFKC"},
    {"type": "Lowercase"},
    {"type": "Replace", "pattern": {"String": "a"}, "content": "x" * 100_000},
    {"type": "Prepend", "prepend": "y" * 100_000},
    {
        "type": "Sequence",
        "normalizers": [{"type": "Replace", "pattern": {"String": "a"}, "content": "aaaaaaaaaa"}] * 12,
    },
)
PRETOKENIZERS = (
    {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
    {"type": "Whitespace"},
    {"type": "Metaspace", "replacement": "x" * 100, "prepend_scheme": "always"},
    {"type": "Digits", "individual_digits": True},
)


class Part:
    """What a stranger's contract lays beside itself, and what a stranger's records do with it."""

    def __init__(self, folder: Path) -> None:
        self.deals = Deals(folder)
        self.reports = Reports()
        self.files = {
            name: (deal.folder / deal.contract.recipes[0].template, deal.folder / "tokenizer.json")
            for name, deal in self.deals.deals.items()
        }
        self.sound = {name: tuple(path.read_bytes() for path in paths) for name, paths in self.files.items()}

    def draw(self, rng: Random) -> Files:
        """A deal, its template, its tokenizer, some of its records; one or several of them hostile."""
        name = rng.choice(sorted(self.files))
        template, tokenizer = self.sound[name]
        rows: list[Any] = [rng.choice(self.deals.rows[name]) for _ in range(2)]
        act = rng.random()
        if act < 0.7:
            template = self._template(template.decode(), rng).encode("utf-8", "surrogatepass")
        if act < 0.02:
            template = changed(template, rng)
        if 0.6 < act < 0.85:
            tokenizer = self._tokenizer(json.loads(tokenizer), rng) if rng.random() < 0.9 else changed(tokenizer, rng)
        if act > 0.5:
            for _ in range(rng.choice((1, 3))):
                rows[at] = mutated(rows[at := rng.randrange(len(rows))], rng)
        if rng.random() < 0.1:
            rows[0] = self._long(rows[0], rng)
        return {
            "deal": name.encode(),
            "template": template,
            "tokenizer": tokenizer,
            "rows": b"\n".join(map(written, rows)),
        }

    def _template(self, sound: str, rng: Random) -> str:
        pieces = [rng.choice(SNIPPETS) if rng.random() < 0.6 else grown(rng) for _ in range(rng.choice((1, 1, 2, 5)))]
        for piece in pieces:
            places = [at for at, sign in enumerate(sound) if sign == ">"] or [0]
            at = rng.choice((0, len(sound), rng.choice(places) + 1))
            sound = sound[:at] + piece + sound[at:]
        if rng.random() < 0.1:
            sound = "".join(pieces)
        return sound if rng.random() < 0.9 else "{% generation %}" + sound + "<|end|>{% endgeneration %}"

    def _tokenizer(self, sound: Any, rng: Random) -> bytes:
        act = rng.randrange(7)
        if act == 0:
            split = {
                "type": "Split",
                "pattern": {"Regex": rng.choice(REGEXES)},
                "behavior": rng.choice(("Isolated", "Removed")),
                "invert": False,
            }
            sound["pre_tokenizer"] = split
        elif act == 1:
            sound["normalizer"] = rng.choice(NORMALIZERS)
        elif act == 2:
            sound["pre_tokenizer"] = rng.choice(PRETOKENIZERS)
        elif act == 3:
            more = {
                "id": rng.choice((2**32 - 1, 2**31, 10**9, 0)),
                "content": hostile_text(rng),
                "single_word": rng.random() < 0.5,
                "lstrip": rng.random() < 0.5,
                "rstrip": rng.random() < 0.5,
                "normalized": rng.random() < 0.5,
                "special": rng.random() < 0.8,
            }
            sound["added_tokens"] = [*sound.get("added_tokens", []), more]
        elif act == 4:
            sound["truncation"] = {
                "direction": "Right",
                "max_length": rng.choice((0, 1, 2**63)),
                "strategy": "LongestFirst",
                "stride": rng.choice((0, 5, 2**40)),
            }
            sound["padding"] = {
                "strategy": {"Fixed": rng.choice((1, 2**30, 2**62))},
                "direction": "Left",
                "pad_to_multiple_of": 0,
                "pad_id": 0,
                "pad_type_id": 0,
                "pad_token": "x",
            }
        else:
            for _ in range(rng.choice((1, 2))):
                sound = mutated(sound, rng)
        return written(sound)

    def _long(self, row: Any, rng: Random) -> Any:
        """A record with one long text: a word without a space, spaces, or signs that combine."""
        try:
            row = json.loads(json.dumps(row))
            row["target"]["messages"][0]["content"] = rng.choice(
                ("a", " ", "ab ", "\u0301", "<|", "a\n", "\U0001f469\u200d")
            ) * rng.choice((10_000, 300_000))
        except (TypeError, KeyError, IndexError, ValueError, RecursionError):
            pass
        return row

    def play(self, files: Files, room: Room) -> None:
        name = files.get("deal", b"").decode("utf-8", "replace")
        if name not in self.files:
            return
        deal = self.deals.deals[name]
        for path, kind in zip(self.files[name], ("template", "tokenizer"), strict=True):
            path.write_bytes(files.get(kind, b""))
        # what is longer ends in the reader
        lines = (line for line in files.get("rows", b"").split(b"\n") if len(line) <= MAX_LINE)
        rows = [row for line in lines if (row := strict.parse(line)[0])]
        try:
            with room.kept():
                self._rendered(renderers(deal)("house"), rows)
        except Refused as refused:
            told(refused)
        except Unavailable:
            pass

    def _rendered(self, renderer: Renderer, rows: list[Any]) -> None:
        """As measures ask for all rows, as `preview` asks for each."""
        origins = [Origin("part-1.jsonl", at + 1, 1) for at in range(len(rows))]
        for one in outlined(Batch(renderer.recipe.table, 0, rows, origins), renderer):
            if isinstance(one, RenderingError):
                quiet(str(one), "refusal")
        for row in rows[:1]:
            try:
                self.reports.taught(Shown(lesson(renderer, row), "Record 1", "part-1.jsonl:1"))
            except RenderingError as error:
                quiet(str(error), "refusal")


def grown(rng: Random, depth: int = 0) -> str:
    """Statements within statements."""
    if depth > 4 or rng.random() < 0.15:
        return rng.choice(("x", "<|end|>", "{{ v }}", "", "{{ v.content }}", "{{ v | upper }}", hostile_text(rng)[:50]))
    return rng.choice(STATEMENTS).format(rng.choice((*PATHS, "v")), grown(rng, depth + 1))
