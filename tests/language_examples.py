"""Pages of the manual to examples: each contract block with the diagnostics it earns, and the page rewritten."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from spec_lang.diagnostics import frame
from spec_lang.examples import diagnose, placed

PAGES = sorted((Path(__file__).parent / "language").glob("*.md"))
FENCE = re.compile(r"^```(?P<kind>sftspec|diagnostics)(?P<info>[^\n]*)\n(?P<body>.*?)^```\n", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Example:
    """One contract block. `start` and `end` span the block and the diagnostics under it in the page's text."""

    page: Path
    name: str
    fragment: str
    place: str
    skeleton: str
    expected: str
    beside: dict[str, str]
    """Files that lie in the contract's folder."""
    start: int
    end: int

    def earned(self) -> tuple[str, list[str]]:
        """The diagnostics as a terminal shows them, and their codes."""
        text, above = placed(self.fragment, self.place, self.skeleton) if self.place else (self.fragment, 0)
        found = diagnose(text, above, beside=self.beside)
        return "".join(f"{frame(item)}\n\n" for item in found).removesuffix("\n"), [item.code for item in found]


def examples(page: Path) -> list[Example]:
    """Every contract block of a page, named by its heading and its place under it."""
    text = page.read_text(encoding="utf-8")
    out: list[Example] = []
    skeleton = ""
    beside: dict[str, str] = {}
    blocks = list(FENCE.finditer(text))
    for position, block in enumerate(blocks):
        info = block["info"].strip()
        if block["kind"] != "sftspec":
            continue
        if info == "skeleton":
            skeleton = block["body"]
            continue
        if info.startswith("beside "):
            beside = {**beside, info.removeprefix("beside "): block["body"]}
            continue
        below = blocks[position + 1] if position + 1 < len(blocks) else None
        shown = below if below is not None and _belongs(text, block, below) else None
        name = f"{page.stem}/{_heading(text, block.start())}"
        number = sum(example.name.rsplit("-", 1)[0] == name for example in out) + 1
        out.append(
            Example(
                page=page,
                name=f"{name}-{number}",
                fragment=block["body"],
                place=info.removeprefix("in ") if info else "",
                skeleton=skeleton,
                expected=shown["body"] if shown is not None else "",
                beside=beside,
                start=block.start(),
                end=shown.end() if shown is not None else block.end(),
            )
        )
    return out


def _belongs(text: str, block: re.Match[str], below: re.Match[str]) -> bool:
    return below["kind"] == "diagnostics" and not text[block.end() : below.start()].strip()


def _heading(text: str, before: int) -> str:
    found = re.findall(r"^#+ (.+)$", FENCE.sub(lambda block: " " * len(block.group()), text[:before]), re.MULTILINE)
    return re.sub(r"[^a-z0-9]+", "-", found[-1].lower()).strip("-") if found else "top"


def rewrite(page: Path) -> None:
    """Write under each example of a page what it earns now."""
    text = page.read_text(encoding="utf-8")
    for example in reversed(examples(page)):
        info = f" in {example.place}" if example.place else ""
        shown, _ = example.earned()
        block = f"```sftspec{info}\n{example.fragment}```\n" + (f"\n```diagnostics\n{shown}```\n" if shown else "")
        text = text[: example.start] + block + text[example.end :]
    page.write_text(text, encoding="utf-8")
