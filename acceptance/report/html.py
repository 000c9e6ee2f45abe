"""A ledger to one HTML page that loads nothing, on which nothing delivered can act."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from acceptance.report import charts, trialcharts
from acceptance.report.drawings import ends, signed, size
from acceptance.report.view import BASIS_MEANS, STAGE_NAMES, View, safe


def render(view: View) -> str:
    """The report, readable on paper and on a phone; its list of findings can be filtered where scripts run."""
    return page(
        "report.html.jinja",
        script="findings.js",
        view=view,
        gains=trialcharts.gains(view),
        losses=trialcharts.losses(view.curves),
        charts=charts.of(view),
        stage_names=STAGE_NAMES,
        basis_means=BASIS_MEANS,
    )


def page(template: str, script: str = "", **values: Any) -> str:
    """A template of ours, filled. Every text that is written out is made safe, then escaped."""
    environment = Environment(
        loader=PackageLoader("acceptance.templates", ""),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalized,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(points=signed, size=size, ends=ends, broken=_broken)
    style, code = _ours("page.css"), _ours(script) if script else Markup()
    return environment.get_template(template).render(policy=_policy(style, code), style=style, script=code, **values)


def _finalized(value: Any) -> Any:
    """Whatever a template writes, but markup, as `safe` spells it."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else safe(value)


def _broken(text: str) -> Markup:
    """A name or expression that a narrow column breaks after its dots, underscores and brackets, not within words."""
    return Markup("<wbr>").join(escape(part) for part in re.split(r"(?<=[._(])", safe(text)))


def _ours(name: str) -> Markup:
    """A file beside the templates, written into the page as it is."""
    return Markup(files("acceptance.templates").joinpath(name).read_text("utf-8"))


def _policy(style: str, code: str) -> Markup:
    """The page may use its own style and script, known by their hashes, and nothing else whatever."""
    scripts = f" script-src '{_hash(code)}';" if code else ""
    return Markup(f"default-src 'none'; style-src '{_hash(style)}';{scripts} base-uri 'none'; form-action 'none'")


def _hash(text: str) -> str:
    return f"sha256-{b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
