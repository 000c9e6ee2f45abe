"""Ledgers and lessons whose every text acts on its reader, in all reports: each parses, fits and acts on nobody."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from random import Random
from typing import Any

from jsonschema import Draft202012Validator

from acceptance import receipt
from acceptance.delivery.limits import MAX_NAME
from acceptance.engine.findings import LONGEST, MOST
from acceptance.figures import Census, Clusters, Figures, Histogram, Limit, Share, Slice
from acceptance.ledger import Count, Entry, Finding, Ledger
from acceptance.rendering.lesson import Lesson, Note, Piece
from acceptance.rendering.lesson import Part as Taught
from acceptance.rendering.template import MAX_TEXT
from acceptance.report import html, machine, preview, sarif, terminal
from acceptance.report.preview import Shown
from acceptance.report.view import View
from acceptance.tables import Detail
from benchmarks.fuzz_child import Files, Room, Wrong
from benchmarks.mutations import TEXTS, hostile_text
from spec_lang.contract import Contract
from spec_lang.loader import MAX_TOGETHER
from spec_lang.parser import MAX_CHARS

SCHEMAS = Path(__file__).resolve().parent.parent / "docs/schemas"
ACTS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\U000e0000-\U000e007f]"
)
"""What no report may hold but as its number. A line feed is the report's own."""
URI = re.compile(r"(?:[A-Za-z0-9._~/!$&'()*+,;=:@-]|%[0-9A-F]{2})*")
TAGS = frozenset(
    [
        "a",
        "b",
        "body",
        "br",
        "code",
        "div",
        "figcaption",
        "figure",
        "form",
        "h1",
        "h2",
        "h3",
        "head",
        "html",
        "input",
        "label",
        "li",
        "line",
        "meta",
        "nav",
        "option",
        "output",
        "p",
        "polyline",
        "rect",
        "script",
        "section",
        "select",
        "span",
        "style",
        "svg",
        "table",
        "td",
        "th",
        "thead",
        "title",
        "tr",
        "ul",
        "wbr",
    ]
)


PARSED = 1 << 20
"""Characters of either end of a page that are parsed; the middle of a longer one repeats itself."""
SAID = 2 * MAX_TOGETHER
"""Characters of a ledger that a contract has written: each in the clause's own words, and in what it asks for."""
MAX_PATH = 4_096
"""Characters of the delivery's folder, which the operating system bounds."""
HELD = 500
"""Pieces of a lesson that are held against the schema, for the same reason."""


class Page(HTMLParser):
    """What a browser would see: the tags, none of which may act."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS:
            raise Wrong(f"a page has a tag that is not ours: {tag}")
        for name, value in attrs:
            acts = name.startswith("on") or name in (
                "src",
                "action",
                "formaction",
                "srcdoc",
                "background",
                "xlink:href",
            )
            if acts or (name == "href" and not (value or "").startswith("#")):
                raise Wrong(f"a page has an attribute that acts: {name}={value!r}")


def quiet(text: str, name: str) -> str:
    """The text of a report, which holds nothing that acts and can be written out."""
    if found := ACTS.search(text):
        raise Wrong(f"a {name} holds a character that acts: {found.group()!r}")
    return text


def sound_page(page: str, scripts: int) -> None:
    quiet(page.replace("\t", " "), "page")
    for end in (page[:PARSED], page[page.find("<", max(PARSED, len(page) - PARSED)) :]):
        Page().feed(end)  # a tag that the cut breaks off is not handled
    if page.count("<script") != scripts:
        raise Wrong(f"a page has {page.count('<script')} scripts")


def fits(name: str) -> Callable[[Any], None]:
    validator = Draft202012Validator(json.loads((SCHEMAS / f"{name}.json").read_text()))

    def check(document: Any) -> None:
        if error := next(validator.iter_errors(document), None):
            raise Wrong(f"a {name} does not fit its schema: {error.message:.200}")

    return check


class Reports:
    """All reports of a ledger, held against what they promise."""

    def __init__(self) -> None:
        self.schemas = {name: fits(name) for name in ("report", "receipt", "preview")}

    def sound(self, view: View, out: Path) -> None:
        quiet(terminal.render(view), "terminal report")
        self.schemas["report"](json.loads(ascii_only("".join(machine.render(view)), "JSON report")))
        receipt.write(view.ledger, out / "receipt.json")
        self.schemas["receipt"](json.loads((out / "receipt.json").read_bytes()))
        log = json.loads(ascii_only("".join(sarif.render(view)), "SARIF log"))
        for result in log["runs"][0]["results"]:
            for place in result.get("locations", ()):
                uri = place["physicalLocation"]["artifactLocation"]["uri"]
                if not URI.fullmatch(uri):
                    raise Wrong(f"a SARIF log names a file as no URI does: {uri:.80}")
            if not result["message"]["text"]:
                raise Wrong("a SARIF log has a result without a message")
        sound_page(html.render(view), 1)

    def taught(self, shown: Shown) -> None:
        quiet(preview.as_text(shown), "preview")
        document = json.loads(ascii_only(preview.as_json(shown), "JSON preview"))
        document["lesson"]["pieces"] = document["lesson"]["pieces"][:HELD]
        self.schemas["preview"](document)
        sound_page(preview.as_html(shown), 0)


def ascii_only(text: str, name: str) -> str:
    if not text.isascii():
        raise Wrong(f"a {name} is not ASCII: {ascii(text)[:80]}")
    return quiet(text, name)


class Part:
    """Ledgers and lessons made of hostile texts."""

    def __init__(self, folder: Path) -> None:
        self.reports = Reports()

    def draw(self, rng: Random) -> Files:
        """Some texts, seldom one as long as a contract may be; all of a ledger's are taken from them."""
        texts = [hostile_text(rng) for _ in range(rng.randrange(1, 30))]
        if rng.random() < 0.05:
            piece = rng.choice(TEXTS[1:])
            texts.append(piece * (MAX_CHARS // len(piece)))
        entries = rng.randrange(1, 6) if rng.random() < 0.98 else 100
        return {
            "texts": b"\0".join(map(raw, texts)),
            "entries": str(entries).encode(),
            "findings": str(rng.choice((0, 1, MOST, MOST))).encode(),
            "seed": str(rng.random()).encode(),
        }

    def play(self, files: Files, room: Room) -> None:
        texts = [text(one) for one in files.get("texts", b"").split(b"\0")]
        rng = Random(files.get("seed", b""))
        entries, findings = (int(files.get(name) or b"0") for name in ("entries", "findings"))
        made = drawn(Voice(rng, texts, SAID), rng, entries, findings)
        with room.kept():
            self.reports.sound(made, room.out)
            self.reports.taught(learnt(Voice(rng, texts, MAX_TEXT), rng))


class Voice:
    """Says one of the texts, and no more characters in all than it has."""

    def __init__(self, rng: Random, texts: list[str], left: int) -> None:
        self.rng, self.texts, self.left = rng, texts, left

    def __call__(self) -> str:
        said = self.rng.choice(self.texts)[: self.left]
        self.left -= len(said)
        return said

    def detail(self) -> str:
        """A text of an explanation, as the engine keeps it."""
        return Detail(self.rng.choice(self.texts), "", "").path


def raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass").replace(b"\0", b"\\0")


def text(raw: bytes) -> str:
    return raw.decode("utf-8", "replace").replace("\\0", "\0")


def drawn(say: Voice, rng: Random, entries: int, findings: int) -> View:
    """A ledger of every verdict, and figures of every kind."""
    word = rng.choice

    def finding() -> Finding:
        return Finding(
            clause="c",
            file=say.detail()[:MAX_NAME],
            line=word((0, 1, 10**12)),
            path="$." + say.detail(),
            message=say.detail(),
            expected=say.detail(),
            found=word((None, say.detail()[:LONGEST])),
            help=say.detail(),
        )

    decided = tuple(
        Entry(
            clause=f"terms.c{at}",
            role=word(("require", "advise", "report")),
            stage=word(("delivery", "review", "trial")),
            verdict=word(("met", "breached", "undecided", "reported")),
            basis=word(("declared", "recomputed", "executed")),
            binding=word((True, False)),
            text=say(),
            observed=say(),
            bound=say(),
            reason=say() or "nobody said",
            plugins=(say(),),
            marked=findings,
            dropped=word((0, 3)),
            findings=tuple(finding() for _ in range(findings)),
        )
        for at in range(entries)
    )
    counts = (Count(table="R", delivered=10**9, accepted=0), Count(table="P", delivered=0, accepted=0))
    ledger = Ledger(contract=say(), lock="", delivery=say(), counts=counts, entries=decided)
    agreed = Contract(
        name="c", version="1", title=say(), buyer=say(), vendor=say(), record="R", tables=(), shapes=(), clauses=()
    )
    figures = Figures(
        (Share(say(), 0.0, word((0.0, 0.5, 1.0)), word((None, 0.0)), word((None, 1.0))),),
        (
            Histogram(
                say(),
                say(),
                0,
                word((1, 10**6)),
                tuple(rng.randrange(10**9) for _ in range(word((1, 2, 40)))),
                (Limit(say(), word((0.0, 1e12))),),
            ),
        ),
        (Clusters(say(), {2: 1, 10**9: 3}),),
        (Census(say(), word((0, 9)), word((0, 10**12)), 0, (Slice(say(), word((0, 3)), 0),)),),
    )
    return View(ledger, agreed, ("delivery",), say()[:MAX_PATH], figures)


def learnt(say: Voice, rng: Random) -> Shown:
    """A lesson of pieces that cut nothing and say anything."""
    pieces = tuple(
        Piece(
            text=say(),
            ids=tuple(range(rng.randrange(3))),
            trained=rng.random() < 0.5,
            control=rng.random() < 0.2,
            cut=at > 8,
        )
        for at in range(rng.randrange(14))
    )
    part = Taught(number=1, tokens=3, kept=2, ends=False, fields={say(): 1, say(): 2})
    note = Note(what="mask", state="bad", text=say())
    made = Lesson(
        recipe="house",
        template=say(),
        end_of_turn=say(),
        length=3,
        trained=1,
        max_length=2,
        overflow="truncate_start",
        pieces=pieces,
        parts=(part,),
        notes=(note,),
        left_out={say(): 1},
    )
    return Shown(made, say(), say())
