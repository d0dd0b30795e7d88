#!/bin/bash
# Brings this clone up to date from any git host: fetches, checks and merges what is new in a folder of its own, and takes it over.
# The resident publisher publishes what it finds then. New content with errors is not taken over; a new closing in it is.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python
driver="\"$python\" \"$PWD/build.py\" quota merge %O %A %B"
# A name for commits on a host where git has none.
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
    echo "$1, so only its quota log is taken over." >&2
    git show "$(git merge-base HEAD "$upstream"):quota_state.yaml" >"$new/base.yaml" || true
    git show "$upstream:quota_state.yaml" >"$new/theirs.yaml"
    "$python" build.py quota take "$new/base.yaml" "$new/theirs.yaml" || true
    exit 1
}

"$python" "$new/site/build.py" check || take_only_the_log "What is on the git host has errors"
before=$(git rev-parse HEAD)
# Under the log's own lock, so that no command writes an event meanwhile. A conflict is only in the folder of its own.
flock .quota_state.yaml.lock bash -euc '
    git diff --quiet -- quota_state.yaml || git commit --quiet --no-verify --message "The quota log of this host" -- quota_state.yaml
    git -C "$2" checkout --quiet --detach "$(git rev-parse HEAD)"
    git -C "$2" -c merge.quotabord.driver="$1" merge --quiet --no-verify --no-edit "$3"
    git merge --quiet --ff-only "$(git -C "$2" rev-parse HEAD)"
' - "$driver" "$new/site" "$upstream" || take_only_the_log "What is on the git host cannot be merged with what is here"
git diff --quiet "$before" HEAD -- requirements.lock || make --quiet .venv/.site
