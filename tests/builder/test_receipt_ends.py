"""A build is not skipped as unchanged once the same build would be refused."""

from __future__ import annotations

from datetime import UTC, datetime

from site_src.builder import Builder
from site_src.check.dates import find_next_change
from site_src.read.tree import load_tree
from tests.support.project import Project


def test_the_end_of_security_txt_is_a_change(project: Project) -> None:
    """The moment at which security.txt expires, in UTC, counts as the next change of the site."""
    before = datetime(2027, 1, 31, 23, 30, tzinfo=UTC)
    settings = project.root / "content/site.yaml"
    inputs = Builder().read(load_tree(project.root)).inputs()
    security = inputs.manuscript.content.settings.security
    assert security is None or security.expires != before.date()
    text = settings.read_text()
    start = text.index("security:") if "security:" in text else len(text)
    settings.write_text(
        f"{text[:start]}security:\n  mode: file\n  contact: [mailto:security@ind.nl]\n  expires: 2027-02-01\n"
    )
    inputs = Builder().read(load_tree(project.root)).inputs()

    assert find_next_change(inputs, before) == datetime(2027, 2, 1, tzinfo=UTC)
