"""Fixed seed in, a clean delivery of runs of a booking agent out, in English and German, the same each time."""

import json
from datetime import date, timedelta
from random import Random
from typing import Any

Record = dict[str, Any]

COUNT = 45
TOPICS = ("flight", "hotel", "train")
CITIES = ("Lisbon", "Kyoto", "Oslo", "Quito", "Accra", "Porto", "Gdansk", "Turin", "Bergen", "Leeds", "Basel", "Ghent",
          "Malmo", "Tunis", "Cusco", "Perth")  # fmt: skip
REASONS = {
    "en": ("my sister marries there", "there is a trade fair for looms", "I give a talk on bridges",
           "our choir sings in the old theatre", "I want to see the tram museum", "a client opened a second shop",
           "the children have a week off", "I have a hearing at the town hall", "we look at a flat",
           "my old teacher turns ninety", "the marathon starts at noon", "I pick up a cello"),
    "de": ("meine Schwester heiratet dort", "dort ist eine Messe für Webstühle", "ich halte einen Vortrag über Brücken",
           "unser Chor singt im alten Theater", "ich möchte das Straßenbahnmuseum sehen",
           "ein Kunde hat einen zweiten Laden eröffnet", "die Kinder haben eine Woche frei",
           "ich habe einen Termin im Rathaus", "wir sehen uns eine Wohnung an", "mein alter Lehrer wird neunzig",
           "der Marathon beginnt am Mittag", "ich hole ein Cello ab"),
}  # fmt: skip
WISHES = {
    "en": ("a seat at the window", "nothing before nine in the morning", "room for a bicycle", "a quiet place",
           "as few changes as possible", "something I can cancel", "a place for a guide dog", "breakfast included"),
    "de": ("einen Platz am Fenster", "nichts vor neun Uhr morgens", "Platz für ein Fahrrad", "einen ruhigen Platz",
           "möglichst wenig Umstiege", "etwas, das ich absagen kann", "Platz für einen Blindenhund",
           "das Frühstück inbegriffen"),
}  # fmt: skip
ASKS = {
    "en": ("Please find me a {topic} in {city} for the {day}th, {reason}. I need {wish}.",
           "We need {wish} and a {topic}, {city}, on day {day}: {reason}.",
           "Since {reason}, could you book {city} by {topic} around the {day}th? Best with {wish}.",
           "{city} on the {day}th, {topic}. It matters to me to have {wish}, because {reason}."),
    "de": ("Bitte suchen Sie für den {day}. in {city} etwas aus ({topic}), {reason}. Ich brauche {wish}.",
           "Wir brauchen {wish}, und zwar in {city} am {day}.: {reason}. Es geht um {topic}.",
           "{city} am {day}., {topic}. Mir ist wichtig, {wish} zu haben, denn {reason}."),
}  # fmt: skip
DONE = {
    "en": ("Your reference is {booking}. {detail} The rules are in [1].", "{detail} It is held under {booking}.",
           "That worked: {booking}. {detail}",
           "Two things to note. {detail} And the reference, {booking}, goes on the ticket."),
    "de": ("Ihre Buchungsnummer lautet {booking}. {detail} Die Regeln stehen in [1].",
           "{detail} Der Platz ist unter der Nummer {booking} vorgemerkt.", "Das hat geklappt: {booking}. {detail}"),
}  # fmt: skip
DETAILS = {
    "en": ("The desk opens an hour before.", "You pay when you arrive.", "A colleague on site speaks English.",
           "Changes are free until the evening before.", "The platform is shown on the day.",
           "Bring the card that you booked with."),
    "de": ("Der Schalter öffnet eine Stunde vorher.", "Sie zahlen erst bei der Ankunft vor Ort.",
           "Änderungen sind bis zum Vorabend kostenlos möglich.", "Das Gleis wird erst am Tag selbst angezeigt.",
           "Bringen Sie bitte die Karte mit, mit der Sie gebucht haben."),
}  # fmt: skip
HANDED = {
    "en": "Nothing is free on that day. A colleague at the agency will go on with it from here.",
    "de": "An diesem Tag ist leider nichts mehr frei. Eine Kollegin aus dem Büro kümmert sich ab hier darum.",
}
SYSTEM = "You book travel for people who write to the agency. Ask before you spend money."
RULES = ("Fares can be changed until the evening before, by telephone or at the desk.",
         "Rooms are held until six in the evening unless the guest has called.",
         "Bicycles travel in the last coach, one to a hook, for a fee of five euros.")  # fmt: skip
TOOLS = [
    {"name": "search", "description": "Finds what is free", "parameters": {
        "type": "object", "additionalProperties": False, "required": ["city", "day"],
        "properties": {"city": {"type": "string"}, "day": {"type": "integer", "minimum": 1, "maximum": 31}}}},
    {"name": "reserve", "description": "Holds an offer", "parameters": {
        "type": "object", "additionalProperties": False, "required": ["offer"],
        "properties": {"offer": {"type": "string"}, "wish": {"type": "string"}}}},
]  # fmt: skip
SNIPPET = "\n\n```python\nfor day in range({day}, {day} + 3):\n    print(f'{{day}}. {city}')\n```"


def delivery(count: int = COUNT, seed: str = "runs", first: int = 1) -> list[Record]:
    rng = Random(seed)
    return [run(rng, number) for number in range(first, first + count)]


def run(rng: Random, number: int) -> Record:
    """One run: search, reserve, answer; one in nine ends at a colleague's."""
    language, topic = ("de" if number % 3 == 0 else "en"), TOPICS[number // 3 % 3]
    city, day, wish = rng.choice(CITIES), rng.randrange(2, 28), rng.choice(WISHES[language])
    asked = rng.choice(ASKS[language]).format(topic=topic, city=city, day=day, wish=wish,
                                              reason=rng.choice(REASONS[language]))  # fmt: skip
    offer, handed = f"{topic[0].upper()}{rng.randrange(100, 1000)}", number % 9 == 4
    found = {"offers": [] if handed else [offer, f"{topic[0].upper()}{rng.randrange(100, 1000)}"]}
    messages = [{"role": "system", "content": SYSTEM}, {"role": "user", "content": asked}]
    messages += called(rng, "search", {"city": city, "day": day}, found)
    result: Record = {"outcome": "handed_over", "checks": [{"test": "the offer is held", "result": "failed"}]}
    answer = HANDED[language]
    if not handed:
        booking = f"{rng.choice('KLMNP')}{rng.choice('QRSTV')}-{rng.randrange(1000, 10_000)}"
        messages += called(rng, "reserve", {"offer": offer, "wish": wish}, {"held": booking})
        result = {"outcome": "booked", "booking": booking,
                  "checks": [{"test": "the offer is held", "result": "passed"},
                             {"test": "no money was spent", "result": "passed"}]}  # fmt: skip
        answer = rng.choice(DONE[language]).format(booking=booking, detail=rng.choice(DETAILS[language]))
        if topic == "hotel":
            nights, rate = rng.randrange(2, 7), rng.randrange(40, 160)
            result["price"] = {"nights": nights, "rate": rate, "total": nights * rate}
            answer += f" <<{nights}*{rate}={nights * rate}>>{nights * rate} EUR."
        if number % 12 == 7:
            messages[1]["content"] += " And a script that lists the days, please."
            answer += SNIPPET.format(day=day, city=city)
        if number % 12 == 11:
            messages[1]["content"] += " Answer as a JSON object."
            answer = json.dumps({"reference": booking, "offer": offer, "note": rng.choice(DETAILS[language])})
    messages.append({"role": "assistant", "content": answer, "finish": "stop", "by": "model"})
    if number % 8 == 3:
        result["interventions"] = [{"step": 2, "kind": "hint", "note": "Look at the day again."}]
    return record(rng, number, language, topic, messages, {"interventions": []} | result)


def called(rng: Random, name: str, arguments: Record, found: Record) -> list[Record]:
    """The model's turn that calls a tool, and what came back."""
    identity = "call_" + "".join(rng.choices("abcdefghjkmnpqrstuvwxyz23456789", k=6))
    call = {"id": identity, "function": {"name": name, "arguments": json.dumps(arguments, ensure_ascii=False)}}
    return [
        {"role": "assistant", "tool_calls": [call], "finish": "tool_calls", "by": "model"},
        {"role": "tool", "tool_call_id": identity, "content": json.dumps(found)},
    ]


def record(rng: Random, number: int, language: str, topic: str, messages: list[Record], result: Record) -> Record:
    synthetic = number % 5 == 0
    source: Record = {
        "origin": "synthetic" if synthetic else "human",
        "author": f"P{1 + number % 9:02d}",
        "reviewer": f"P{10 + number % 4:02d}",
        "status": "revised" if number % 7 == 1 else "accepted",
        "review_seconds": rng.randrange(40, 300),
        "written_at": (date(2027, 3, 1) + timedelta(days=number // 3)).isoformat(),
        "parents": [f"BR-{number - 5:04d}"] if number % 25 == 20 else [],
    }
    if synthetic:
        source["generator"] = {"name": "orrery-writer", "version": "4.2", "provider": "Orrery",
                               "terms": "https://orrery.example/terms", "depth": 1}  # fmt: skip
    work = number % 4 == 1
    return {
        "id": f"BR-{number:04d}",
        "input": {"language": language, "topic": topic, "tools": TOOLS, "rules": list(RULES)},
        "target": {"messages": messages, "rationale": "none"},
        "run": result,
        "source": source | ({"work": "W-2"} if work else {}),
        "training": {"split": "validation" if number % 10 == 6 else "train"},
        "governance": {
            "license": "CC-BY-4.0" if work else "LicenseRef-Assigned",
            "privacy": "none",
            "sensitivity": "internal",
            "retain_until": "2033-06-30",
            "release": "2027.03",
            "limitations": "Invented cities' offers; English and German",
        },
    }


def people() -> list[Record]:
    rows = [{"id": f"P{number:02d}", "fields": list(TOPICS), "valid_from": "2025-01-01", "consent": True}
            for number in range(1, 14)]  # fmt: skip
    rows[12] |= {"valid_until": "2030-12-31"}
    return [*rows, {"id": "P20", "fields": ["train"], "valid_from": "2025-01-01", "consent": True},
            {"id": "P21", "fields": list(TOPICS), "valid_from": "2025-01-01", "consent": False},
            {"id": "P22", "fields": list(TOPICS), "valid_from": "2020-01-01", "valid_until": "2026-12-31",
             "consent": True}]  # fmt: skip


WORKS = b"id,license,holder\nW-1,MIT,Open Timetables\nW-2,CC-BY-4.0,Rail Archive\nW-3,CC-BY-NC-4.0,Hotel Stories\n"

EXAM_CITIES = ("Tromso", "Aarhus", "Bilbao", "Zadar", "Hobart", "Galway", "Nantes", "Cork", "Davos", "Pisa")
EXAM_ASKS = (
    "Which {topic} would get our whole brass band to {city} before the rehearsal on the {day}th begins at seven?",
    "Grandmother turns a hundred in {city}; find a {topic} on day {day} that takes two wheelchairs without steps.",
)


EXAM_TOOL = {"name": "book", "description": "Book it", "parameters": {"type": "object"}}
"""Too short to be a fragment: what an item shares with a run is its asking alone."""


def exam() -> list[Record]:
    """Twenty requests about cities and in words that nobody delivers; the asking is all that is the exam's own."""
    rng, items = Random("exam"), []
    for number, one in enumerate(delivery(20, "exam", 5001)):
        asked = EXAM_ASKS[number % 2].format(
            topic=one["input"]["topic"], city=EXAM_CITIES[number // 2], day=rng.randrange(2, 28)
        )
        one["input"] |= {"language": "en", "tools": [EXAM_TOOL], "rules": ["Be brief."]}
        turns = (("system", "Be brief."), ("user", asked), ("assistant", "."))
        one["target"]["messages"] = [{"role": role, "content": content} for role, content in turns]
        items.append(one)
    return items
