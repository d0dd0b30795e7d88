"""The gate refuses files for machines, subscribers and partners that leak an address or contradict the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from site_src.gate.gate import GateRefused
from site_src.gate.judge import Refusal
from tests.gate.test_gate import JAPAN, KOREA, Case, case_of
from tests.support.building import verify
from tests.support.project import make_project

LIST, CLOSED_ONE, OPEN_ONE = (
    f"api/v1/{name}.json" for name in ("programmes", "programmes/japan", "programmes/south-korea")
)
BLOCK = '<script type="application/ld+json">'


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The small site at NOON: Japan closed, South Korea open."""
    return case_of(make_project(tmp_path_factory.mktemp("gate") / "project"))


def reasons(refusals: list[Refusal]) -> str:
    """Returns the gate's reasons as one text."""
    return "\n".join(map(str, refusals))


@pytest.mark.parametrize("address", [JAPAN, KOREA], ids=["closed", "open"])
@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        pytest.param("en/japan/feed.xml", "</content>", "{}</content>", id="feed-text"),
        pytest.param("en/japan/feed.xml", "</author>", '</author><link rel="related" href="{}"/>', id="feed-link"),
        pytest.param("en/japan/calendar.ics", "TRANSP:", "COMMENT:{}\r\nTRANSP:", id="calendar"),
        pytest.param("en/japan/calendar.ics", "TRANSP:", "COMMENT:{}\r\nTRANSP:", id="calendar-folded"),
        pytest.param("embed/en/japan.html", "</section>", '<a href="{}">Ask</a></section>', id="embed-link"),
        pytest.param("embed/nl/south-korea.html", "</section>", "{}</section>", id="embed-text"),
        pytest.param("en/index.html", "</head>", '<meta property="og:see_also" content="{}"></head>', id="link-preview"),
        pytest.param("en/japan/index.html", '"offers":', '"potentialAction":"{}","offers":', id="data-block"),
        pytest.param("api/v1/openapi.json", '"info": {', '"info": {{"x-a":"{}",', id="description"),
        pytest.param("assets/embed.css", "", "/* {} */", id="style"),
    ],
)  # fmt: skip
def test_a_surface_that_leaks_is_refused(
    case: Case, path: str, old: str, new: str, address: str, request: pytest.FixtureRequest
) -> None:
    """The gate refuses a programme's address in a feed, calendar, embedded notice or structured data, even while it is open."""
    text = case.files.get(path, b"").decode()
    assert old in text
    leak = new.replace("{{", "{").replace("{}", address)
    if "folded" in request.node.callspec.id:
        leak = "\r\n ".join(leak[start : start + 20] for start in range(0, len(leak), 20))

    assert "conversation starter" in reasons(case.refused(path, text.replace(old, leak, 1).encode()))


@pytest.mark.parametrize(
    ("path", "programme", "change", "said"),
    [
        pytest.param(CLOSED_ONE, "japan", {"state": "open"}, 'japan.state = "open" instead of "quota_reached"', id="open-in-words-only"),
        pytest.param(CLOSED_ONE, "japan", {"acceptingRequests": True}, "japan.acceptingRequests = true instead of false", id="accepting-while-closed"),
        pytest.param(LIST, "japan", {"acceptingRequests": 1}, "japan.acceptingRequests = 1 instead of false", id="accepting-as-number"),
        pytest.param(CLOSED_ONE, "japan", {"conversationStarter": {"en": "https://small.test/"}}, "instead of null", id="another-address-while-closed"),
        pytest.param(OPEN_ONE, "south-korea", {"conversationStarter": None}, "south-korea.conversationStarter = null", id="no-address-while-open"),
        pytest.param(OPEN_ONE, "south-korea", {"acceptingRequests": False}, "south-korea.acceptingRequests = false", id="not-accepting-while-open"),
        pytest.param(OPEN_ONE, "south-korea", {"acceptingRequests": 1}, "south-korea.acceptingRequests = 1 instead of true", id="accepting-as-one"),
        pytest.param(OPEN_ONE, "south-korea", {"conversationStarter": {"en": KOREA}}, "south-korea.conversationStarter", id="a-language-missing"),
        pytest.param(OPEN_ONE, "south-korea", {"state": "quota_reached"}, "south-korea.state", id="closed-in-words-only"),
        pytest.param(CLOSED_ONE, "japan", {"since": None}, "japan.since", id="another-moment"),
        pytest.param(OPEN_ONE, "south-korea", {"placesAvailable": 5}, "south-korea.placesAvailable = 5 instead of null", id="places-that-nobody-announced"),
        pytest.param(CLOSED_ONE, "japan", {"history": []}, "japan.history", id="no-history"),
        pytest.param(LIST, "south-korea", {"id": "japan"}, "each programme once", id="a-programme-twice"),
        pytest.param(OPEN_ONE, "south-korea", {"id": "japan"}, "must name the state of south-korea", id="another-programme"),
    ],
)  # fmt: skip
def test_a_file_for_machines_that_contradicts_the_log_is_refused(
    case: Case, path: str, programme: str, change: dict[str, Any], said: str
) -> None:
    """The gate refuses a JSON file whose state, acceptance of requests or address contradicts the log."""
    document = json.loads(case.files[path])
    (item,) = (item for item in document.get("programmes", [document]) if item["id"] == programme)
    item.update(change)

    assert said in reasons(case.refused(path, json.dumps(document).encode()))


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"null", b'{"programmes": [1]}', b'{"programmes": {}}', b"{}", b"\xff"]
)
@pytest.mark.parametrize("path", [LIST, OPEN_ONE])
def test_a_file_for_machines_that_is_something_else_is_refused(case: Case, path: str, data: bytes) -> None:
    """A JSON file that is not a list of programmes is refused with a message, without a traceback."""
    assert case.refused(path, data)


@pytest.mark.parametrize("path", [LIST, CLOSED_ONE, OPEN_ONE, "embed/nl/japan.html"])
def test_a_surface_that_is_missing_is_refused(case: Case, path: str) -> None:
    """The gate refuses a site without one of its JSON files or embedded notices, because an old one could stay published."""
    files = {name: data for name, data in case.files.items() if name != path}

    with pytest.raises(GateRefused) as refused:
        verify(files, case.expected)

    assert str(refused.value) == f"{path}: is missing from the files."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(lambda text: text.replace(BLOCK, '<script type="text/javascript">'), "<script>", id="runs"),
        pytest.param(lambda text: text.replace(BLOCK, "<script>"), "<script>", id="no-type"),
        pytest.param(lambda text: text.replace(BLOCK, '<script type="module">'), "<script>", id="module"),
        pytest.param(lambda text: text.replace(BLOCK, '<script type="application/ld+json" src="/a.js">'), "<script>", id="loads"),
        pytest.param(lambda text: text.replace(BLOCK, BLOCK + "x"), "not JSON", id="no-json"),
        pytest.param(lambda text: text.replace("</script>", "</script><script>alert(1)</script>"), "<script>", id="second-script"),
        pytest.param(lambda text: text.replace('"@type":"Gov', '"a":"<b>","@type":"Gov'), "<script>", id="tag-inside"),
        pytest.param(lambda text: text.replace('"https://schema.org"', '"https://schema.example"'), "leads to schema.example", id="another-vocabulary"),
        pytest.param(lambda text: text.replace("</main>", '<a href="https://schema.org/">a</a></main>'), "leads to schema.org", id="link-to-the-vocabulary"),
    ],
)  # fmt: skip
def test_a_script_element_is_data_or_refused(case: Case, change: Callable[[str], str], said: str) -> None:
    """The gate accepts a script element only if it is a block of JSON, which may name its vocabulary but not link to it."""
    before = case.files["en/japan/index.html"].decode()
    after = change(before)
    assert after != before

    assert said in reasons(case.refused("en/japan/index.html", after.encode()))


@pytest.mark.parametrize(
    "inside",
    [
        '<s:script xmlns:s="http://www.w3.org/2000/svg">alert(1)</s:script>',
        '<h:iframe xmlns:h="http://www.w3.org/1999/xhtml"></h:iframe>',
        '<path xmlns:s="http://www.w3.org/2000/svg" s:onload="alert(1)"/>',
        '<a xmlns:y="http://www.w3.org/1999/xlink" y:href="javascript:alert(1)"/>',
    ],
)
def test_a_prefix_hides_nothing_in_a_picture(case: Case, inside: str) -> None:
    """The gate judges an element or attribute with a namespace prefix as if it had no prefix."""
    picture = f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'

    assert case.refused("assets/logo.0123456789ab.svg", picture.encode())
