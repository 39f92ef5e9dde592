#!/usr/bin/env bash
# Takes many damaged models through everything that the library does with models, in half a GiB: bench/fuzz/run.sh [COUNT [FIRST]], default 200,000 from 0.
# A mutant that fails is named with its number, its base and what was done to it; bench/fuzz/run.sh 1 NUMBER runs it again alone.
set -euo pipefail
cd "$(dirname "$0")/../.."
count=${1:-200000} first=${2:-0}
dotnet build -c Release tests/Onnx.Tests --nologo -v q
ANNEAL_FUZZ_RANGE="$first-$((first + count))" DOTNET_GCHeapHardLimit=0x20000000 \
  artifacts/bin/Onnx.Tests/release/Anneal.Onnx.Tests -explicit only -method '*FuzzTests.Mutants_in_this_process' | grep -v '^ *\(Discover\|Starting\|Finished\)'
