"""The steps of a build as functions, for tests of a single step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from site_src.builder import Builder, Built, Draft
from site_src.check.inputs import Inputs
from site_src.gate.expectation import Expectation
from site_src.gate.judge import Refusal
from site_src.instants import Moment
from site_src.read.tree import load_tree
from site_src.site.model import Look
from site_src.states import State


@cache
def shared_builder() -> Builder:
    """Returns the builder of all tests of a module (see conftest.py).

    It caches earlier work, which changes no result: tests/builder/test_warm_equals_cold.py, tests/gate/test_known_work.py.
    """
    return Builder()


def read_inputs(root: Path) -> Inputs:
    """Reads all inputs below `root`. Raises InputRefused with every problem of every file."""
    return shared_builder().read(load_tree(root)).inputs()


def build_site(
    inputs: Inputs,
    instant: datetime,
    base_url: str | None = None,
    preview: Mapping[str, State] | None = None,
) -> Built:
    """Returns the verified site at the instant. Does not check the dates in the content."""
    judged = replace(inputs, content_judged=True)
    return shared_builder().build(judged, Moment(instant), Look(base_url, preview or {}))


def draft_site(
    inputs: Inputs,
    instant: datetime,
    preview: Mapping[str, State] | None = None,
    builder: Builder | None = None,
    is_hidden: bool = False,
) -> Draft:
    """Returns the site that `build_site` makes, before the gate checks it."""
    judged = replace(inputs, content_judged=True)
    return (builder or shared_builder()).draft(judged, Moment(instant), Look(None, preview or {}, is_hidden))


def verify(files: Mapping[str, bytes], expected: Expectation) -> None:
    """Raises GateRefused, with every reason, if the gate refuses one of the files."""
    shared_builder().gate.verify(files, expected)


def find_refusals(files: Mapping[str, bytes], expected: Expectation) -> list[Refusal]:
    """Returns every reason to refuse one of the files."""
    return shared_builder().gate.find_refusals((files, expected))[0]
