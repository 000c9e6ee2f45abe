"""A ledger to one HTML page: no scripts, nothing loaded from elsewhere, all delivered text escaped."""

from __future__ import annotations

from decimal import Decimal

from jinja2 import Environment, PackageLoader, StrictUndefined

from acceptance.report.view import BASIS_MEANS, STAGE_NAMES, View, safe
from spec_lang.types import plain


def render(view: View) -> str:
    """The page, readable on paper too."""
    environment = Environment(
        loader=PackageLoader("acceptance.templates", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"safe_text": safe, "points": _points}
    template = environment.get_template("report.html.jinja")
    return template.render(view=view, stage_names=STAGE_NAMES, basis_means=BASIS_MEANS)


def _points(fraction: str) -> str:
    """`0.051` as `5.1 pp`."""
    return f"{plain((Decimal(fraction) * 100).quantize(Decimal('0.01')))} pp"
