"""What the README shows is what the tools print."""

from __future__ import annotations

import re
from pathlib import Path

from language_examples import PAGES

from spec_lang.compiler import compile_file
from spec_lang.diagnostics import frame

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_diagnostic_in_the_readme_is_one_that_is_earned() -> None:
    """By the broken contract of the example, or by one of the manual, whose pages are tested themselves."""
    shown = [block for block in re.findall(r"^```\n(.*?)^```\n", README, re.MULTILINE | re.DOTALL) if "[SFT" in block]
    broken = compile_file(ROOT / "examples" / "back_office" / "broken.sftspec").diagnostics
    earned = "\n".join([*(frame(item) for item in broken), *(page.read_text(encoding="utf-8") for page in PAGES)])
    assert len(shown) >= 3
    for block in shown:
        assert block.rstrip() in earned, block
