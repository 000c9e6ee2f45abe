"""Pages in a real browser: charts are drawn, filters work, a phone can show them, and nothing delivered acts."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from acceptance.figures import Census, Clusters, Figures, Histogram, Limit, Share, Slice
from acceptance.ledger import Count, Entry, Finding, Ledger
from acceptance.rendering.lesson import Lesson, Note, Part, Piece
from acceptance.report import html, preview
from acceptance.report.curves import Curve
from acceptance.report.preview import Shown
from acceptance.report.tried import Arm, Suite, Tried
from acceptance.report.view import View
from tests.build import clause, const, contract
from tests.test_charts import about, worth
from tests.test_report import STATS

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

ATTACK = (
    "</script></style></title></textarea><script>window.owned = 1</script><img src=x onerror='window.owned = 2'>"
    '" onmouseover="window.owned = 3" x=\'\u202egnp.exe\x1b[2J{{ 7 * 7 }}&lt;b&gt;<svg onload=window.owned=4>'
)
HUGE = "W" * 200_000
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


def entries() -> Iterator[Entry]:
    """Three clauses with findings in three files, one met, one of the trial; every text an attack."""
    for number, verdict in enumerate(("met", "breached", "breached")):
        findings = tuple(
            Finding(clause=f"quality.c{number}", file=f"part-{place % 3}{ATTACK * (place % 3 == 2)}.jsonl",
                    line=place + 1, path=f"$.input.{ATTACK}", message=f"word{place} {ATTACK}", expected=ATTACK,
                    found=HUGE if place == 4 else ATTACK, help=ATTACK)
            for place in range(6)
        )  # fmt: skip
        yield Entry(clause=f"quality.c{number}", role="require", stage="delivery", verdict=verdict, basis="recomputed",
                    text=ATTACK, observed=ATTACK, bound=HUGE, reason=ATTACK, marked=10 * (number + 1),
                    dropped=number == 0, findings=findings)  # fmt: skip
    yield Entry(clause="quality.fine", role="require", stage="delivery", verdict="met", basis="declared")
    yield Entry(clause="acceptance.gain", role="require", stage="trial", verdict="met", basis="executed",
                bound=">= 3pp", statistics=(STATS,))  # fmt: skip


def view() -> View:
    figures = Figures(
        shares=(Share("mixture.a", 0.1, 0.1, 0.05, 0.15), Share("mixture.b", 0.2, 0.2, None, None)),
        histograms=(Histogram(ATTACK, "tokens", 0, 10, (4, 0, 2), (Limit(ATTACK, 25.0),)),),
        clusters=(Clusters(ATTACK, {2: 4, 7: 1}),),
        census=(Census("house", 4, 200, 50, (Slice("mixture.a", 1, 40), Slice("mixture.b", 2, 10))),),
    )
    losses = tuple(Curve(arm, "1", ((1, 3.0), (50, 1.0), (100, 0.5))) for arm in ("vendor", ATTACK))
    agreed = contract(clause("quality.c0", const(True)), title=ATTACK).model_copy(
        update={"buyer": ATTACK, "version": ATTACK}
    )
    ledger = Ledger(contract="c" * 64, lock="l" * 64, delivery="d" * 64, entries=tuple(entries()),
                    counts=(Count(table="Request", delivered=60, accepted=50),))  # fmt: skip
    arms = (Arm(ATTACK, 5, 1, (10, 20), (400, 400), (90, 99)),)
    tried = Tried(ATTACK, ATTACK, 1, 2, ATTACK, arms, (Suite(ATTACK, 400, 100, 1),), (ATTACK,))
    return View(ledger, agreed, ("delivery", "review", "trial"), f"delivery {ATTACK}", figures, losses, tried)


def shown() -> Shown:
    pieces = [Piece(text=text, ids=(7,), trained=on, control=False, cut=on and at > 60) for at, (text, on) in
              enumerate([(ATTACK, False), (HUGE[:300], True), (" \n\t", True)] * 30)]  # fmt: skip
    lesson = Lesson(
        recipe="house", template=ATTACK, end_of_turn=ATTACK, length=90, trained=60, max_length=60, overflow="cut",
        pieces=tuple(pieces), parts=(Part(number=1, tokens=60, kept=30, ends=False, fields={ATTACK: 2}),),
        notes=(Note(what="prompt", state="bad", text=ATTACK),), left_out={ATTACK: 1},
    )  # fmt: skip
    return Shown(lesson, f"Request {ATTACK}", f"{ATTACK}:1")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    names = ("chromium", "chromium-browser", "google-chrome", "chrome")
    found = os.environ.get("SFTSPEC_BROWSER") or next(filter(None, map(shutil.which, names)), None)
    with sync_api.sync_playwright() as playwright:
        own = Path(playwright.chromium.executable_path)
        if found is None and not own.exists():
            pytest.skip("no browser: install chromium, or name one in SFTSPEC_BROWSER")
        opened = playwright.chromium.launch(executable_path=found or own)
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("pages")
    made = {"report": html.render(view()), "preview": preview.as_html(shown())}
    for name, text in made.items():
        (folder / f"{name}.html").write_text(text)
    return {name: folder / f"{name}.html" for name in made}


class Opened:
    """A page in a browser, and everything that it complained of or tried to reach."""

    def __init__(self, browser: Any, file: Path, **more: Any) -> None:
        self.page = browser.new_context(**more).new_page()
        self.trouble: list[str] = []
        self.page.on("console", lambda message: self.trouble.append(message.text))
        self.page.on("pageerror", lambda error: self.trouble.append(str(error)))
        self.page.on("dialog", lambda dialog: self.trouble.append(dialog.message))
        self.page.on("request", self.asked)
        self.file = file.as_uri()
        self.page.goto(self.file)

    def asked(self, request: Any) -> None:
        if request.url != self.file:
            self.trouble.append(request.url)

    def visible(self, selector: str) -> int:
        return sum(one.is_visible() for one in self.page.query_selector_all(selector))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("name", ["report", "preview"])
def test_nothing_delivered_acts(browser: Any, files: dict[str, Path], name: str, size: Any, tmp_path: Path) -> None:
    opened = Opened(browser, files[name], viewport=size)
    page = opened.page
    for element in page.query_selector_all("li, td, h1, .text span")[:60]:
        element.dispatch_event("mouseover")
    assert page.evaluate("window.owned") is None and opened.trouble == []
    assert page.evaluate("document.scripts.length") == (1 if name == "report" else 0)
    assert page.evaluate("document.querySelectorAll('img, iframe, object, embed, base, link').length") == 0
    assert page.evaluate("[...document.querySelectorAll('a')].every(a => a.getAttribute('href').startsWith('#'))")
    handlers = "[...document.querySelectorAll('*')].filter(e => [...e.attributes].some(a => /^on|^style/.test(a.name)))"
    assert page.evaluate(f"{handlers}.map(e => e.outerHTML.slice(0, 300))") == []
    assert "\u202e" not in page.content() and "\x1b" not in page.content()
    page.screenshot(path=tmp_path / "page.png", full_page=True)  # to be looked at: pytest keeps the last ones
    assert opened.trouble == []


def test_the_policy_holds_even_for_a_script_that_got_in(browser: Any, files: dict[str, Path]) -> None:
    opened = Opened(browser, files["report"])
    opened.page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.owned = 5';"
        " document.body.append(s);"
        " document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.owned=6\">'); }"
    )
    opened.page.wait_for_timeout(200)
    assert opened.page.evaluate("window.owned") is None
    assert any("Content Security Policy" in trouble for trouble in opened.trouble)


def test_charts_are_drawn(browser: Any, files: dict[str, Path]) -> None:
    opened = Opened(browser, files["report"], viewport=DESK)
    titles = [one.text_content() for one in opened.page.query_selector_all("figcaption")]
    assert [title[:24] for title in titles] == [
        "Gains of the trial", "Training loss of every r", "Mixture: found and agree", ATTACK[:24],
        "Loss mask under house", "Trained tokens by entry,", f"Clusters of {ATTACK}"[:24], "Rows that count against ",
    ]  # fmt: skip
    drawings = opened.page.query_selector_all("figure svg")
    assert all(box and box["width"] > 100 and box["height"] > 10 for box in (one.bounding_box() for one in drawings))
    paint = "e => { const s = getComputedStyle(e); return s.fill + s.stroke }"
    for kind in ("rect.bar", "rect.band", "rect.part", "line.limit", "line.reach", "line.dot", "polyline.curve"):
        painted = [one.evaluate(paint) for one in opened.page.query_selector_all(f"svg {kind}")]
        assert painted and not any("rgb(0, 0, 0)" in one for one in painted), kind
    figures = opened.page.query_selector_all("figure")
    bars = [bar.bounding_box()["width"] for bar in figures[2].query_selector_all("rect.bar")]
    assert bars[1] == pytest.approx(2 * bars[0], rel=0.01)
    heights = [bar.bounding_box()["height"] for bar in figures[3].query_selector_all("rect.bar")]
    assert heights == [pytest.approx(192, abs=2), 0, pytest.approx(96, abs=2)]


def test_shares_are_drawn_with_bounds_and_zero(browser: Any, tmp_path: Path) -> None:
    """The point of half of the records stands in the middle; bounds reach as far as they are apart."""
    statistics = worth((0.1, 0.3, 0.5), (0.1, 0.4, 0.5), records=40)
    (tmp_path / "parts.html").write_text(html.render(about("acceptance.half", statistics)))
    opened = Opened(browser, tmp_path / "parts.html", viewport=DESK)
    (drawing,) = opened.page.query_selector_all("figure.plot svg")
    whole, (half, all_) = drawing.bounding_box(), [one.bounding_box() for one in drawing.query_selector_all(".reach")]
    assert half["x"] + half["width"] / 2 == pytest.approx(whole["x"] + whole["width"] / 2, abs=2)
    assert half["height"] == pytest.approx(all_["height"]) and half["height"] > whole["height"] / 2
    zero = drawing.query_selector(".zero").bounding_box()
    assert half["y"] < half["y"] + half["height"] < zero["y"] and opened.trouble == []
    opened.page.emulate_media(media="print")
    assert drawing.bounding_box()["height"] > 100


def test_filters_work(browser: Any, files: dict[str, Path]) -> None:
    opened = Opened(browser, files["report"], viewport=DESK)
    page, told = opened.page, opened.page.locator("#told")
    assert opened.visible(".findings > li") == 18 and told.text_content() == "18 of 18 listed findings"
    page.fill("#words", "WORD3 part-0")
    assert opened.visible(".findings > li") == 3 and told.text_content() == "3 of 18 listed findings"
    page.select_option("#clause", "quality.c1")
    assert opened.visible(".findings > li") == 1 and opened.visible("section[data-clause]") == 1
    page.fill("#words", "")
    assert opened.visible(".findings > li") == 6
    page.select_option("#file", index=3)
    assert opened.visible(".findings > li") == 2
    page.select_option("#clause", "")
    assert opened.visible(".findings > li") == 6
    page.fill("#words", "no such ([\\ word")
    assert opened.visible(".findings > li") == 0 and opened.visible("section[data-clause]") == 0
    page.press("#words", "Enter")
    assert page.url == opened.file and opened.trouble == []


def test_without_scripts_it_is_a_plain_list(browser: Any, files: dict[str, Path]) -> None:
    opened = Opened(browser, files["report"], java_script_enabled=False)
    assert opened.visible("form") == 0
    assert all(one.is_visible() for one in opened.page.locator(".findings > li").all())
    assert opened.page.locator(".findings > li").count() == 18


@pytest.mark.parametrize("name", ["report", "preview"])
def test_a_phone_can_show_it(browser: Any, files: dict[str, Path], name: str) -> None:
    """No text leaves the screen, however long a word is, and none is small."""
    page = Opened(browser, files[name], viewport=PHONE).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    leaving = "[...document.querySelectorAll('p, li, td, th, h1, h2, h3, code, span')].filter(e => " \
              "e.getClientRects().length && e.getBoundingClientRect().right > innerWidth + 1)"  # fmt: skip
    assert page.evaluate(f"{leaving}.map(e => e.outerHTML.slice(0, 80))") == []
    sizes = "[...document.querySelectorAll('body *')].map(e => parseFloat(getComputedStyle(e).fontSize))"
    assert page.evaluate(f"Math.min(...{sizes})") >= 12


def test_paper_has_no_controls_and_dark_is_dark(browser: Any, files: dict[str, Path]) -> None:
    opened = Opened(browser, files["report"], viewport=DESK, color_scheme="dark")
    assert opened.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 24, 26)"
    opened.page.emulate_media(media="print", color_scheme="light")
    assert opened.visible("form, nav") == 0
    assert opened.visible(".findings > li") == 18
