"""`has_hidden_text`: what a reader cannot see is named with code point and place; ordinary writing is silent."""

from __future__ import annotations

import pytest
from support import marked, run, use

from acceptance.measures.has_hidden_text import MEASURE

HIDDEN = [
    ("pass\u200bword", "an invisible character (U+200B, character 5)"),
    ("co\u00adpy", "a soft hyphen (U+00AD, character 3)"),
    ("\ufeffstart", "an invisible character (U+FEFF, character 1)"), ("a\u202eb", "a bidirectional control (U+202E"),
    ("a\u2066b", "a bidirectional control (U+2066"), ("ab\u200ec", "a bidirectional control (U+200E"),
    ("hi\U000e0041\U000e0042", "a Unicode tag (U+E0041, character 3)"), ("\x1b[31mred", "an escape sequence (U+001B"),
    ("a\x00b", "a control character (U+0000"), ("a\x85b", "a control character (U+0085"),
    ("a\x7fb", "a control character"),
    ("mojibake \ufffd", "the replacement character (U+FFFD"), ("a\ue000", "a private-use character (U+E000"),
    ("x\U0010fffd", "a private-use character"), ("a\u2060b", "an invisible character"),
    ("a\u3164b", "an invisible character"),
    ("a\u2800b", "an invisible character"), ("x\U000e0100\U000e0101", "an invisible character"),
    ("a\u2028b", "an invisible character (U+2028"), ("in\u200dvoice", "an invisible character (U+200D"),
    ("a\ufe0f\ufe01b", "an invisible character (U+FE01"),
    ("safe\rrm -r", "a carriage return alone (U+000D, character 5)"),
    ("ends\r", "a carriage return alone (U+000D, character 5)"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message"), HIDDEN)
def test_hidden_text_is_found_and_placed(text: str, message: str) -> None:
    column = run(MEASURE, use("has_hidden_text"), [{"a": "plain"}, {"b": ["x", text]}])
    assert marked(column) == [1] and column.details[1].path == "$.b[1]"
    assert column.details[1].message.startswith(message)


@pytest.mark.parametrize(
    "text",
    ["tab\tand\nnew\r\nline", "café naïve Ωμέγα 中文 日本語", "👩\u200d💻 ❤\ufe0f 🏳\ufe0f\u200d🌈 👍🏽",
     "می\u200cخواهم",
     "क्\u200dष", "\u200fשלום\u200f", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
     "\u00a0 — “x” ™ £"],
)  # fmt: skip
def test_ordinary_writing_is_silent(text: str) -> None:
    assert marked(run(MEASURE, use("has_hidden_text"), [{"a": text}])) == []
