"""A visitor in a real browser, who opens pages, looks at them and presses keys, and whose methods return faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal

from playwright.sync_api import Browser, Page

from tests.browser.tools import AXE

JUDGES = (Path(__file__).parent / "judges.js").read_text(encoding="utf-8")
TELEPHONE, DESK, NARROW, SMALL = (390, 664), (1280, 800), (320, 256), (360, 640)
Look = tuple[tuple[int, int], Literal["light", "dark"]]
LOOKS: tuple[Look, ...] = (
    (TELEPHONE, "light"),
    (DESK, "dark"),
    (NARROW, "light"),
)
# The rules that depend on width or colours. All other rules are checked once per page.
BY_LOOK = ("color-contrast", "link-in-text-block", "target-size", "scrollable-region-focusable")
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
# The spacing that WCAG 1.4.12 lets a reader set. The policy does not block a style sheet that is made by script.
SPACED = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important }" +
    "p { margin-bottom: 2em !important }");
  document.adoptedStyleSheets.push(sheet);
}"""
TWICE = """() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync("html { font-size: 200% }");
  document.adoptedStyleSheets.push(sheet);
}"""
# What axe cannot decide: the rule, the beginning of the element, and why the element is right.
EXPLAINED = (
    ("color-contrast", "<text ", "words on a drawing: --text on --ground, computed in test_colours.py"),
)


@dataclass
class Visitor:
    """A tab of a browser. `messages` and `requests` have the browser's messages and requests since the page was opened."""

    page: Page
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("request", lambda request: self.requests.append(request.url))

    def go(self, address: str) -> None:
        """Opens the page, and clears the messages and requests."""
        self.messages.clear()
        self.requests.clear()
        self.page.goto(address)

    def look(self, size: tuple[int, int], scheme: Literal["light", "dark"] = "light") -> None:
        """Sets the size of the window in CSS pixels, and light or dark mode."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.emulate_media(color_scheme=scheme)

    def judge(self, name: str) -> list[str]:
        """Runs the function `name` of judges.js on the current page, and returns its findings."""
        found: list[str] = self.page.evaluate(f"() => {JUDGES}.{name}()")
        return found

    def axe(self, rules: tuple[str, ...] = ()) -> list[str]:
        """Returns what axe finds wrong or cannot decide. If `rules` is given, only those rules are checked."""
        only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": TAGS}
        options = {
            "runOnly": only,
            "resultTypes": ["violations", "incomplete"],
            "rules": {"target-size": {"enabled": True}},
        }
        if self.page.evaluate("() => typeof axe") == "undefined":
            self.page.evaluate(_axe())
        found: Mapping[str, Any] = self.page.evaluate("options => axe.run(options)", options)
        return [
            f"{kind} {result['id']}: {node['target']} {node['failureSummary']}"
            for kind in ("violations", "incomplete")
            for result in found[kind]
            for node in result["nodes"]
            if kind == "violations" or not _explained(result["id"], node["html"])
        ]

    def axe_in_looks(self, looks: tuple[Look, ...] = LOOKS) -> list[str]:
        """Returns what axe finds in windows of these sizes, in light or dark mode."""
        faults = []
        for number, (size, scheme) in enumerate(looks):
            self.look(size, scheme)
            faults += [f"{size[0]} {scheme}: {fault}" for fault in self.axe(BY_LOOK if number else ())]
        return faults

    def narrow(self) -> list[str]:
        """Returns what does not fit a screen of 320 px (1280 px at a zoom of 400 %), with usual and with wide spacing."""
        self.look(NARROW)
        faults = self.judge("width") + self.judge("picture")
        self.page.evaluate(SPACED)
        return faults + [f"spaced: {fault}" for fault in self.judge("width")]

    def tab_through(self) -> list[str]:
        """Presses Tab until the end of the page. Returns stops that are out of order, covered, or have no visible focus."""
        count = self.page.evaluate(f"() => {JUDGES}.stops().length")
        faults = [] if count else ["the keyboard reaches nothing"]
        for number in range(count):
            self.page.keyboard.press("Tab")
            place = self.page.evaluate(f"() => {JUDGES}.stopNumber()")
            if place != number:
                return [*faults, f"stop {number} of {count} leads to number {place}"]
            faults += self.judge("focus")
        return faults

    def foreign_requests(self, address: str) -> list[str]:
        """Returns the addresses on other hosts that the page has requested."""
        return [asked for asked in self.requests if not asked.startswith(f"{address}/")]


def _explained(rule: str, html: str) -> bool:
    return any(rule == known and html.startswith(start) for known, start, _ in EXPLAINED)


@cache
def _axe() -> str:
    return AXE.read_text(encoding="utf-8")


@contextmanager
def visitor(browser: Browser, **options: Any) -> Iterator[Visitor]:
    """Yields a visitor without cookies or cache. `options` are those of Playwright's `new_context`."""
    context = browser.new_context(**options)
    try:
        yield Visitor(context.new_page())
    finally:
        context.close()
