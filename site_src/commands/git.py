"""Runs git without a terminal and with a time-out, and explains a failure in one message."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

LOCAL_SECONDS, NETWORK_SECONDS = 20.0, 60.0
# The names of the main branch. The first one that exists is used.
_BASES = ("origin/HEAD", "origin/main", "main")
# git sets these variables for hooks and merge drivers. With them, git would use a different index or folder.
_PLACES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")


class GitFailed(Exception):
    """Raised if git is not installed, does not end in time, or exits with an error. The text is a message for the user."""


class GitRefused(GitFailed):
    """Raised if git exits with an error. `printed` is its standard output; `output` is its standard error, then its standard output."""

    def __init__(self, word: str, printed: str, messages: str) -> None:
        self.printed, self.output = printed, messages + printed
        super().__init__(f"git {word} failed: {_find_reason(self.output)}")


class Git:
    """Runs git in the folder `root`. git cannot ask a question, so an operation that needs an answer fails."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def run(self, *words: str, seconds: float = LOCAL_SECONDS, env: Mapping[str, str] | None = None) -> str:
        """Runs git, and returns its standard output. Raises GitFailed."""
        try:
            # git gets its own session: it has no terminal for questions, and one signal ends it and the programs that it has started.
            process = subprocess.Popen(  # noqa: S603 - no word comes from outside
                ["git", *words],
                cwd=self._root,
                env=_environment() | dict(env or {}),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except FileNotFoundError:
            raise GitFailed("git is not installed.") from None
        except OSError as error:
            raise GitFailed(f"git could not be started: {error.strerror}.") from None
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise GitFailed(f"git {words[0]} did not end within {seconds:.0f} seconds.") from None
        finally:
            if process.poll() is None:
                with suppress(OSError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        if process.returncode:
            raise GitRefused(words[0], out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
        return out.decode("utf-8", "replace")

    def find(self, *words: str) -> str | None:
        """Runs git, and returns its standard output, or None if git exits with an error.

        Raises GitFailed if git is not installed or does not end in time.
        """
        try:
            return self.run(*words)
        except GitRefused:
            return None

    def list_own_files(self) -> frozenset[str]:
        """Returns the files below the folder that differ from the main branch, or are not committed. Paths are relative to the folder.

        Returns an empty set if the folder is not in a git repository, or git is not installed.
        """
        bases = (self._list("merge-base", "HEAD", base) for base in _BASES)
        base = next((found[0] for found in bases if found), "HEAD")
        changed = self._list("diff", "--name-only", "--relative", "-z", base)
        new = self._list("ls-files", "--others", "--exclude-standard", "-z")
        return frozenset((*changed, *new))

    def find_branch(self) -> str:
        """Returns the branch that is checked out, or "" if there is none."""
        return "".join(self._list("branch", "--show-current"))

    def find_user_name(self) -> str:
        """Returns the name of git's user, or "" if there is none. Does not wait longer than five seconds."""
        return "".join(self._list("config", "user.name", seconds=5.0))

    def _list(self, *words: str, seconds: float = LOCAL_SECONDS) -> list[str]:
        """Returns the fields that git prints, separated by NUL or a newline. Returns an empty list if git fails."""
        try:
            printed = self.run(*words, seconds=seconds)
        except GitFailed:
            return []
        return [field for field in printed.replace("\n", "\0").split("\0") if field]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _PLACES}
    return {
        **kept,
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_EDITOR": "true",
        "LC_ALL": "C",
    }


def _find_reason(output: str) -> str:
    """Returns the line of git's output that explains the failure, such as the one after `fatal:`."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    marked = [line for line in lines if line.startswith(("fatal:", "error:", "! "))]
    reason = (marked or lines or ["it gives no reason"])[0]
    return reason.removeprefix("fatal:").removeprefix("error:").strip().removesuffix(".") + "."
