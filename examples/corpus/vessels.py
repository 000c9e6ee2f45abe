"""The files of a delivery to the same files with a defect in their bytes, their archives or their manifest.

Each function is pure. `body` is a file as it lies on disk, `shard` its lines.
"""

import gzip
import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from random import Random
from typing import Any

from harness import MANIFEST, Files, Link

PlantFiles = Callable[[Files, Random], Files]
Members = dict[str, bytes]
Pack = Callable[[Members], bytes]
Place = tuple[str, int]
"""(shard, position of the line)"""


def line(
    change: Callable[[bytes], bytes],
    suits: Callable[[bytes], bool] = lambda body: True,
    places: Callable[[Files], list[Place]] = lambda content: everywhere(content),
) -> PlantFiles:
    """Changes one line of a shard among those that suit."""

    def plant(content: Files, rng: Random) -> Files:
        path, at = rng.choice([place for place in places(content) if suits(lines(content[place[0]])[place[1]])])
        body = lines(content[path])
        return content | {path: joined(path, [*body[:at], change(body[at]), *body[at + 1 :]])}

    return plant


def everywhere(content: Files) -> list[Place]:
    """All lines of all shards."""
    return [(path, at) for path in content if path.startswith("part-") for at in range(len(lines(content[path])))]


def last(content: Files) -> list[Place]:
    """The last line of the last shard."""
    return everywhere(content)[-1:]


def inside(marker: bytes, new: bytes) -> Callable[[bytes], bytes]:
    return lambda body: body.replace(marker, new, 1)


def whole(path: str, change: Callable[[bytes], bytes]) -> PlantFiles:
    """Changes the bytes of a file as they lie on disk."""
    return lambda content, rng: content | {path: change(raw(content[path]))}


def beside(path: str, body: bytes | Link) -> PlantFiles:
    """One more file, which nobody listed."""
    return lambda files, rng: files | {path: body}


def lost(path: str) -> PlantFiles:
    """A file that did not arrive."""
    return lambda files, rng: {name: body for name, body in files.items() if name != path}


def listed(change: Callable[[dict[str, Any]], None]) -> PlantFiles:
    """Changes the manifest that was written."""

    def plant(content: Files, rng: Random) -> Files:
        written = json.loads(raw(content[MANIFEST]))
        change(written)
        return content | {MANIFEST: json.dumps(written).encode()}

    return plant


def poured(path: str, into: str, make: Callable[[bytes], bytes]) -> PlantFiles:
    """A shard becomes another file."""

    def plant(files: Files, rng: Random) -> Files:
        rest = {name: body for name, body in files.items() if name != path}
        return rest | {into: make(raw(files[path]))}

    return plant


def lines(body: bytes | Link) -> list[bytes]:
    """The lines of a file, unpacked, without their line feeds."""
    content = raw(body)
    if content.startswith(b"\x1f\x8b"):
        content = zlib.decompressobj(31).decompress(content)
    return content.removesuffix(b"\n").split(b"\n") if content else []


def joined(path: str, body: list[bytes]) -> bytes:
    content = b"".join(one + b"\n" for one in body)
    return packed(content) if path.endswith(".gz") else content


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def raw(body: bytes | Link) -> bytes:
    return body if isinstance(body, bytes) else b""


def array(shard: bytes) -> bytes:
    return b"[" + b",\n".join(shard.splitlines()) + b"]\n"


def tar(members: Members) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, body in members.items():
            member = tarfile.TarInfo(name)
            member.size = len(body)
            archive.addfile(member, io.BytesIO(body))
    return made.getvalue()


def tar_with(kind: bytes, target: str = "/etc/hostname") -> Pack:
    """The last member is a link or device."""

    def pack(members: Members) -> bytes:
        *plain, final = members
        made = io.BytesIO(tar({name: members[name] for name in plain}))
        with tarfile.open(fileobj=made, mode="a") as archive:
            member = tarfile.TarInfo(final)
            member.type, member.linkname = kind, target
            archive.addfile(member)
        return made.getvalue()

    return pack


def zip_(members: Members) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def alone_in(shard: str, archive: str, pack: Pack, more: Members) -> PlantFiles:
    """A shard moves into an archive, together with other members."""
    return poured(shard, archive, lambda body: pack({shard: body, **more}))


def rewritten(path: str, *pairs: tuple[str, str]) -> PlantFiles:
    """A file of the deal with words in it replaced. Raises ValueError where there is nothing to replace."""

    def plant(content: Files, rng: Random) -> Files:
        text = raw(content[path]).decode()
        for old, new in pairs:
            if old not in text:
                raise ValueError(f"{old!r} is not in {path}")
            text = text.replace(old, new)
        return content | {path: text.encode()}

    return plant


UNMARKED = (("{%- endgeneration -%}", ""), ("{%- generation -%}", "{%- generation -%}{%- endgeneration -%}"))
"""A template that marks nothing as trained, by a block with nothing in it; one without a block is refused as such."""

FORMULA = '=HYPERLINK("https://evil.example")\x1b[2J'
SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(1)>"
"""What a spreadsheet, a terminal and a browser would act on, if a report let it out."""
