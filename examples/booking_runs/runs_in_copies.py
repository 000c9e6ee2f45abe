"""Copies, mixtures and leaks of the sealed exam, in other encodings and nested fields."""

import base64
import unicodedata
from collections.abc import Callable
from random import Random

import runs
from harness import SILENT, Plant, Records
from run_planting import (
    added,
    asking,
    defect,
    every_nth,
    messages,
    one,
    plain,
    put,
)

COPIED = ("quality.apart", "quality.near_copies")


def sealed(rewrite: Callable[[str], str], at: int = 3) -> Callable[[Records, Random], Records]:
    """The request of a record becomes one of the sealed exam's, in new clothes."""
    item = runs.exam()[at]["target"]["messages"][1]["content"]
    return one(asking(lambda text: rewrite(item)), plain)


def leaked(name: str, rewrite: Callable[[str], str], also: tuple[str, ...] = ()) -> Plant:
    return defect(name, "quality.few_leaks", sealed(rewrite), "-", ("quality.no_leak", "quality.own_words", *also))


def cyrillic(text: str) -> str:
    return text.translate(str.maketrans("aeopcxy", "аеорсху"))


def full_width(text: str) -> str:
    return "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)


def other_numbers(text: str) -> str:
    return text.replace("seven", "nine").replace("two", "three").translate(str.maketrans("123456789", "234567891"))


def filled(text: str) -> str:
    """A filler word after every six."""
    words = text.split()
    return " ".join(word + (" really" if at % 6 == 5 else "") for at, word in enumerate(words))


COPIES: tuple[Plant, ...] = (
    # Copies
    defect(
        "copy with other metadata",
        "quality.no_copies",
        added(lambda r: (put("source", author="P07", reviewer="P12")(r), put("governance", release="2027.04")(r))),
        "$",
        COPIED,
    ),
    defect(
        "copy with other marks",
        "quality.near_copies",
        added(asking(lambda t: t.replace(",", " -").replace(".", "!")), suits=plain),
        "-",
        ("quality.apart",),
    ),
    defect(
        "copy decomposed",
        "quality.no_copies",
        added(
            asking(lambda t: unicodedata.normalize("NFD", t)),
            suits=lambda r: "ö" in messages(r)[1]["content"] or "ü" in messages(r)[1]["content"],
        ),
        "$",
        COPIED,
    ),
    defect(
        "copies with an emoji and a number",
        "quality.near_copies",
        added(asking(lambda t: f"{t} 🙂 3f2b9c1e-77aa"), 3, plain),
        "-",
        ("quality.apart", "delivery.volume"),
    ),
    defect(
        "copies with a salutation",
        "quality.near_copies",
        added(asking(lambda t: f"Hi there! {t}"), 3, plain),
        "-",
        ("quality.apart", "delivery.volume"),
    ),
    defect(
        "copies with one word changed",
        "quality.near_copies",
        added(
            asking(lambda t: t.replace(" the ", " that ", 1)),
            3,
            lambda r: plain(r) and " the " in messages(r)[1]["content"],
        ),
        "-",
        ("quality.apart", "delivery.volume", "quality.no_copies"),
    ),
    defect(
        "one request in both splits",
        "quality.apart",
        added(lambda r: (asking(lambda t: f"{t} Please.")(r), put("training", split="validation")(r)), 1, plain),
        "$",
        ("quality.near_copies",),
    ),
    defect(
        "oversampled into validation",
        "quality.apart",
        added(lambda r: (asking(lambda t: f"{t} Many thanks.")(r), put("training", split="validation")(r)), 3, plain),
        "-",
        ("quality.near_copies", "delivery.volume"),
    ),
    defect(
        "one topic too many",
        "mixture.input.topic.hotel",
        lambda rs, rng: [
            r for r in rs if r["input"]["topic"] != "hotel" or int(r["id"][-4:]) % 2 or r["source"]["parents"]
        ],
        "-",
        ("mixture.", "delivery.volume", "provenance.", "Run.source.parents.resolves", "people."),
    ),
    defect(
        "German missing",
        "mixture.input.language.de",
        every_nth(2, put("input", language="en"), lambda r: r["input"]["language"] == "de"),
        "-",
        ("mixture.", "quality.spoken", "delivery.volume"),
    ),
    defect(
        "language tagged wrongly",
        "quality.spoken",
        one(put("input", language="de"), plain),
        "$.target.messages, $.input.language",
    ),
    # The sealed exam
    leaked("exam item verbatim", str),
    leaked("exam item in capitals, spaced", lambda t: t.upper().replace(" ", "  ")),
    leaked("exam item, a comma after each word", lambda t: t.replace(" ", ", ")),
    leaked("exam item, no-break spaces", lambda t: t.replace(" ", "\u00a0")),
    leaked("exam item with soft hyphens", lambda t: t.replace("e", "e\u00ad"), ("quality.nothing_hidden",)),
    leaked("exam item in Cyrillic letters", cyrillic, ("quality.plain_words",)),
    leaked("exam item in full width", full_width, ("quality.plain_words",)),
    leaked(
        "exam item in entities",
        lambda t: "".join(f"&#x{ord(c):x};" if c.isalpha() else c for c in t),
        ("quality.plain_words",),
    ),
    leaked("exam item in base64", lambda t: base64.b64encode(t.encode()).decode(), ("quality.plain_words",)),
    leaked("exam item with other numbers", other_numbers),
    leaked("exam item with filler words", filled),
    leaked("first half of an exam item", lambda t: " ".join(t.split()[:12]) + " and please be quick about it"),
    defect(
        "exam item in a tool's result",
        "quality.few_leaks",
        one(
            lambda r: messages(r)[3].update(
                content=messages(r)[3]["content"] + runs.exam()[5]["target"]["messages"][1]["content"]
            ),
            plain,
        ),
        "-",
        ("quality.no_leak",),
    ),
    defect(
        "a phrase that the exam has too",
        SILENT,
        one(asking(lambda t: f"{t} It should be before the rehearsal on the 3rd, if you can."), plain),
        "-",
    ),
)
