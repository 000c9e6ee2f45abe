"""`has_secret`: credentials are found however they are wrapped; documentation and code are silent."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support import marked, run, run_in_parts, same, use

from acceptance.measures.has_secret import MEASURE

BODY = "q7Zp2LmX9vTb4KdR8wYc3NfH6sJg1AeU5oQi"
AWS = "AK" + "IA" + "Z7QX3MPL5KWN2RTV"  # in two parts, so that no scanner of this repository stumbles

SECRETS = {
    "AWS": AWS,
    "AWS secret": "aws_secret_access_key = " + BODY + "7dE/",
    "Google": "AI" + "za" + BODY[:35],
    "GitHub": "gh" + "p_" + BODY,
    "GitHub fine": "github" + "_pat_" + BODY + BODY,
    "Slack": "xo" + "xb-123456789012-" + BODY[:24],
    "Stripe": "sk" + "_live_" + BODY[:24],
    "OpenAI": "sk" + "-proj-" + BODY,
    "Anthropic": "sk" + "-ant-api03-" + BODY,
    "Hugging Face": "hf" + "_" + BODY[:34],
    "PEM": "-----BEGIN RSA " + "PRIVATE KEY-----\nMIIE",
    "OpenSSH": "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
    "JWT": "ey" + "JhbGciOiJSUzI1NiJ9.ey" + "JzdWIiOiJtZXJpZGlhbiJ9." + BODY,
    "presigned": "https://b.s3.amazonaws.com/x?X-Amz-Signature=" + "9f3b2c1d7e5a4860" * 4,
    "SAS": "https://x.blob.core.windows.net/c?sv=2020&sig=" + BODY + "Rt5%3D",
    "URL": "postgres://admin:" + BODY[:16] + "@db.internal/prod",
    "password": "password = 'tR7#kq9Lm2xZ'",
    "token in JSON": '{"api_key": "' + BODY + '"}',
    "marker": "x = 1  # pragma: " + "allowlist secret",
    "gitleaks": "x = 1  # gitleaks" + ":allow",
}


@pytest.mark.parametrize("name", SECRETS)
@pytest.mark.parametrize(
    "wrap",
    [
        str, "\u200b".join, lambda t: base64.b64encode(f"say {t}!".encode()).decode(),
        lambda t: base64.b64encode(base64.b64encode(f"say {t}!".encode())).decode(), lambda t: t.encode().hex(),
        lambda t: "".join(f"%{ord(c):02X}" for c in t), lambda t: "".join(f"\\u{ord(c):04x}" for c in t),
        lambda t: "".join(f"&#{ord(c)};" for c in t),
        lambda t: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in t),
    ],
)  # fmt: skip
def test_a_secret_is_found_where_it_stands(name: str, wrap: object) -> None:
    rows: list[object] = [{"a": f"row {i}"} for i in range(20)]
    rows[13] = {"a": "fine", "steps": [{"out": f"log: {wrap(SECRETS[name])} end"}]}  # type: ignore[operator]
    column = run(MEASURE, use("has_secret"), rows)  # type: ignore[arg-type]
    assert marked(column) == [13]
    detail = column.details[13]
    assert detail.path == "$.steps[0].out" and detail.message and detail.help
    assert BODY[4:] not in detail.found + detail.message


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_is_found_where_it_is_a_key(name: str) -> None:
    column = run(MEASURE, use("has_secret"), [{"a": "x"}, {"steps": [{SECRETS[name]: 1}]}])
    assert marked(column) == [1] and column.details[1].path == "$.steps[0]"


SILENT = [
    "AKIAIOSFODNN7EXAMPLE and wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "sk-your-api-key-goes-here-and-nowhere-else",
    "password: ********", "password = os.environ['DB_PASSWORD']", "token = tokenizer.encode(text)[0]",
    "set the API key to <YOUR_API_KEY>", "The secret is patience.", "secret: confidentiality-agreement-2027",
    "token: BO-00001", "password reset on 2027-11-03", "commit 9f3b2c1d7e5a48609f3b2c1d7e5a48609f3b2c1d",
    "sha256 9f3b2c1d7e5a48609f3b2c1d7e5a48609f3b2c1d7e5a48609f3b2c1d7e5a4860", "https://user@example.com/path",
    "What is the login of Yormar Foods?", "I can't help with that: passwords stay private.",
    "-----BEGIN CERTIFICATE-----",
]  # fmt: skip


@pytest.mark.parametrize("text", SILENT)
def test_documentation_and_ordinary_text_are_silent(text: str) -> None:
    assert marked(run(MEASURE, use("has_secret"), [{"a": text}])) == []


@given(st.lists(st.sampled_from([*SECRETS.values(), *SILENT]), max_size=30), st.integers(1, 9))
def test_batches_and_neighbours_change_nothing(texts: list[str], size: int) -> None:
    rows = [{"a": text} for text in texts]
    column = run(MEASURE, use("has_secret"), rows, size)
    assert marked(column) == [i for i, text in enumerate(texts) if text in SECRETS.values()]
    assert same(column, run_in_parts(MEASURE, use("has_secret"), rows, size, 3))
