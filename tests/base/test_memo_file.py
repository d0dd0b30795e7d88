"""The memo in a file returns exactly the stored value or nothing."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from site_src.cache import Memo
from site_src.memo_file import load_memo
from tests.support.project import REPOSITORY


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A memo with one value."""
    keep(tmp_path / "memo", "key", ["value", 1])
    return tmp_path / "memo"


def keep(file: Path, key: str, value: object) -> None:
    """Stores a value, as a process that computed it does."""
    memo = load_memo(file)
    memo.get(key, lambda: value)
    memo.save()


def test_values_that_two_writes_did_not_need_leave_the_memory(file: Path) -> None:
    """A memo that stays keeps what was needed since the write before the last one, so its memory does not grow with each write."""
    memo = load_memo(file)
    memo.stay()
    found = memo.find("key")

    keep_in(memo, "first")
    assert memo.find("key") is found
    keep_in(memo, "second")
    assert memo.find("key") is found
    keep_in(memo, "third")
    keep_in(memo, "fourth")
    assert memo.find("key") == found
    assert memo.find("key") is not found, "read again from the file"


def keep_in(memo: Memo, key: str) -> None:
    """Stores a value in the memo, and writes it."""
    memo.keep(key, [key])
    memo.save()


def test_a_later_process_gets_the_value(file: Path) -> None:
    """A later process finds a stored value, even if another value was stored in between."""
    keep(file, "other", {"a": None})

    assert load_memo(file).find("key") == ["value", 1]
    assert load_memo(file).find("other") == {"a": None}
    assert load_memo(file).find("missing") is None


def test_a_batch_of_values_is_on_the_disk_before_the_end(file: Path) -> None:
    """With `batch`, values are written in batches during a run, so that memory does not grow. None is lost."""
    memo = load_memo(file, batch=3)
    for number in range(7):
        memo.get(str(number), partial(int, number))

    assert [str(number) in load_memo(file) for number in range(7)] == [True] * 6 + [False]
    assert [memo.find(str(number)) for number in range(7)] == list(range(7))
    assert memo.find("key") == ["value", 1]


def test_a_value_is_there_after_it_was_saved(file: Path) -> None:
    """A process still finds a value after it has saved it."""
    memo = load_memo(file)
    memo.get("new", lambda: "made")
    memo.save()

    assert memo.find("new") == "made"


def test_values_that_nobody_requests_are_dropped(file: Path) -> None:
    """If most values are unused, only the used ones are kept, so that the file does not grow with each edit."""
    for batch in range(3):
        memo = load_memo(file)
        for number in range(1500):
            memo.get(f"{batch} {number}", lambda: 0)
        memo.save()

    memo = load_memo(file)
    memo.get("only", lambda: 0)
    memo.save()
    with closing(sqlite3.connect(file)) as base:
        assert base.execute("SELECT key FROM memo").fetchall() == [("only",)]


@pytest.mark.parametrize("size", [0, 1, 100, 5000])
def test_a_cut_file_is_made_again(file: Path, size: int) -> None:
    """A truncated file, as after a loss of power, does not stop a process, and the next process replaces it."""
    os.truncate(file, size)

    assert load_memo(file).find("key") in (None, ["value", 1])
    keep(file, "key", "again")
    keep(file, "key", "again")
    assert load_memo(file).find("key") == "again"


def test_a_changed_value_is_not_used(file: Path) -> None:
    """A value that was changed in the file or moved to a different key is not used."""
    with closing(sqlite3.connect(file)) as base, base:
        base.execute("INSERT INTO memo SELECT 'moved', value FROM memo")
        base.execute(
            "UPDATE memo SET value = CAST(replace(value, 'value', 'valve') AS BLOB) WHERE key = 'key'"
        )

    assert load_memo(file).find("key") is None
    assert load_memo(file).find("moved") is None


def test_a_file_of_others_is_not_used(file: Path, tmp_path: Path) -> None:
    """A memo that other users may write to, or that is a link, is not read, and a new file replaces it."""
    aside = file.rename(tmp_path / "aside")
    file.symlink_to(aside)
    assert load_memo(file).find("key") is None
    keep(file, "key", "own")
    assert load_memo(aside).find("key") == ["value", 1]
    assert (file.is_symlink(), load_memo(file).find("key")) == (False, "own")

    file.chmod(0o666)
    assert load_memo(file).find("key") is None
    keep(file, "key", "own again")
    assert load_memo(file).find("key") == "own again"
    assert file.stat().st_mode & 0o777 == 0o600


UPGRADE = """
import sys
from pathlib import Path
from site_src.cache import fingerprint, fingerprint_all
from site_src.cache import Memo
from site_src.memo_file import load_memo

memo = load_memo(Path("memo"))
if sys.argv[1:]:
    module = Path(sys.argv[1])
    module.write_text(module.read_text(encoding="utf-8"), encoding="utf-8")
memo.get("key", lambda: "made by the code that was imported")
memo.save()
print(fingerprint("site_src.convert"), fingerprint_all())
"""


def test_a_process_whose_code_is_replaced_meanwhile_keeps_nothing(tmp_path: Path) -> None:
    """If the code is replaced during a process, the process stores nothing, because its values come from the old code."""
    shutil.copytree(REPOSITORY / "site_src", tmp_path / "site_src")

    def run(*words: str) -> list[str]:
        command = [sys.executable, "-c", UPGRADE, *words]
        return subprocess.run(
            command, cwd=tmp_path, check=True, capture_output=True, text=True
        ).stdout.split()

    upgraded = run("site_src/convert/markdown.py")
    assert not (tmp_path / "memo").exists()

    present = run()
    assert load_memo(tmp_path / "memo").find("key") == "made by the code that was imported"
    assert not set(upgraded) & set(present)
    assert run() == present
