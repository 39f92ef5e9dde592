#!/usr/bin/env bash
# Checks and measures kernels on a GPU: bench/gpu/run.sh STAGE, from anywhere.
#   publish      packs the programs with their runtime into .gpu/app.tgz, for a machine that has a GPU and no .NET
#   correctness  every row of the operators' matrix, products, convolutions and a training step, against the processor
#   speed        products, convolutions and elementwise operators; AlexNet, VGG-16, ResNet-50 and ResNet-101 in training and in use, each at the largest
#                batch that fits; all beside PyTorch on the same card where PYTHON has it; and a table of the processor beside the GPU
# DEVICE: cuda:0 (default), or opencl:0 to rehearse on the processor (SMALL=1 makes speed small: one tiny net, and PyTorch on the processor). OUT: where
# results go (default bench/results). PYTHON: which Python has PyTorch (default python3).
# On the GPU's machine the packed programs are used where .gpu/app.tgz has come along; otherwise they are packed first, which needs .NET.
# Ready, not measured: publish and correctness have run through OpenCL on a processor, speed in its small form; none has seen a GPU.
set -euo pipefail
cd "$(dirname "$0")/../.."
stage=${1:?publish, correctness or speed}
device=${DEVICE:-cuda:0}
out=${OUT:-bench/results}
python=${PYTHON:-python3}
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
    lines="$out/$stamp-gpu-speed.json"
    "$work/app/Anneal.GpuSpeed" "$device" ${SMALL:+small} | tee "$work/ours"
    if [ -n "${SMALL:-}" ] && "$python" -c 'import torch' 2> /dev/null; then
      "$python" bench/gpu/torch_speed.py cpu "$work/ours" small | tee "$work/theirs"
    elif "$python" -c 'import torch; assert torch.cuda.is_available()' 2> /dev/null; then
      "$python" bench/gpu/torch_speed.py "$device" "$work/ours" | tee "$work/theirs"
    else
      echo "$python has no PyTorch that finds a GPU: ours alone is measured" >&2
      : > "$work/theirs"
    fi
    cat "$work/ours" "$work/theirs" > "$lines"
    printf 'Card: %s.\n\n' "$card" > "$out/$stamp-gpu-speed.md"
    "$work/app/Anneal.GpuSpeed" table "$lines" | tee -a "$out/$stamp-gpu-speed.md" ;;
  *) echo "unknown stage '$stage': publish, correctness or speed" >&2; exit 2 ;;
esac
