#!/bin/bash
# Brings this clone up to date with any git host: fetches new commits, checks and merges them in a separate folder, and then updates the
# clone. The resident publisher publishes the changes. Of commits whose content has errors, only the events of the quota log are merged.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python
driver="\"$python\" \"$PWD/build.py\" quota merge %O %A %B"
# The author of commits, if git has none on this host.
if ! git config user.email >/dev/null && [ -z "${GIT_COMMITTER_EMAIL:-}" ]; then
    export GIT_AUTHOR_NAME=Quotabord GIT_COMMITTER_NAME=Quotabord
    export GIT_AUTHOR_EMAIL=quotabord@localhost GIT_COMMITTER_EMAIL=quotabord@localhost
fi

timeout 60 git fetch --quiet
if [ -z "$(git rev-list "HEAD..@{upstream}")" ]; then exit 0; fi
upstream=$(git rev-parse "@{upstream}")
new=$(mktemp -d)
trap 'git worktree remove --force "$new/site" 2>/dev/null; rm -rf "$new"' EXIT
git worktree add --quiet --detach "$new/site" "$upstream"

take_only_the_log() {
    echo "$1, so only the events of its quota log are merged." >&2
    git show "$(git merge-base HEAD "$upstream"):quota_state.yaml" >"$new/base.yaml" || true
    git show "$upstream:quota_state.yaml" >"$new/theirs.yaml"
    "$python" build.py quota take "$new/base.yaml" "$new/theirs.yaml" || true
    exit 1
}

"$python" "$new/site/build.py" check || take_only_the_log "The new version on the git host has errors"
before=$(git rev-parse HEAD)
# Holds the lock of the log, so that no command writes an event in the meantime. A conflict stays in the separate folder.
flock .quota_state.yaml.lock bash -euc '
    git diff --quiet -- quota_state.yaml || git commit --quiet --no-verify --message "The quota log of this host" -- quota_state.yaml
    git -C "$2" checkout --quiet --detach "$(git rev-parse HEAD)"
    git -C "$2" -c merge.quotabord.driver="$1" merge --quiet --no-verify --no-edit "$3"
    git merge --quiet --ff-only "$(git -C "$2" rev-parse HEAD)"
' - "$driver" "$new/site" "$upstream" || take_only_the_log "The new version on the git host cannot be merged with this clone"
git diff --quiet "$before" HEAD -- requirements.lock || make --quiet .venv/.site
