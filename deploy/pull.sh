#!/bin/bash
# Brings this clone up to date from any git host: fetches, checks what is new in a folder of its own, and takes it over.
# The resident publisher publishes what it finds then. New content with errors is not taken over; a new closing in it is.
set -euo pipefail
cd "$(dirname "$0")/.."
python=$PWD/.venv/bin/python
driver="\"$python\" \"$PWD/build.py\" quota merge %O %A %B"

timeout 60 git fetch --quiet
if [ -z "$(git rev-list "HEAD..@{upstream}")" ]; then exit 0; fi
new=$(mktemp -d)
trap 'git worktree remove --force "$new/site" 2>/dev/null; rm -rf "$new"' EXIT
git worktree add --quiet --detach "$new/site" "@{upstream}"

if ! "$python" "$new/site/build.py" check; then
    echo "What is on the git host has errors, so only its quota log is taken over." >&2
    base=$(git merge-base HEAD "@{upstream}")
    git show "$base:quota_state.yaml" >"$new/base.yaml"
    # Under the log's own lock, so that no command writes an event meanwhile.
    flock .quota_state.yaml.lock "$python" build.py quota merge "$new/base.yaml" quota_state.yaml "$new/site/quota_state.yaml"
    exit 1
fi
before=$(git rev-parse HEAD)
flock .quota_state.yaml.lock bash -euc '
    git diff --quiet -- quota_state.yaml || git commit --quiet --no-verify --message "The quota log of this host" -- quota_state.yaml
    git merge --quiet --ff-only "@{upstream}" || git -c merge.quotabord.driver="$1" rebase --quiet "@{upstream}" || { git rebase --abort; exit 1; }
' - "$driver"
git diff --quiet "$before" HEAD -- requirements.lock || make --quiet .venv/.site
