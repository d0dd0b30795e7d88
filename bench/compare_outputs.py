"""Checks whether the working tree publishes the same bytes as a commit: `python -m bench.compare_outputs [REV]`.

Use it for a change that must not affect the output. It compares the complete output at five instants in four previewed states, and
the journal of one day of publishing. Each of the two trees builds its own content in a separate process. Prints a line for each
difference, and exits with 1 if there is one.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
INSTANTS = (
    "2026-03-31 12:00",
    "2026-06-18 15:05",
    "2026-10-05 09:00:01",
    "2026-12-31 23:59:59",
    "2027-04-01 07:00+09:00",
)
PREVIEWS = ((), ("japan=open",), ("japan=quota_reached", "south-korea=open"), ("south-korea=suspended",))
DAY = (
    ("publish", "{target}"),
    ("quota", "set", "japan", "open", "--yes", "--publish", "{target}"),
    ("quota", "set", "japan", "quota_reached", "--yes", "--publish", "{target}"),
    ("quota", "set", "japan", "places_available", "--places", "3", "--yes", "--publish", "{target}"),
    ("quota", "set", "south-korea", "suspended", "--yes", "--publish", "{target}"),
    ("rollback", "{target}", "--yes"),
    ("publish", "{target}"),
    ("releases", "{target}", "--verify"),
)
JOURNAL_KEYS = ("action", "from", "to", "result", "switched")


def main() -> int:
    """Compares the working tree with the commit REV (default HEAD)."""
    parser = argparse.ArgumentParser(prog="python -m bench.compare_outputs", description=__doc__)
    parser.add_argument("rev", nargs="?", default="HEAD", metavar="REV")
    rev = parser.parse_args().rev
    with tempfile.TemporaryDirectory() as scratch:
        old, new = Path(scratch, "old"), Path(scratch, "new")
        copy_commit(rev, old)
        copy_working_tree(new)
        found = [*compare_builds(old, new, Path(scratch)), *compare_days(old, new, Path(scratch))]
    print(
        "\n".join(found)
        or f"The same as {rev}: {len(INSTANTS) * len(PREVIEWS)} builds and a day of publishing."
    )
    return 1 if found else 0


def copy_commit(rev: str, to: Path) -> None:
    """Writes the files of the commit to the new folder `to`."""
    to.mkdir()
    archive = subprocess.run(["git", "archive", rev], cwd=ROOT, check=True, capture_output=True).stdout
    subprocess.run(["tar", "-x"], cwd=to, input=archive, check=True)


def copy_working_tree(to: Path) -> None:
    """Copies the files of the working tree, tracked or new, to the new folder `to`."""
    to.mkdir()
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, check=True, capture_output=True).stdout.split(b"\0")
    there = b"\0".join(name for name in names if name and (ROOT / name.decode()).exists())
    packed = subprocess.run(
        ["tar", "-c", "--null", "-T", "-"], cwd=ROOT, input=there, check=True, capture_output=True
    ).stdout
    subprocess.run(["tar", "-x"], cwd=to, input=packed, check=True)


def run(tree: Path, *words: str) -> str:
    """Runs a command of the tree. Returns its exit code and standard output and, after a failure, its standard error."""
    done = subprocess.run(
        [sys.executable, "build.py", *words], cwd=tree, capture_output=True, text=True, check=False
    )
    return f"exit {done.returncode}\n{done.stdout}{done.stderr if done.returncode else ''}"


def read_files(folder: Path) -> dict[str, bytes]:
    """Maps the path of every file below the folder to its bytes."""
    found = folder.rglob("*") if folder.is_dir() else ()
    return {file.relative_to(folder).as_posix(): file.read_bytes() for file in found if file.is_file()}


def compare_builds(old: Path, new: Path, scratch: Path) -> Iterator[str]:
    """Yields a line for each difference between the two trees in a build: a file, or what the command printed."""
    for instant in INSTANTS:
        for preview in PREVIEWS:
            out = scratch / "out"
            states = [word for state in preview for word in ("--state", state)]
            printed, files = [], []
            for tree in (old, new):
                printed.append(run(tree, "build", "--at", instant, "--out", str(out), *states))
                files.append(read_files(out.resolve()))
            yield from (f"{instant} {preview}: {line}" for line in differences(*files))
            if printed[0].replace(", as before", "") != printed[1].replace(", as before", ""):
                yield f"{instant} {preview}: prints differ:\n{printed[0]}\n{printed[1]}"


def differences(old: Mapping[str, bytes], new: Mapping[str, bytes]) -> Iterator[str]:
    """Yields a line for each file that was added, removed or changed."""
    if not old and not new:
        yield "no output at all"
    for path in sorted(old.keys() | new.keys()):
        if old.get(path) != new.get(path):
            yield f"{path} {'is new' if path not in old else 'is gone' if path not in new else 'differs'}"


def compare_days(old: Path, new: Path, scratch: Path) -> Iterator[str]:
    """Yields a line for each difference between the journals, or between the exit codes, of a day of publishing."""
    days = [list(publish_day(tree, scratch / f"target-{tree.name}")) for tree in (old, new)]
    yield from (f"day: {a!r} became {b!r}" for a, b in zip(*days, strict=False) if a != b)
    if len(days[0]) != len(days[1]):
        yield f"day: {len(days[0])} lines became {len(days[1])}"


def publish_day(tree: Path, target: Path) -> Iterator[object]:
    """Runs the commands of the day. Yields the exit code of each, then each journal entry without times and digests."""
    for words in DAY:
        yield run(tree, *(word.format(target=target) for word in words)).partition("\n")[0]
    for line in (target / "journal.jsonl").read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        yield {key: entry[key] for key in JOURNAL_KEYS if key in entry}


if __name__ == "__main__":
    sys.exit(main())
