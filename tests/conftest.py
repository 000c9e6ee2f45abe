"""Options of the test suite."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-spec", action="store_true", help="rewrite the diagnostics in tests/language/*.md as they are now"
    )
