"""If a template, a static file or the code leaks an address, a real build writes nothing and exits with 3."""

from __future__ import annotations

import base64
import gzip
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.commands import Done, command
from tests.support.project import NOON, REPOSITORY, Project, make_project

JAPAN = "https://start.request.test/japan/en"
PERCENT = "".join(f"%{byte:02x}" for byte in JAPAN.encode())
ENTITIES = "".join(f"&#{byte};" for byte in JAPAN.encode())
HIDDEN = base64.b64encode(JAPAN.encode()).decode()
EN_AND_NL = ("en", "nl")
PAGES = {
    f"{code}/{page}" for code in EN_AND_NL for page in ("index.html", "japan/index.html", "south-korea/index.html", "status/index.html")
}  # fmt: skip
NOT_FOUND = {"404.html", *(f"{code}/404.html" for code in EN_AND_NL)}


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The small site, published while Japan was open."""
    project = make_project(tmp_path_factory.mktemp("published") / "project")
    assert command(project, "build", "--at", "2026-04-01 10:00").returncode == 0
    assert JAPAN.encode() in project.published()["en/japan/index.html"]
    return project


@pytest.fixture
def own_design(published: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A copy of the published site for one test, with templates and static files that the test may break."""
    project = Project(tmp_path / "project")
    shutil.copytree(published.root, project.root, symlinks=True)
    for folder in ("templates", "static"):
        shutil.copytree(REPOSITORY / "site_src/render" / folder, project.root / "site_src/render" / folder)
    monkeypatch.setattr("site_src.render.templating._HERE", project.root / "site_src/render")
    return project


@pytest.fixture
def own_code(published: Project, tmp_path: Path) -> Project:
    """A copy of the published site for one test, with code that the test may break. The code runs in its own process."""
    shutil.copytree(published.root, tmp_path / "project", symlinks=True)
    shutil.copytree(REPOSITORY / "site_src", tmp_path / "project/site_src")
    return Project(tmp_path / "project")


Run = Callable[..., Done | subprocess.CompletedProcess[str]]


def refusals(project: Project, run: Run = command) -> list[tuple[str, str]]:
    """Returns the file and the reason of each refusal. Fails if the build is not refused or changes the published site."""
    before = project.published(), (project.root / "dist").readlink()
    done = run(project, "build", "--at", NOON)

    assert (done.returncode, done.stdout) == (3, ""), done.stderr
    assert (project.published(), (project.root / "dist").readlink()) == before
    *lines, last = done.stderr.splitlines()
    assert last.startswith("The gate refused the output (")
    assert lines
    assert all(line.startswith("gate: ") for line in lines)
    found = [line.removeprefix("gate: ").partition(": ") for line in lines]
    return [(path, sentence) for path, _, sentence in found]


# The template, the text in it that is replaced by a leak, and the published files that then leak.
TEMPLATES = {
    "frame-comment": ("base.html", "<body>", f"<body><!-- {JAPAN} -->", {*PAGES, *NOT_FOUND, "index.html"}),
    "frame-link": ("base.html", "</main>", f'<p title="{JAPAN}">Ask</p></main>', {*PAGES, *NOT_FOUND}),
    "page-in-percent": ("page.html", "<h1>", f'<p class="{PERCENT}">x</p><h1>', PAGES),
    "home-in-entities": ("home.html", "<h3>", f'<i title="{ENTITIES}">x</i><h3>', {"en/index.html", "nl/index.html"}),
    "programme-in-base64": (
        "programme.html",
        "{% block above %}",
        f"{{% block above %}}<p>{HIDDEN}</p>",
        {path for path in PAGES if "japan" in path or "korea" in path},
    ),
    "status-split-by-tags": (
        "status.html",
        "{% block below %}",
        "{% block below %}<p>start.<b>request</b>.test</p>",
        {"en/status/index.html", "nl/status/index.html"},
    ),
    "not-found-in-json": (
        "404.html",
        "</h1>",
        '</h1><p title="' + json.dumps(JAPAN).replace("/", "\\/").replace('"', "") + '">x</p>',
        NOT_FOUND,
    ),
    "language-choice-in-capitals": ("languages.html", "</h1>", f"</h1><p>{JAPAN.upper()}</p>", {"index.html"}),
    "notice-of-the-programme": (
        "parts.html",
        '<section class="quota-notice"',
        f'<section title="{JAPAN}" class="quota-notice"',
        {path for path in PAGES if "japan" in path or "korea" in path},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_leaks_is_refused(own_design: Project, name: str) -> None:
    """If a template leaks an address, the gate names each file made from it, the programme, and the text around the address."""
    template, old, new, paths = TEMPLATES[name]
    own_design.replace(f"site_src/render/templates/{template}", old, new)

    leaks = [(path, sentence) for path, sentence in refusals(own_design) if sentence.startswith("japan: ")]
    assert {path for path, _ in leaks} == paths
    for _, sentence in leaks:
        assert sentence.startswith("japan: shows the conversation starter, which must be hidden now: ")
        assert "start.request.test" in sentence


STATIC = {
    "style-sheet": ("style.css", f"/* {JAPAN} */".encode()),
    "style-sheet-in-escapes": ("style.css", "".join(f"\\{byte:x} " for byte in JAPAN.encode()).encode()),
    "icon": ("icon.svg", f"<!-- {JAPAN} -->".encode()),
    "new-text": ("list.txt", JAPAN.encode()),
    "unknown-ending": ("data.xyz", HIDDEN.encode()),
    "no-ending": ("data", JAPAN.encode("utf-16")),
    "packed": ("list.gz", gzip.compress(JAPAN.encode())),
    "picture": ("picture.png", b"\x89PNG\r\n\x1a\n\0\xff\xfe\xfd" + JAPAN.encode() + bytes(range(256))),
}


@pytest.mark.parametrize("name", STATIC)
def test_a_static_file_that_leaks_is_refused(own_design: Project, name: str) -> None:
    """If a static file with any extension leaks an address, the gate names the file."""
    file, leak = STATIC[name]
    path = own_design.root / "site_src" / "render" / "static" / file
    own_design.write(f"site_src/render/static/{file}", (path.read_bytes() if path.exists() else b"") + leak)

    leaks = [(place, sentence) for place, sentence in refusals(own_design) if sentence.startswith("japan: ")]
    ((place, sentence),) = leaks
    assert place.startswith(f"assets/{path.stem}.")
    assert sentence.startswith("japan: shows the conversation starter")


# Faults in code and templates that decide or render what is shown. The gate does not depend on these modules.
WRONG = {
    "every-state-shows-the-link": (
        "states.py",
        "frozenset({State.OPEN, State.PLACES_AVAILABLE})",
        "frozenset(State)",
        "japan: shows the conversation starter",
    ),
    "no-state-shows-the-link": (
        "states.py",
        "frozenset({State.OPEN, State.PLACES_AVAILABLE})",
        "frozenset()",
        "south-korea: does not have the conversation starter, which must be shown while the state is open.",
    ),
    "the-state-is-turned-round": (
        "quota/decision.py",
        "not in STATES_WITH_LINK",
        "in STATES_WITH_LINK",
        "japan: shows the conversation starter",
    ),
    "the-notice-is-another-states": (
        "render/templates/parts.html",
        'data-state="{{ status.state }}" aria',
        'data-state="open" aria',
        "japan: must have exactly one quota notice, quota_reached, but has ",
    ),
    "the-notice-is-there-twice": (
        "render/templates/programme.html",
        "{% block above %}",
        '{% block above %}<section class="quota-notice" data-programme="{{ page.programme }}" data-state="open"></section>',
        "japan: must have exactly one quota notice, quota_reached, but has ",
    ),
    "the-link-is-another-languages": (
        "render/templates/parts.html",
        "status.link.addresses[language.code]",
        "status.link.addresses['en']",
        'south-korea: has a conversation starter that leads to "https://start.request.test/south-korea/en" instead of',
    ),
    "the-notice-has-another-states-title": (
        "render/templates/parts.html",
        "{{ mark(status.state) }}{{ answer(language, status) }}</h2>",
        "{{ mark(status.state) }}Pre-registration is open</h2>",
        "japan: the notice's heading is not the title of the notice for quota_reached.",
    ),
    "the-notice-has-another-states-text": (
        "render/templates/parts.html",
        "{{ notice.body|safe }}",
        "<p>You can ask for pre-registration.</p>",
        "japan: the notice's text is not the text of the notice for quota_reached.",
    ),
    "the-reason-for-no-link-is-another-states": (
        "render/templates/parts.html",
        '<a href="#quota-notice">{{ language.notices[status.id].title }}</a>',
        '<a href="#quota-notice">Pre-registration is suspended</a>',
        "japan: the text in place of the link is not the text for quota_reached.",
    ),
    "the-page-has-another-states-title": (
        "render/templates/programme.html",
        "{% block title %}{{ language.state_labels[status.state] }}",
        '{% block title %}{{ language.state_labels["open"] }}',
        "japan: the title of the page does not name the state quota_reached.",
    ),
    "the-cards-say-open": (
        "render/templates/home.html",
        "{{ parts.state_tag(language, status.state) }}",
        '{{ parts.state_tag(language, "open") }}',
        "does not say that the state of japan is quota_reached.",
    ),
    "the-cards-say-open-in-words-alone": (
        "render/templates/home.html",
        "{{ parts.state_tag(language, status.state) }}",
        '<strong class="state" data-state="{{ status.state }}">Open</strong>',
        "does not say that the state of japan is quota_reached.",
    ),
    "the-history-is-another-ones": (
        "render/templates/parts.html",
        "{{ mark(change.state) }}{{ language.state_labels[change.state] }}",
        "{{ mark(change.state) }}Open",
        "does not list the changes of japan that are in the quota log.",
    ),
    "the-picture-says-open": (
        "render/templates/parts.html",
        "state=language.state_labels[status.state]) }}</text>",
        'state=language.state_labels["open"]) }}</text>',
        "has a timeline that shows a different state.",
    ),
    "search-engines-hear-in-stock": (
        "render/surfaces/structured_data.py",
        "if status.since and isinstance(status.link, LinkShown):",
        "if status.since:",
        "japan: says InStock to search engines instead of SoldOut.",
    ),
    "the-feed-says-open": (
        "render/templates/feed.xml",
        "language.state_labels[change.state]",
        'language.state_labels["open"]',
        "does not list the changes of the programme that are in the quota log.",
    ),
    "the-feed-lacks-the-last-change": (
        "render/templates/feed.xml",
        "{% for change in changes %}",
        "{% for change in changes[1:] %}",
        "does not list the changes of the programme that are in the quota log.",
    ),
    "the-embed-has-another-states-title": (
        "render/templates/embed.html",
        "state=notice.label",
        'state=language.state_labels["open"]',
        "japan: the title of the page does not name the state quota_reached.",
    ),
    "the-embed-has-another-states-heading": (
        "render/templates/embed.html",
        "{{ parts.mark(status.state) }}{{ parts.answer(language, status) }}",
        "{{ parts.mark(status.state) }}Pre-registration is open",
        "japan: the notice's heading is not the title of the notice for quota_reached.",
    ),
    "the-notice-has-another-states-label": (
        "render/templates/parts.html",
        '<p class="label">{{ notice.label }}</p>',
        '<p class="label">{{ language.state_labels["open"] }}</p>',
        "japan: the notice's text is not the text of the notice for quota_reached.",
    ),
    "the-choice-of-language-says-open": (
        "render/templates/languages.html",
        "state=other.notices[status.id].label",
        'state=other.state_labels["open"]',
        "does not name each programme's state in each language.",
    ),
    "a-style-sheet-of-a-listed-host": (
        "render/templates/base.html",
        "</head>",
        '<link rel="stylesheet" href="https://ind.nl/a.css"></head>',
        "loads from ind.nl, but published files must not load anything from other hosts.",
    ),
    "a-script": ("render/templates/base.html", "</body>", '<script src="/a.js"></script></body>', "has the element <script>"),
    "a-foreign-host": ("render/static/style.css", ":root", '@import "https://evil.test/a.css";:root', "leads to evil.test"),
}  # fmt: skip


CODE = [name for name, (file, *_) in WRONG.items() if file.endswith(".py")]


@pytest.mark.parametrize("name", CODE)
def test_code_that_goes_wrong_is_refused(own_code: Project, name: str) -> None:
    """The gate refuses what faulty code shows or hides, because it derives by itself what must be shown and hidden."""
    file, old, new, sentence = WRONG[name]
    own_code.replace(f"site_src/{file}", old, new)

    assert [found for _, found in refusals(own_code, Project.run) if found.startswith(sentence)]


@pytest.mark.parametrize("name", [name for name in WRONG if name not in CODE])
def test_a_template_that_goes_wrong_is_refused(own_design: Project, name: str) -> None:
    """The gate refuses pages if a faulty template or static file shows a different state from the one in the log."""
    file, old, new, sentence = WRONG[name]
    own_design.replace(f"site_src/{file}", old, new)

    assert [found for _, found in refusals(own_design) if found.startswith(sentence)]


# Faults that make the scan find nothing, or miss one encoding. The pages do not leak.
BLIND = {
    "finds-nothing": ("scan/addresses.py", "if needle not in found and", "if False and"),
    "has-no-needles": ("scan/addresses.py", "enumerate(sorted(found,", "enumerate(sorted({},"),
    "selects-no-needles": ("scan/needles.py", "while at >= 0:", "while False:"),
    "reads-only-the-raw-text": ("scan/decoding.py", "if depth < DEPTH:", "if False:"),
    "reads-no-percent-signs": ("scan/decoding.py", 'if "%" in text:', "if False:"),
    "reads-no-entities": ("scan/decoding.py", "if _ENTITY.search(text):", "if False:"),
    "reads-no-base64": ("scan/decoding.py", "if not run.islower():", "if False:"),
    "reads-no-utf-16": ("scan/unpacking.py", 'if "\\0" in text or "\\ufffd" in text:', "if False:"),
    "unpacks-nothing": ("scan/unpacking.py", 'data.startswith(b"\\x1f\\x8b")', "False"),
    "sees-no-tags": ("scan/folding.py", 'if "<" in text:', "if False:"),
    "sees-no-full-width-letters": ("scan/folding.py", "text.translate(_PLAIN)", "text.lower()"),
    "excuses-everything": ("scan/addresses.py", "        if not self._open_hosts:\n            return text", "        if True:\n            return ''"),
}  # fmt: skip


@pytest.mark.parametrize("name", BLIND)
def test_a_scan_that_is_blind_is_refused(own_code: Project, name: str) -> None:
    """The gate refuses a build if the scan misses an address that the gate planted to test it, even if nothing leaks."""
    file, old, new = BLIND[name]
    own_code.replace(f"site_src/{file}", old, new)

    found = refusals(own_code, Project.run)
    assert {path.split("/")[0] for path, _ in found} == {"canary"}
    for _, sentence in found:
        assert (
            sentence
            == "was inserted to test the scan, but the scan did not find it. Nothing is published. Report this."
        )


@pytest.mark.parametrize("form", ["json", "github"])
def test_machines_get_the_refusal_as_well(own_design: Project, form: str) -> None:
    """With `--format json` and `--format github`, a refusal names the file, the programme and the reason, and exits with 3."""
    own_design.replace("site_src/render/templates/home.html", "<h3>", f"<!-- {JAPAN} --><h3>")
    done = command(own_design, "build", "--at", NOON, "--format", form)

    assert done.returncode == 3
    if form == "json":
        refused = [(one["path"], one["programme"]) for one in json.loads(done.stdout)["refusals"]]
        assert {("en/index.html", "japan"), ("nl/index.html", "japan")} <= set(refused)
    else:
        assert all(line.startswith("::error title=gate::") for line in done.stdout.splitlines())
        assert "::error title=gate::en/index.html: japan: shows the conversation starter" in done.stdout


def test_check_refuses_what_build_refuses(own_design: Project) -> None:
    """`check` runs the gate too, and refuses what `build` refuses."""
    own_design.replace("site_src/render/templates/home.html", "<h3>", f"<!-- {JAPAN} --><h3>")
    done = command(own_design, "check", "--at", NOON)

    assert done.returncode == 3
    assert "gate: en/index.html: japan: shows the conversation starter" in done.stderr
