"""The scan finds nothing in files without a closed programme's address: a gate with false alarms would be switched off."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections.abc import Callable
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.scan.addresses import AddressScanner
from tests.support.building import read_inputs
from tests.support.project import REPOSITORY

HOST = "start.request.test"
CLOSED = f"https://{HOST}/japan/en"

# The closed address and the open one. Most pairs share a host.
NEIGHBOURS = {
    "another-path": ("https://h.test/japan", "https://h.test/korea"),
    "open-is-longer": ("https://h.test/ask", "https://h.test/ask/korea"),
    "open-is-longer-by-letters": ("https://h.test/ask", "https://h.test/ask2"),
    "closed-is-longer": ("https://h.test/ask/japan", "https://h.test/ask"),
    "closed-is-longer-by-letters": ("https://h.test/ask-japan", "https://h.test/ask"),
    "closed-has-a-query": ("https://h.test/ask?country=japan", "https://h.test/ask"),
    "another-query": ("https://h.test/ask?country=japan", "https://h.test/ask?country=korea"),
    "a-longer-query": ("https://h.test/ask?c=jp", "https://h.test/ask?c=jp&d=kr"),
    "a-query-of-several-parts": ("https://h.test/ask?l=en&c=jp", "https://h.test/ask?l=en&c=kr"),
    "percent-signs": ("https://h.test/%E6%97%A5%E6%9C%AC", "https://h.test/%ED%95%9C%EA%B5%AD"),
    "slash-at-the-end": ("https://h.test/japan/", "https://h.test/korea/"),
    "commas": ("https://h.test/ask,1,japan;x", "https://h.test/ask,1,korea;x"),
    "hexadecimal-query": ("https://h.test/ask?c=ab12", "https://h.test/ask?c=cd34"),
}
# The forms in which files write an address.
WRITTEN: dict[str, Callable[[str], str]] = {
    "link": lambda address: f'<a href="{address.replace("&", "&amp;")}">Ask</a>',
    "text": lambda address: f"<p>{address.replace('&', '&amp;')}</p>",
    "end-of-a-sentence": lambda address: f"Go to {address}. Then (or at {address}), ask: {address}!",
    "capitals": lambda address: address.upper(),
    "json": lambda address: json.dumps({"address": address, "also": f'see "{address}"'}),
    "json-of-a-template": lambda address: json.dumps(address).replace("&", "\\u0026"),
    "json-with-slashes": lambda address: json.dumps(address).replace("/", "\\/"),
    "calendar": lambda address: f"URL:{address}\r\nDESCRIPTION:" + re.sub("([,;])", r"\\\1", address) + "\\n\r\n",
    "folded-calendar": lambda address: f"URL:{address[:13]}\r\n {address[13:17]}\r\n {address[17:]}\r\nEND:VEVENT\r\n",
    "two-lines": lambda address: f"{address}\n{address}\n",
    "list": lambda address: f"{address}\t302\n",
}  # fmt: skip
# Addresses and texts that are not the closed address, although pages may link to its host.
OTHER_PLACES = (
    *("https://ind.nl/en", "https://ind.nl/ask-here", "https://ind.nl/asking", "https://ind.nl/task"),
    *("https://ind.nl/ask_again", "https://ind.nl/en/ask", "https://ind.nl/?ask", "https://ind.nl/a/sk"),
    *("https://www.find.nl/ask", "https://my-ind.nl/ask", "https://ind.nl.test/ask", "ind.nl, or /ask"),
)  # fmt: skip
JAPANESE = "オランダのワーキング・ホリデーは、日本の方を対象とした制度です。申請は（先着順）です。ＡＢＣ　１２３：よくある質問。"
KOREAN = "네덜란드 워킹홀리데이는 한국인을 위한 제도입니다. 신청은 선착순으로 진행됩니다(마감 시 종료)."
GERMAN = "Für Anträge gilt: 50 % der Plätze & mehr; die Größe = 3 Monate, Straße 12½ – „jetzt“ fragen\\sagen."
NOISE = hashlib.sha256(b"seed").digest() * 20
ORDINARY = {
    "japanese": JAPANESE * 20,
    "korean": KOREAN * 20,
    "german": GERMAN * 20,
    "hashes": "\n".join(hashlib.sha512(str(number).encode()).hexdigest() for number in range(50)),
    "integrity": "".join(f"sha384-{base64.b64encode(hashlib.sha384(bytes([n])).digest()).decode()} " for n in range(50)),
    "base64-of-json": base64.b64encode(json.dumps({"addresses": ["https://ind.nl/japan/en"] * 30}).encode()).decode(),
    "base64-of-noise": base64.b64encode(NOISE).decode(),
    "data-address": "url(data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + NOISE).decode() + ")",
    "the-words-apart": "Please start your request.test the address under /japan/en.",
    "escapes": "\\u65e5\\u672c \\65e5 %E6%97%A5 &#26085;&nbsp;&copy; =E6=97=A5 '\\x41' + \"\\101\"",
    "paths": "/japan/en/ /japan/en/index.html ../japan/en //japan/en start/request/test/japan/en",
}  # fmt: skip


def programmes(closed: str, open: str | None, linkable: tuple[str, ...], data: bytes) -> set[str]:
    """Returns the programmes whose address the scan finds."""
    scanner = AddressScanner({"japan": [closed]}, [open] if open else [], linkable)
    return {finding.programme for finding in scanner.find(data)}


@pytest.mark.parametrize("neighbours", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_the_open_neighbour_is_excused_and_the_closed_one_found(neighbours: tuple[str, str]) -> None:
    """The scan allows an open programme's address, and finds a closed programme's address on the same host beside it."""
    closed, open = neighbours

    for (form, write), linkable in product(WRITTEN.items(), ((), ("h.test",))):
        assert programmes(closed, open, linkable, write(open).encode()) == set(), (form, linkable)
        for text in (write(closed), f"{write(open)} {write(closed)}"):
            assert programmes(closed, open, linkable, text.encode()) == {"japan"}, (form, linkable)


@pytest.mark.parametrize(
    "text",
    [
        "https://h.test/korea/../japan",
        "https://h.test/korea/x/../..//japan",
        "https://h.test/korea/%2e%2E/japan",
        "https://h.test/korea\\..\\japan",
        "https://h.test/korea/&#46;./japan",
        '<a href="https://h.test/korea" /../../japan">',
        "<a href='https://h.test/korea\"/../japan'>",
        "https://h.test/korea<b></b>/../japan",
        "https://h.test/korea-\njapan",
        "https://h.test/korea2",
        "https://h.test/korea?country=japan",
        "https://h.test/korea&c=japan",
        "https://h.test/korea%32",
        "https://h.test/korea&#50;",
        "https://h.test/korea@h.test/japan",
        "https://h.test/kor\u00adea/",
    ],
)
def test_an_open_address_excuses_nothing_that_goes_on(text: str) -> None:
    """An address that begins with an open programme's address but continues is refused, because it may lead somewhere else."""
    assert programmes("https://h.test/japan", "https://h.test/korea", (), text.encode()) == {"japan"}


def test_an_open_address_excuses_no_longer_closed_one_behind_a_backslash() -> None:
    """A closed address that continues an open one after a slash is found, even if the slash is a backslash or escaped.

    A backslash that escapes a quotation mark or a line end does not make the open address a closed one.
    """
    for text in ("https:\\/\\/ind.nl\\/ask\\/new", "https://ind.nl/ask\\new", "https://ind.nl/ask\\\\new"):
        assert programmes("https://ind.nl/ask/new", "https://ind.nl/ask", (), text.encode()) == {"japan"}
    for text in ('"see \\"https://ind.nl/ask\\""', '"https://ind.nl/ask\\nMore"'):
        assert programmes("https://ind.nl/ask/new", "https://ind.nl/ask", (), text.encode()) == set()


@pytest.mark.parametrize("cut", ["", "\n", "\t", "<wbr>", "<b></b>\n", "\r\n "])
def test_an_open_address_excuses_no_longer_closed_one_that_is_cut_there(cut: str) -> None:
    """A closed address that begins with an open one is found, even if a line end or a tag separates the rest of it."""
    closed, open = "https://ind.nl/ask2", "https://ind.nl/ask"

    assert programmes(closed, open, (), f'<a href="{open}{cut}2">'.encode()) == {"japan"}
    assert programmes(closed, open, (), f'<a href="{open}">{cut}Ask</a>'.encode()) == set()


@pytest.mark.parametrize("place", OTHER_PLACES)
def test_another_place_on_a_shared_host_is_no_finding(place: str) -> None:
    """If pages may link to the host, the scan finds only the closed address's own path on it."""
    closed = "https://ind.nl/ask"

    assert programmes(closed, None, ("ind.nl",), f'<a href="{place}">Ask</a> {place}'.encode()) == set()
    assert programmes(closed, None, ("ind.nl",), f"{place} {closed} {place}".encode()) == {"japan"}


@pytest.mark.parametrize("linkable", [(), (HOST,)], ids=["own-host", "shared-host"])
@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_text_is_no_finding(name: str, linkable: tuple[str, ...]) -> None:
    """Prose in any language, hashes and base64 of other data contain no address, in any form of the file."""
    plain = ORDINARY[name].encode()

    for data in (plain, ORDINARY[name].encode("utf-16"), gzip.compress(plain)):
        assert programmes(CLOSED, None, linkable, data) == set()


def test_the_real_content_is_no_finding() -> None:
    """No file of the real content contains an address of the real programmes, except their own files."""
    content = read_inputs(REPOSITORY).manuscript.content
    addresses = {
        id: tuple(programme.conversation_starter.values()) for id, programme in content.programmes.items()
    }
    files = [file for file in sorted((REPOSITORY / "content").rglob("*")) if file.is_file()]
    scanner = AddressScanner(addresses, (), content.settings.outbound_hosts)

    assert len(files) > 40
    found = {file for file in files if any(scanner.find(file.read_bytes()))}
    assert found == {REPOSITORY / "content" / "programmes" / f"{id}.yaml" for id in addresses}


@settings(deadline=None, max_examples=300, derandomize=True)
@given(data=st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_nothing_confuses_the_scan(data: bytes) -> None:
    """The scan ends for any bytes, and finds nothing if there is no address."""
    assert programmes(CLOSED, f"https://{HOST}/korea", (HOST,), data) == set()


def test_the_finding_tells_the_text_round_it() -> None:
    """A finding contains the decoded words before and after the address."""
    data = base64.b64encode(b"<p>Words before it " + CLOSED.encode() + b" and words behind it.</p>")
    (finding,) = AddressScanner({"japan": [CLOSED]}, [], []).find(b"<x>" + data + b"</x>")

    assert "words before it https://start.request.test/japan/en and words behind it." in finding.around


def test_a_finding_names_the_programme_whose_address_it_is() -> None:
    """If two closed programmes share a host, each address is reported only for its own programme."""
    closed = {"japan": [f"https://{HOST}/japan"], "korea": [f"https://{HOST}/korea"]}
    scanner = AddressScanner(closed, [], [])

    assert [found.programme for found in scanner.find(f"https://{HOST}/korea".encode())] == ["korea"]
    assert [found.programme for found in scanner.find(f"https://{HOST}/japan".encode())] == ["japan"]
    assert len(list(scanner.find(f"https://{HOST}/other".encode()))) == 1
