"""Other forms of defects in what answers are like."""

from chat_planting import (
    ANSWER,
    answer,
    asking,
    defect,
    in_answer,
    many,
    messages,
    one,
    plain,
)
from harness import Plant


def sent(name: str, plant: object, also: tuple[str, ...] = (), file: str = "") -> Plant:
    return Plant(name, "delivery.as_listed", plant, "", "sent", also, file)  # type: ignore[arg-type]


def file(name: str, clause: str, plant: object, path: str = "", also: tuple[str, ...] = (), place: str = "") -> Plant:
    return Plant(name, clause, plant, path, "files", also, place)  # type: ignore[arg-type]


ANSWERS: tuple[Plant, ...] = (
    # What answers are like
    defect("blank", "quality.no_artefacts", one(answer(lambda t: "\u3000\n\t"), plain), ANSWER),
    defect(
        "stopped in a list of values",
        "quality.no_artefacts",
        in_answer('Set these:\n["channel", 11, {"width": 40,'),
        ANSWER,
    ),
    defect("wrong sum", "quality.sums", in_answer("Three of them are <<3*12=38>>38 euros."), "$.target.messages"),
    defect(
        "another result than worked out",
        "quality.same_sum",
        in_answer("Three are <<3*12=36>>36. #### 40"),
        "$.target.messages",
    ),
    defect(
        "I am a language model",
        "quality.no_artefacts",
        in_answer("I am a large language model trained by Google DeepMind."),
        ANSWER,
    ),
    defect("training data", "quality.no_artefacts", in_answer("My training data only goes up to 2022."), ANSWER),
    defect(
        "language model, in Spanish",
        "quality.no_artefacts",
        in_answer("Como modelo de lenguaje, no puedo verlo."),
        ANSWER,
        ("quality.spoken",),
    ),
    defect(
        "refusals, politely",
        "quality.few_refusals",
        lambda rs, rng: [
            answer(lambda t: "I'm afraid that isn't something I can do for you.")(r) or r
            if plain(r) and n % 3 == 0
            else r
            for n, r in enumerate(rs)
        ],
        "-",
        ("quality.evidence",),
    ),
    defect(
        "refusals, unwilling",
        "quality.few_refusals",
        lambda rs, rng: [
            answer(lambda t: "Sorry, I have to pass on this one.")(r) or r if plain(r) and n % 3 == 0 else r
            for n, r in enumerate(rs)
        ],
        "-",
        ("quality.evidence",),
    ),
    defect("ordered without a call", "quality.no_claims", in_answer("I've ordered a new cable for you."), ANSWER),
    defect(
        "technician sent without a call",
        "quality.no_claims",
        in_answer("I have already dispatched a technician to your desk."),
        ANSWER,
    ),
    defect(
        "line after line",
        "quality.no_artefacts",
        one(answer(lambda t: t + "\n" + "\n".join(["Check the cable now."] * 8 + ["Then wait."] * 2)), plain),
        ANSWER,
    ),
    defect(
        "echo in other case",
        "quality.own_words",
        one(lambda r: messages(r)[-1].update(content=messages(r)[1]["content"].upper() + " Done."), plain),
        "$.target.messages",
    ),
    defect(
        "German answer",
        "quality.spoken",
        one(
            answer(lambda t: "Bitte ziehen Sie den Stecker, warten Sie eine Minute und stecken Sie ihn wieder ein."),
            plain,
        ),
        "$.target.messages, $.input.language",
    ),
    defect(
        "Arabic in the middle",
        "quality.latin",
        in_answer("من فضلك أعد تشغيل الجهاز الآن."),
        "$.target.messages",
        ("quality.spoken",),
    ),
    defect(
        "JSON with a comma too many",
        "quality.format",
        one(
            lambda r: (asking(lambda t: f"{t} Answer as JSON.")(r), answer(lambda t: '{"steps": ["wait",]}')(r)), plain
        ),
        "$.target.messages",
    ),
    defect(
        "Python of version 2",
        "quality.code",
        one(answer(lambda t: f"{t}\n```python3\nprint 'x'\n```"), plain),
        "$.target.messages",
    ),
    defect(
        "one opening, another",
        "quality.varied",
        many(60, lambda r, n: answer(lambda t: t if t.startswith("{") else f"Sure thing, friend: {t}")(r)),
    ),
    defect(
        "citation of a range", "quality.citations", in_answer("See also [2-5]."), "$.target.messages, $.input.documents"
    ),
    defect(
        "thoughts in brackets",
        "quality.no_reasoning",
        one(answer(lambda t: f"[THINK]They are upset.[/THINK] {t}"), plain),
        ANSWER,
    ),
    defect(
        "thoughts without a tag",
        "quality.no_reasoning",
        one(answer(lambda t: f"Okay, the user wants me to fix the device. Let me think step by step. {t}"), plain),
        ANSWER,
    ),
)
