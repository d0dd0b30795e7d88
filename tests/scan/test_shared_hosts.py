"""On a host that pages may link to, the scan finds everything that still leads to the closed address, and nothing else."""

from __future__ import annotations

import pytest

from site_src.scan.addresses import AddressScanner
from tests.support.building import read_inputs
from tests.support.project import REPOSITORY

CLOSED = "https://www.ind-nl.test/forms/request-japan-10"
PLACE = "ind-nl.test/forms/request-japan-10"


def is_found(text: str, closed: str = CLOSED) -> bool:
    """Returns whether the scan finds the closed address in the text."""
    hosts = ("www.ind-nl.test", "ind-nl.test")
    return any(AddressScanner({"japan": [closed]}, [], hosts).find(text.encode()))


@pytest.mark.parametrize(
    "text",
    [
        f"{PLACE}.html",
        f"https://www.{PLACE}.php?x=1",
        f"https://{PLACE}/",
        f"https://{PLACE}/index.html",
        f"https://{PLACE}/step-2",
        f"https://{PLACE};jsessionid=1",
        f"https://www.{PLACE}- and more",
        f"See {PLACE} now",
        "See " + " ".join(PLACE) + " now",
        "See " + "\u00a0".join(PLACE) + "\u00a0now",
        f"<p>See {PLACE}</p><p>now</p>",
        "<li>See " + "<b></b>".join(PLACE) + "</li><li>now</li>",
        f"<td>{PLACE[:9]}<!-- -->{PLACE[9:]}</td><td>now",
        PLACE.replace("-", "\u2011"),
        PLACE.replace("-", "\u2013"),
        PLACE.replace("-", "\u2014"),
        PLACE.replace("-", "\u2212"),
        PLACE.replace("-", "\u00ad-\u00ad"),
        f"{PLACE}\u2014ask there",
        f"{PLACE}\u2013ask there",
        PLACE.replace("10", "lO"),
        PLACE.replace("10", "I0"),
        PLACE.replace("ind-nl", "1nd-n1"),
        "https://www.ind-nl.test:443/forms/x/../request-japan-10.htm",
        "https://www.ind-nl.test./forms//request-japan-10",
    ],
)
def test_what_still_leads_there_is_found(text: str) -> None:
    """A different extension, a deeper path, blanks, tags, other dashes and similar letters do not hide the address."""
    assert is_found(text)


@pytest.mark.parametrize(
    "text",
    [
        "https://www.ind-nl.test/forms/request-japan-101",
        "https://www.ind-nl.test/forms/request-japan-10-help",
        "https://www.ind-nl.test/forms/request-japan-10_old",
        "https://www.ind-nl.test/forms/request-japan",
        "https://www.ind-nl.test/forms/",
        "https://www.ind-nl.test/en/forms/request-japan-10",
        "https://my-ind-nl.test/forms/request-japan-10",
        "https://find-nl.test/forms/request-japan-10",
        "ind-nl.test, forms/request-japan-10",
        "<p>ind-nl.test</p><p>forms/request-japan-10</p>",
    ],
)
def test_another_page_of_the_host_is_no_finding(text: str) -> None:
    """Pages whose path only begins or ends like the address, and separate words, are not found."""
    assert not is_found(text)


@pytest.mark.parametrize("closed", ["https://ind-nl.test/ask.html", "https://ind-nl.test/ask/index.php"])
@pytest.mark.parametrize(
    "text", ["ind-nl.test/ask", "ind-nl.test/ask/", "ind-nl.test/ask.html", "ind-nl.test/ask/index.html"]
)
def test_the_ending_of_a_file_makes_no_difference(closed: str, text: str) -> None:
    """The address is found with and without a file extension, because most servers answer to both."""
    assert is_found(f"See https://{text} now", closed)


def test_the_front_page_of_a_file_is_not_the_front_page() -> None:
    """The scan finds the address https://host/index.html only with its file name. A link to https://host/ is allowed."""
    assert not is_found("See https://ind-nl.test/ or ind-nl.test.", "https://ind-nl.test/index.html")
    assert is_found("See https://ind-nl.test/index.html", "https://ind-nl.test/index.html")


@pytest.mark.parametrize("path", ["ask", "request", "whp/japan", "working-holiday", "en/request-japan"])
def test_the_real_content_has_no_address_on_the_host_of_the_ind(path: str) -> None:
    """The scan finds no closed address on ind.nl in the real texts, most of which link to that host."""
    manuscript = read_inputs(REPOSITORY).manuscript
    scanner = AddressScanner(
        {"japan": [f"https://ind.nl/{path}"]}, [], manuscript.content.settings.outbound_hosts
    )
    files = [file for file in (REPOSITORY / "content").rglob("*") if file.is_file()]

    assert "https://ind.nl/" in "".join(file.read_text(encoding="utf-8") for file in files)
    assert not [file for file in files if any(scanner.find(file.read_bytes()))]
    assert not [
        path for path, markup in manuscript.markups.items() if any(scanner.find(markup.html.encode()))
    ]
