"""Publishing to a bucket in a real store gives the same messages and exit codes as publishing to a folder."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime

import pytest

from site_src.bucket.object_store import ObjectStore
from site_src.bucket.releases import blobs_of
from site_src.bucket.store_failure import AccessRefused, explain_failure
from site_src.publish.manifest import MANIFEST_FILE, File, Manifest, digest
from site_src.publish.releases import Release, all_releases
from tests.support.commands import Done, command
from tests.support.moments import next_second
from tests.support.object_store import BucketSite, Server, bucket_site, careless_store

pytestmark = pytest.mark.store


def test_what_is_published_is_what_a_web_server_gets(site: BucketSite, server: Server) -> None:
    """Both trees of a follower have the publisher's bytes and modification times, so all servers send the same ETags."""
    name = site.published()
    server.step()

    assert server.target.name == name
    for tree in ("site", "hidden", "inputs"):
        theirs = site.working.folder / "current" / tree
        files = [file.relative_to(theirs) for file in theirs.rglob("*") if file.is_file()]
        assert files
        for file in files:
            mine = server.folder / "current" / tree / file
            assert mine.read_bytes() == (theirs / file).read_bytes()
            assert tree == "inputs" or int(mine.stat().st_mtime) == int((theirs / file).stat().st_mtime)
    assert server.shows_link
    assert server.calls == []


def test_a_second_publish_changes_nothing(site: BucketSite) -> None:
    """A publish without a change makes no release and exits with 0."""
    name = site.published()
    pointer = site.store.get("metadata/timestamp.json")

    done = site.command("publish")

    assert (done.returncode, site.working.name) == (0, name)
    assert f"{site.address}: release {name}, nothing has changed" in done.stdout
    assert site.store.get("metadata/timestamp.json") == pointer


def test_only_new_bytes_are_stored(site: BucketSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """A publish stores only the files that the live release lacks, and the manifest. It lists each release's files once."""
    site.published()
    stored, compared = list[str](), list[int]()
    put, blobs = ObjectStore.put, blobs_of

    def counted_put(store: ObjectStore, key: str, data: bytes) -> None:
        stored.append(key)
        put(store, key, data)

    def counted_blobs(manifest: Manifest) -> Mapping[str, File]:
        compared.append(manifest.number)
        return blobs(manifest)

    monkeypatch.setattr(ObjectStore, "put", counted_put)
    monkeypatch.setattr("site_src.bucket.bucket_switch.blobs_of", counted_blobs)
    site.project.replace("content/en/japan.md", "title: ", "title: New ")
    site.published()

    new, old = (one for one in all_releases(site.working.folder) if isinstance(one, Release))
    lacking = {f"blobs/{name}" for name in blobs(new.manifest).keys() - blobs(old.manifest).keys()}
    manifest = f"blobs/{digest((new.folder / MANIFEST_FILE).read_bytes())}"
    assert sorted(compared) == [1, 2]
    assert lacking
    assert sorted(key for key in stored if key.startswith("blobs/")) == sorted({*lacking, manifest})


def test_two_publishers_go_on_from_each_other(site: BucketSite, other: BucketSite, server: Server) -> None:
    """The second publisher goes on from the numbers, the assets and the releases of the first one."""
    first = site.published()
    other.project.replace("content/en/japan.md", "title: ", "title: New ")
    second = other.published()
    server.step()

    assert (first.partition("-")[0], second.partition("-")[0]) == ("1", "2")
    assert other.working.numbers == [2, 1]
    assert server.target.name == second
    assert server.target.journal()[-1]["release"] == second


def test_an_old_clone_is_not_followed(site: BucketSite, other: BucketSite) -> None:
    """If a publisher's log lacks a published closing, its publish exits with 1 and a reason, and the link stays hidden."""
    site.published()
    other.published()
    assert command(site.project, "quota", "close", "south-korea").returncode == 0
    assert not site.working.shows_link("south-korea")

    done = other.command("publish")

    assert done.returncode == 1
    assert "quota_state.yaml does not contain it. If the file is an old copy" in done.stderr
    assert not other.working.shows_link("south-korea")


def test_closing_by_local_yaml(site: BucketSite, server: Server) -> None:
    """`quota close` publishes to the bucket that local.yaml names."""
    site.published()
    server.step()
    assert server.target.shows_link("south-korea")

    done = command(site.project, "quota", "close", "south-korea", "--by", "desk")
    server.step()

    assert done.returncode == 0, done.stderr
    assert f"{site.address}: release 2-" in done.stdout
    assert not server.target.shows_link("south-korea")


def test_releases_and_rollback(site: BucketSite, other: BucketSite, server: Server) -> None:
    """A clone that never published can list, verify and roll back the releases of another clone.

    A roll-back keeps the present states.
    """
    site.published()
    title = site.working.page("en/index.html")
    site.project.replace("content/en/index.md", "title: ", "title: Wrong ")
    site.published()

    releases = other.command("releases", "--verify")
    rolled = other.command("rollback", "1", "--yes")
    server.step()

    assert releases.returncode == 0, releases.stderr
    assert [line.split("-")[0].strip(" *") for line in releases.stdout.splitlines()[:2]] == ["2", "1"]
    assert rolled.returncode == 0, rolled.stderr
    assert server.target.page("en/index.html") == title
    assert server.target.number == 3


def test_verify_names_what_was_changed(site: BucketSite) -> None:
    """`releases --verify` reports a changed blob, a missing blob and a changed journal, and exits with 1."""
    site.published()
    about = site.working.manifest.files
    changed, missing = about["en/japan/index.html"].sha256, about["nl/japan/index.html"].sha256
    site.store.put(f"blobs/{changed}", b"<p>Other.</p>")
    site.store.delete(f"blobs/{missing}")
    site.store.put("journal/00000001.json", b"{}")

    done = site.command("releases", "--verify")

    assert done.returncode == 1
    assert f"blobs/{changed}: was changed in the bucket, and is not used" in done.stderr
    assert f"blobs/{missing}: is missing" in done.stderr
    assert "journal/00000001.json: cannot be understood" in done.stderr


def test_evidence_is_kept_and_looked_up(
    site: BucketSite, other: BucketSite, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Releases that opened or closed a link are kept in the bucket, in clones and on web servers.

    They do not count for `--keep 2`. A blob that only a pruned release had is deleted. --at also answers
    for a pruned release. If a publisher was killed before it wrote the journal line of its release, the
    next publish adds the line.
    """
    from datetime import timedelta

    from site_src.bucket import pruning

    monkeypatch.setattr(pruning, "_YOUNG", timedelta(seconds=-5))
    moments, pages = [], []
    for number in range(1, 6):
        if number == 2:
            done = command(site.project, "quota", "set", "south-korea", "quota_reached", "--yes")
            assert done.returncode == 0, done.stderr
        site.project.replace("content/en/index.md", "title: ", f"title: {number} ")
        site.published("--keep", "2")
        server.follower._keep = 2
        server.step()
        moments.append(next_second())
        pages.append(site.working.manifest.files["en/index.html"].sha256)

    pointers = site.open(site.working.folder).pointers
    assert pointers.read()
    listing = pointers.list_releases()
    assert [name.partition("-")[0] for name in listing.newest_first()] == ["5", "4", "2", "1"]
    assert {name.partition("-")[0] for name in listing.evidence} == {"1", "2"}
    assert [site.store.get(f"blobs/{page}") is None for page in pages] == [False, False, True, False, False]
    assert site.working.numbers == server.target.numbers == [5, 4, 2, 1]

    def ask(moment: datetime, *more: str) -> Done:
        return other.command("releases", "--at", f"{moment:%Y-%m-%d %H:%M:%S}+00:00", *more)

    opened = ask(moments[0], "--page", "en/japan/")
    pruned = json.loads(ask(moments[2], "--json").stdout)
    assert other.working.numbers == [5, 4, 2, 1]
    assert opened.returncode == 0, opened.stderr
    assert "south-korea: open, link shown" in opened.stdout
    assert "as published" in opened.stdout
    assert (pruned["release"].partition("-")[0], pruned["kept"]) == ("3", False)
    assert pruned["states"]["south-korea"]["state"] == "quota_reached"
    assert pruned["findings"] == []
    assert moments[1] < datetime.fromisoformat(pruned["liveFrom"]) < moments[2]

    # As if the publisher of the fifth release was killed before it wrote its line.
    site.store.delete("journal/00000005.json")
    other.project.replace("content/en/index.md", "title: ", "title: 6 ")
    other.project.write("quota_state.yaml", (site.project.root / "quota_state.yaml").read_text())
    sixth = other.published("--keep", "2")
    noted = [json.loads(found.data) for n in (5, 6) if (found := site.store.get(f"journal/{n:08}.json"))]
    assert [line["result"] for line in noted] == ["found", "published"]
    assert noted[1]["release"] == sixth
    assert other.working.numbers == [6, 5, 2, 1]
    assert other.command("releases", "--verify").returncode == 0


def test_a_follower_needs_no_right_but_to_read(
    site: BucketSite, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A follower works with a key that may only read.

    A publish with this key is refused, and the message names the setting to check.
    """
    site.published()
    for name, value in (("AWS_ACCESS_KEY_ID", "follower"), ("AWS_SECRET_ACCESS_KEY", "secret-follower")):
        monkeypatch.setenv(name, value)
    server.restart()
    server.step()

    site.project.replace("content/en/index.md", "title: ", "title: More ")
    done = site.command("publish")

    assert server.target.number == 1
    assert done.returncode == 1
    assert "the store refuses these access keys" in done.stderr


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("  secret_access_key: abc", "must not contain an access key"),
        ("  endpoint: ftp://x", "is not an address such as https://host"),
    ],
)
def test_wrong_settings_are_refused(site: BucketSite, line: str, reason: str) -> None:
    """A wrong key or value in local.yaml is reported, with its line number."""
    text = (site.project.root / "local.yaml").read_text()
    if "endpoint" in line:
        text = "\n".join(row for row in text.splitlines() if "endpoint" not in row) + "\n"
    site.project.write("local.yaml", text + line + "\n")

    done = site.command("publish")

    assert done.returncode == 1
    assert reason in done.stderr


def test_another_form_of_address_is_wrong_use(site: BucketSite) -> None:
    """An address without a prefix, or with a different scheme, is refused. The message shows the right form."""
    assert "must be of the form s3://BUCKET/PREFIX" in command(site.project, "publish", "s3://site").stderr
    assert "must be a folder, or a bucket" in command(site.project, "publish", "gs://site/x").stderr


def test_a_bucket_that_does_not_exist_is_named(site: BucketSite) -> None:
    """If the store has no such bucket, the message names the bucket."""
    done = command(site.project, "publish", "s3://no-such-bucket/site")

    assert done.returncode == 1
    assert "s3://no-such-bucket/site: " in done.stderr


@pytest.mark.parametrize("words", ["publish s3://site/x", "follow s3://site/x www", "keys check"])
def test_without_the_libraries_it_says_what_to_install(site: BucketSite, words: str) -> None:
    """Without the libraries of the extra `store`, a command that needs them says how to install them."""
    code = "import sys; sys.modules.update(dict.fromkeys(('tuf', 'obstore', 'securesystemslib'))); from pathlib import Path; from site_src.cli import main; sys.exit(main(sys.argv[1:], Path.cwd()))"
    done = subprocess.run(
        [sys.executable, "-c", code, *words.split()],
        cwd=site.project.root,
        env=site.project.environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 2
    assert "requirements-store.lock. Install them: make extra-store" in done.stderr


def test_a_store_that_ignores_conditions_is_refused(site: BucketSite) -> None:
    """A store that ignores conditional writes is refused.

    With --only-publisher it is used, and each line of the journal records that.
    """
    with careless_store() as careless:
        site = bucket_site(site.project, careless, site.prefix, site.keys)
        refused = site.command("publish")
        assert refused.returncode == 1
        assert "this store ignores conditions" in refused.stderr
        assert site.store.get("metadata/timestamp.json") is None

        site.published("--only-publisher")
        journal = site.store.get("journal/00000001.json")
        assert journal
        assert json.loads(journal.data)["conditions"] == "ignored by the store"


def test_a_store_that_takes_bare_etags_works(site: BucketSite, other: BucketSite) -> None:
    """A store that expects ETags without quotes is recognised, and two publishers can use it at the same time."""
    with careless_store(bare=True) as bare:
        site, other = (bucket_site(each.project, bare, site.prefix, site.keys) for each in (site, other))
        site.published()
        other.project.replace("content/en/index.md", "title: ", "title: More ")
        assert other.published().startswith("2-")
        site.project.replace("content/en/index.md", "title: ", "title: More ")
        assert site.published().startswith("2-")


def test_what_visitors_of_the_bucket_see(site: BucketSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """`quota show` and `quota due` report whether the pointer shows the link without a lease, is held or is closed.

    They also report a root that expires soon.
    """
    site.published()
    shown = command(site.project, "quota", "show", "--published", site.address)
    due = command(site.project, "quota", "due")
    assert "visitors see the link; there is no lease" in shown.stdout
    assert "lease" not in due.stdout

    site.open(site.working.folder, writes=True).pointers.hold("a test")
    due = command(site.project, "quota", "due")
    assert due.returncode == 1
    assert "south-korea: visitors do not see the link; a command hid the link" in due.stdout

    assert command(site.project, "quota", "close", "south-korea").returncode == 0
    shown = command(site.project, "quota", "show", "--published", site.address)
    assert "visitors do not see the link; published as quota_reached" in shown.stdout

    monkeypatch.setattr("site_src.bucket.roots.WARN_DAYS", 400)
    assert "The root of the bucket's keys expires in 36" in command(site.project, "quota", "due").stdout
    assert command(site.project, "keys", "check").returncode == 1


def test_a_store_that_does_not_answer(site: BucketSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the store does not answer, `publish` and `releases` exit with 1, and `quota due` reports the store.

    `publish` also reports what visitors get.
    """
    name = site.published()
    made = ObjectStore.__init__
    monkeypatch.setattr(
        ObjectStore, "__init__", lambda self, address, settings, _: made(self, address, settings, 0.2)
    )
    text = (site.project.root / "local.yaml").read_text().replace(site.server.endpoint, "http://127.0.0.1:9")
    site.project.write("local.yaml", text)

    done = site.command("releases")
    assert done.returncode == 1
    assert "the store does not answer" in done.stderr
    assert "the store does not answer" in command(site.project, "quota", "due").stdout
    done = command(site.project, "quota", "close", "south-korea")
    assert done.returncode == 1
    assert "The link is shown until the change is published" in done.stderr
    assert f"NOT PUBLISHED. Visitors still get release {name}" in done.stderr


def test_a_shell_without_an_access_key() -> None:
    """If the store's library asks the cloud for a role's keys in vain, the message says that there is no access key."""
    error = explain_failure(
        "s3://site/x", OSError("Error performing PUT http://169.254.169.254/latest/api/token")
    )
    assert isinstance(error, AccessRefused)
    assert "there is no access key in the environment" in str(error)


def test_a_lost_log_is_recovered_from_the_bucket(site: BucketSite, other: BucketSite) -> None:
    """`quota recover` in another clone adds the closing that the bucket's live release records."""
    site.published()
    assert command(site.project, "quota", "close", "south-korea").returncode == 0

    done = command(other.project, "quota", "recover")

    assert done.returncode == 0, done.stderr
    assert "quota_reached" in (other.project.root / "quota_state.yaml").read_text().split("south-korea:")[1]
    assert other.command("publish").returncode == 0
