"""The identifiers of SPDX: a licence spelt as it is listed needs no library to parse it.

`python -m spec_lang.licenses` prints the list of that library; `make tables` puts it into its place.
"""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def listed() -> frozenset[str]:
    """Every licence and exception of the list that ships."""
    text = resources.files("spec_lang.std").joinpath("licenses.txt").read_text(encoding="utf-8")
    return frozenset(text.split())


def known() -> list[str]:
    """Every licence and exception that the library knows, without its own `LicenseRef-` names."""
    from license_expression import get_spdx_licensing

    return sorted(key for key in map(str, get_spdx_licensing().known_symbols) if not key.startswith("LicenseRef-"))


if __name__ == "__main__":
    print("\n".join(known()))
