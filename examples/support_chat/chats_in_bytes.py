"""Defects in the bytes of the shard."""

from chat_planting import defect, in_bytes, replaced
from harness import Plant

LIMITS = b'"English only"'

BYTES: tuple[Plant, ...] = (
    defect(
        "byte order mark inside", "delivery.readable", in_bytes(lambda line: b"\xef\xbb\xbf" + line), "$", when="files"
    ),
    defect("Latin-1", "delivery.readable", replaced(LIMITS, b'"\xc9nglish"'), "$", when="files"),
    defect("NUL", "delivery.readable", replaced(LIMITS, b'"Eng\x00lish"'), "$", when="files"),
    defect("illegal escape", "delivery.readable", replaced(LIMITS, b'"\\d{2}"'), "$", when="files"),
    defect("NaN", "delivery.readable", replaced(b'"weight": 1', b'"weight": NaN'), "$", when="files"),
    defect(
        "number without bound", "delivery.readable", replaced(b'"weight": 1', b'"weight": 1e999'), "$", when="files"
    ),
    defect(
        "big integer",
        "delivery.readable",
        replaced(b'"weight": 1', b'"weight": 123456789012345678901234567890'),
        "$",
        when="files",
    ),
    defect(
        "duplicate key",
        "delivery.readable",
        replaced(b'"language"', b'"language": "de", "language"'),
        "$",
        when="files",
    ),
    defect("lone surrogate", "delivery.readable", replaced(LIMITS, b'"\\ud83d"'), "$", when="files"),
    defect("deep nesting", "delivery.readable", replaced(LIMITS, b"[" * 100_000 + b"]" * 100_000), "$", when="files"),
    defect("blank line", "delivery.readable", in_bytes(lambda line: b"\n" + line), "$", when="files"),
    defect("comment", "delivery.readable", in_bytes(lambda line: b"// reviewed\n" + line), "$", when="files"),
    defect("cut record", "delivery.readable", in_bytes(lambda line: line[: len(line) // 2]), "$", when="files"),
)
