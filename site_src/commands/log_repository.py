"""Commits and pushes the quota log, `quota_state.yaml`, and nothing else. Merges it with the events that other clones have pushed.

Changes no other file of the working tree, even if the server has a newer version of it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from site_src.commands.git import NETWORK_SECONDS, Git, GitFailed, GitRefused
from site_src.commands.log_commits import LogCommits
from site_src.file_lock import LONG_WAIT, SHORT_WAIT, Wait, lock_file
from site_src.quota.log_file import LogChanged, LogFile
from site_src.quota.merge import MergeRefused, merge_texts
from site_src.read.tree import STATE_FILE

GIT_LOCK = f".{STATE_FILE}.git.lock"
_PUSHES = 4
# git prints one of these if the server has commits that this clone does not have.
_BEHIND = ("non-fast-forward", "fetch first", "cannot lock ref")


class LogRepository:
    """Saves the log of the project in `root` to git. Local times in it are in `zone`. Only one process saves at a time."""

    def __init__(self, root: Path, zone: ZoneInfo) -> None:
        self._root, self._zone, self._git = root, zone, Git(root)
        self._commits = LogCommits(root, zone, self._git)

    def save(self, push: bool) -> tuple[str, ...]:
        """Commits the log if it has changed. With `push`, also merges the events of other clones into the log, and pushes it.

        Returns a message for each event that a merge left out. Raises GitFailed with a message, and OSError (LockHeld).
        """
        with lock_file(self._root / GIT_LOCK, Wait(LONG_WAIT)):
            self._commits.commit()
            return self._push() if push else ()

    def find_unsaved(self, push: bool) -> float | None:
        """Returns when the oldest unsaved change was made, in seconds since 1970, or None if every change is saved.

        A change is saved if it is committed; with `push`, if it is pushed. Raises GitFailed and OSError.
        """
        if self._git.run("status", "--porcelain", "--", STATE_FILE):
            return (self._root / STATE_FILE).stat().st_mtime
        times = self._git.find("log", "--format=%ct", "@{upstream}..HEAD", "--", STATE_FILE) if push else None
        return float(times.split()[-1]) if times else None

    def _push(self) -> tuple[str, ...]:
        branch, remote, place = self._find_upstream()
        commit, notes = "HEAD", list[str]()
        if self._git.find("rev-list", "--max-count=1", "@{upstream}..HEAD") == "":
            return ()
        for _ in range(_PUSHES):
            try:
                self._git.run(
                    "push", "--quiet", "--no-verify", remote, f"{commit}:{place}", seconds=NETWORK_SECONDS
                )
            except GitRefused as error:
                if not any(word in error.output for word in _BEHIND):
                    raise
            else:
                self._follow(branch, commit)
                return tuple(dict.fromkeys(notes))
            self._git.run("fetch", "--quiet", remote, seconds=NETWORK_SECONDS)
            notes += self._merge_log()
            commit = self._join(branch)
        raise GitFailed(
            f"{remote} received other commits during each of {_PUSHES} attempts to push. The next save tries again."
        )

    def _find_upstream(self) -> tuple[str, str, str]:
        """Returns the branch, its remote, and the branch of the remote to which it is pushed. Raises GitFailed."""
        branch = self._git.find_branch()
        if not branch:
            raise GitFailed("no branch is checked out, so the commit cannot be pushed. Type: git switch main")
        remote, place = (
            (self._git.find("config", f"branch.{branch}.{key}") or "").strip() for key in ("remote", "merge")
        )
        if not remote or not place:
            raise GitFailed(
                f"the branch {branch} has no upstream. Type: git push --set-upstream origin {branch}"
            )
        return branch, remote, place

    def _merge_log(self) -> tuple[str, ...]:
        """Merges the upstream's events into `quota_state.yaml`, and commits the file. Returns a message for each omitted event."""
        base = (self._git.find("merge-base", "HEAD", "@{upstream}") or "").strip()
        known = self._git.find("show", f"{base}:./{STATE_FILE}") if base else None
        theirs = self._git.run("show", f"@{{upstream}}:./{STATE_FILE}")
        try:
            log_file = LogFile(self._root)
            with log_file.lock(Wait(SHORT_WAIT)):
                version, before = log_file.version(), log_file.read()
                merged = merge_texts(known, before.decode(), theirs, self._zone, datetime.now(UTC))
                if merged.text.encode() != before:
                    log_file.replace(merged.text, version)
        except MergeRefused as refused:
            raise GitFailed(f"the events here and those on the server cannot be merged: {refused}") from None
        except LogChanged:
            raise GitFailed(
                f"{STATE_FILE} was changed during the merge, so nothing was pushed. The next save tries again."
            ) from None
        self._commits.commit()
        return merged.notes

    def _join(self, branch: str) -> str:
        """Creates a merge commit of HEAD and the upstream, with the log of HEAD, and returns its id. Leaves the working tree unchanged."""
        prefix = self._git.run("rev-parse", "--show-prefix").strip()
        try:
            tree = self._git.run("merge-tree", "--write-tree", "-z", "--name-only", "HEAD", "@{upstream}")
        except GitRefused as error:
            tree, *names = error.printed.split("\0")
            if "" not in names:
                raise
            conflicts = names[: names.index("")]
            if others := sorted(set(conflicts) - {prefix + STATE_FILE}):
                raise GitFailed(
                    f"this host and the server have changed {', '.join(others)} differently. Type: git pull --no-rebase"
                ) from None
        with TemporaryDirectory() as folder:
            env = {"GIT_INDEX_FILE": f"{folder}/index"}
            self._git.run("read-tree", tree.split("\0")[0], env=env)
            entry = (
                f"100644,{self._git.run('rev-parse', f'HEAD:./{STATE_FILE}').strip()},{prefix}{STATE_FILE}"
            )
            self._git.run("update-index", "--add", "--cacheinfo", entry, env=env)
            whole = self._git.run("write-tree", env=env).strip()
        message = f"Merge {branch} of the server with the events of this host"
        words = ("commit-tree", whole, "-p", "HEAD", "-p", "@{upstream}", "-m", message)
        return self._git.run(*words, env=self._commits.identity()).strip()

    def _follow(self, branch: str, commit: str) -> None:
        """Moves the branch to the pushed commit if no file differs, so that the next push needs no merge."""
        if commit != "HEAD" and self._git.find("diff", "--quiet", "HEAD", commit) is not None:
            self._git.run("update-ref", f"refs/heads/{branch}", commit, "HEAD")
