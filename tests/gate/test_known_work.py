"""A resident publisher that reuses cached work publishes the same pages and gets the same verdicts as a new one."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from site_src.builder import Builder, Draft
from site_src.cache import Memo
from site_src.convert.converter import Converter
from site_src.gate import file_text as file_texts
from site_src.gate.file_text import KnownTexts, Read, file_text
from site_src.gate.gate import Gate, find_refusals
from site_src.gate.judge import Refusal
from site_src.gate.memo import QuietFiles
from site_src.gate.scanners import CANARY, CANARY_ADDRESS
from site_src.instants import Moment
from site_src.problems import InputRefused
from site_src.read import reader
from site_src.read.tree import load_tree
from site_src.rehearsal import rehearse_closings
from site_src.render import templating
from site_src.render.page_memo import View
from site_src.site import assemble
from site_src.states import State
from tests.gate.test_gate import FILES, LEAKS, Case
from tests.support.building import draft_site, read_inputs
from tests.support.project import NOON, Project, at, make_project

STATES = ("open", "quota_reached", "suspended")


def draft(project: Project, states: Mapping[str, str], builder: Builder | None = None) -> Draft:
    """Returns the draft of the project's site in these states."""
    preview = {programme: State(state) for programme, state in states.items()}
    return draft_site(read_inputs(project.root), at(NOON), preview, builder)


def verdict(files: Mapping[str, bytes], of: Draft, read: Read = file_text) -> set[str]:
    """Returns the gate's refusals of these files if the files of that draft are expected."""
    return set(map(str, find_refusals(files, of.expected, read)))


@dataclass(frozen=True)
class Drafts:
    """The drafts of the small site, one for each pair of states."""

    of: Mapping[tuple[str, str], Draft]


@pytest.fixture(scope="module")
def drafts(tmp_path_factory: pytest.TempPathFactory) -> Drafts:
    """The drafts of all tests here, which do not change them."""
    project = make_project(tmp_path_factory.mktemp("known") / "project")
    return Drafts(
        {
            (japan, korea): draft(project, {"japan": japan, "south-korea": korea})
            for japan in STATES
            for korea in STATES
        }
    )


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(STATES),
            st.sampled_from(STATES),
            st.none() | st.tuples(st.sampled_from(sorted(FILES)), st.sampled_from(sorted(LEAKS))),
            st.none() | st.tuples(st.sampled_from(STATES), st.sampled_from(STATES)),
        ),
        min_size=2,
        max_size=4,
    )
)
def test_remembered_texts_are_judged_as_if_they_were_read_again(
    drafts: Drafts, steps: list[tuple[str, str, tuple[str, str] | None, tuple[str, str] | None]]
) -> None:
    """With cached texts, correct files, leaks and files of other states get the same verdict as without a cache."""
    known = KnownTexts()
    for japan, korea, leak, stale in steps:
        wanted = drafts.of[japan, korea]
        files = dict(drafts.of[stale].files if stale else wanted.files)
        if leak:
            path = Case(files, wanted.expected).path(FILES[leak[0]])
            files[path] = files.get(path, b"") + LEAKS[leak[1]]
        assert verdict(files, wanted, known) == verdict(files, wanted)


def test_an_address_that_was_allowed_is_found_when_the_state_closes(drafts: Drafts) -> None:
    """The gate accepts a page while its programme is open, and refuses the same bytes once the quota is reached."""
    opened, closed = drafts.of["open", "suspended"], drafts.of["quota_reached", "suspended"]
    known = KnownTexts()
    assert verdict(opened.files, opened, known) == set()

    refused = verdict(opened.files, closed, known)

    assert any("en/japan/index.html: japan: shows the conversation starter" in reason for reason in refused)
    assert verdict(closed.files, closed, known) == set()


@pytest.fixture
def project(project: Project) -> Project:
    """The small site, with a page that does not belong to a programme."""
    project.write(
        "content/en/about.md",
        "---\ntitle: About\ndescription: About us.\nupdated: 2026-09-01\n---\n\nWords.\n",
    )
    return project


EDITS = {
    "a text": ("content/en/about.md", "Words.", "New words."),
    "a title in the menu": ("content/en/about.md", "title: ", "title: New "),
    "a word of the site": ("content/en/_labels.yaml", "main_menu: ", "main_menu: New "),
    "the site's address": ("content/site.yaml", "base_url: https://", "base_url: https://new."),
    "a programme's page": ("content/en/japan.md", "title: ", "title: New "),
}


@pytest.mark.parametrize("edit", EDITS)
def test_pages_are_what_they_would_be_without_any_kept(project: Project, edit: str) -> None:
    """After an edit and a change of state, a builder with cached pages gives the same files as a new builder."""
    builder = Builder()
    states = {"japan": "open"}
    draft(project, states, builder)
    project.replace(*EDITS[edit])

    assert draft(project, states, builder).files == draft(project, states).files
    closed = {"japan": "quota_reached"}
    assert draft(project, closed, builder).files == draft(project, closed).files


def test_a_change_of_state_renders_no_page_that_says_nothing_of_it(project: Project) -> None:
    """After a change of a programme's state, only the pages that show this state are rendered again."""
    builder = Builder()
    inputs = read_inputs(project.root)
    before = draft_site(inputs, at("2026-04-01 11:00"), builder=builder)
    after = draft_site(inputs, at("2026-04-01 12:00"), builder=builder)

    kept = {path for path, data in after.files.items() if data is before.files[path]}
    assert {"en/about/index.html", "nl/404.html", "404.html", "en/south-korea/index.html"} <= kept
    assert not {"en/index.html", "en/status/index.html", "en/japan/index.html"} & kept


def test_the_next_rehearsal_of_a_closing_renders_no_page_again(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second rehearsal of the same closing, five minutes later, renders no page again."""
    builder, inputs = Builder(), read_inputs(project.root)
    rehearse_closings(builder, inputs, at("2026-04-01 11:00"), {"japan"}, frozenset())
    rendered: list[str] = []
    monkeypatch.setattr(View, "render", lambda *given, **own: rendered.append(str((given[1:], own))))

    rehearse_closings(builder, inputs, at("2026-04-01 11:05"), {"japan"}, frozenset())

    assert rendered == []


def test_an_edit_costs_one_page(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an edit of a text, a builder parses, converts, fills, renders and scans only that page, also for rehearsed closings.

    In addition, it makes the files with the name of the release.
    """
    builder, done = Builder(), list[str]()

    def publish(text: str) -> None:
        project.write("content/en/about.md", text)
        inputs = replace(builder.read(load_tree(project.root)).inputs(), content_judged=True)
        rehearse_closings(builder, inputs, at("2026-04-01 11:00"), {"japan"}, frozenset())
        builder.build(inputs, Moment(at("2026-04-01 11:00")))

    def count(owner: object, name: str, note: Callable[..., str]) -> None:
        work = getattr(owner, name)

        def counted(*given: Any, **own: Any) -> Any:
            done.append(note(*given))
            return work(*given, **own)

        monkeypatch.setattr(owner, name, counted)

    text = (project.root / "content/en/about.md").read_text(encoding="utf-8")
    publish(text)
    count(reader, "split_front_matter", lambda _text, path, _report: f"parse {path}")
    count(Converter, "_convert_within", lambda _self, _limit, text, *_: f"convert {text.path}")
    count(assemble, "_page", lambda _manuscript, code, slug, *_: f"fill {code} {slug}")
    count(View, "render", lambda _view, template, code, slug: f"render {template} {code} {slug}")
    count(file_texts, "file_text", lambda path, *_: f"scan {path}")
    publish(f"{text}More words.\n")

    shown = [f"{language} about" for language in ("en", "nl")]
    assert set(done) == {
        "parse content/en/about.md",
        "convert content/en/about.md",
        *(f"fill {page}" for page in shown),
        *(f"render page.html {page}" for page in shown),
        *(f"scan {page.replace(' ', '/')}/index.html" for page in shown),
        "render languages.html en ",
        "scan index.html",
        "scan release.json",
    }
    assert all(done.count(each) == 1 for each in done if "about" in each)


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the templates, which a test may edit."""
    for name in ("templates", "static"):
        shutil.copytree(templating._HERE / name, tmp_path / name)
    monkeypatch.setattr(templating, "_HERE", tmp_path)
    return tmp_path / "templates"


def test_an_edited_template_makes_all_pages_again(project: Project, templates: Path) -> None:
    """If a template is edited, a builder renders all pages again."""
    builder = Builder()
    draft(project, {}, builder)
    page = templates / "page.html"
    page.write_text(page.read_text().replace("<h1>", '<h1 class="new">'))

    files = draft(project, {}, builder).files

    assert b'<h1 class="new">' in files["en/about/index.html"]
    assert files == draft(project, {}).files


def test_a_page_that_is_kept_cannot_name_a_state(project: Project, templates: Path) -> None:
    """A template that would show a programme's state on every page is refused, because cached pages would show an old state."""
    base = templates / "base.html"
    base.write_text(base.read_text().replace("</body>", "{{ site.programmes['japan'].state }}</body>"))

    with pytest.raises(InputRefused, match=r"templates/base\.html:\d+: is not a valid template: .*japan"):
        draft(project, {})


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ("{% if %}", "Expected an expression"),
        ("{{ page.nothing }}", "nothing"),
        ("{% include 'no.html' %}", "no.html"),
    ],
    ids=["syntax", "undefined", "missing"],
)
def test_a_broken_template_is_reported_like_broken_content(
    project: Project, templates: Path, wrong: str, words: str
) -> None:
    """A template that cannot be used is reported as a problem with its file and line, without a traceback."""
    page = templates / "page.html"
    page.write_text(page.read_text().replace("<article", f"{wrong}<article"))

    with pytest.raises(InputRefused, match=r"templates/page\.html:\d+: is not a valid template: ") as refused:
        draft(project, {})
    (problem,) = refused.value.problems
    assert words in problem.message
    assert problem.line == page.read_text()[: page.read_text().index(wrong)].count("\n") + 1


def test_what_quiet_files_say_is_judged_as_if_they_were_read_again(drafts: Drafts) -> None:
    """A file that the gate has cached as free of addresses and faults is refused as soon as it leaks."""
    memo = Memo()
    for of in drafts.of.values():
        assert refusals(of.files, of, memo) == []
    wanted = drafts.of["quota_reached", "suspended"]
    path = "en/404.html"
    assert kept_quietly(path, wanted, memo)
    for leak in LEAKS.values():
        files = {**wanted.files, path: wanted.files[path] + leak}
        assert path in {refusal.path for refusal in refusals(files, wanted, memo)}
        assert refusals(files, wanted, memo) == refusals(files, wanted, Memo())


def test_quiet_files_of_other_states_are_refused(drafts: Drafts) -> None:
    """The gate refuses pages that were accepted while the quota was reached, once the programme is open."""
    memo = Memo()
    closed, opened = drafts.of["quota_reached", "suspended"], drafts.of["open", "suspended"]
    assert refusals(closed.files, closed, memo) == []

    assert refusals(closed.files, opened, memo) == refusals(closed.files, opened, Memo()) != []


def test_a_memo_that_lies_cannot_publish_a_plain_address(drafts: Drafts) -> None:
    """Even if the memo wrongly says that a page has no addresses, the gate refuses a plain address in it."""
    wanted, path = drafts.of["quota_reached", "suspended"], "en/404.html"
    files = {**wanted.files, path: wanted.files[path] + b"<p>HTTPS://Start.request.test/japan/en</p>"}
    memo = Lying()

    assert path in {refusal.path for refusal in refusals(files, wanted, memo)}


def test_an_address_that_was_not_forbidden_before_is_searched_for(drafts: Drafts) -> None:
    """If a new address is forbidden, the gate searches cached files for it."""
    memo, of, path = Memo(), drafts.of["quota_reached", "suspended"], "en/404.html"
    page = of.files[path] + b"<p>https://ind.test/&#102;orm</p>"
    linkable = of.expected.linkable_hosts | {"ind.test"}
    files, before = {**of.files, path: page}, replace(of.expected, linkable_hosts=linkable)
    after = replace(before, retired={"japan": ("https://ind.test/form",)})
    gate = Gate(memo)

    assert gate.find_refusals((files, before)) == [[]]
    (found,) = gate.find_refusals((files, after))
    assert [refusal.path for refusal in found] == [path]


def test_trees_that_are_judged_together_get_the_verdicts_that_they_get_alone(drafts: Drafts) -> None:
    """Several trees that are judged together get the same verdicts as each tree alone."""
    trees = [
        (files, draft.expected)
        for files in (drafts.of["open", "quota_reached"].files, drafts.of["quota_reached", "open"].files)
        for draft in drafts.of.values()
    ]

    together = Gate(Memo()).find_refusals(*trees)

    assert list(map(sorted, together)) == [sorted(Gate(Memo()).find_refusals(tree)[0]) for tree in trees]
    assert sum(not refusals for refusals in together) == 2


class Lying(Memo):
    """A memo that says of every file that it has no addresses and no faults."""

    def find(self, key: str) -> object:  # noqa: ARG002 -- it says the same of all
        """Returns the false entry."""
        return [[], [], []]


def refusals(files: Mapping[str, bytes], of: Draft, memo: Memo) -> list[Refusal]:
    """Returns the refusals by a gate with this memo if the files of the draft are expected."""
    return sorted(Gate(memo).find_refusals((files, of.expected))[0])


def kept_quietly(path: str, of: Draft, memo: Memo) -> bool:
    """Returns True if the memo says that the file has no addresses and no faults."""
    canary = {CANARY: (CANARY_ADDRESS,)}
    return QuietFiles(memo, of.expected, canary, {}).find(path, of.files[path]) is not None
