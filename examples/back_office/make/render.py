"""One record in, the two parts of its training text out: what is given and what is trained."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment

TEMPLATE = Path(__file__).resolve().parent.parent / "request.jinja"
MARK = "\x00"


def splitter() -> Callable[[dict[str, Any]], tuple[str, str]]:
    """A function from record to prompt and answer, cut where the template's generation block begins."""
    source = TEMPLATE.read_text("utf-8")
    for tag in ("generation", "endgeneration"):
        source = source.replace(f"{{%- {tag} -%}}", MARK)
    environment = Environment(autoescape=False)
    environment.filters["compact_json"] = compact_json
    template = environment.from_string(source)

    def split(record: dict[str, Any]) -> tuple[str, str]:
        prompt, answer, _ = template.render(record).split(MARK)
        return prompt, answer

    return split


def compact_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
