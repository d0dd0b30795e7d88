"""`review`: makes a folder with the pages before and after a change, with pictures, for people without git or Python."""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryDirectory

from site_src.commands.git import Git, GitFailed
from site_src.commands.output import pluralize, say
from site_src.commands.screenshots import find_browser, take_picture
from site_src.exit_codes import DONE, WrongUse
from site_src.preview.differences import compare_sites
from site_src.preview.offline import write_offline
from site_src.preview.review import AS_IT_IS, Affected, estimate_height, group_pages, review_page, summarize
from site_src.read.project import Project
from site_src.states import State

# The same for both sites, so that addresses do not differ. It has no path, so that links are relative to one folder.
_BASE_URL = "https://review.example"
_STATES = (AS_IT_IS, *State)
# A picture takes about a second. The folders of both sites also contain the pages without a picture.
_MAX_PICTURES = 48


def run(options: argparse.Namespace, project: Project) -> int:
    """Makes the folder, prints what differs, and returns 0. If a build fails, returns its exit code and makes no folder.

    Each version is built by its own code, for the same moment. Raises WrongUse if the commit does not exist, or the folder exists.
    """
    out = _check_out(options.out)
    instant = f"{datetime.now(UTC):%Y-%m-%d %H:%M}+00:00"
    with TemporaryDirectory(prefix="review-") as scratch:
        before, review = Path(scratch) / "project", Path(scratch) / "review"
        _export(Git(project.root), options.against, before)
        sites: dict[tuple[str, str], dict[str, bytes]] = {}
        for side, folder in (("before", before), ("after", project.root)):
            for state in _STATES:
                site = _folder(Path(scratch) / "sites", side, state)
                site.parent.mkdir(exist_ok=True)
                if code := _build(folder, site, instant, state):
                    say(f"The site {side} the change cannot be built; see above.")
                    return code
                sites[side, state] = _read(site)
                write_offline(_folder(review, side, state), sites[side, state])
        differences = {
            state: compare_sites(sites["before", state], sites["after", state]) for state in _STATES
        }
        pages, about = _take_pictures(review, group_pages(differences))
        _write_review(review, pages, {"against": options.against, "instant": instant, "pictures": about})
        shutil.copytree(review, out)
    lines = summarize(pages, _STATES)
    print(*lines, about, f"Pages that differ: {len(pages)}. Open {options.out}/index.html", sep="\n")
    return DONE


def _check_out(given: str) -> Path:
    out = Path(given).absolute()
    if out.exists() or out.is_symlink():
        raise WrongUse(f"--out: {given} already exists. Delete it, or name another folder.")
    if not out.parent.is_dir():
        raise WrongUse(f"--out: {out.parent} is not a folder. Make it first: mkdir -p {out.parent}")
    return out


def _write_review(review: Path, pages: list[Affected], about: Mapping[str, str]) -> None:
    """Writes the page of the review, and its summary as Markdown."""
    (review / "index.html").write_bytes(review_page(pages, _STATES, about))
    listed = [f"- {line}" for line in summarize(pages, _STATES)]
    summary = [f"# What changed since {about['against']}", "", *listed, "", about["pictures"]]
    (review / "summary.md").write_text("\n".join(summary) + "\n", encoding="utf-8")


def _folder(review: Path, side: str, state: str) -> Path:
    return review / (f"{side}.{state}" if state else side)


def _take_pictures(review: Path, pages: list[Affected]) -> tuple[list[Affected], str]:
    """Returns the pages with the pictures that could be taken, and a message about them."""
    browser = find_browser()
    if not pages:
        return pages, "There are no pictures, because no page changed."
    if browser is None:
        return pages, "There are no pictures: Chromium is not installed here."
    wanted = [(page, state) for state in _STATES for page in pages if state in page.by_state]
    taken: dict[str, dict[str, str]] = {}
    failed = []
    (review / "pictures").mkdir()
    for number, (page, state) in enumerate(wanted[:_MAX_PICTURES], start=1):
        name = f"pictures/{number}.png"
        files = {side: _folder(review, side, state) / page.path for side in ("before", "after")}
        sides = {side: file if file.is_file() else None for side, file in files.items()}
        height = max(estimate_height(file.read_text(encoding="utf-8")) for file in sides.values() if file)
        if reason := take_picture(browser, sides["before"], sides["after"], height, review / name):
            failed.append(reason)
        else:
            taken.setdefault(page.path, {})[state] = name
    count = sum(map(len, taken.values()))
    about = f"{pluralize(count, 'picture')} of {len(wanted)}: each shows a page before, on the left, and after, on the right."
    if failed:
        about += f" {pluralize(len(failed), 'picture')} could not be taken ({failed[0]})."
    return [replace(page, pictures=taken.get(page.path, {})) for page in pages], about


def _export(git: Git, revision: str, folder: Path) -> None:
    """Extracts the project's files of the commit into the folder. Raises WrongUse if the commit does not exist."""
    with NamedTemporaryFile(suffix=".tar") as file:
        words = ("archive", f"--output={file.name}", "--end-of-options", f"{revision}^{{commit}}", ".")
        try:
            git.run(*words)
        except GitFailed as error:
            raise WrongUse(f'--against: git has no commit "{revision}" here ({error}).') from None
        with tarfile.open(file.name) as archive:
            archive.extractall(folder, filter="data")


def _build(project: Path, out: Path, instant: str, state: str) -> int:
    """Builds the project, and returns the exit code. Each programme has the state `state`, or its state in the log if `state` is ""."""
    words = ["build.py", "build", "--out", str(out), "--at", instant, "--base-url", _BASE_URL]
    if state:
        ids = sorted(path.stem for path in (project / "content/programmes").glob("*.yaml"))
        words += ["--state", *(f"{id}={state}" for id in ids)]
    done = subprocess.run(  # noqa: S603 - the project's own command
        [sys.executable, *words], cwd=project, stdout=subprocess.DEVNULL, check=False
    )
    return done.returncode


def _read(site: Path) -> dict[str, bytes]:
    real = site.resolve()
    return {
        path.relative_to(real).as_posix(): path.read_bytes() for path in real.rglob("*") if path.is_file()
    }
