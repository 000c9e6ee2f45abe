"""Defects as they were met in delivered data: each planted into the clean delivery by one small pure function.

python examples/back_office/make/plants.py     validate every plant; print recall and false alarms
"""

from random import Random

import data
import planting
from planting import Files, Plant, Records
from plants_in_archives import ARCHIVES
from plants_in_files import FILES
from plants_in_records import RECORDS

PLANTS: tuple[Plant, ...] = RECORDS + FILES + ARCHIVES

CARELESS = (
    "typo key", "unknown word", "amount with a comma", "another vendor", "copy in other case and spacing",
    "id used twice", "e-mail address", "token in the metadata", "placeholder", "self identity", "control token",
    "author = reviewer", "licence not allowed", "credential expired", "Latin-1", "byte order mark inside",
)  # fmt: skip
"""What a vendor in a hurry sends, all at once."""


def careless() -> Files:
    """The example's delivery with the defects of CARELESS in it, spread over both shards."""
    return damaged([plant for plant in PLANTS if plant.name in CARELESS], data.delivery())


def damaged(plants: list[Plant], clean: Records) -> Files:
    """The files of a delivery with some plants in it, those in records before those in bytes."""
    records = clean
    for plant in plants:
        if plant.when == "records":
            records = plant.plant(records, Random(plant.name))
    content = planting.files(records, clean)
    for plant in plants:
        if plant.when == "files":
            content = plant.plant(content, Random(plant.name))
    return content


def main() -> None:
    """Every plant in a line: what caught it, and what else objected."""
    import trying

    trying.print_table(PLANTS)


if __name__ == "__main__":
    main()
