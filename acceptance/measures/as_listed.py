"""Rows of the table `files` to a mark: True where the file is the one that the manifest lists.

The engine passes the batches of `acceptance.delivery.evidence.files(findings, manifest)`, `findings` being those of
`verify_files` followed by `reading.files`; with `every(as_listed())` each finding about a file counts once.
"""

from __future__ import annotations

from acceptance.measures._objections import Unobjected
from acceptance.measures.protocol import RowMark

MEASURE = RowMark(lambda use: Unobjected("the file as the manifest lists it"))
