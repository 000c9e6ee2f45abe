"""Fixed seed in, a clean delivery of help-desk conversations out, the same each time."""

from datetime import date, timedelta
from random import Random
from typing import Any

Record = dict[str, Any]

THINGS = (
    "router",
    "printer",
    "laptop",
    "phone",
    "monitor",
    "keyboard",
    "camera",
    "scanner",
    "tablet",
    "headset",
    "projector",
    "speaker",
    "microphone",
    "switch",
    "charger",
    "display",
    "dock",
    "badge reader",
    "server",
    "thermostat",
)
TROUBLES = (
    "drops its connection every afternoon",
    "shows a red light and nothing else",
    "makes a clicking noise when it starts",
    "forgets its settings after a restart",
    "prints half of each page",
    "cannot find the wireless network",
    "gets hot within ten minutes",
    "asks for a licence that we already paid",
    "wakes up in the middle of the night",
    "loses the picture as soon as I join a meeting",
    "takes a quarter of an hour to start",
    "rejects the new cable",
)
PLACES = (
    "on the third floor",
    "in the Nairobi office",
    "at my desk at home",
    "in the training room",
    "behind the reception",
    "in the warehouse",
    "next to the kitchen",
    "in the library",
    "on the night shift",
    "in the large meeting room",
)
TRIED = (
    "I changed the cable already.",
    "A colleague restarted it twice.",
    "Nothing in the handbook fits.",
    "It worked until Tuesday.",
    "We need it for a visit tomorrow.",
    "The other one beside it is fine.",
    "I would rather not lose my files.",
    "It is two years old.",
    "The light used to be green.",
    "Somebody moved the table last week.",
    "It began after the storm.",
    "Our guests complained too.",
)
GREETINGS = (
    "Hello, the {thing} {place} {trouble}.",
    "Our {thing} {trouble}, the one {place}.",
    "Since this morning the {thing} {place} {trouble}.",
    "Could you help? The {thing} {trouble} {place}.",
    "Good morning! {place}, the {thing} {trouble}.",
    "Why is it that the {thing} {place} {trouble}?",
)
ADVICE = (
    "hold the power button for ten seconds",
    "unplug it from the wall and count to thirty",
    "install the driver of last month again",
    "clear the paper path from the back",
    "choose the channel with the least traffic",
    "turn energy saving off in the menu",
    "clean the vents with a dry brush",
    "renew the address in the network settings",
    "move it an arm's length from the window",
    "set the clock, since certificates depend on it",
    "swap the fuse in the plug",
    "open the cover and seat the drum again",
)
FIRST = (
    "That sounds like a known fault.",
    "Thank you for the details.",
    "Let us begin with the simple things.",
    "This can be mended at your desk.",
    "The manual has a page on this.",
    "Most of the time it is the power supply.",
    "A reset should do.",
    "I looked at its log.",
)
LAST = (
    "Write again if it returns.",
    "It should hold from then on.",
    "If not, a technician comes by on Friday.",
    "You lose no files by this.",
    "Please tell the others beside you as well.",
    "The whole of it takes five minutes.",
)
LOOK_UP = {
    "name": "look_up",
    "description": "Finds a device by its kind and place.",
    "parameters": {
        "type": "object",
        "properties": {"thing": {"type": "string"}, "floor": {"type": "integer", "minimum": 0}},
        "required": ["thing"],
        "additionalProperties": False,
    },
}


def delivery(count: int = 120) -> list[Record]:
    """Half of the conversations look a device up, one in ten asks for JSON, one in ten is about a script."""
    rng = Random("support chat")
    wanted = set()
    while len(wanted) < count:
        wanted.add((rng.choice(THINGS), rng.choice(TROUBLES), rng.choice(PLACES)))
    return [chat(rng, number, *one) for number, one in enumerate(sorted(sorted(wanted), key=lambda one: rng.random()))]


def chat(rng: Random, number: int, thing: str, trouble: str, place: str) -> Record:
    first, second = rng.sample(ADVICE, 2)
    asked = (
        rng.choice(GREETINGS).format(thing=thing, trouble=trouble, place=place) + " " + " ".join(rng.sample(TRIED, 2))
    )
    page = f"Page {rng.randrange(3, 90)} on the {thing}: in such a case {first}, and if that is not enough {second}."
    answer = f"{rng.choice(FIRST)} First {first} [1]. Then {second}. {rng.choice(LAST)}"
    if number % 10 == 3:
        asked += " Answer as JSON, for our ticket system."
        answer = f'{{"steps": ["{first}", "{second}"], "device": "{thing}"}}'
    elif number % 10 == 1:
        count, price = rng.randrange(2, 9), rng.randrange(3, 40)
        answer += (
            f" New ones are {price} euros each, so <<{count}*{price}={count * price}>>{count * price} for {count}."
        )
    elif number % 10 == 7:
        asked += " I would like to watch it with a script."
        answer += (
            f"\n\n```python\nfor minute in range({rng.randrange(5, 60)}):\n    print(minute, check('{thing}'))\n```"
        )
    messages = [{"role": "user", "content": asked}]
    if number % 2:
        arguments = {"thing": thing} | ({"floor": rng.randrange(5)} if rng.random() < 0.5 else {})
        call = {"id": f"call_{number}", "name": "look_up", "arguments": arguments}
        messages += [
            {"role": "assistant", "tool_calls": [call]},
            {
                "role": "tool",
                "tool_call_id": call["id"],
                "content": f"found: 1 {thing}, in service since {rng.randrange(2015, 2027)}",
            },
        ]
    elif rng.random() < 0.5:
        messages = [{"role": "system", "content": "You are the help desk."}, *messages]
    messages.append({"role": "assistant", "content": answer})
    if len(messages) < 3:
        messages = [{"role": "system", "content": "You are the help desk."}, *messages]
    return record(rng, number, messages, page, first)


def record(rng: Random, number: int, messages: list[Record], page: str, quote: str) -> Record:
    author = number % 8
    return {
        "id": f"SC-{number + 1:05d}",
        "input": {"language": "en", "tools": [LOOK_UP], "documents": [page]},
        "target": {"messages": messages},
        "source": {
            "origin": "synthetic" if number % 6 == 0 else "human",
            "author": f"A-{author}",
            "reviewer": f"A-{8 + number % 4}",
            "written_at": (date(2027, 1, 4) + timedelta(days=number // 8)).isoformat(),
            "review_seconds": rng.randrange(35, 400),
            "quotes": [quote],
            "parents": [f"SC-{number:05d}"] if number % 20 == 19 else [],
            "outcome": "open" if number % 9 == 2 else "solved",
            "confirmed": number % 9 != 2,
            "helped": number % 5 == 1,
        }
        | ({"generator": "desk-writer 3"} if number % 6 == 0 else {})
        | ({"work": "W-1"} if number % 7 == 3 else {}),
        "training": {"split": "validation" if number % 12 == 5 else "train", "weight": 1},
        "governance": {
            "license": "LicenseRef-Assigned",
            "sensitivity": "internal",
            "retain_until": "2033-01-01",
            "release": "2027.01",
            "limitations": "English only",
        },
    }


def agents() -> list[Record]:
    return [{"id": f"A-{number}", "valid_from": "2024-01-01"} for number in range(12)]


def works() -> list[Record]:
    return [{"id": "W-1", "license": "LicenseRef-Assigned", "holder": "Northwind"},
            {"id": "W-2", "license": "CC-BY-NC-4.0", "holder": "Router Handbook"}]  # fmt: skip
