"""`review`: makes a folder that shows how a change affects the pages, for people without git or Python."""

from __future__ import annotations

import argparse
import io
import posixpath
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from site_src.commands.report import pluralize
from site_src.exit_codes import DONE, WrongUse
from site_src.preview.differences import Difference, compare_sites
from site_src.preview.pages import review_page

# The same for both sites, so that addresses do not differ; without a path, so that links are relative to one folder.
_BASE_URL = "https://review.example"
_ADDRESS = re.compile(r'(?<=\s)(href|src)="/(?!/)([^"#?]*)([^"]*)"')


def run(options: argparse.Namespace, root: Path) -> int:
    """Makes the folder and prints what differs; if a build fails, returns its exit code and makes no folder.

    Each version is built by its own code, for the same moment. Raises WrongUse for a commit that does not exist, and for a
    folder that exists.
    """
    out = Path(options.out).absolute()
    if out.exists() or out.is_symlink():
        raise WrongUse(f"--out: {options.out} is there already. Delete it, or name another folder.")
    if not out.parent.is_dir():
        raise WrongUse(f"--out: {out.parent} is not a folder. Make it first: mkdir -p {out.parent}")
    instant = f"{datetime.now(UTC):%Y-%m-%d %H:%M}+00:00"
    with TemporaryDirectory(prefix="review-") as folder:
        made = Path(folder)
        _export(root, options.against, made / "project")
        sites = {}
        for name, project in (("before", made / "project"), ("after", root)):
            if code := _build(project, made / name, instant):
                print(f"The site {name} the change cannot be built; see above.", file=sys.stderr)
                return code
            sites[name] = _read(made / name)
        differences = compare_sites(sites["before"], sites["after"])
        review = made / "review"
        for name, files in sites.items():
            _write(review / name, {path: _make_relative(path, data) for path, data in files.items()})
        page = review_page(differences, options.against, instant)
        (review / "index.html").write_bytes(page)
        shutil.copytree(review, out)
    _tell(differences, options.out)
    return DONE


def _export(root: Path, revision: str, folder: Path) -> None:
    """Extracts the project's files of the commit into the folder; raises WrongUse if there is no such commit."""
    done = subprocess.run(  # noqa: S603 - the revision is one word that begins with no dash
        ["git", "archive", "--format=tar", "--end-of-options", f"{revision}^{{commit}}", "."],
        cwd=root,
        capture_output=True,
        check=False,
    )
    if done.returncode:
        reason = done.stderr.decode(errors="replace").strip()
        raise WrongUse(f'--against: git has no commit "{revision}" here ({reason}).')
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as archive:
        archive.extractall(folder, filter="data")


def _build(project: Path, out: Path, instant: str) -> int:
    words = ["build.py", "build", "--out", str(out), "--at", instant, "--base-url", _BASE_URL]
    done = subprocess.run(  # noqa: S603 - the project's own command
        [sys.executable, *words], cwd=project, stdout=subprocess.DEVNULL, check=False
    )
    return done.returncode


def _read(site: Path) -> dict[str, bytes]:
    real = site.resolve()
    return {
        path.relative_to(real).as_posix(): path.read_bytes() for path in real.rglob("*") if path.is_file()
    }


def _write(folder: Path, files: Mapping[str, bytes]) -> None:
    for path, data in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def _make_relative(path: str, data: bytes) -> bytes:
    """The page with relative addresses, which work in a folder on a disk; other files are unchanged."""
    if not path.endswith(".html"):
        return data

    def relative(found: re.Match[str]) -> str:
        target = f"{found[2]}index.html" if found[2].endswith("/") or not found[2] else found[2]
        return f'{found[1]}="{posixpath.relpath(target, posixpath.dirname(path) or ".")}{found[3]}"'

    return _ADDRESS.sub(relative, data.decode()).encode()


def _tell(differences: list[Difference], out: str) -> None:
    for difference in differences:
        print(f"{difference.kind}: {difference.path}")
    print(f"{pluralize(len(differences), 'page')} with another text. Open {out}/index.html")
