"""The steps that build the image exist, and the image's command runs as any user in group 0."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.docs.test_documentation import understood
from tests.support.project import REPOSITORY, Project

DEPLOY = REPOSITORY / "deploy"
IMAGE = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", " ")


def find_instructions(name: str) -> list[str]:
    """Returns the arguments of each instruction with this name."""
    return re.findall(rf"^{name} (.+)$", IMAGE, re.MULTILINE)


def test_the_environment_is_made_from_what_was_copied(tmp_path: Path) -> None:
    """make needs only the copied files.

    It installs exactly the lock of the site and of each extra, outside the checkout.
    """
    first, _ = find_instructions("COPY")
    for name in first.split()[:-1]:
        shutil.copy(REPOSITORY / name, tmp_path)
    (words,) = [step.split() for step in find_instructions("RUN") if step.startswith("make ")]
    done = subprocess.run(
        [*words, "--dry-run"], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout

    assert sorted(re.findall(r"--requirement (\S+)", done)) == sorted(
        lock.name
        for lock in REPOSITORY.glob("requirements*.lock")
        if lock.name not in ("requirements-dev.lock", "requirements-pywb.lock")
    )
    assert "/opt/quotabord/bin/python" in json.loads(find_instructions("ENTRYPOINT")[0])


def test_the_services_start_commands_that_exist() -> None:
    """The image and each service in the compose file start a command that exists, and mount paths that exist."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))["services"]
    commands = [json.loads(find_instructions("CMD")[0])]
    commands += [service["command"] for service in services.values() if "command" in service]
    mounted = [volume.partition(":")[0] for service in services.values() for volume in service["volumes"]]

    assert len(commands) == 2
    assert all(understood(" ".join(words)) for words in commands)
    assert {path for path in mounted if path.startswith(".")} == {"..", "./nginx", "./nginx/nginx.conf"}
    assert all((DEPLOY / path).exists() for path in mounted if path.startswith("."))
    assert (REPOSITORY / ".containerignore").read_bytes() == (REPOSITORY / ".dockerignore").read_bytes()


@pytest.mark.skipif(os.getuid() != 0, reason="only root can become another user")
def test_it_runs_as_any_user_in_group_0(project: Project, tmp_path: Path) -> None:
    """A user without a name and a home folder can publish into a folder that group 0 may write to."""
    for folder in [tmp_path, *tmp_path.parents][:3]:
        folder.chmod(folder.stat().st_mode | stat.S_IRGRP | stat.S_IXGRP)
    (www := tmp_path / "www").mkdir()
    www.chmod(0o775)
    # It may read everything, because this machine's Python can be in a private home. It writes only where it may.
    reads = [
        "--inh-caps=-all,+dac_read_search",
        "--ambient-caps=-all,+dac_read_search",
        "--bounding-set=-all,+dac_read_search",
    ]
    user = ["setpriv", "--reuid=12345", "--regid=0", "--clear-groups", *reads]
    env = {**project.environment(), "PYTHONDONTWRITEBYTECODE": "1"}
    env.pop("HOME", None)
    words = [*user, sys.executable, "build.py", "publish", str(www / "site")]
    done = subprocess.run(words, cwd=project.root, env=env, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
    assert (www / "site/current/site/en/index.html").stat().st_uid == 12345
