#!/usr/bin/env bash
# The long half of the download tests: processes killed with SIGKILL at 100 random moments, eight processes at once again and again,
# and a disk that is really full (a small tmpfs in a mount namespace of its own, so nothing stays mounted). About six minutes on 2 idle cores.
# Usage: eng/acceptance/downloads.sh [KILLS] [ROUNDS]
set -euo pipefail
cd "$(dirname "$0")/../.."

export ANNEAL_SOAK_KILLS="${1:-100}" ANNEAL_SOAK_ROUNDS="${2:-10}"
export ANNEAL_SOAK_SMALL_DISK
ANNEAL_SOAK_SMALL_DISK="$(mktemp -d)"
trap 'rmdir "$ANNEAL_SOAK_SMALL_DISK"' EXIT

dotnet build tests/Zoo.Tests -v quiet
tests="artifacts/bin/Zoo.Tests/debug/Anneal.Zoo.Tests"

namespace=(unshare --mount)
[ "$(id -u)" -eq 0 ] || namespace+=(--map-root-user)
time timeout 1500 "${namespace[@]}" bash -c \
  'mount -t tmpfs -o size=6m none "$ANNEAL_SOAK_SMALL_DISK" && exec "$0" -class Anneal.Zoo.Tests.Downloads.DownloadSoak -explicit only -showLiveOutput -failSkips' "$tests"
