#!/usr/bin/env bash
# Checks and measures kernels on a GPU: bench/gpu/run.sh STAGE, from anywhere.
#   publish      packs the programs with their runtime into .gpu/app.tgz, for a machine that has a GPU and no .NET
#   correctness  every row of the operators' matrix, products, convolutions and a training step, against the processor
#   speed        products, convolutions and elementwise operators, beside PyTorch on the same card where python3 has it
# DEVICE: cuda:0 (default), or opencl:0 to rehearse on the processor (SMALL=1 makes speed small). OUT: where results go (default bench/results).
# On the GPU's machine the packed programs are used where .gpu/app.tgz has come along; otherwise they are packed first, which needs .NET.
# Ready, not measured: publish and correctness have run through OpenCL on a processor, speed in its small form; none has seen a GPU. The
# training and inference of whole nets is not in it yet.
set -euo pipefail
cd "$(dirname "$0")/../.."
stage=${1:?publish, correctness or speed}
device=${DEVICE:-cuda:0}
out=${OUT:-bench/results}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

publish() {
  mkdir -p .gpu
  for project in tests/Training.Tests bench/gpu; do
    dotnet publish "$project" -c Release -r linux-x64 --self-contained -p:DebugType=none -o "$work/app" -v q --nologo
  done
  find "$work/app" -name "*.xml" -delete
  tar -C "$work/app" -czf .gpu/app.tgz .
  size=$(stat -c %s .gpu/app.tgz)
  echo "packed: .gpu/app.tgz, $((size / 1048576)) MiB"
  [ "$size" -le $((64 * 1048576)) ]
}

unpack() {
  [ -e .gpu/app.tgz ] || publish
  rm -rf "$work/app" && mkdir -p "$work/app" "$out"
  tar -C "$work/app" -xzf .gpu/app.tgz
  export CUDA_CACHE_PATH="$work/cuda-cache"
  if nvidia-smi -L 2> /dev/null; then card=$(nvidia-smi --query-gpu=name --format=csv,noheader | head -n 1); else card="no NVIDIA GPU"; fi
  stamp=$(date -u +%Y-%m-%d)
}

case $stage in
  publish) publish ;;
  correctness)
    unpack
    status=0
    ANNEAL_TEST_DEVICE=$device "$work/app/Anneal.Training.Tests" -trait Category=Gpu > "$work/log" 2>&1 || status=$?
    grep -E 'FAIL|Total:' -A 3 "$work/log" || tail -n 20 "$work/log"
    summary=$(grep -oE 'Total: [0-9]+.*' "$work/log" | tail -n 1)
    number() { printf '%s' "$summary" | grep -oE "$1: [0-9]+" | tr -dc '0-9'; }
    printf '{"stage":"correctness","device":"%s","card":"%s","total":%s,"failed":%s,"refused":%s}\n' \
      "$device" "$card" "$(number Total)" "$(number Failed)" "$(number Skipped)" | tee "$out/$stamp-gpu-correctness.json"
    exit "$status" ;;
  speed)
    unpack
    {
      "$work/app/Anneal.GpuSpeed" "$device" ${SMALL:+small}
      if [ -z "${SMALL:-}" ] && python3 -c 'import torch; assert torch.cuda.is_available()' 2> /dev/null; then
        python3 bench/gpu/torch_speed.py "$device"
      fi
    } | tee "$out/$stamp-gpu-speed.json" ;;
  *) echo "unknown stage '$stage': publish, correctness or speed" >&2; exit 2 ;;
esac
