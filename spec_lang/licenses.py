"""The identifiers of SPDX: a licence spelt as it is listed, or one of its own, needs no library to parse it.

`python -m spec_lang.licenses` prints the list of that library; `make tables` puts it into its place.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

REFERENCE = "LicenseRef-"
"""Begins the names of licences that no list has."""
SCANCODE = "licenseref-scancode-"
"""Begins the library's own such names, in lower case."""


@cache
def listed() -> frozenset[str]:
    """Every licence and exception of the list that ships."""
    return frozenset(name for name in names() if not name.startswith(REFERENCE))


@cache
def taken() -> frozenset[str]:
    """What else the library reads as a licence that it knows, in lower case, but for its own names."""
    return frozenset(name.lower() for name in names() if name.startswith(REFERENCE))


def names() -> list[str]:
    """The list that ships."""
    return resources.files("spec_lang.std").joinpath("licenses.txt").read_text(encoding="utf-8").split()


def known() -> list[str]:
    """Every licence, exception and alias that the library knows, without its own names."""
    from license_expression import get_spdx_licensing

    symbols = get_spdx_licensing().known_symbols.values()
    aliases = (name for symbol in symbols for name in symbol.aliases if name.startswith(REFERENCE))
    return sorted(name for name in {*map(str, symbols), *aliases} if not name.lower().startswith(SCANCODE))


if __name__ == "__main__":
    print("\n".join(known()))
