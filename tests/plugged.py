"""Plug-ins that are installed for a test: a package, its signatures and its dist-info in a folder on `sys.path`."""

from __future__ import annotations

from pathlib import Path

import pytest

from acceptance.plugins.installed import find

SIGNATURES = """sftspec 1

measure shouts(text: row Text): row Bool "{text} is in capitals"
measure holds(words...: pay | refund, least: Number, note: Text): row Bool "the row holds one of {words}"
"""
CODE = """
def shouts(options):
    assert options == {}
    return lambda text: text if text.isupper() else False


def holds(options):
    assert options == {"words": ["pay", "refund"], "least": "2", "note": "n"}, options
    return lambda row: str(row).count("pay") >= 2


MEASURES = {"shouts": shouts, "holds": holds}
"""


def install(folder: Path, patch: pytest.MonkeyPatch, code: str = CODE, version: str = "1.2") -> str:
    """Installs the plug-in `loud`; its digest."""
    site = folder / "site"
    package, info = site / "loud", site / f"loud-{version}.dist-info"
    for place in (package, info):
        place.mkdir(parents=True, exist_ok=True)
    (package / "__init__.py").write_text(code)
    (package / "loud.sftspec").write_text(SIGNATURES)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: loud\nVersion: {version}\n")
    (info / "entry_points.txt").write_text("[sftspec.measures]\nloud = loud:MEASURES\n")
    names = ["loud/__init__.py", "loud/loud.sftspec", f"{info.name}/METADATA", f"{info.name}/RECORD"]
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in names))
    patch.syspath_prepend(str(site))
    return find("loud").sha256


CONTRACT = """sftspec 1

use plugin "plugins/loud.sftspec" version "1.2" sha256 "SHA"

contract small "Questions" {
  version: "1"
  buyer: "B"
  vendor: "V"
}

record Item key id {
  id: Text
  input { ask: Text }
  source { note: Text? }
}

terms quality on Item {
  require quiet: no(loud.shouts(input.ask)) otherwise drop record
  require noted: no(loud.shouts(source.note))
  require rare: share(loud.holds(pay, refund, least: 2, note: "n")) <= 50%
  require filled: every(words(input.ask) >= 1 words)
}
"""


def deal(folder: Path, digest: str, contract: str = CONTRACT) -> Path:
    """A contract that uses it, with its signatures beside it."""
    (folder / "plugins").mkdir()
    (folder / "plugins" / "loud.sftspec").write_text(SIGNATURES)
    (folder / "small.sftspec").write_text(contract.replace("SHA", digest))
    return folder / "small.sftspec"
