"""Rows of the table `lines` to a mark: True where the line is one strict JSON object.

The engine passes the batches of `acceptance.delivery.evidence.lines(reading)`, after all tables were read; with
`every(readable())` the rows that count against the clause are the lines that gave no record.
"""

from __future__ import annotations

from acceptance.measures._objections import Unobjected
from acceptance.measures.protocol import RowMark

MEASURE = RowMark(lambda use: Unobjected("one strict JSON object (or CSV row) per line"))
