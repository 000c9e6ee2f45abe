"""A file's declared media type, name and first bytes to what contradicts the declaration, as far as can be told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

HEAD = 512
"""First bytes of a file that are looked at."""


@dataclass(frozen=True, slots=True)
class Format:
    """A file format that its first bytes tell: the media types it goes by, its file endings, and the test."""

    types: tuple[str, ...]
    endings: tuple[str, ...]
    test: Callable[[bytes], bool]
    holds: tuple[str, ...] = ()
    """Beginnings of other media types whose files begin so too: an office document is a ZIP archive."""


def _begins(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


def _riff(kind: bytes) -> Callable[[bytes], bool]:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == kind


def _mp3(head: bytes) -> bool:
    """A tag, or the eleven set bits of a frame of layer II or III; those of layer I are also UTF-16's mark."""
    return head[:3] == b"ID3" or (len(head) > 1 and head[0] == 0xFF and head[1] & 0xE6 in (0xE2, 0xE4))


FORMATS = (
    Format(("image/png",), (".png",), _begins(b"\x89PNG\r\n\x1a\n")),
    Format(("image/jpeg",), (".jpg", ".jpeg"), _begins(b"\xff\xd8\xff")),
    Format(("image/gif",), (".gif",), _begins(b"GIF87a", b"GIF89a")),
    Format(("image/webp",), (".webp",), _riff(b"WEBP")),
    Format(("audio/wav", "audio/x-wav", "audio/wave", "audio/vnd.wave"), (".wav",), _riff(b"WAVE")),
    Format(("audio/flac", "audio/x-flac"), (".flac",), _begins(b"fLaC")),
    Format(("audio/ogg", "video/ogg", "application/ogg"), (".ogg",), _begins(b"OggS"), ("audio/", "video/")),
    Format(("video/mp4", "audio/mp4"), (".mp4",), lambda head: head[4:8] == b"ftyp", ("audio/", "video/", "image/")),
    Format(("application/pdf",), (".pdf",), _begins(b"%PDF-")),
    Format(("application/zip",), (".zip",), _begins(b"PK\x03\x04", b"PK\x05\x06"), ("application/",)),
    Format(("application/gzip", "application/x-gzip"), (".gz", ".tgz"), _begins(b"\x1f\x8b"), ("application/",)),
    Format(("application/zstd",), (".zst",), _begins(b"\x28\xb5\x2f\xfd"), ("application/",)),
    Format(("application/x-tar",), (".tar",), lambda head: head[257:262] == b"ustar"),
    Format(("audio/mpeg",), (".mp3",), _mp3),  # last: its frame has few fixed bits
)
TELLING = frozenset(name for one in FORMATS for name in one.types)
"""Media types that the first bytes confirm or refute; of any other nothing is said."""


def objection(media_type: str, path: str, head: bytes) -> str:
    """Why a file is not of its media type; empty where nothing speaks against it."""
    named = next((one for one in FORMATS if path.lower().endswith(one.endings)), None)
    if named is not None and media_type not in named.types:
        return f"its name is that of {named.types[0]}"
    found = next((one for one in FORMATS if one.test(head)), None)
    if found is not None and media_type not in found.types and not _within(media_type, found):
        return f"its content is {found.types[0]}"
    if found is None and media_type in TELLING:
        return f"its content does not begin as {media_type} does"
    return ""


def _within(media_type: str, found: Format) -> bool:
    """Whether a media type that the first bytes do not tell may be of files that begin as this format does."""
    return media_type not in TELLING and media_type.startswith(found.holds)
