"""Commits the quota log, `quota_state.yaml`, and nothing else."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

from site_src.commands.git import Git, GitFailed, GitRefused
from site_src.instants import local_text
from site_src.quota.log import Event, Log
from site_src.quota.log_file import LogFile
from site_src.quota.separate_logs import find_keys, read_each_log
from site_src.read.tree import STATE_FILE

_INDEX_SECONDS, _BREATH = 10.0, 0.25


class LogCommits:
    """Commits the log of the project in `root`. Local times in it are in `zone`."""

    def __init__(self, root: Path, zone: ZoneInfo, git: Git) -> None:
        self._root, self._zone, self._git = root, zone, git

    def commit(self) -> None:
        """Commits the log if it has changed, with its events in the message. Raises GitFailed and OSError."""
        self._git.run("rev-parse", "--is-inside-work-tree")
        if not self._git.run("ls-files", "--", STATE_FILE):
            self._git.run("add", "--", STATE_FILE)
        if not self._git.run("status", "--porcelain", "--", STATE_FILE):
            return
        text = LogFile(self._root).read().decode("utf-8", "replace")
        before, after = self._read(self._git.find("show", f"HEAD:./{STATE_FILE}") or ""), self._read(text)
        if broken := sorted(id for id, log in after.items() if log is None):
            raise GitFailed(f"{STATE_FILE} is not committed, because it has mistakes in {', '.join(broken)}.")
        events = [(id, event) for id, log in after.items() for event in _new_events(log, before.get(id))]
        gone = [(id, event) for id, log in before.items() for event in _new_events(log, after.get(id))]
        self._commit_file(self._write_message(events, gone), [event.by for _, event in events if event.by])

    def _read(self, text: str) -> Mapping[str, Log | None]:
        readings = read_each_log(text, find_keys(text), self._zone)
        return {id: reading.log for id, reading in readings.items()}

    def _write_message(self, events: list[tuple[str, Event]], gone: list[tuple[str, Event]]) -> str:
        what = [(f"{id}: {event.state}", event) for id, event in events]
        what += [(f"{id}: removed {event.state}", event) for id, event in gone]
        lines = [f"{words} from {local_text(event.starts, self._zone)}" for words, event in what]
        first, *others = lines or ["Edit the quota log"]
        return "\n".join([first, "", *others]) if others else first

    def _commit_file(self, message: str, authors: list[str]) -> None:
        """Commits the file alone. Other staged changes stay staged."""
        *others, author = dict.fromkeys(_as_name(name) for name in authors) or [""]
        trailers = "".join(f"\nCo-authored-by: {name} <>" for name in others)
        words = ["commit", "--quiet", "--no-verify", "--message", f"{message}\n{trailers}".removesuffix("\n")]
        words += [f"--author={author} <>"] if author else []
        end = time.monotonic() + _INDEX_SECONDS
        while True:
            try:
                self._git.run(*words, "--only", "--", STATE_FILE, env=self.identity())
            except GitRefused as error:
                if "index.lock" not in error.output:
                    raise
                if time.monotonic() > end:
                    raise GitFailed(
                        "the index is locked by another git command. If no git command is running: rm .git/index.lock"
                    ) from None
                time.sleep(_BREATH)
            else:
                return

    def identity(self) -> Mapping[str, str]:
        """Returns environment variables with a name for commits, or an empty mapping if git already has one."""
        if self._git.find("config", "user.email") or os.environ.get("GIT_COMMITTER_EMAIL"):
            return {}
        names = {f"GIT_{role}_NAME": "Quotabord" for role in ("AUTHOR", "COMMITTER")}
        return names | {f"GIT_{role}_EMAIL": "quotabord@localhost" for role in ("AUTHOR", "COMMITTER")}


def _new_events(log: Log | None, before: Log | None) -> list[Event]:
    return [event for event in log or () if event not in (before or ())]


def _as_name(by: str) -> str:
    """Returns `by` in the form that git accepts as a name."""
    return "".join(character for character in by if character not in "<>\n").strip(" .,:;\"'") or "somebody"
