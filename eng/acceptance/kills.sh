#!/usr/bin/env bash
# Kills a command with SIGKILL at random moments, lets it go on, and asks for the bytes of the run that nobody killed.
#
# Usage: eng/acceptance/kills.sh --out NAME [OPTION...] -- COMMAND [ARGUMENT...]
#   --out NAME       the file that the command makes, inside the folder of a run
#   --resume TEXT    what is added to the command when it goes on (default --resume; empty for a command that always does)
#   --kills N        how many kills in all (default 100)
#   --chain N        how many kills before a run is let to its end (default 4)
#   --seed N         which random moments (default 1)
#   --keep           leave the folders of the runs and say where they are
#
# In the command {dir} stands for the folder of the run, which is empty at first. The first run is not killed: it says which bytes are right
# and how long a run takes. A kill comes at a random moment of that time, so that starts, training, saving and export are all hit. After each
# kill the file is either not there or right: never half, and no other file is left under its name. Example:
#   eng/acceptance/kills.sh --out bees.onnx -- anneal finetune train --model squeezenet1.1 --out {dir}/bees.onnx --checkpoint {dir}/steps
set -euo pipefail

out="" resume="--resume" kills=100 chain=4 seed=1 keep=""
while [ $# -gt 0 ]; do
  case "$1" in
    --out) out="$2"; shift 2 ;;
    --resume) resume="$2"; shift 2 ;;
    --kills) kills="$2"; shift 2 ;;
    --chain) chain="$2"; shift 2 ;;
    --seed) seed="$2"; shift 2 ;;
    --keep) keep=yes; shift ;;
    --) shift; break ;;
    *) echo "kills.sh: '$1' is no option; see the head of the file" >&2; exit 2 ;;
  esac
done
[ -n "$out" ] && [ $# -gt 0 ] || { echo "kills.sh: --out NAME and a command after -- are needed" >&2; exit 2; }
command=("$@")
RANDOM=$seed

work=$(mktemp -d)
running=""
finish() {
  [ -z "$running" ] || kill -9 -- "-$running" 2> /dev/null || true
  if [ -n "$keep" ]; then echo "the runs are in $work"; else rm -rf "$work"; fi
}
trap finish EXIT

now() { date +%s%N; }
digest() { sha256sum "$1" | cut -d ' ' -f 1; }
fail() { printf 'FAILED: %s\n' "$1" >&2; tail -n 20 "$2" >&2; exit 1; }

# Starts the command for a folder in a group of its own, so that a kill takes its children too. What follows is added to it.
start() {
  local dir="$1"; shift
  setsid "${command[@]//\{dir\}/$dir}" "$@" >> "$dir.log" 2>&1 &
  running=$!
}

# Waits for the command; its exit code is that of this function.
join() { local code=0; wait "$running" || code=$?; running=""; return "$code"; }

# Kills the command after some milliseconds, if it is still there. Says whether it was.
kill_after() {
  sleep "$(printf '%d.%03d' $(($1 / 1000)) $(($1 % 1000)))"
  kill -9 -- "-$running" 2> /dev/null || true
  local code=0
  join 2> /dev/null || code=$?
  [ "$code" -eq 137 ]
}

# What must hold at any moment: the file is right or not there, and nothing half-written has its name.
require_whole() {
  local dir="$1"
  [ ! -e "$dir/$out" ] || [ "$(digest "$dir/$out")" = "$right" ] || fail "$out is there and not whole after kills at$moments ms" "$dir.log"
}

mkdir "$work/whole"
began=$(now)
start "$work/whole"
join || fail "the run that nobody kills ended with an error" "$work/whole.log"
length=$((($(now) - began) / 1000000))
[ -e "$work/whole/$out" ] || fail "the run that nobody kills made no $out" "$work/whole.log"
right=$(digest "$work/whole/$out")
printf 'undisturbed: %s ms, %s\n' "$length" "$right"

killed=0 missed=0 run=0
while [ "$killed" -lt "$kills" ]; do
  run=$((run + 1))
  dir="$work/run$run"
  mkdir "$dir"
  extra=()
  moments=""
  for ((link = 0; link < chain && killed < kills; link++)); do
    moment=$((RANDOM * 32768 + RANDOM))
    moment=$((moment % (length + 1)))
    start "$dir" "${extra[@]}"
    if kill_after "$moment"; then
      killed=$((killed + 1))
      moments+=" $moment"
      require_whole "$dir"
    else
      # It was done before its moment came, as it may be when it goes on from far ahead.
      missed=$((missed + 1))
      moments+=" ($moment: done)"
      break
    fi
    [ -z "$resume" ] || extra=("$resume")
  done
  if [ ! -e "$dir/$out" ]; then
    start "$dir" "${extra[@]}"
    join || fail "run $run could not go on after kills at$moments ms" "$dir.log"
  fi
  [ -e "$dir/$out" ] || fail "run $run made no $out after kills at$moments ms" "$dir.log"
  [ "$(digest "$dir/$out")" = "$right" ] || fail "run $run made other bytes after kills at$moments ms" "$dir.log"
  leftovers=$(find "$dir" -name "*.tmp" | wc -l)
  printf 'run %s: killed at%s ms, right in the end (%s of %s kills; %s temporary files left)\n' "$run" "$moments" "$killed" "$kills" "$leftovers"
  [ -n "$keep" ] || rm -rf "$dir" "$dir.log"
done
printf '%s kills in %s runs, %s came too late: every run ended with the bytes of the undisturbed one\n' "$killed" "$run" "$missed"
