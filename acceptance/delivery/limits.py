"""How much a delivery may ask of its reader: every bound in one place. Beyond one, a finding and no row."""

from __future__ import annotations

CHUNK = 1 << 20
"""Bytes handled at a time."""

MAX_FILES = 50_000
"""Entries of a delivery folder, folders included."""
MAX_FOLDERS = 16
"""Folders inside one another."""
MAX_NAME = 1_000
"""Characters of a path."""

MAX_LINE = 8 << 20
"""Bytes of one line, array element, CSV row, or Parquet row written as JSON."""
MAX_DEPTH = 64
"""Levels of nesting in one record."""
MAX_TOKEN = 64
"""Characters of one number."""

MAX_FILE = 64 << 30
"""Bytes to which one file may unpack, all its members together."""
MAX_RATIO = 100
"""Unpacked to packed size, beyond the first RATIO_FROM bytes; real text stays far below."""
RATIO_FROM = 16 << 20
MAX_WINDOW = 1 << 27
"""Bytes that zstd may look back."""

MAX_MEMBERS = 10_000
"""Members of one archive, folders included."""
MAX_HEADER = 1 << 16
"""Bytes of an extended header of tar (long names)."""
MAX_DIRECTORY = 16 << 20
"""Bytes of a zip file's central directory."""

MAX_WORKER = 1 << 30
"""Bytes of memory for the process that reads Parquet."""
MAX_WORK = 3
"""Seconds of computing that process may take for one batch of rows."""
MAX_SILENCE = 120.0
"""Seconds of any kind until it must have answered; long, since a busy machine is not the vendor's fault."""

MAX_BAD = 100_000
"""Lines of one shard that give no row; beyond them reading stops."""
MAX_PER_KIND = 200
"""Findings kept of one kind in one file; all are counted."""
MAX_FINDINGS = 4_000
"""Findings kept in all."""
