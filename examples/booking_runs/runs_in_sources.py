"""Defects in where runs are from: rights, generators, lineage, people."""

from random import Random

from harness import Plant, Record, Records
from run_planting import defect, every_nth, final, one, plain, put, without


def made(record: Record) -> bool:
    return bool(record["source"]["origin"] == "synthetic")


def by_hand(record: Record) -> bool:
    return not made(record)


def generator(**fields: object):  # type: ignore[no-untyped-def]
    return lambda record: record["source"].update(generator=record["source"]["generator"] | fields)


def ungenerated(name: str):  # type: ignore[no-untyped-def]
    return lambda record: record["source"]["generator"].pop(name)


def circle(records: Records, rng: Random) -> Records:
    """Two records, each made from the other."""
    first, second = records[1], records[2]
    first["source"]["parents"], second["source"]["parents"] = [second["id"]], [first["id"]]
    return records


def taken_from_work(record: Record) -> bool:
    return "work" in record["source"]


ENGAGED, KNOWN = "$.source.author, $.source.written_at", "$.source.author, $.input.topic"

SOURCES: tuple[Plant, ...] = (
    # Rights
    defect(
        "no licence",
        "Run.governance.license",
        one(without("governance", "license")),
        "$.governance.license",
        ("provenance.licences", "provenance.as_registered"),
    ),
    defect(
        "licence of a family",
        "provenance.licences",
        one(put("governance", license="CC-BY-NC-SA-4.0"), lambda r: not taken_from_work(r)),
        "$.governance.license",
    ),
    defect(
        "no licence known",
        "provenance.licences",
        one(put("governance", license="NOASSERTION"), lambda r: not taken_from_work(r)),
        "$.governance.license",
        ("Run.governance.license",),
    ),
    defect(
        "one licence or another",
        "provenance.licences",
        one(put("governance", license="MIT OR GPL-3.0-only"), lambda r: not taken_from_work(r)),
        "$.governance.license",
    ),
    defect(
        "work not in the register",
        "Run.source.work.resolves",
        one(put("source", work="W-9"), taken_from_work),
        "$.source.work",
        ("provenance.as_registered",),
    ),
    defect(
        "sensitivity missing",
        "Run.governance.sensitivity",
        final(without("governance", "sensitivity")),
        "$.governance.sensitivity",
    ),
    defect(
        "sensitivity empty",
        "Run.governance.sensitivity",
        one(put("governance", sensitivity="")),
        "$.governance.sensitivity",
    ),
    defect(
        "kept for too short",
        "provenance.retention",
        final(put("governance", retain_until="2027-12-31")),
        "$.governance.retain_until",
    ),
    defect("consent withdrawn", "people.consenting", one(put("source", author="P21")), "$.source.author"),
    # How it was made
    defect(
        "model of another provider",
        "provenance.generators",
        one(generator(name="gpt-4o", provider="OpenAI"), made),
        "$.source.origin, $.source.generator.name",
    ),
    defect(
        "model not named",
        "provenance.generators",
        one(without("source", "generator"), made),
        "$.source.generator.name",
    ),
    defect(
        "model in other spelling",
        "provenance.generators",
        one(generator(name="Orrery Writer"), made),
        "$.source.origin, $.source.generator.name",
    ),
    defect("version missing", "Run.source.generator", one(ungenerated("version"), made), "$.source.generator.version"),
    defect("terms missing", "Run.source.generator", one(ungenerated("terms"), made), "$.source.generator.terms"),
    defect("fifth generation", "Run.source.generator", one(generator(depth=5), made), "$.source.generator.depth"),
    defect(
        "mostly machines",
        "provenance.human",
        every_nth(
            2,
            lambda r: r["source"].update(
                origin="synthetic",
                generator={
                    "name": "orrery-writer",
                    "version": "4.2",
                    "provider": "Orrery",
                    "terms": "https://orrery.example/terms",
                    "depth": 1,
                },
            ),
            by_hand,
        ),
        "-",
    ),
    defect("parents in a circle", "provenance.ancestry", circle, "$.source.parents"),
    defect(
        "parent of another delivery",
        "provenance.ancestry",
        final(put("source", parents=["BR-0003", "BR-8000"])),
        "$.source.parents",
        ("Run.source.parents.resolves",),
    ),
    # People
    defect(
        "author not on the list",
        "Run.source.author.resolves",
        final(put("source", author="P77")),
        "$.source.author",
        ("people.",),
    ),
    defect("author no longer engaged", "people.qualified", one(put("source", author="P22")), ENGAGED),
    defect("written before the engagement", "people.qualified", one(put("source", written_at="2024-06-01")), ENGAGED),
    defect(
        "author of another field",
        "people.qualified",
        one(put("source", author="P20"), lambda r: r["input"]["topic"] == "hotel"),
        KNOWN,
    ),
    defect(
        "reviewer not on the list",
        "Run.source.reviewer.resolves",
        one(put("source", reviewer="nobody")),
        "$.source.reviewer",
    ),
    defect(
        "reviews own work",
        "Run.four_eyes",
        final(lambda r: r["source"].update(reviewer=r["source"]["author"])),
        "$.source.reviewer, $.source.author",
    ),
    defect("three authors write most", "people.one_voice", every_nth(2, put("source", author="P01")), "-"),
    defect(
        "a day's work of many",
        "people.pace",
        lambda rs, rng: [
            r["source"].update(written_at="2027-03-05") or r if r["source"]["author"] == "P03" else r for r in rs
        ],
        "-",
    ),
    defect(
        "everything accepted",
        "people.read",
        lambda rs, rng: [
            r["source"].update(status="accepted") or r if r["source"]["reviewer"] == "P11" else r for r in rs
        ],
        "-",
    ),
    defect(
        "four seconds each",
        "people.time_taken",
        lambda rs, rng: [
            r["source"].update(review_seconds=4) or r if r["source"]["reviewer"] == "P12" else r for r in rs
        ],
        "-",
    ),
    defect("status of no kind", "Run.source.status", one(put("source", status="approved")), "$.source.status"),
    defect(
        "day of no calendar",
        "Run.source.written_at",
        one(put("source", written_at="2027-02-29")),
        "$.source.written_at",
        ("people.",),
    ),
)
_ = plain
