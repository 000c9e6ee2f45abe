"""Other forms of what must not be inside, of rights and people, and of what is aimed at report and checker."""

import base64
from collections.abc import Callable

import planting
from data import Record
from harness import SILENT, Plant
from planting import from_, is_reply, one, put, said, without
from plants_in_records import KEY
from vessels import FORMULA, SCRIPT

REQUEST, REPLY, NOTE = "$.input.request", "$.target.reply", "$.governance.limitations"


def asked(name: str, clause: str, words: str, also: tuple[str, ...] = ()) -> Plant:
    """Words behind a request."""
    return Plant(name, clause, one(said(words)), REQUEST, also=also)


def noted(name: str, clause: str, words: str) -> Plant:
    return Plant(name, clause, one(put("governance.limitations", words)), NOTE)


def final(change: Callable[[Record], Record]) -> planting.PlantRecords:
    """Changes the last record of the last shard."""
    return lambda records, rng: [*records[:-1], change(records[-1])]


def vendor(record: Record) -> str:
    return str(record["target"]["call"]["vendor"])


def kept(change: Callable[[str], str]) -> Callable[[Record], Record]:
    """Changes a request around its vendor."""

    def rewrite(record: Record) -> Record:
        before, name, after = record["input"]["request"].partition(vendor(record))
        return put("input.request", change(before) + name + change(after))(record)

    return rewrite


VALUES: tuple[Plant, ...] = (
    # Hidden, personal, secret
    asked("isolates", "quality.nothing_hidden", "\u2066knab\u2069"),
    asked("joiner between letters", "quality.nothing_hidden", "ba\u2060nk"),
    asked("control sequence", "quality.nothing_hidden", "\u009b31mred"),
    noted("paragraph separator", "quality.nothing_hidden", "English\u2029only"),
    noted("tags in the metadata", "quality.nothing_hidden", "English\U000e0065\U000e0078"),
    asked("mail with a tag", "quality.no_pii", "Mail j.moss+pay@harbourmail.co.uk."),
    asked("mail spelt out", "quality.no_pii", "Mail jane.moss [at] harbourmail [dot] com."),
    asked("number in North America", "quality.no_pii", "Ring 415-555-2671."),
    asked("Mastercard", "quality.no_pii", "Card 5425 2334 3010 9903."),
    asked("account in the Netherlands", "quality.no_pii", "IBAN NL91ABNA0417164300."),
    asked("security number named", "quality.no_pii", "My SSN is 536228145."),
    noted("mail in the metadata", "quality.no_pii", "ask jane.moss@harbourmail.co.uk"),
    noted("private key", "quality.no_secrets", "-----BEGIN RSA " + "PRIVATE KEY-----"),
    noted("presigned", "quality.no_secrets", "https://b.s3.amazonaws.com/x?X-Amz-Signature=" + "0a9b8c7d" * 8),
    noted("password", "quality.no_secrets", "password: vT9#kQ2m!xW7pL"),
    noted(
        "secret in base64 for addresses",
        "quality.no_secrets",
        base64.urlsafe_b64encode(f"k={KEY}&r=eu-west".encode()).decode(),
    ),
    noted("secret in percent escapes", "quality.no_secrets", "".join(f"%{ord(sign):02x}" for sign in KEY)),
    noted("gitleaks off", "quality.no_secrets", "fine  # gitleaks:allow"),
    noted("the manual's example", SILENT, "never a key like AKIAIOSFODNN7EXAMPLE"),
    # Origin, rights, people
    Plant(
        "no licence",
        "Request.governance.license",
        one(without("governance.license")),
        "$.governance.license",
        also=("provenance.licences",),
    ),
    Plant(
        "licence by choice",
        "provenance.licences",
        one(put("governance.license", "MIT OR GPL-2.0-only")),
        "$.governance.license",
    ),
    Plant(
        "sensitivity missing",
        "Request.governance.sensitivity",
        final(without("governance.sensitivity")),
        "$.governance.sensitivity",
    ),
    Plant(
        "kept for a year",
        "provenance.retention",
        final(put("governance.retain_until", "2027-12-31")),
        "$.governance.retain_until",
    ),
    Plant(
        "generator null",
        "provenance.generator_named",
        one(put("source.generator", None), from_("synthetic")),
        "$.source.origin, $.source.generator",
        also=("Request.source.generator",),
    ),
    Plant(
        "written in the future",
        "provenance.written_in_term",
        final(put("source.written_at", "2029-01-01")),
        "$.source.written_at",
        also=("people.qualified",),
    ),
    Plant(
        "reviews own work",
        "Request.four_eyes",
        final(lambda r: put("source.author", r["source"]["reviewer"])(r)),
        "$.source.reviewer, $.source.author",
    ),
    Plant(
        "reviewer not on the roster",
        "Request.source.reviewer.resolves",
        one(put("source.reviewer", "EX-077")),
        "$.source.reviewer",
        also=("people.reviewed_by_accountants",),
    ),
    Plant(
        "author of another spelling",
        "Request.source.author.resolves",
        one(lambda r: put("source.author", r["source"]["author"].lower())(r)),
        "$.source.author",
        also=("people.qualified",),
    ),
    # Aimed at the report and at the checker
    Plant(
        "formula",
        "Request.governance.sensitivity",
        one(put("governance.sensitivity", FORMULA)),
        "$.governance.sensitivity",
        also=("quality.nothing_hidden",),
    ),
    Plant("script", "Request.governance.privacy", one(put("governance.privacy", SCRIPT)), "$.governance.privacy"),
    Plant(
        "a million of one sign",
        "training.whole",
        one(put("input.request", "a" * 1_000_000 + "!"), is_reply),
        "$.target",
        also=("training.", "quality.", "Request.input.request"),
    ),
)
