"""A release's manifest: its JSON on the disk, and the contents that are refused when it is read."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from site_src.publish.manifest import (
    File,
    Manifest,
    ManifestBroken,
    PastEvent,
    dump_manifest,
    load_manifest,
)
from site_src.states import State

MANIFEST = Manifest(
    number=12,
    release="3f9ac0417be25d1e" * 2,
    instant=datetime(2026, 4, 1, 9, 42, 0, 250_000, tzinfo=UTC),
    states={"japan": State.OPEN, "korea": State.UPCOMING},
    events={"japan": (PastEvent(State.OPEN, datetime(2026, 4, 1, tzinfo=UTC)),), "korea": ()},
    scheduled={"japan": (PastEvent(State.PLACES_AVAILABLE, datetime(2026, 6, 1, tzinfo=UTC), 12),)},
    content_of=3,
    files={'en/日本 "a"/index.html': File("ab", 2, "text/html; charset=utf-8")},
    inputs={"content/site.yaml": File("cd", 0)},
    kept_assets=("assets/style.000000000000.css",),
)
TEXT = """\
{
 "format": 1,
 "number": 12,
 "release": "3f9ac0417be25d1e3f9ac0417be25d1e",
 "instant": "2026-04-01T09:42:00.250000Z",
 "states": {
  "japan": "open",
  "korea": "upcoming"
 },
 "events": {
  "japan": [
   {
    "state": "open",
    "starts": "2026-04-01T00:00:00Z",
    "places": null,
    "mistake": false
   }
  ],
  "korea": []
 },
 "content_of": 3,
 "files": {
  "en/日本 \\"a\\"/index.html": {
   "sha256": "ab",
   "size": 2,
   "type": "text/html; charset=utf-8",
   "modified": null
  }
 },
 "inputs": {
  "content/site.yaml": {
   "sha256": "cd",
   "size": 0,
   "type": null,
   "modified": null
  }
 },
 "design": {},
 "hidden": null,
 "kept_assets": [
  "assets/style.000000000000.css"
 ],
 "instead_of": null,
 "scheduled": {
  "japan": [
   {
    "state": "places_available",
    "starts": "2026-06-01T00:00:00Z",
    "places": 12,
    "mistake": false
   }
  ]
 }
}
"""


def load(folder: Path, changes: dict[str, Any]) -> Manifest:
    """Writes the manifest above with these keys changed, and reads it."""
    file = folder / "manifest.json"
    file.write_text(json.dumps({**json.loads(TEXT), **changes}), encoding="utf-8")
    return load_manifest(file)


def test_the_json_on_the_disk(tmp_path: Path) -> None:
    """A manifest has exactly these bytes, whose digest is in the journal, and is read back as the same value."""
    assert dump_manifest(MANIFEST).decode() == TEXT
    assert load(tmp_path, {}) == MANIFEST


def test_an_instant_with_an_offset_is_read_in_utc(tmp_path: Path) -> None:
    """Instants become UTC, whatever their offset in the file."""
    instant = load(tmp_path, {"instant": "2026-04-01T11:42:00.25+02:00"}).instant

    assert (instant, instant.tzinfo) == (MANIFEST.instant, UTC)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"number": "12"}, "number: "),
        ({"number": True}, "number: "),
        ({"content_of": 3.0}, "content_of: "),
        ({"instant": "2026-04-01T09:42:00"}, "instant: "),
        ({"instant": 1775036520}, "instant: "),
        ({"states": {"japan": "closed"}}, "states.japan: "),
        ({"states": ["japan"]}, "states: "),
        ({"events": {"japan": [{"state": "open"}]}}, r"events\.japan\.0\.starts: "),
        ({"files": {"a": {"sha256": 1, "size": 1}}}, r"files\.a\.sha256: "),
        ({"files": {"a": {"sha256": "ab", "size": 1, "mode": 1}}}, r"files\.a\.mode: "),
        ({"kept_assets": "assets/a.css"}, "kept_assets: "),
        ({"instead_of": 1}, "instead_of: "),
        ({"by": "quota desk"}, "by: "),
        ({"format": 2, "more": 1}, "it was written by another version of Quotabord"),
    ],
)
def test_a_value_of_another_kind_is_refused(tmp_path: Path, changes: dict[str, Any], reason: str) -> None:
    """ManifestBroken names the key with a wrong value, or says that another version of Quotabord wrote the file."""
    with pytest.raises(ManifestBroken, match=rf"manifest\.json: cannot be understood \({reason}"):
        load(tmp_path, changes)


@pytest.mark.parametrize("key", ["files", "inputs"])
@pytest.mark.parametrize(
    "path", ["../a", "content/../../a", "/etc/passwd", "content//a", "./a", "content/", "", "a\0b"]
)
def test_a_path_that_leaves_the_release_is_refused(tmp_path: Path, key: str, path: str) -> None:
    """A manifest with a path outside its release's folder is refused."""
    with pytest.raises(ManifestBroken, match="names a file outside the release"):
        load(tmp_path, {key: {path: {"sha256": "ab", "size": 1}}})


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"\xff", b"[" * 100_000], ids=["nothing", "half", "array", "bytes", "nested"]
)
def test_what_is_not_json_is_refused(tmp_path: Path, data: bytes) -> None:
    """An empty file, half a file, a JSON list, bytes that are not UTF-8, and very deep nesting raise ManifestBroken."""
    (tmp_path / "manifest.json").write_bytes(data)
    with pytest.raises(ManifestBroken, match="cannot be understood"):
        load_manifest(tmp_path / "manifest.json")


def test_a_missing_manifest_is_refused(tmp_path: Path) -> None:
    """A missing file raises ManifestBroken."""
    with pytest.raises(ManifestBroken, match="No such file"):
        load_manifest(tmp_path / "manifest.json")
