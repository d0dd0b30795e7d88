"""The repository's own content and quota log, copied so that a test may change them."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.support.project import REPOSITORY, Project


@dataclass(frozen=True)
class RealSite(Project):
    """A project with the repository's present content. Its languages and programmes come from its own files."""

    @property
    def languages(self) -> list[str]:
        """The codes of its languages, the default one first."""
        return [str(code) for code in self._read("content/site.yaml")["languages"]]

    @property
    def programmes(self) -> list[str]:
        """The ids of its programmes."""
        return sorted(file.stem for file in (self.root / "content/programmes").iterdir())

    def addresses(self, programme: str) -> dict[str, str]:
        """Maps each language of the site to the address of the programme's conversation starter."""
        typed = self._read(f"content/programmes/{programme}.yaml")["conversation_starter"]
        return {code: str(typed.get(code, typed[self.languages[0]])) for code in self.languages}

    def _read(self, path: str) -> Any:
        return yaml.safe_load((self.root / path).read_text(encoding="utf-8"))


def copy_of_repository(folder: Path) -> RealSite:
    """Copies the repository as a project that may be changed."""
    shutil.copytree(REPOSITORY / "content", folder / "content")
    for name in ("build.py", "quota_state.yaml"):
        shutil.copy(REPOSITORY / name, folder)
    return RealSite(folder)
