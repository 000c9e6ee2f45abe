"""Defects as they were met in delivered data: each planted into the clean delivery by one small pure function.

`python examples/corpus/table.py office` validates every one and prints recall and false alarms.
"""

import data
import planting
from plants_again import AGAIN
from plants_in_archives import ARCHIVES
from plants_in_files import FILES
from plants_in_records import RECORDS

from harness import Files, Plant, damaged  # isort: skip

PLANTS: tuple[Plant, ...] = RECORDS + FILES + ARCHIVES + AGAIN

CARELESS = (
    "typo key", "unknown word", "amount with a comma", "another vendor", "copy in other case and spacing",
    "id used twice", "e-mail address", "token in the metadata", "placeholder", "self identity", "control token",
    "author = reviewer", "licence not allowed", "credential expired", "Latin-1", "byte order mark inside",
)  # fmt: skip
"""What a vendor in a hurry sends, all at once."""


def careless() -> Files:
    """The example's delivery with the defects of CARELESS in it, spread over both shards."""
    return damaged([plant for plant in PLANTS if plant.name in CARELESS], data.delivery(), planting.files)
