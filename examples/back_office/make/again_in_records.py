"""Other forms of defects in roles, training, answers and copies, and of leaks."""

from collections.abc import Callable
from random import Random

import planting
from data import Record
from harness import SILENT, Plant, Records
from planting import added, both, is_call, is_reply, one, put, said, some
from plants_in_records import sealed
from vessels import UNMARKED, rewritten

REQUEST, REPLY, NOTE = "$.input.request", "$.target.reply", "$.governance.limitations"
TRAINED = ("training.",)
MARK, END = "{%- generation -%}", "{%- endgeneration -%}"


def replied(name: str, words: str, clause: str = "quality.no_artefacts") -> Plant:
    """Another reply."""
    return Plant(name, clause, one(put("target.reply", words), is_reply), REPLY)


def template(name: str, clause: str, *pairs: tuple[str, str]) -> Plant:
    """What another template makes of the records."""
    return Plant(name, clause, rewritten("request.jinja", *pairs), "-", "deal", TRAINED)


def templated(records: Records, rng: Random) -> Records:
    """A tenth of the general questions is one question with names filled in."""
    names = ("Yormar", "Gribal", "Tansol", "Velkor")
    return [
        put("input.request", f"Who signs for {names[at % 4]} Foods on day {at} of this month, please?")(record)
        if record["input"]["task"] == "general" and at % 4 == 0
        else record
        for at, record in enumerate(records)
    ]


def vendor(record: Record) -> str:
    return str(record["target"]["call"]["vendor"])


def kept(change: Callable[[str], str]) -> Callable[[Record], Record]:
    """Changes a request around its vendor."""

    def rewrite(record: Record) -> Record:
        before, name, after = record["input"]["request"].partition(vendor(record))
        return put("input.request", change(before) + name + change(after))(record)

    return rewrite


def full_width(text: str) -> str:
    return "".join(chr(ord(sign) + 0xFEE0) if sign.isalpha() else sign for sign in text)


def fewest(change: Callable[[str], str]) -> planting.PlantRecords:
    return sealed(kept(change), count=4)


LEAKED = ("quality.no_leak", "quality.nothing_hidden", "quality.near_copies", "quality.no_copies", "delivery.volume")


ANSWERS: tuple[Plant, ...] = (
    # Roles, training
    replied("output tag", "<nooutput>"),
    replied("next instruction", "Two.\n\n##\n18. Instruction: Name the capital."),
    Plant(
        "control token in a reply",
        "training.no_control_tokens",
        one(put("target.reply", "Yes.<|end|>"), is_reply),
        REPLY,
        also=("quality.no_artefacts",),
    ),
    template("nothing trained", "training.mask", *UNMARKED),
    template("answer left out", "training.mask", ("{{ answer }}<|end|>", "<|end|>")),
    template(
        "end of turn behind the mask",
        "training.stops",
        (f"{{{{ answer }}}}<|end|>{END}", f"{{{{ answer }}}}{END}<|end|>"),
    ),
    template(
        "question trained too",
        "training.mask",
        (
            f"<|user|>{{{{ input.request }}}}<|end|><|assistant|>{MARK}",
            f"<|user|>{MARK}{{{{ input.request }}}}<|end|><|assistant|>",
        ),
    ),
    Plant("long question", "training.whole", one(put("input.request", "ພາສາລາວ" * 28), is_reply), "$.target"),
    # Answers
    replied("white space alone", "\u2003\u2003 "),
    replied("unknown", "Unknown"),
    replied("slot of a letter", "Dear [Your Name], it is done."),
    replied("slot of a template", "Yes, {{ vendor }} does."),
    replied("made by", "I was made by Mistral AI and cannot say."),
    replied("AI, in German", "Als KI kann ich das nicht sagen."),
    replied("AI, in Chinese", "作为一个人工智能语言模型，我不知道。"),
    replied("the same word", "no " * 40),
    Plant(
        "another amount",
        "Request.target.call",
        one(put("target.call.amount", "£12.50"), is_call),
        "$.target.call.amount",
    ),
    Plant(
        "month and day swapped",
        "quality.dates_kept",
        one(
            lambda record: put("target.call.date", record["target"]["call"]["date"][:5] + "12-12")(record),
            lambda record: record["input"]["date_form"] == "iso",
        ),
        "$.input.date_form, $.input.request, $.target.call.date",
    ),
    # Copies
    Plant("copy with accents and full width", "quality.no_copies", added(0, put("input.request", full_width)), REQUEST),
    Plant("copy with another target", "quality.no_copies", added(0, put("governance.release", "2027.02")), REQUEST),
    Plant(
        "copies with a face",
        "quality.near_copies",
        added(
            0.04,
            put("input.request", lambda text: f"{text} \U0001f600"),
            lambda record: len(record["input"]["request"].split()) > 9,
        ),
        REQUEST,
    ),
    Plant(
        "a question with names filled in", "quality.near_copies", templated, "-", also=("mixture.", "quality.no_copies")
    ),
    Plant(
        "general questions tagged as declined",
        "mixture.input.task.general",
        some(0.1, put("input.task", "decline"), lambda record: record["input"]["task"] == "general"),
        "-",
        also=("mixture.",),
    ),
    # The sealed set
    Plant("sealed items in capitals", "quality.few_leaks", fewest(str.upper), "-", also=LEAKED),
    Plant(
        "sealed items with no-break spaces",
        "quality.few_leaks",
        fewest(lambda text: text.replace(" ", "\u00a0")),
        "-",
        also=LEAKED,
    ),
    Plant(
        "sealed items, a comma after each word",
        "quality.few_leaks",
        fewest(lambda text: text.replace(" ", ", ")),
        "-",
        also=LEAKED,
    ),
    Plant("sealed items in full width", "quality.few_leaks", fewest(full_width), "-", also=(*LEAKED, "training.short")),
    Plant(
        "sealed items in entities",
        "quality.few_leaks",
        fewest(lambda text: text.replace("a", "&#97;").replace("e", "&#x65;")),
        "-",
        also=LEAKED,
    ),
    Plant(
        "sealed items with soft hyphens",
        "quality.few_leaks",
        fewest(lambda text: text.replace("a", "a\u00ad")),
        "-",
        also=LEAKED,
    ),
    Plant(
        "sealed items for other vendors",
        "quality.few_leaks",
        sealed(
            lambda item: both(
                put("input.request", item["input"]["request"].replace(vendor(item), "Norvel Paper")),
                put("target.call.vendor", "Norvel Paper"),
            )(item),
            count=4,
        ),
        "-",
        also=LEAKED,
    ),
    Plant("a phrase of the sealed set", SILENT, one(said("Thanks, and please let me know when it is done.")), "-"),
)
