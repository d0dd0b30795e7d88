"""`Project`: the folder with `content/`, `quota_state.yaml` and `local.yaml`, through which commands read these files."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from site_src.local_file import LOCAL_FILE, find_target
from site_src.problems import InputRefused, Problem

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from site_src.read.input_keys import Settings
    from site_src.read.local import Local, StoreSettings
    from site_src.read.tree import Tree

_MAX_BYTES_OF_LOCAL = 1024 * 1024  # the same limit as in `read.tree`


@dataclass(frozen=True, slots=True)
class Project:
    """The project in the folder `root`.

    Each method reads the disk again, because people edit the files while a command runs. A method imports the modules
    that it needs when it is called, because a closing must hide the link before it loads anything slow.
    """

    root: Path

    @property
    def dist(self) -> Path:
        """Returns the folder that `build` creates."""
        return self.root / "dist"

    @property
    def keys(self) -> Path:
        """Returns the folder with the roots of the keys that sign releases. The folder may not exist."""
        return self.root / "keys"

    def load_tree(self, *places: str) -> Tree:
        """Returns all inputs, or only the files and folders in `places`."""
        from site_src.read.tree import load_tree

        return load_tree(self.root, places) if places else load_tree(self.root)

    def read_settings(self) -> Settings | None:
        """Returns the settings in `content/site.yaml`, or None if they have a mistake."""
        from site_src.read.reader import Reader
        from site_src.read.settings import SETTINGS_FILE, read_settings

        return read_settings(Reader(self.load_tree(SETTINGS_FILE)))

    def read_zone(self) -> ZoneInfo:
        """Returns the site's time zone. Raises InputRefused if the settings do not contain it."""
        from site_src.read.reader import Reader
        from site_src.read.settings import SETTINGS_FILE, find_zone, read_settings

        reader = Reader(self.load_tree(SETTINGS_FILE))
        settings = read_settings(reader)
        zone = settings.zone if settings else find_zone(reader.tree)
        if zone is None:
            raise InputRefused(reader.report.problems)
        return zone

    def find_target(self) -> str | None:
        """Returns the target in `local.yaml`, or None if there is none. Does not parse the file as YAML.

        Never waits, not even for a named pipe.
        """
        try:
            descriptor = os.open(self.root / LOCAL_FILE, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
            try:
                return find_target(os.read(descriptor, _MAX_BYTES_OF_LOCAL).decode(errors="replace"))
            finally:
                os.close(descriptor)
        except OSError:
            return None

    def read_local(self) -> tuple[Local | None, tuple[Problem, ...]]:
        """Returns the settings in `local.yaml`, and the problems of the file.

        The settings are None if they are not valid. If there is no file, returns None and no problems.
        """
        from site_src.read.local import read_local

        return read_local(self.load_tree(LOCAL_FILE))

    def require_local(self) -> Local | None:
        """Returns the settings in `local.yaml`, or None if there is no file. Raises InputRefused if the file has problems."""
        local, problems = self.read_local()
        if problems:
            raise InputRefused(problems)
        return local

    def read_store_settings(self) -> tuple[StoreSettings, tuple[Problem, ...]]:
        """Returns the settings for reaching the bucket, and the problems of that part of `local.yaml`. Returns the defaults
        if there is no file.
        """
        from site_src.read.local import read_store_settings

        return read_store_settings(self.load_tree(LOCAL_FILE))
