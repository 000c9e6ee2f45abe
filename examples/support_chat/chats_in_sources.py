"""Defects in where conversations are from: people, lineage, rights, amounts."""

from chat_planting import defect, many, one, put
from harness import Plant, Record


def one_day(record: Record, number: int) -> None:
    if record["source"]["author"] == "A-3":
        record["source"]["written_at"] = "2027-01-09"


def rushed(record: Record, number: int) -> None:
    if record["source"]["reviewer"] == "A-9":
        record["source"]["review_seconds"] = 4


SOURCES: tuple[Plant, ...] = (
    defect(
        "author = reviewer",
        "Chat.four_eyes",
        one(lambda r: r["source"].update(reviewer=r["source"]["author"])),
        "$.source.reviewer, $.source.author",
    ),
    defect(
        "author unknown",
        "Chat.source.author.resolves",
        one(put("source", "author", "A-77")),
        "$.source.author",
        ("people.qualified",),
    ),
    defect("thirty in a day", "people.pace", many(120, one_day)),
    defect("rubber stamp", "people.reviewed", many(120, rushed)),
    defect(
        "author over the cap",
        "people.one_voice",
        many(24, lambda r, n: put("source", "author", "A-1")(r)),
        also=("people.pace",),
    ),
    defect(
        "before the credential",
        "people.qualified",
        one(put("source", "written_at", "2019-05-05")),
        "$.source.author, $.source.written_at",
    ),
    defect(
        "parent not delivered",
        "provenance.ancestry",
        one(put("source", "parents", ["SC-80000"])),
        "$.source.parents",
        ("Chat.source.parents.resolves", "provenance.lineage"),
    ),
    defect(
        "its own ancestor",
        "provenance.ancestry",
        one(lambda r: r["source"].update(parents=[r["id"]])),
        "$.source.parents",
        ("provenance.lineage",),
    ),
    defect(
        "licence not allowed",
        "provenance.licences",
        one(put("governance", "license", "CC-BY-NC-4.0")),
        "$.governance.license",
    ),
    defect(
        "retention too short",
        "provenance.retention",
        one(put("governance", "retain_until", "2028-01-01")),
        "$.governance.retain_until",
    ),
    defect(
        "mostly synthetic",
        "provenance.human",
        many(60, lambda r, n: r["source"].update(origin="synthetic", generator="desk-writer 3")),
    ),
    defect("volume short", "delivery.volume", lambda rs, rng: rs[:100]),
)
