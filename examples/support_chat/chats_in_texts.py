"""Copies, and what must not be inside: hidden characters, disguises, secrets, personal data."""

from random import Random

from chat_planting import ANSWER, added, asking, calls, defect, in_answer, one, plain, put, result, tool
from harness import Plant

KEY = "AKIA" + "QZ7M4XW2LT9CR6VB"  # in two parts, so that scanners of this repository stay quiet

TEXTS: tuple[Plant, ...] = (
    # Copies
    defect("copy in another case", "quality.no_copies", added(asking(str.upper)), "$", ("quality.near_copies",)),
    defect(
        "salted copies",
        "quality.near_copies",
        lambda rs, rng: [
            *rs,
            *(
                added(asking(lambda t, n=n: f"{t} #{n}7f3a"))(rs, Random(n))[-1] | {"id": f"SC-9{n:04d}"}
                for n in range(4)
            ),
        ],
    ),
    defect(
        "copy in another split",
        "quality.apart",
        added(lambda r: (asking(lambda t: f"{t} Thanks a lot!")(r), put("training", "split", "validation")(r))),
        "$",
        ("quality.near_copies",),
    ),
    # Hidden, secret, personal
    defect(
        "homoglyphs",
        "quality.plain_words",
        one(asking(lambda t: t.replace("e", "\u0435")), plain),
        "$.target.messages[1].content",
        ("quality.near_copies",),
    ),
    defect("full-width letters", "quality.plain_words", in_answer("Ｐａｙ ｉｔ ｎｏｗ ｐｌｅａｓｅ."), ANSWER),
    defect("HTML entities", "quality.plain_words", in_answer("&#112;&#97;&#121; it."), ANSWER),
    defect("zero width", "quality.nothing_hidden", in_answer("Re\u200bstart it."), ANSWER),
    defect("U+2028 in a text", "quality.nothing_hidden", in_answer("Wait.\u2028Then go."), ANSWER),
    defect(
        "secret in a tool's result",
        "quality.no_secrets",
        one(result(lambda m: m.update(content=f"env: AWS={KEY}")), calls),
        "$.target.messages[2].content",
    ),
    defect(
        "secret in percent escapes",
        "quality.no_secrets",
        in_answer("id=" + "".join(f"%{ord(c):02X}" for c in KEY)),
        ANSWER,
    ),
    defect(
        "secret as a key",
        "quality.no_secrets",
        one(tool(lambda t: t["parameters"].setdefault("properties", {}).update({KEY: {}})), plain),
        "$.input.tools[0].parameters.properties",
    ),
    defect("scanner switched off", "quality.no_secrets", in_answer("It runs. # gitleaks:allow"), ANSWER),
    defect("e-mail address", "quality.no_pii", in_answer("Ask jane.moss@harbourmail.co.uk."), ANSWER),
    defect("card in other digits", "quality.no_pii", in_answer("Card 453\u0669 5787 6362 1486."), ANSWER),
    defect(
        "home folder",
        "quality.no_pii",
        one(result(lambda m: m.update(content="found: /Users/jane.moss/devices.csv")), calls),
        "$.target.messages[2].content",
    ),
)
