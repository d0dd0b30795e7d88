"""`build`: from files to pages, as a user runs it."""

from __future__ import annotations

from tests.project import NOON, Project


def test_builds_the_small_site(project: Project) -> None:
    """A first build makes every page of both languages, and says which links are shown."""
    done = project.run("build", "--at", NOON)

    assert (done.returncode, done.stderr) == (0, "")
    assert "japan: quota_reached, link hidden" in done.stdout
    assert "south-korea: open, link shown" in done.stdout
    pages = {path for path in project.published() if path.endswith("index.html")}
    assert pages == {"index.html"} | {
        f"{language}/{page}index.html"
        for language in ("en", "nl")
        for page in ("", "japan/", "south-korea/", "status/")
    }
