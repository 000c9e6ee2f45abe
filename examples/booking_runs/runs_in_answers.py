"""Defects in what answers are like, alone and all together; each in other words than any rule names."""

from harness import Plant, Record
from run_planting import (
    ANSWER,
    answer,
    asking,
    defect,
    every_nth,
    german,
    in_answer,
    instead,
    messages,
    one,
    plain,
    prose,
    put,
)

MESSAGES = "$.target.messages"
SPANISH = "Su reserva está confirmada y puede pagar cuando llegue a la estación mañana por la mañana"
RUSSIAN = "Ваш билет забронирован, оплата производится на месте при заселении, хорошего пути. Thank you"
POLITE = (
    "I understand how important this is to you, and I am more than happy to walk you through every single detail. "
    "There are, of course, many sides to a journey, and it is only natural to wonder about each of them in turn. "
    "Rest assured that nothing will be left to chance, since a good trip begins long before anybody leaves the house. "
    "With all of that said, and without further delay, let us come to the point that you were kind enough to raise."
)


def said(
    name: str, text: str, clause: str = "quality.no_artefacts", path: str = ANSWER, also: tuple[str, ...] = ()
) -> Plant:
    return defect(name, clause, in_answer(text), path, ("quality.finished", *also))


def whole(name: str, text: str, clause: str = "quality.no_artefacts", path: str = ANSWER) -> Plant:
    """The answer is this and nothing else."""
    return defect(
        name, clause, one(answer(lambda old: text), plain), path, ("outcome.told", "quality.finished", "quality.latin")
    )


def claimed(name: str, text: str, suits=plain) -> Plant:  # type: ignore[no-untyped-def]
    """A claim in a run that called nothing."""

    def change(record: Record) -> None:
        messages(record)[2:] = [{"role": "assistant", "content": text}]
        record["run"] |= {"outcome": "handed_over", "checks": [{"test": "the offer is held", "result": "failed"}]}
        del record["run"]["booking"]

    return defect(name, "quality.no_claims", one(change, suits), "-")


def unsold(record: Record) -> None:
    record["run"] |= {"outcome": "handed_over", "checks": [{"test": "the offer is held", "result": "failed"}]}
    record["run"].pop("booking", None)
    record["run"].pop("price", None)


def refused(text: str):  # type: ignore[no-untyped-def]
    def change(record: Record) -> None:
        answer(lambda old: text)(record)
        unsold(record)

    return change


def hotel(record: Record) -> bool:
    return "price" in record["run"]


ANSWERS: tuple[Plant, ...] = (
    # Empty, cut, repeated
    whole("no output, in angle brackets", "<No Output>"),
    whole("spaces that do not break", "\u00a0\u00a0"),
    whole("None", "None"),
    whole("not available", "Not available"),
    whole("nothing, in Chinese", "无"),
    whole("three dots", "..."),
    said("slot in braces", "Dear {customer_name}, have a good trip."),
    said("slot in capitals", "Please call [PHONE NUMBER] before six."),
    said("fence of tildes left open", '\n~~~json\n{"reference": 1}'),
    said("JSON that stops", '\n{"reference": "KQ", "offers": [{"id": 3'),
    said("a sentence that stops", "You can change the booking until the evening before and then you will need to"),
    said("a word that stops", "The desk opens an hour before departu", "quality.finished", MESSAGES),
    said("a list that stops", "Remember:\n1. The card\n2. The reference\n3."),
    said("a sentence twenty times", "Have a good trip. " * 20),
    said("one line over and over", "\n" + "Bring the card that you booked with today.\n" * 12),
    said("a sound without spaces", "ha" * 60, also=("quality.finished",)),
    said("the same paragraph in turn", "\n\n".join(["Pay at the desk when you arrive.", "Bring the card."] * 9)),
    # Merged, marked, decoded wrongly
    said("next instruction of a list", "\n##\n18. Instruction: Name three trees."),
    said("a dialogue that goes on", "\nUser: And the train?\nAssistant: It leaves at nine."),
    said("markers of a template", "\n<|start_header_id|>user<|end_header_id|>\nAnd then?"),
    said("question and answer", "\nQ: Where is the desk?\nA: On the left.", "quality.one_exchange", MESSAGES),
    said("apostrophe decoded wrongly", "It\u00e2\u20ac\u2122s held until six."),
    said("umlaut decoded wrongly", "Ask for M\u00c3\u00bcller at the desk."),
    said("decoded wrongly twice", "Ask for M\u00c3\u0192\u00c2\u00bcller at the desk."),
    said(
        "Cyrillic decoded as Latin",
        "\u00d0\u0178\u00d1\u20ac\u00d0\u00b8\u00d0\u00b2\u00d0\u00b5\u00d1\u201a from the desk.",
        also=("quality.latin",),
    ),
    said("letters replaced by question marks", "Ask for M\ufffd\ufffdller at the desk.", "quality.nothing_hidden"),
    # A model that speaks of itself
    said("I am Claude", "I'm Claude, an assistant made by Anthropic."),
    said("cutoff", "My knowledge cutoff is September 2021, so check the time."),
    said("last update", "As of my last update in April 2023, the desk is open."),
    said("cannot browse", "As an artificial intelligence, I don't have access to live timetables."),
    said("developed by", "I was developed by OpenAI to help with travel."),
    defect(
        "language model, in German",
        "quality.no_artefacts",
        one(answer(lambda old: f"{old} Als KI-Sprachmodell kann ich das leider nicht selbst prüfen."), german),
        ANSWER,
    ),
    said(
        "language model, in French", "En tant que modèle de langage, je ne peux pas vérifier.", also=("quality.spoken",)
    ),
    # Claims, refusals
    claimed("alarm set", "I've set your alarm for six in the morning, so you will not miss it."),
    claimed("table booked", "Your table has been booked for eight o'clock at the restaurant by the harbour."),
    claimed("all done", "Done! I just emailed the itinerary to you and to your sister."),
    claimed("payment made", "I went ahead and paid the deposit with your card, so the room is yours."),
    defect(
        "refusals in one topic",
        "quality.few_refusals",
        every_nth(
            3,
            refused("I'm sorry, but I can't assist with that request."),
            lambda r: r["input"]["topic"] == "train" and r["input"]["language"] == "en",
        ),
        "-",
        ("quality.spoken",),
    ),
    defect(
        "refusals that cannot fulfil",
        "quality.few_refusals",
        every_nth(
            3,
            refused("I cannot fulfill this request."),
            lambda r: r["input"]["topic"] == "flight" and r["input"]["language"] == "en",
        ),
        "-",
        ("quality.spoken", "quality.format"),
    ),
    defect(
        "refusals in German",
        "quality.few_refusals",
        every_nth(
            2,
            refused("Tut mir leid, aber dabei kann ich Ihnen nicht helfen."),
            lambda r: r["input"]["language"] == "de",
        ),
        "-",
    ),
    # Language and format
    defect("Spanish in place of English", "quality.spoken", instead(SPANISH), f"{MESSAGES}, $.input.language"),
    defect(
        "English in place of German",
        "quality.spoken",
        one(
            lambda record: answer(
                lambda old: f"Your seat is held under the number {record['run']['booking']}, and you pay at the desk."
            )(record),
            german,
        ),
        f"{MESSAGES}, $.input.language",
    ),
    defect("Cyrillic", "quality.latin", instead(RUSSIAN), MESSAGES, ("quality.spoken",)),
    defect(
        "a few Chinese words",
        "quality.latin",
        in_answer("请在柜台付款谢谢您"),
        MESSAGES,
        ("quality.spoken", "quality.finished"),
    ),
    defect(
        "JSON in a fence where JSON was asked",
        "quality.format",
        one(
            lambda record: (
                asking(lambda t: f"{t} Answer as a JSON object.")(record),
                answer(lambda t: '```json\n{"reference": "' + record["run"]["booking"] + '"}\n```')(record),
            ),
            plain,
        ),
        MESSAGES,
        ("quality.spoken",),
    ),
    defect(
        "JSON with words around it",
        "quality.format",
        one(
            lambda record: (
                asking(lambda t: f"{t} Answer as a json object.")(record),
                answer(lambda t: 'Here it is: {"reference": "' + record["run"]["booking"] + '"}')(record),
            ),
            plain,
        ),
        MESSAGES,
        ("quality.spoken",),
    ),
    defect(
        "Python of the last century",
        "quality.code",
        one(answer(lambda t: f"{t}\n```py\nprint 'on the way'\n```"), plain),
        MESSAGES,
    ),
    defect(
        "Python indented wrongly",
        "quality.code",
        one(answer(lambda t: f"{t}\n```python\nif True:\nprint(1)\n```"), plain),
        MESSAGES,
    ),
    defect(
        "says what was asked",
        "quality.own_words",
        one(
            lambda record: answer(lambda t: f"{record['run']['booking']}. {messages(record)[1]['content']}")(record),
            plain,
        ),
        MESSAGES,
    ),
    said(
        "citation in German brackets", "More about this in [1, 7].", "quality.citations", f"{MESSAGES}, $.input.rules"
    ),
    said(
        "citation of a footnote",
        "More about this is written elsewhere [^4].",
        "quality.citations",
        f"{MESSAGES}, $.input.rules",
    ),
    said(
        "citation as a search engine writes it",
        "The desk opens at five 【4†source】.",
        "quality.citations",
        f"{MESSAGES}, $.input.rules",
    ),
    # Sums
    defect(
        "total that is no product",
        "outcome.added_up",
        one(lambda record: record["run"]["price"].update(total=1), hotel),
        "$.run.price, $.run.price.total, $.run.price.nights, $.run.price.rate",
    ),
    said("result that the steps do not give", "That is <<3*80=240>>240 EUR. #### 250.", "quality.same_sum", MESSAGES),
    defect(
        "carriage returns in an answer",
        "quality.line_ends",
        one(answer(lambda t: t.replace(". ", ".\r\n") + "\r\nBye."), plain),
        MESSAGES,
    ),
    # Reasoning
    defect(
        "thoughts behind another tag",
        "quality.no_reasoning",
        one(answer(lambda t: f"<reasoning>They want quiet.</reasoning>{t}"), plain),
        ANSWER,
    ),
    defect(
        "thoughts in a channel",
        "quality.no_reasoning",
        one(answer(lambda t: f"<|channel|>analysis<|message|>They want quiet. {t}"), plain),
        ANSWER,
    ),
    defect(
        "end of thoughts alone",
        "quality.no_reasoning",
        one(answer(lambda t: f"They want a quiet place. </think> {t}"), plain),
        ANSWER,
    ),
    defect(
        "thoughts in an argument",
        "quality.no_reasoning",
        one(
            lambda record: messages(record)[4]["tool_calls"][0]["function"].update(
                arguments='{"offer": "F1", "wish": "<thinking>cheap</thinking>"}'
            ),
            plain,
        ),
        "$.target.messages[4].tool_calls[0].function.arguments",
    ),
    defect(
        "a rationale called ground truth",
        "Run.target.rationale",
        one(lambda record: record["target"].update(rationale="ground_truth")),
        "$.target.rationale",
    ),
    # All together
    defect(
        "one opening in two languages",
        "quality.varied",
        every_nth(3, answer(lambda t: f"Great question! Thanks. {t}")),
        "-",
    ),
    defect(
        "one request with places filled in",
        "quality.no_template",
        every_nth(
            4,
            lambda record: asking(
                lambda t: (
                    f"Book the {100 + int(record['id'][-2:])} from Porto to "
                    f"{('Oslo', 'Bergen', 'Basel', 'Turin')[int(record['id'][-2:]) % 4]}, please."
                )
            )(record),
            prose,
        ),
        "-",
        ("quality.near_copies", "quality.apart", "quality.spoken"),
    ),
    defect(
        "padded by the word",
        "quality.brief",
        every_nth(4, answer(lambda t: f"{POLITE} {t}"), plain),
        "-",
        ("quality.no_artefacts", "quality.varied"),
    ),
)
_ = put
