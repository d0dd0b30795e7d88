"""The gate finds a closed programme's address in every disguise, and in any two disguises that can be combined."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from site_src.gate.expectation import Expectation
from site_src.gate.gate import GateRefused
from site_src.scan.addresses import AddressScanner
from tests.support.building import verify
from tests.support.disguises import DISGUISES, Disguise, Kind

HOST = "start.request.test"
CLOSED = f"https://{HOST}/japan/en"
OPEN = f"https://{HOST}/south-korea/en"
ENDINGS = (
    *("index.html", "feed.xml", "style.css", "icon.svg", "state.json", "calendar.ics", "robots.txt", "page.js"),
    *("other.html.gz", "index.html.br", "font.woff2", "picture.png", "_redirects", ".well-known/thing", "unknown.zzz"),
)  # fmt: skip
EACH_DISGUISE = pytest.mark.parametrize("disguise", DISGUISES.values(), ids=DISGUISES)
# The scan must also find the path if pages may link to the host for other reasons.
EITHER_HOST = pytest.mark.parametrize("linkable", [(), (HOST,)], ids=["own-host", "shared-host"])

# Maps each kind to the kinds that it can be applied to, so that both can still be undone.
OVER: dict[Kind, set[Kind]] = {
    # A browser decodes an address only once, so it can have only one spelling.
    Kind.SPELLING: set(),
    # A code in other letters is no longer a code: a browser does not decode a full-width percent sign.
    Kind.LETTERS: {Kind.SPELLING, Kind.LETTERS},
    # Characters that are inserted into a code break the code.
    Kind.LAYOUT: {Kind.SPELLING, Kind.LETTERS},
    # Packed bytes are not text and have no characters.
    Kind.CODE: set(Kind) - {Kind.PACKING},
    Kind.BYTES: set(Kind) - {Kind.PACKING},
    # Packed bytes are not text, so most encodings cannot be applied to them. For data that is packed twice, see BOTH.
    Kind.PACKING: set(Kind) - {Kind.PACKING},
    # Tags and blanks are part of the address inside an attribute or a script. One place is enough.
    Kind.SURROUNDINGS: {Kind.SPELLING, Kind.LETTERS, Kind.CODE, Kind.BYTES},
}
NAMES = {kind: [name for name, disguise in DISGUISES.items() if disguise.kind is kind] for kind in Kind}
COMPRESSIONS = [name for name in NAMES[Kind.PACKING] if name.startswith(("gzip", "zlib"))]
PROGRAMS_UNPACK = ("base64", "base64-in-lines", "base64-unpadded", "base64-twice", "hexadecimal")
BOTH = {
    *((outer, inner) for outer in (*COMPRESSIONS, *PROGRAMS_UNPACK) for inner in NAMES[Kind.PACKING]),
    *((outer, inner) for outer in ("link", "open-graph") for inner in ("tabs", "newlines", "windows-newlines")),
    ("link", "percent-cut-by-newlines"),
}  # fmt: skip
NEITHER = {
    # A reference to the character NUL is replaced by a character, not ignored.
    *((name, "nul") for name in NAMES[Kind.CODE] if "entities" in name),
    # These dots are a code as well as a spelling: see LETTERS and LAYOUT.
    *((name, "encoded-dots") for name in (*NAMES[Kind.LETTERS], *NAMES[Kind.LAYOUT])),
    # The script would read this as an escaped backslash, followed by the end of the line.
    ("javascript-continued-lines", "backslashes"),
    # A blank belongs to the style sheet's escape before it, and to such data: the text continues with the next word.
    *(
        (name, code)
        for name in ("alternative-text", "comment", "srcset", "calendar", "redirect")
        for code in ("css-six-digits", "base64-in-a-data-address-with-blanks")
    ),
}  # fmt: skip


def sensible(outer: Disguise, inner: Disguise) -> bool:
    """Returns True if a browser, a program or a person could undo `outer` and then `inner`."""
    pair = (outer.name, inner.name)
    return pair in BOTH or (inner.kind in OVER[outer.kind] and pair not in NEITHER)


PAIRS = [
    (outer, inner)
    for outer in DISGUISES.values()
    for inner in DISGUISES.values()
    if sensible(outer, inner)
]  # fmt: skip
WORDS = st.from_regex(r"[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?", fullmatch=True)
ADDRESSES = st.builds(
    lambda host, path: f"https://{'.'.join(host)}.test/{'/'.join(path)}",
    st.lists(WORDS, min_size=1, max_size=3),
    st.lists(WORDS, min_size=1, max_size=4),
)


def found(data: bytes, linkable: tuple[str, ...] = (), closed: str = CLOSED) -> set[str]:
    """Returns the programmes whose addresses the scan finds in the data."""
    scanner = AddressScanner({"japan": [closed]}, [OPEN], linkable)
    return {finding.programme for finding in scanner.find(data)}


def test_the_table_has_disguises_of_each_kind() -> None:
    """There are over a hundred disguises, at least some of each kind, and thousands of pairs."""
    assert len(DISGUISES) > 100
    assert all(NAMES.values())
    assert len(PAIRS) > 5000


def test_a_disguise_hides_the_address_from_a_plain_search() -> None:
    """No disguise contains the plain address, so a plain search cannot find it."""
    for name in (name for kind in (Kind.LETTERS, Kind.LAYOUT, Kind.CODE, Kind.BYTES) for name in NAMES[kind]):
        assert CLOSED.encode() not in DISGUISES[name].write(CLOSED.encode()), name


@EACH_DISGUISE
def test_the_scan_finds_the_address(disguise: Disguise) -> None:
    """The scan finds the closed programme's address in each disguise, and names the programme.

    It also finds a disguised address in a page, after an open programme's link. Packed bytes cannot be in a page.
    """
    hidden = disguise.write(CLOSED.encode())
    around = f'<a href="{OPEN}">Korea</a>\n<p>Ask here: "{{}}" <b>now</b>.</p>\n'
    before, after = around.encode().split(b"{}")
    texts = [hidden, before + hidden + after] if disguise.kind is not Kind.PACKING else [hidden]

    for data in texts:
        assert found(data) == found(data, (HOST,)) == {"japan"}, data


@EACH_DISGUISE
def test_the_gate_refuses_the_file_whatever_its_name(disguise: Disguise) -> None:
    """The gate refuses a file with a disguised address, whatever its extension, and names the programme."""
    expected = Expectation(
        closed={"japan": (CLOSED,)},
        open={"south-korea": {"en": OPEN}},
        linkable_hosts=frozenset(["ind.nl"]),
        own_host="small.test",
        pages={},
        resources={},
    )
    data = disguise.write(CLOSED.encode())

    with pytest.raises(GateRefused) as refused:
        verify({f"en/{ending}": data for ending in ENDINGS}, expected)
    named = {refusal.path for refusal in refused.value.refusals if refusal.programme == "japan"}
    assert named == {f"en/{ending}" for ending in ENDINGS}


@EITHER_HOST
@settings(deadline=None, max_examples=250, derandomize=True)
@given(pair=st.sampled_from(PAIRS), address=ADDRESSES)
def test_the_scan_finds_any_address_in_two_disguises(
    pair: tuple[Disguise, Disguise], address: str, linkable: tuple[str, ...]
) -> None:
    """The scan finds an address in two disguises, one over the other, if both can be undone."""
    outer, inner = pair
    hosts = (address.split("/")[2],) if linkable else ()

    assert found(outer.write(inner.write(address.encode())), hosts, address) == {"japan"}
