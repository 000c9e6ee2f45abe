"""Defects in what records say: keys, types, copies, hidden characters, secrets, traces, origin, people, amounts, leaks.

Each function is pure: records in, records with the defect out.
"""

import base64
from collections.abc import Callable
from copy import deepcopy
from random import Random

import damage
import data
import planting
from data import Record
from planting import added, both, is_call, is_reply, one, put, said, some, without

from harness import Plant, Records  # isort: skip

KEY = "AKIA" + "QZ7M4XW2LT9CR6VB"  # in two parts, so that scanners of this repository stay quiet
TOKEN = "ghp_" + "R7wQ2mZk9TfXc4VbN8sLd3HgJ6pYtA1eUoKi"
PADDING = " Well, to be quite exact, this is what we would, if at all, like to know, i.e. 1, 2, 3, 4, 5, 6, 7, 8, 9."
BOOKKEEPER = next(one["id"] for one in data.experts() if one["credential"] == "bookkeeper")


def padded(request: str) -> str:
    """As long as a request may be, paid by the token."""
    return (request + 2 * PADDING)[:200]


def base64_of(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def with_many_words(record: Record) -> bool:
    """A word more or less leaves a near copy."""
    return len(record["input"]["request"].split()) > 9


def says_iso(record: Record) -> bool:
    """The request writes its date as the call must."""
    return record["input"]["date_form"] == "iso"


def own_reviewer(record: Record) -> Record:
    """The reviewer's name as the author's."""
    return put("source.author", record["source"]["reviewer"])(record)


def synthetic(record: Record) -> Record:
    """A record that says a program wrote it, and which."""
    return both(put("source.origin", "synthetic"), put("source.generator", "meridian-paraphraser 2.1"))(record)


def homoglyphs(text: str) -> str:
    """Latin letters become Cyrillic ones that look the same."""
    return text.translate(str.maketrans("aeopcxy", "аеорсху"))


def zero_width(text: str) -> str:
    """A space of no width inside every word."""
    return " ".join(word[:1] + "\u200b" + word[1:] if len(word) > 1 else word for word in text.split(" "))


def around_the_vendor(change: Callable[[str], str]) -> Callable[[Record], Record]:
    """Changes the words of a request, the vendor's name left as it is."""

    def changed(record: Record) -> Record:
        before, vendor, after = record["input"]["request"].partition(record["target"]["call"]["vendor"])
        return put("input.request", change(before) + vendor + change(after))(record)

    return changed


def sealed(rewrite: Callable[[Record], Record], count: int = 1) -> planting.PlantRecords:
    """Items of the sealed set in new clothes; the vendor must have seen them."""

    def plant(records: Records, rng: Random) -> Records:
        items = rng.sample(data.read_jsonl(data.HERE / "sealed" / "calls.jsonl"), count)
        return records + planting.renamed([rewrite(put("training.split", "train")(item)) for item in items])

    return plant


def general_turned_to_declines(records: Records, rng: Random) -> Records:
    """Declines, which are cheap to write, take the place of a third of the general questions."""
    general = [at for at, record in enumerate(records) if record["input"]["task"] == "general"]
    leaving = set(general[::3])
    drafts = list(data.decline_drafts(Random("more declines"), len(leaving)))
    new = iter(planting.renamed(data.records(Random("more"), drafts, 1)))
    taken = {record["input"]["request"] for record in records}
    return [
        next(one for one in new if one["input"]["request"] not in taken) if at in leaving else record
        for at, record in enumerate(records)
    ]


def ordinals_become_short(records: Records, rng: Random) -> Records:
    """Half of the ordinal dates are written in a shorter form, and labelled so."""
    ordinal = [at for at, record in enumerate(records) if record["input"]["date_form"] == "ordinal"]
    return [
        damage.reworded(record, "short", "short", ("symbol",)) if at in ordinal[::2] else record
        for at, record in enumerate(records)
    ]


def one_writes_much(records: Records, rng: Random) -> Records:
    """One author's name stands on another tenth of the records."""
    others = [at for at, record in enumerate(records) if record["source"]["reviewer"] != "EX-001"]
    chosen = set(others[:: len(others) * 10 // len(records)])
    return [put("source.author", "EX-001")(record) if at in chosen else record for at, record in enumerate(records)]


def one_in_twelve_missing(records: Records, rng: Random) -> Records:
    """Records are left out of every task and date form alike."""
    ordered = sorted(records, key=lambda record: (record["input"]["task"], record["input"]["date_form"]))
    missing = {record["id"] for record in ordered[::12]}
    return [record for record in records if record["id"] not in missing]


RECORDS: tuple[Plant, ...] = (
    # Keys, types and words
    Plant("extra key", "Request.closed", one(put("note", "ok")), "$.note"),
    Plant("typo key", "Request.training", one(put("training.wieght", 1)), "$.training.wieght"),
    Plant("extra key in the call", "Request.target.call", one(put("target.call.memo", "x"), is_call),
          "$.target.call.memo"),
    Plant("missing key", "Request.governance.release", one(without("governance.release")), "$.governance.release"),
    Plant("null", "Request.governance.limitations", one(put("governance.limitations", None)),
          "$.governance.limitations"),
    Plant("number as text", "Request.training.weight", one(put("training.weight", "1")), "$.training.weight"),
    Plant("number out of bounds", "Request.training.weight", one(put("training.weight", 40)), "$.training.weight"),
    Plant("text as object", "Request.governance.release", one(put("governance.release", {"year": 2027})),
          "$.governance.release"),
    Plant("unknown word", "Request.governance.sensitivity", one(put("governance.sensitivity", "Internal")),
          "$.governance.sensitivity"),
    Plant("no such day", "Request.target.call", one(put("target.call.date", "2027-02-30"), is_call),
          "$.target.call.date"),
    Plant("amount with a comma", "Request.target.call", one(put("target.call.amount", "1,250.00"), is_call),
          "$.target.call.amount"),
    Plant("no language tag", "Request.input.language", one(put("input.language", "english")), "$.input.language"),
    Plant("licence in prose", "Request.governance.license", one(put("governance.license", "Apache 2")),
          "$.governance.license", also=("provenance.licences",)),
    Plant("empty target", "Request.target.reply", one(put("target.reply", ""), is_reply), "$.target.reply",
          also=("quality.no_artefacts",)),
    # What belongs together
    Plant("call and reply", "Request.one_answer", one(put("target.reply", "Done."), is_call),
          "$.target.call, $.target.reply"),
    Plant("neither call nor reply", "Request.one_answer", one(without("target.reply"), is_reply),
          "$.target.call, $.target.reply"),
    Plant("label against content", "Request.calls_for_tools", one(put("input.task", "general"), is_call),
          "$.input.task, $.target.call"),
    Plant("date form forgotten", "Request.dated", one(put("input.date_form", "none"), is_call),
          "$.input.date_form, $.target.call"),
    Plant("another vendor", "Request.vendor_named", one(put("target.call.vendor", "Acme Holdings"), is_call),
          "$.target.call, $.input.request, $.target.call.vendor"),
    Plant("another day", "quality.dates_kept", one(put("target.call.date", "2027-01-09"), says_iso),
          "$.input.date_form, $.input.request, $.target.call.date"),
    # Copies
    Plant("exact copy", "quality.no_copies", added(0, deepcopy), "$.input.request"),
    Plant("copy in other case and spacing", "quality.no_copies",
          added(0, put("input.request", lambda text: text.upper().replace(" ", "  "))), "$.input.request"),
    Plant("copy with other spaces", "quality.no_copies",
          added(0, put("input.request", lambda text: text.replace(" ", "\u00a0"))), "$.input.request"),
    Plant("salted copies", "quality.near_copies",
          added(0.03, put("input.request", lambda text: text + " #7f3a"), with_many_words), "$.input.request"),
    # Hidden characters
    Plant("zero-width space", "quality.nothing_hidden", one(put("input.request", zero_width), is_reply),
          "$.input.request"),
    Plant("bidirectional override", "quality.nothing_hidden", one(said("\u202eknab\u202c")), "$.input.request"),
    Plant("terminal colours", "quality.nothing_hidden", one(said("\x1b[31mred\x1b[0m")), "$.input.request"),
    Plant("Unicode tags", "quality.nothing_hidden", one(said("\U000e0049\U000e0067")), "$.input.request"),
    Plant("lost characters", "quality.nothing_hidden", one(said("caf\ufffd")), "$.input.request"),
    # Personal data and secrets
    Plant("e-mail address", "quality.no_pii", one(said("Write to jane.moss@harbourmail.co.uk.")), "$.input.request"),
    Plant("telephone number", "quality.no_pii", one(said("Call +44 20 7183 8750.")), "$.input.request"),
    Plant("social security number", "quality.no_pii", one(said("SSN 536-22-8145.")), "$.input.request"),
    Plant("card number", "quality.no_pii", one(said("Card 4539 5787 6362 1486.")), "$.input.request"),
    Plant("IBAN", "quality.no_pii", one(said("IBAN DE89 3704 0044 0532 0130 00.")), "$.input.request"),
    Plant("access key", "quality.no_secrets", one(said(f"Key {KEY}.")), "$.input.request"),
    Plant("token in the metadata", "quality.no_secrets", one(put("governance.limitations", f"see {TOKEN}")),
          "$.governance.limitations"),
    Plant("secret in base64", "quality.no_secrets", one(put("governance.limitations", base64_of(f"aws key {KEY}"))),
          "$.governance.limitations"),
    Plant("secret split by zero width", "quality.nothing_hidden",
          one(put("governance.limitations", f"{KEY[:9]}\u200b{KEY[9:]}")), "$.governance.limitations"),
    Plant("scanner switched off", "quality.no_secrets",
          one(put("governance.limitations", f"{KEY}  # pragma: allowlist secret")), "$.governance.limitations"),
    # Traces of how the target was made
    Plant("placeholder", "quality.no_artefacts", one(put("target.reply", "N/A"), is_reply), "$.target.reply"),
    Plant("template slot", "quality.no_artefacts", one(put("target.reply", "Dear [Name], it is done."), is_reply),
          "$.target.reply"),
    Plant("role marker", "quality.no_artefacts", one(put("target.reply", "Yes.\n### Response:\nNo."), is_reply),
          "$.target.reply"),
    Plant("self identity", "quality.no_artefacts",
          one(put("target.reply", "I am ChatGPT, so I can't help with that."), is_reply), "$.target.reply"),
    Plant("repetition", "quality.no_artefacts", one(put("target.reply", " ".join(["again"] * 20)), is_reply),
          "$.target.reply"),
    Plant("control token", "training.no_control_tokens", one(said("<|end|><|assistant|>Sure.")), "$.input.request"),
    # Training
    Plant("loss on everything", "training.mask", some(1, put("training.train_on", "everything")), "$.input.request"),
    Plant("loss on the input", "training.mask", one(put("training.train_on", "input")), "$.input.request"),
    Plant("target cut", "training.whole", one(put("input.request", "გადაიხადე " * 19), is_reply), "$.target"),
    Plant("padding", "training.short", some(0.06, put("input.request", padded), is_reply), "-"),
    # Origin and rights
    Plant("generator missing", "provenance.generator_named", one(without("source.generator"),
          planting.from_("synthetic")),
          "$.source.origin, $.source.generator"),
    Plant("register missing", "provenance.licence_shown", one(without("source.register"), planting.from_("licensed")),
          "$.source.origin, $.source.register"),
    Plant("licence not allowed", "provenance.licences", one(put("governance.license", "CC-BY-NC-4.0")),
          "$.governance.license"),
    Plant("retention too short", "provenance.retention", one(put("governance.retain_until", "2028-12-31")),
          "$.governance.retain_until"),
    Plant("written too early", "provenance.written_in_term", one(put("source.written_at", "2026-03-14")),
          "$.source.written_at"),
    Plant("few people", "provenance.mostly_human",
          some(0.15, synthetic, planting.from_("human")), "$.source.origin"),
    # People
    Plant("author = reviewer", "Request.four_eyes",
          one(own_reviewer), "$.source.reviewer, $.source.author"),
    Plant("author not on the roster", "Request.source.author.resolves", one(put("source.author", "EX-099")),
          "$.source.author", also=("people.qualified",)),
    Plant("reviewer no accountant", "people.reviewed_by_accountants",
          one(put("source.reviewer", BOOKKEEPER), lambda record: record["source"]["author"] != BOOKKEEPER),
          "$.source.reviewer"),
    Plant("author over the cap", "people.one_voice", one_writes_much, "$.source.author"),
    # Amounts
    Plant("volume short", "delivery.volume", one_in_twelve_missing, "-"),
    Plant("mixture off target", "mixture.input.task.general", general_turned_to_declines, "-"),
    Plant("date form too rare", "mixture.input.date_form.ordinal", ordinals_become_short, "-"),
    # The sealed set
    Plant("sealed item, verbatim", "quality.no_leak", sealed(deepcopy)),
    Plant("sealed item, homoglyphs", "quality.no_leak", sealed(around_the_vendor(homoglyphs))),
    Plant("sealed items, zero width", "quality.few_leaks", sealed(around_the_vendor(zero_width), count=30),
          also=("quality.nothing_hidden",)),
)  # fmt: skip
