"""Files that programs leave beside the pages are ignored. Files that a person may have made as pages are not."""

from __future__ import annotations

import pytest

from site_src.builder import Builder
from site_src.read.tree import is_ignored, load_tree
from tests.support.project import Project

LEFT = (
    *(
        "status.md___jb_bak___",
        "5036",
        "~$status.md",
        "THUMBS.DB",
        "Desktop.ini",
        "status.md.ORIG",
        "status.md.old",
    ),
    *(
        "status.md.save.2",
        "status.md.sb-0f0f0f0f-Ab1Cd2",
        "~syncthing~status.md.tmp",
        "sedX1y2Z3",
        "status.md.part",
    ),
    *("status.md.swo", "#status.md#", ".#status.md", "__MACOSX", "status.md.kate-swp", "Icon\r"),
)
NOT_LEFT = (
    "Status.md",
    "photo.jpg",
    "404",
    "2027",
    "4914",
    "sediment",
    "tmp",
    "old.md",
    "bak.md",
    "notes.txt",
    "a~b.md",
)


@pytest.mark.parametrize("name", LEFT)
def test_what_a_program_leaves_is_ignored(name: str) -> None:
    """The temporary, backup, lock and metadata files of programs are not inputs."""
    assert is_ignored(name)


@pytest.mark.parametrize("name", NOT_LEFT)
def test_what_a_person_named_is_not(name: str) -> None:
    """A file whose name a person may have chosen is not ignored."""
    assert not is_ignored(name)


def test_they_stop_nothing(project: Project) -> None:
    """A site has no problems if all of these files are beside its pages."""
    for name in LEFT:
        project.write(f"content/en/{name}", "x")

    assert Builder().read(load_tree(project.root)).problems == ()
