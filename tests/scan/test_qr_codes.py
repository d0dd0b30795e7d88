"""If the program that reads QR codes fails, nothing is delayed, and a later run reads the picture."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from site_src.cache import Memo
from site_src.scan.qr_codes import CodeReader, find_program

PICTURE = b"\x89PNG\r\n\x1a\n and pixels"


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder at the beginning of PATH, for a program called zbarimg."""
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    find_program.cache_clear()
    yield tmp_path / "zbarimg"
    find_program.cache_clear()


def install(program: Path, text: str) -> None:
    """Writes the script as an executable program at this path."""
    program.write_text(text)
    program.chmod(0o755)


@pytest.mark.parametrize(
    "script",
    [
        "#!/missing/interpreter\n",
        "#!/bin/sh\nkill -9 $$\n",
        "#!/bin/sh\nexit 2\n",
        "#!/bin/sh\nexec sleep 20\n",
    ],
    ids=["cannot-start", "killed", "failed", "hangs"],
)
def test_a_failure_is_logged_and_not_kept(
    program: Path, script: str, caplog: pytest.LogCaptureFixture
) -> None:
    """After one failure, the program is not run for other pictures, and one line is logged. A later run reads the picture."""
    memo = Memo()
    install(program, script)
    reader, began = CodeReader(memo), time.monotonic()

    assert [reader.read(PICTURE + bytes([number])) for number in range(5)] == [""] * 5
    assert time.monotonic() - began < 10  # one time-out, not five
    assert caplog.text.count("codes in pictures are not read now") == 1
    install(program, "#!/bin/sh\necho https://closed.example\n")
    assert CodeReader(memo).read(PICTURE + b"\0") == "https://closed.example\n"


def test_a_picture_without_a_code_is_kept(program: Path) -> None:
    """If a picture has no code, the program does not run again for the same bytes."""
    memo, runs = Memo(), program.with_name("runs")
    install(program, f"#!/bin/sh\necho x >> {runs}\nexit 4\n")

    assert [CodeReader(memo).read(PICTURE) for _ in range(3)] == ["", "", ""]
    assert runs.read_text() == "x\n"
