"""The gate refuses addresses that programmes had earlier, in any state, and short addresses that people can type."""

from __future__ import annotations

from dataclasses import replace

import pytest

from site_src.check.inputs import Inputs
from site_src.gate.demands import expect
from tests.gate.test_gate import JAPAN, KOREA, Case, case_of
from tests.support.building import find_refusals, read_inputs
from tests.support.project import NOON, Project, at, make_project

OLD = "https://ind.nl/forms/old"
PAGES = (
    "en/south-korea/index.html",
    "en/japan/index.html",
    "api/v1/programmes.json",
    "embed/nl/japan.html",
    "robots.txt",
)


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The small site at NOON: Japan closed, South Korea open. Both programmes had other addresses before."""
    case = case_of(make_project(tmp_path_factory.mktemp("retired") / "project"))
    retired = {
        "japan": ("https://old.test/japan",),
        "south-korea": (OLD, f"{KOREA}/old"),
        "gone": ("https://gone.test/x",),
    }
    return Case(case.files, replace(case.expected, retired=retired))


def with_text(case: Case, path: str, text: str) -> list[str]:
    """Returns the gate's refusals of the file with this text at its end."""
    files = {**case.files, path: case.files[path] + text.encode()}
    return [refusal.message for refusal in find_refusals(files, case.expected) if refusal.path == path]


def test_the_expectation_has_them_from_the_inputs(project: Project) -> None:
    """The gate takes the retired addresses from the inputs."""
    inputs: Inputs = replace(read_inputs(project.root), retired={"japan": (OLD,)})

    assert expect(inputs, at(NOON)).retired == {"japan": (OLD,)}
    assert expect(replace(inputs, retired={}), at(NOON)).retired == {}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    "address",
    [
        OLD,
        f"{OLD}.html",
        "https://old.test/japan",
        "https://old.test/",
        "https://gone.test/x",
        f"{KOREA}/old",
        "%68ttps://gone.te%73t",
    ],
)
def test_they_are_refused_in_every_file(case: Case, path: str, address: str) -> None:
    """The gate refuses a retired address in every file, even on an open programme's own pages."""
    said = " ".join(with_text(case, path, f"\n {address} "))

    assert "at an address from the content of another release, which no page may show any more" in said


def test_the_present_addresses_are_judged_as_before(case: Case) -> None:
    """With retired addresses, the gate still accepts an open programme's pages and still refuses a closed address."""
    assert find_refusals(case.files, case.expected) == []
    assert with_text(case, "en/index.html", "\nhttps://ind.nl/forms/ and https://ind.nl/forms/older") == []
    assert "which must be hidden now" in " ".join(with_text(case, "en/index.html", f" {JAPAN} "))


def test_one_that_is_on_the_host_of_the_site_does_not_refuse_the_site(case: Case) -> None:
    """If a retired address is on the site's own host, the gate refuses only that address, not other links to the host."""
    case = Case(case.files, replace(case.expected, retired={"japan": ("https://small.test/form",)}))

    assert find_refusals(case.files, case.expected) == []
    assert with_text(case, "en/index.html", "\nhttps://small.test/form") != []


@pytest.mark.parametrize(
    "text",
    ["bit.ly/x1", "b<b>i</b>t.ly/x1", "&lt;p&gt;bit.ly/x1", "bit\u2024ly/x1", "\u0432it.ly/x1", "bit.ly?x"],
)
@pytest.mark.parametrize(
    "path", ["en/index.html", "en/japan/feed.xml", "api/v1/programmes.json", "en/japan/calendar.ics"]
)
def test_a_short_address_in_a_text_is_refused(case: Case, path: str, text: str) -> None:
    """The gate refuses an address without https:// if its host is not listed."""
    assert any(
        "leads to bit.ly, which is not in" in said for said in with_text(case, path, f"\nSee {text} now")
    )
    assert not any(
        "leads to" in said
        for said in with_text(case, path, "\nSee ind.nl/x, small.test/en, someone@bit.ly/x.")
    )
