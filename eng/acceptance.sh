#!/usr/bin/env bash
# The measurements that are too long for every change: figures against the bars that the project sets itself. Run it on a machine that
# does nothing else; every speed is a ratio of two things that take turns. About 40 minutes on 2 cores.
# Usage: eng/acceptance.sh [PART...]      parts: files memory pixels answers session open preprocess classify downloads data kills;
#        default all
# Real models and pictures: $ANNEAL_TEST_DATA, else shared/data beside the checkout.
set -euo pipefail
cd "$(dirname "$0")/.."

data=$(realpath "${ANNEAL_TEST_DATA:-../shared/data}")
export ANNEAL_TEST_DATA="$data"
parts=("$@")
[ ${#parts[@]} -gt 0 ] || parts=(files memory pixels answers session open preprocess classify downloads data kills)

dotnet build -v quiet
dotnet build bench -c Release -v quiet
bench() { dotnet artifacts/bin/Bench/release/Anneal.Bench.dll "$@"; }
tests() { artifacts/bin/"$1".Tests/debug/Anneal."$1".Tests -class "Anneal.$1.Tests.$2" -showLiveOutput -failSkips; }

files() { tests Onnx RoundTripTests && tests Onnx OnnxRuntimeTests; }
memory() { ANNEAL_PEAK_MB=550 tests Onnx MemoryTests; }
pixels() { tests Zoo Images.PillowReferenceTests && tests Zoo Images.OddFilesTests; }
answers() { tests Cli RealModelTests; }
session() { bench session-overhead; }
open() { bench model-open; }
preprocess() { bench preprocess "$data/images/labelled"; }
classify() { bench classify "$data/models/squeezenet1.1-fp32-rebuilt.onnx" squeezenet1.1 "$data/images/labelled" 1000; }
downloads() { eng/acceptance/downloads.sh; }
data() {
  artifacts/bin/Training.Tests/debug/Anneal.Training.Tests -class Anneal.Training.Tests.Tuning.DataFaultsSpeed -explicit only -showLiveOutput -failSkips
}
kills() {
  eng/acceptance/kills.sh --kills 100 --out insects.onnx -- \
    dotnet artifacts/bin/Cli/debug/Anneal.Cli.dll finetune "$data/datasets/hymenoptera/train" --val "$data/datasets/hymenoptera/val" \
    --model "$data/models/squeezenet1.1-fp32-rebuilt.onnx" --card squeezenet1.1 --epochs 3 --checkpoint {dir}/steps --out {dir}/insects.onnx
}

for part in "${parts[@]}"; do
  printf '\n== %s (%ss)\n' "$part" "$SECONDS"
  "$part"
done
