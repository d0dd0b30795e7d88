"""The steps of docs/adopting.md, followed word for word, make another organisation's site."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.support.project import REPOSITORY, Project

PAGE = (REPOSITORY / "docs" / "adopting.md").read_text(encoding="utf-8")
FILE = re.compile(r"^`([^`\n]+)`:\n\n```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^ {4}\$ (.+)$", re.MULTILINE)


def list_steps() -> Iterator[tuple[str, ...]]:
    """Returns the steps of the page in order: `(command,)` or, for a file, `(path, kind, text)`."""
    found = [(match.start(), (match[1],)) for match in COMMAND.finditer(PAGE)]
    files = [(match.start(), (match[1], match[2], match[3])) for match in FILE.finditer(PAGE)]
    yield from (step for _, step in sorted([*found, *files], key=lambda item: item[0]))


def clone(folder: Path) -> Project:
    """Copies what a build needs, including the code, as a new clone has it."""
    for name in ("content", "site_src", "schemas"):
        shutil.copytree(REPOSITORY / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("build.py", "quota_state.yaml"):
        shutil.copy(REPOSITORY / name, folder)
    return Project(folder)


def change(project: Project, path: str, diff: str) -> None:
    """Replaces each line of the file that begins with `-` in `diff` by the lines with `+` below it."""
    for old, new in re.findall(r"^-(.*\n)((?:\+.*\n)+)", diff, re.MULTILINE):
        project.replace(path, old, re.sub(r"^\+", "", new, flags=re.MULTILINE))


def test_the_page_makes_a_site(tmp_path: Path) -> None:
    """If every step except `make` and `serve` is done as written, the site has no errors.

    A build hides the closed link, and the preview shows it.
    """
    project = clone(tmp_path / "our-site")
    environment = {**project.environment(), "PYTHONPATH": ""}
    done = []
    for path, *file in list_steps():
        if file:
            kind, text = file
            change(project, path, text) if kind == "diff" else project.write(path, text)
        elif path.startswith("python build.py") and "serve" not in path:
            result = project.run(*path.split()[2:], env={"PYTHONPATH": ""})
            assert result.returncode == 0, result.stdout + result.stderr
            done.append(result.stdout + result.stderr)
        elif not path.startswith(("cd ", "make ", ". ", "python ")):
            subprocess.run(path, shell=True, cwd=project.root, env=environment, check=True)  # noqa: S602 - the page's own words

    checked, built, preview = done
    assert "0 errors" in checked
    assert "chile: quota_reached, link hidden" in built
    assert "chile: open, link shown (preview)" in preview
    assert not list(project.root.glob("content/*/japan.md"))
    site = project.published()
    assert {"en/index.html", "en/chile/index.html", "es/index.html", "es/chile/feed.xml"} <= set(site)
    assert not [path for path, content in site.items() if b"apply.example" in content]
    page = site["en/chile/index.html"].decode()
    assert "(New Zealand time)" in page
    assert "(time in Chile)" in page
    assert "Pacific/Auckland" in built
    assert b"apply.example" in (project.root / "preview/en/chile/index.html").read_bytes()
    assert [path for path in site if path.startswith("assets/logo.")]
    assert b"#00483a" in next(content for path, content in site.items() if path.startswith("assets/style."))
    assert not [
        path
        for path, content in site.items()
        if b"Japan" in content or b"Dutch" in content or b"IND" in content
    ]
