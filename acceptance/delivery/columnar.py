"""Parquet files in, their rows as JSON Lines out: a process of its own, so that a hostile file can end nothing else.

`python -P -m acceptance.delivery.columnar` takes open files over the socket that is its standard input, and answers in
frames: a byte for what it is, four bytes for its length, and that many bytes. The only module that imports pyarrow.
"""

from __future__ import annotations

import json
import resource
import socket
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from acceptance.delivery import limits

HELLO, ROWS, DATA, END, CORRUPT, COLUMN, TWICE = b"H", b"R", b"D", b"E", b"X", b"C", b"T"
BATCH_BYTES, BATCH_ROWS = 4 << 20, 1_000
EPOCH = date(1970, 1, 1)
PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
SPLITTERS = str.maketrans({mark: f"\\u{ord(mark):04x}" for mark in "\u2028\u2029\x85"})
"""Written as escapes, since a row of Parquet cannot be split at them."""

Cells = list[Any]


class Unfit(Exception):
    """A column that has no JSON form; str() is `column` or `twice`."""


def main() -> None:
    """Answers until the other side hangs up. Of each file: the number of rows first, then the rows."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.MAX_WORKER, limits.MAX_WORKER))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    peer = socket.socket(fileno=0)
    send(peer, HELLO)
    while True:
        asked, handles, _, _ = socket.recv_fds(peer, 1, 1)
        if not asked:
            return
        with open(handles[0], "rb") as file:  # noqa: PTH123 (a descriptor, not a path)
            try:
                allow_more_work()
                parquet = pq.ParquetFile(file)
                send(peer, HELLO, parquet.metadata.num_rows.to_bytes(8, "little"))
                if asked == ROWS:
                    for chunk in rows(parquet):
                        send(peer, DATA, chunk)
                send(peer, END)
            except Unfit as error:
                send(peer, {"column": COLUMN, "twice": TWICE}[str(error)])
            except (pa.ArrowException, OSError, ValueError, MemoryError, IndexError, KeyError, OverflowError):
                send(peer, CORRUPT)


def allow_more_work() -> None:
    """From now on so many seconds of computing; then the system ends the process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + 1 + limits.MAX_WORK
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.RLIM_INFINITY))


def send(peer: socket.socket, kind: bytes, payload: bytes = b"") -> None:
    """One frame."""
    peer.sendall(kind + len(payload).to_bytes(4, "little") + payload)


def rows(parquet: Any) -> Iterator[bytes]:
    """Chunks of lines, a JSON object each. A null is an absent key, in a list it stays."""
    schema = parquet.schema_arrow
    _names_differ(schema.names)
    converters = [converter(field.type) for field in schema]
    for group in range(parquet.num_row_groups):
        facts = parquet.metadata.row_group(group)
        size = max(1, min(BATCH_ROWS, BATCH_BYTES * facts.num_rows // max(1, facts.total_byte_size)))
        for batch in parquet.iter_batches(size, row_groups=[group], use_threads=False):
            columns = [convert(column) for convert, column in zip(converters, batch.columns, strict=True)]
            pending = bytearray()
            for row in zip(*columns, strict=True) if columns else ():
                pending += line(
                    {name: value for name, value in zip(schema.names, row, strict=True) if value is not None}
                )
                if len(pending) > limits.CHUNK:
                    yield bytes(pending)
                    pending.clear()
            yield bytes(pending)
            allow_more_work()


def line(row: dict[str, Any]) -> bytes:
    """JSON text; bytes that are not UTF-8 stay as they are, for the reader to object to."""
    text = json.dumps(row, ensure_ascii=False, separators=(",", ":"))
    if not text.isascii():
        text = text.translate(SPLITTERS)
    return text.encode("utf-8", "surrogateescape") + b"\n"


def converter(type_: Any) -> Callable[[Any], Cells]:
    """How an Arrow array of a type becomes JSON values. Raises Unfit for a type that has none."""
    kind = pa.types
    if kind.is_struct(type_):
        _names_differ([field.name for field in type_])
        names, inner = [field.name for field in type_], [converter(field.type) for field in type_]
        return lambda cells: _structs(cells, names, inner)
    if kind.is_list(type_) or kind.is_large_list(type_) or kind.is_fixed_size_list(type_):
        item = converter(type_.value_type)
        return lambda cells: _lists(cells, item)
    if kind.is_dictionary(type_):
        word = converter(type_.value_type)
        return lambda cells: _looked_up(word(cells.dictionary), cells.indices.to_pylist())
    if kind.is_string(type_) or kind.is_large_string(type_) or type_ == pa.string_view():
        return _texts
    if kind.is_timestamp(type_):
        zone = "Z" if type_.tz else ""
        return lambda cells: [_of(value, lambda ticks: _instant(ticks, type_.unit) + zone) for value in _whole(cells)]
    if kind.is_date(type_):
        days = 1 if kind.is_date32(type_) else 86_400_000
        return lambda cells: [_of(value, lambda ticks: _day(ticks // days)) for value in _whole(cells)]
    if kind.is_time(type_):
        return lambda cells: [_of(value, lambda ticks: _clock(ticks, type_.unit)) for value in _whole(cells)]
    if kind.is_decimal(type_):
        return lambda cells: [_of(value, int if type_.scale <= 0 else float) for value in cells.to_pylist()]
    if type_ in (pa.float16(), pa.float32()):
        return _singles
    if kind.is_integer(type_) or kind.is_floating(type_) or kind.is_boolean(type_) or kind.is_null(type_):
        return lambda cells: cells.to_pylist()
    raise Unfit("column")


def _of(value: Any, make: Callable[[Any], Any]) -> Any:
    return None if value is None else make(value)


def _names_differ(names: list[str]) -> None:
    if len(set(names)) != len(names):
        raise Unfit("twice")


def _structs(cells: Any, names: list[str], inner: list[Callable[[Any], Cells]]) -> Cells:
    columns = [convert(column) for convert, column in zip(inner, cells.flatten(), strict=True)]
    found = zip(*columns, strict=True) if columns else iter([()] * len(cells))
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None} if there else None
        for row, there in zip(found, cells.is_valid().to_pylist(), strict=True)
    ]


def _lists(cells: Any, item: Callable[[Any], Cells]) -> Cells:
    values, at, found = item(cells.flatten()), 0, []
    for length in pc.list_value_length(cells).to_pylist():
        found.append(None if length is None else values[at : at + length])
        at += length or 0
    return found


def _looked_up(words: Cells, indices: list[int | None]) -> Cells:
    return [None if index is None else words[index] for index in indices]


def _texts(cells: Any) -> Cells:
    try:
        return cells.to_pylist()  # type: ignore[no-any-return]
    except UnicodeDecodeError:
        raw = cells.cast(pa.large_binary()).to_pylist()
        return [None if value is None else value.decode("utf-8", "surrogateescape") for value in raw]


def _singles(cells: Any) -> Cells:
    """The shortest decimal that names the number in its own width: 0.1, not 0.10000000149011612."""
    shortest = cells.to_numpy(zero_copy_only=False).astype(str)
    return [float(text) if there else None for text, there in zip(shortest, cells.is_valid().to_pylist(), strict=True)]


def _whole(cells: Any) -> list[int | None]:
    width = pa.int32() if cells.type.bit_width == 32 else pa.int64()
    return cells.view(width).to_pylist()  # type: ignore[no-any-return]


def _instant(ticks: int, unit: str) -> str:
    seconds, part = divmod(ticks, PER_SECOND[unit])
    days, rest = divmod(seconds, 86_400)
    return f"{_day(days)}T{_clock(rest * PER_SECOND[unit] + part, unit)}"


def _day(days: int) -> str:
    """`2026-12-01`; beyond the calendar something that is no date."""
    try:
        return (EPOCH + timedelta(days)).isoformat()
    except OverflowError:
        return f"{days} days from 1970-01-01"


def _clock(ticks: int, unit: str) -> str:
    seconds, part = divmod(ticks, PER_SECOND[unit])
    digits = f"{part:0{len(str(PER_SECOND[unit])) - 1}d}".rstrip("0") if part else ""
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{digits}" if digits else text


if __name__ == "__main__":
    main()
