"""Dated blocks and dated facts change everywhere in the same second, and are checked before that."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from site_src.builder import Builder, Draft
from site_src.check.inputs import Inputs
from site_src.convert.markdown import MarkdownConverter
from site_src.convert.markup import Markup, Words
from site_src.instants import Moment
from site_src.problems import InputRefused
from site_src.quota.log import state_at
from site_src.read.content_folder import read_content
from site_src.read.in_force import list_coming_changes
from site_src.read.reader import Reader
from site_src.read.tree import load_tree
from site_src.site.model import Look
from site_src.states import State
from tests.support.building import build_site, read_inputs
from tests.support.commands import command
from tests.support.project import NOON, Project, at

BEFORE, AFTER = "2027-01-31 23:59:59", "2027-02-01 00:00:00"
JAPAN = "content/en/japan.md"
NOTICE = "content/en/_notices/quota_reached.md"


def add(project: Project, path: str, text: str, kind: str = "from", moment: str = "2027-02-01 00:00") -> None:
    """Adds a dated block at the end of a text."""
    body = (project.root / path).read_text(encoding="utf-8")
    project.write(path, f"{body}\n:::{kind} {moment}\n{text}\n:::\n")


def date_places(project: Project) -> None:
    """Gives Japan's number of places a second value, from a later date."""
    values = "values:\n      - value: 200\n        valid_from: 2025-01-01\n      - value: 1250\n        valid_from: 2027-02-01\n"
    project.replace("content/programmes/japan.yaml", "value: 200\n    valid_from: 2025-01-01\n", values)


def surfaces(project: Project, words: str) -> dict[str, set[str]]:
    """Maps BEFORE (the last second before the change) and AFTER (the change) to the files that contain the words."""
    inputs = read_inputs(project.root)
    return {
        moment: {
            path for path, data in build_site(inputs, at(moment)).files.items() if words in data.decode()
        }
        for moment in (BEFORE, AFTER)
    }


@pytest.mark.parametrize(("kind", "shows"), [("from", AFTER), ("until", BEFORE)])
def test_a_notice_changes_in_the_same_second_everywhere(project: Project, kind: str, shows: str) -> None:
    """A dated block in a notice appears or disappears in the same second on the page and in the embedded notice."""
    add(project, NOTICE, "Bring an umbrella.", kind)

    found = surfaces(project, "Bring an umbrella.")

    assert {"en/japan/index.html", "embed/en/japan.html"} <= found.pop(shows)
    assert list(found.values()) == [set()]


def test_a_page_changes_with_its_parts_and_its_day(project: Project) -> None:
    """When a block with a heading appears, the table of contents links to it, and the page's last change is that date."""
    body = (project.root / JAPAN).read_text(encoding="utf-8")
    project.write(JAPAN, body.replace("\n---\n", "\n---\n[TOC]\n\n", 1))
    add(project, JAPAN, "## What is new\n\nA new part.")
    inputs = read_inputs(project.root)

    before, after = (build_site(inputs, at(moment)).files for moment in (BEFORE, AFTER))

    page = "en/japan/index.html"
    assert (b"What is new" in before[page], after[page].count(b"What is new")) == (False, 2)
    assert b"1 February 2027" in after[page]
    assert b"<lastmod>2027-02-01" in after["sitemap.xml"]
    assert "en/index.html" in {path for path in before if before[path] == after[path]}


def test_a_fact_changes_in_the_same_second_everywhere(project: Project) -> None:
    """At its moment, a new value of a fact is used in pages and in the JSON."""
    date_places(project)
    body = (project.root / JAPAN).read_text(encoding="utf-8")
    project.write(JAPAN, f"{body}\nThere are [[places_per_year]] places.\n")
    inputs = read_inputs(project.root)

    before, after = (build_site(inputs, at(moment)).files for moment in (BEFORE, AFTER))

    assert [
        b"There are 200 places" in before["en/japan/index.html"],
        b"There are 1,250 places" in after["en/japan/index.html"],
    ] == [True, True]
    places = [json.loads(files["api/v1/programmes/japan.json"])["placesPerYear"] for files in (before, after)]
    assert places == [200, 1250]


def test_a_fact_of_tomorrow_is_no_longer_refused(project: Project) -> None:
    """A fact with a present and a future value is accepted.

    A fact that has only a future value is refused, and the message says how to write both values.
    """
    date_places(project)
    present = Moment(at(NOON), is_present=True)
    Builder().build(read_inputs(project.root), present)

    project.replace("content/site.yaml", "valid_from: 2025-01-01", "valid_from: 2027-02-01")
    with pytest.raises(InputRefused, match='write "values:"'):
        Builder().build(read_inputs(project.root), present)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            "valid_from: 2027-02-01",
            "valid_from: 2025-01-01",
            "japan.yaml:15: facts.places_per_year.values[2].valid_from: 2025-01-01 is not after",
        ),
        (
            "    values:",
            "    value: 3\n    values:",
            'facts.places_per_year.value: cannot be used with "values"',
        ),
        (
            "    values:\n      - value: 200\n        valid_from: 2025-01-01\n      - value: 1250\n        valid_from: 2027-02-01\n",
            "",
            'facts.places_per_year.value: is missing. Add a line such as "value: …"',
        ),
        ("value: 1250", "value: '1.250'", '"1.250" is a text'),
    ],
)
def test_a_wrong_list_of_values_is_a_problem(project: Project, old: str, new: str, words: str) -> None:
    """Each mistake in the values of a fact is reported on its line."""
    date_places(project)
    project.replace("content/programmes/japan.yaml", old, new)

    assert words in command(project, "check", "--at", NOON).stderr


@pytest.mark.parametrize("path", [JAPAN, NOTICE])
def test_hidden_blocks_are_checked_today(project: Project, path: str) -> None:
    """A hidden block is checked like other text: for a conversation starter's address, unknown facts and broken links."""
    add(project, path, "See https://start.request.test/japan/en, [[placs]] and [this](nowhere.md).")
    line = (project.root / path).read_text(encoding="utf-8").split("\n").index(":::from 2027-02-01 00:00") + 2

    done = command(project, "check", "--at", NOON)

    assert done.returncode == 1
    for words in ("has a conversation starter's address", "[[placs]]", "nowhere.md"):
        assert any(
            found.startswith(f"{path}:{line}: ") and words in found for found in done.stderr.splitlines()
        )
    assert "(From 2027-02-01 00:00.)" in done.stderr


def test_a_link_to_a_part_that_will_be_hidden_is_a_problem(project: Project) -> None:
    """A link to a heading in a dated block is refused if the heading will be hidden while the link is still shown."""
    add(project, JAPAN, "## Old rules\n\nText.", "until")
    project.write(
        "content/en/index.md",
        f"{(project.root / 'content/en/index.md').read_text()}\n[Rules](japan.md#old-rules)\n",
    )

    done = command(project, "check", "--at", NOON)

    assert "old-rules" in done.stderr
    assert "(From 2027-02-01 00:00.)" in done.stderr


def test_check_builds_each_coming_moment(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """`check` builds the site at each future change of a text and, if a notice changes, in that notice's state."""
    add(project, JAPAN, "Text.")
    add(project, NOTICE, "Text.", moment="2027-03-01 00:00")
    add(project, JAPAN, "Text.", moment="2026-01-01 00:00")
    built = list[tuple[datetime, list[State]]]()
    draft = Builder.draft

    def note(builder: Builder, inputs: Inputs, moment: Moment, look: Look | None = None) -> Draft:
        built.append((moment.instant, [state_at(log, moment.instant) for log in inputs.logs.values()]))
        return draft(builder, inputs, moment, look)

    monkeypatch.setattr(Builder, "draft", note)

    command(project, "check", "--at", NOON)

    coming = [
        (f"{instant:%Y-%m-%d}", states)
        for instant, states in built
        if at(NOON) < instant < at("2099-01-01 00:00")
    ]
    assert coming == [
        ("2027-01-31", ["quota_reached", "open"]),
        ("2027-02-28", ["quota_reached", "open"]),
        ("2027-02-28", ["quota_reached", "quota_reached"]),
    ]


def test_advice_on_dates(project: Project) -> None:
    """A block whose moment has passed gives a warning, and so does a block without the same moment in a translation."""
    add(project, JAPAN, "Text.", moment="2026-01-01 00:00")
    add(project, "content/nl/japan.md", "Tekst.", moment="2026-01-01 00:00")
    add(project, NOTICE, "Text.")
    add(project, "content/nl/_notices/quota_reached.md", "Tekst.", moment="2027-02-01 00:01")

    printed = command(project, "check", "--at", NOON).stderr

    assert printed.count("has passed, and the block is always shown") == 2
    assert "content/en/_notices/quota_reached.md has no block with this moment" in printed
    assert "content/nl/_notices/quota_reached.md has no block with this moment" in printed
    assert "japan.md has no block" not in printed


def test_a_typed_figure_of_the_future_is_a_fact(project: Project) -> None:
    """A number that is typed by hand gives advice even if it is only a future value of a fact."""
    date_places(project)
    add(project, JAPAN, "There are 1250 places.")

    assert '"1250 places" is typed by hand' in command(project, "check", "--at", NOON).stderr


def test_a_notice_is_never_empty(project: Project) -> None:
    """A notice whose whole text is in one dated block is a problem, on the line of the block."""
    head = "---\nlabel: Full\ntitle: You cannot pre-register now\n---\n"
    project.write(NOTICE, f"{head}:::from 2027-02-01 00:00\nText.\n:::\n")

    assert (
        f"{NOTICE}:5: :::from 2027-02-01 00:00: the notice is empty while this block is hidden."
        in command(project, "check", "--at", NOON).stderr
    )


def test_too_many_moments_are_refused(project: Project) -> None:
    """The number of future moments is limited, because all texts are checked for each one. Blocks above the limit are named."""
    for day in range(1, 23):
        add(project, JAPAN, "Text.", moment=f"2027-01-{day:02} 00:00")

    printed = command(project, "check", "--at", NOON).stderr

    assert [f"2027-01-{day} 00:00: is one moment too many" in printed for day in (20, 21, 22)] == [
        False,
        True,
        True,
    ]


def test_only_texts_with_blocks_are_converted_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each version of a text is converted once. A build for a different date converts nothing."""
    converted = list[str]()
    convert = MarkdownConverter.convert

    def note(converter: MarkdownConverter, text: str, *rest: Words) -> Markup:
        converted.append(text)
        return convert(converter, text, *rest)

    monkeypatch.setattr(MarkdownConverter, "convert", note)
    Builder().read(load_tree(project.root))
    usual = len(converted)
    date_places(project)
    add(project, JAPAN, "Text.")
    converted.clear()

    builder = Builder()
    inputs = replace(builder.read(load_tree(project.root)).inputs(), content_judged=True)
    for moment in (BEFORE, AFTER):
        builder.build(inputs, Moment(at(moment)))

    # Before the block was added, two pages had the same text, which was converted once.
    assert len(converted) == usual + 2


def test_coming_changes_are_listed(project: Project) -> None:
    """The list has each future moment, with the facts that change then, and with the texts that have such a fact or a block."""
    date_places(project)
    add(project, JAPAN, "There are [[places_per_year]] places.", moment="2026-12-01 00:00")
    add(project, NOTICE, "Text.")
    content = read_content(Reader(load_tree(project.root)))
    assert content is not None

    first, second = list_coming_changes(content, at(NOON))

    assert (first.moment, first.texts, first.facts) == (at("2026-12-01 00:00"), (JAPAN,), ())
    printing = {"content/en/index.md", "content/nl/japan.md"}
    assert (second.moment, set(second.texts), second.facts) == (
        at("2027-02-01 00:00"),
        {JAPAN, NOTICE, *printing},
        ("japan.places_per_year",),
    )
    assert list_coming_changes(content, at(AFTER)) == []


def test_a_preview_shows_a_coming_moment(project: Project, tmp_path: Path) -> None:
    """`build --at` shows the texts of the moment that it names."""
    add(project, JAPAN, "A new part.")
    out = tmp_path / "out"

    for moment, there in ((BEFORE, False), (AFTER, True)):
        command(project, "build", "--at", moment, "--out", str(out))
        assert ("A new part." in (out / "en/japan/index.html").read_text()) is there
