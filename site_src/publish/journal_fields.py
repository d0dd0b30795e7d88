"""The fields of a line of the journal about a publish."""

from __future__ import annotations

import time
from typing import Any

from site_src.gate.gate import GateRefused
from site_src.publish.manifest import MANIFEST_FILE, digest
from site_src.publish.publication import Publication, in_a_line
from site_src.publish.releases import Release


def states_of(live: Release | None) -> dict[str, str]:
    """Maps each programme to its state in the release; empty if there is no release."""
    return {id: str(state) for id, state in live.manifest.states.items()} if live else {}


def journal_of(release: Release) -> dict[str, str]:
    """Returns the fields of a journal line about a release: its name, and the digest of its manifest on disk. Raises OSError."""
    return {"release": release.name, "manifest": digest((release.folder / MANIFEST_FILE).read_bytes())}


def outcome_of(done: Publication, begun: float) -> dict[str, Any]:
    """Returns the fields of a journal line about a successful publish. `begun` is when it began (`time.perf_counter`).

    Raises OSError.
    """
    result = "state-only" if done.pending else "published" if done.switched else "unchanged"
    doubtful = {"doubtful": sorted(done.doubts)} if done.doubts else {}
    states = states_of(done.release)
    return {"to": states, **journal_of(done.release), "result": result, **doubtful, **_taken(begun)}


def outcome_of_refusal(error: Exception, begun: float) -> dict[str, Any]:
    """Returns the fields of a journal line about a publish that failed and changed nothing."""
    failed = "failed" if isinstance(error, OSError) else "refused"
    result = "gate-refused" if isinstance(error, GateRefused) else failed
    return {
        "to": None,
        "release": None,
        "manifest": None,
        "result": result,
        "why": in_a_line(error)[:300],
        **_taken(begun),
    }


def _taken(begun: float) -> dict[str, int]:
    return {"milliseconds": round((time.perf_counter() - begun) * 1000)}
