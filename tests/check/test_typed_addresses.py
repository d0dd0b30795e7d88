"""A conversation starter's address may be only in its programme's file. In any other place it is refused at once."""

from __future__ import annotations

import base64
from collections.abc import Iterator

import pytest

from site_src.problems import InputRefused, Problem
from site_src.read.labels import Labels
from site_src.states import State
from tests.support.building import read_inputs
from tests.support.project import SITES, Project

# Japan is closed and South Korea is open. A typed address is refused in either case.
JAPAN = "https://start.request.test/japan/en"
KOREA = "https://start.request.test/south-korea/nl"
EACH_ADDRESS = pytest.mark.parametrize("address", [JAPAN, KOREA], ids=["closed", "open"])


def lines_with_text(path: str) -> Iterator[tuple[str, str]]:
    """Yields each line of the small site's files that has a text for readers."""
    for line in (SITES / "small" / path).read_text(encoding="utf-8").splitlines():
        key, colon, value = line.partition(": ")
        if colon and value and not line.startswith("#") and not value[0].isdigit():
            yield line, f"{path}:{key.strip()}"


PAGES = ("content/en/index.md", "content/nl/index.md", "content/en/japan.md", "content/en/status.md")
NOTICES = tuple(f"content/{language}/_notices/{state}.md" for language in ("en", "nl") for state in State)
LABELS = ("content/en/_labels.yaml", "content/nl/_labels.yaml")
FRONT_MATTER = [
    pytest.param(path, line, id=name)
    for path in (*PAGES, *NOTICES, *LABELS)
    for line, name in lines_with_text(path)
    if line.split(":")[0] not in ("programme", "locale")
]
RECORDS = [
    ("content/site.yaml", "  en: Small site"),
    ("content/site.yaml", "  nl: Kleine site"),
    ("content/site.yaml", "    source: information bulletin"),
    ("content/programmes/japan.yaml", "scheme: WHP"),
    ("content/programmes/japan.yaml", "  nl: Japan"),
    ("content/programmes/japan.yaml", "    source: agreement"),
    ("content/programmes/japan.yaml", "    source: information bulletin"),
    ("content/programmes/south-korea.yaml", "scheme: WHP"),
    ("content/programmes/south-korea.yaml", "  en: South Korea"),
    ("content/programmes/south-korea.yaml", "    source: agreement"),
]
BODIES = {
    "link": "Ask [here]({}).",
    "text": "Ask at {} now.",
    "angle-brackets": "Ask at <{}>.",
    "code": "Ask at `{}`.",
    "heading": "## Ask {}",
    "table": "a | b\n---|---\n1 | {}",
    "footnote": "Ask.[^1]\n\n[^1]: {}",
    "reference-that-no-one-uses": "Ask.\n\n[1]: {}",
    "comment": "Ask.\n\n<!-- {} -->",
    "raw-html": 'Ask <a href="{}">here</a>.',
    "attribute-list": "Ask {{: title='{}' }}",
}


def problems(project: Project) -> list[tuple[str, int, str]]:
    """Returns the path, line and rule of each error in the project's inputs."""
    with pytest.raises(InputRefused) as refused:
        read_inputs(project.root)
    found: tuple[Problem, ...] = refused.value.problems
    return [(problem.path, problem.line, problem.rule) for problem in found if problem.severity == "error"]


def line_of(project: Project, path: str, text: str) -> int:
    """Returns the number of the first line in the file that contains the text."""
    lines = (project.root / path).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, start=1) if text in line)


def append(project: Project, path: str, text: str) -> None:
    """Adds a paragraph at the end of a file."""
    project.write(path, (project.root / path).read_text(encoding="utf-8") + f"\n{text}\n")


def test_every_label_is_tried() -> None:
    """The tested lines include every label except the locale, and the label and title of every notice."""
    tried = {str(parameters.id) for parameters in FRONT_MATTER}
    assert {f"content/en/_labels.yaml:{name}" for name in Labels.model_fields if name != "locale"} <= tried
    assert {f"{path}:{key}" for path in NOTICES for key in ("label", "title")} <= tried
    assert {f"{path}:{key}" for path in PAGES for key in ("title", "description")} <= tried


@pytest.mark.parametrize(("path", "line"), FRONT_MATTER)
def test_in_a_title_or_label_it_is_refused(project: Project, path: str, line: str) -> None:
    """An address in front matter or a label is reported with its file and line, whether its programme is open or closed."""
    address = (JAPAN, KOREA)[len(line) % 2]
    key, _, value = line.partition(": ")
    value = value.strip('"')
    project.replace(path, line, f'{key}: "{value} {address}"')

    assert (path, line_of(project, path, address), "typed-address") in problems(project)


@EACH_ADDRESS
@pytest.mark.parametrize(("path", "line"), RECORDS, ids=[f"{path}:{line.strip()}" for path, line in RECORDS])
def test_in_settings_or_a_programme_it_is_refused(
    project: Project, path: str, line: str, address: str
) -> None:
    """An address in the settings or in a programme's file is refused, except under `conversation_starter`."""
    project.replace(path, f"{line}\n", f"{line} {address}\n")

    assert (path, line_of(project, path, f"{line} {address}"), "typed-address") in problems(project)


@EACH_ADDRESS
def test_as_the_value_of_a_fact_it_is_refused(project: Project, address: str) -> None:
    """An address as the value of a fact is refused, because pages can print facts."""
    path = "content/programmes/japan.yaml"
    project.replace(path, "    value: 200", f"    value: {address}")

    assert (path, line_of(project, path, "value:"), "typed-address") in problems(project)


@EACH_ADDRESS
def test_as_a_contact_it_is_refused(project: Project, address: str) -> None:
    """An address in the list of contacts is refused."""
    project.replace("content/site.yaml", "    nl: https://ind.nl/nl", f"    nl: {address}")

    assert ("content/site.yaml", line_of(project, "content/site.yaml", address), "typed-address") in problems(
        project
    )


def test_as_the_address_of_the_site_it_is_refused(project: Project) -> None:
    """The site's own address may not be on the host of a conversation starter."""
    project.replace("content/site.yaml", "https://small.test", "https://start.request.test")

    assert problems(project) == [
        ("content/site.yaml", line_of(project, "content/site.yaml", "base_url"), "typed-address")
    ]


@EACH_ADDRESS
def test_as_the_address_of_another_programme_it_is_refused(project: Project, address: str) -> None:
    """Two programmes may not have the same address."""
    path, other = "content/programmes/south-korea.yaml", "content/programmes/japan.yaml"
    if address == KOREA:
        path, other = other, path
    line = "  en: https://start.request.test/" + path.split("/")[-1].removesuffix(".yaml") + "/en"
    project.replace(path, line, f"  en: {address}")

    found = problems(project)
    assert {rule for _, _, rule in found} == {"address"}
    assert {path for path, _, _ in found} <= {path, other}


@EACH_ADDRESS
@pytest.mark.parametrize("form", BODIES)
@pytest.mark.parametrize(
    "path", ["content/en/japan.md", "content/nl/index.md", "content/en/_notices/open.md"]
)
def test_in_a_text_it_is_refused(project: Project, path: str, form: str, address: str) -> None:
    """An address in the text of a page or notice is reported with its file and line, whatever Markdown surrounds it."""
    append(project, path, BODIES[form].format(address))

    assert (path, line_of(project, path, address), "typed-address") in problems(project)


@EACH_ADDRESS
def test_in_any_encoding_it_is_refused(project: Project, address: str) -> None:
    """An address with percent codes, with character references or in base64 is reported with its line."""
    path = "content/en/index.md"
    percent = "".join(f"%{byte:02x}" for byte in address.encode())
    entities = "".join(f"&#{byte};" for byte in address.encode())
    hidden = base64.b64encode(address.encode()).decode()
    append(project, path, f"One {percent}.\n\nTwo {entities}.\n\nThree {hidden}.")

    found = problems(project)
    for text in (percent, entities, hidden):
        assert (path, line_of(project, path, text), "typed-address") in found


@pytest.mark.parametrize(
    "text",
    [
        "https://start.**request**.test/japan/en",
        "https\\://start\\.request\\.test/japan/en",
        "https://start.<b>re</b>quest.test/japan/en",
        "https://start.\nrequest.test/japan/en",
        "https://start.request<!-- x > y -->.test/japan/en",
        "https://start.[request](japan.md).test/japan/en",
        "https&#58;//start&#46;request&#46;test/japan/en",
        "https://*start*.`request`.test/japan/en",
    ],
)
def test_what_markdown_puts_together_is_refused(project: Project, text: str) -> None:
    """An address is refused even if it is split over two lines, or appears only once Markdown has removed characters."""
    path = "content/en/index.md"
    append(project, path, f"Ask at {text}.")

    assert path in {problem[0] for problem in problems(project) if problem[2] == "typed-address"}


def test_a_placeholder_for_the_link_is_the_right_way(project: Project) -> None:
    """The small site, which has tokens and links to other hosts, has no problem."""
    append(
        project,
        "content/en/index.md",
        "See [the IND](https://ind.nl/japan/en), request.test and start.request.",
    )

    assert read_inputs(project.root).warnings == ()
