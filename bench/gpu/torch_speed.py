"""The shapes of Program.cs in PyTorch eager, one JSON line each, in float32, TF32 and mixed precision with channels last."""
import json
import statistics
import sys
import time

import torch

device = torch.device(sys.argv[1] if len(sys.argv) > 1 else "cuda:0")
MATRICES = (1024, 2048, 4096)
CONVOLUTIONS = ((32, 64, 56, 64, 3, 1), (32, 128, 28, 128, 3, 1), (32, 256, 14, 256, 3, 1), (32, 256, 56, 64, 1, 1), (32, 128, 28, 128, 3, 128))


def times(run, count):
    torch.cuda.synchronize()
    start = time.perf_counter()
    for _ in range(count):
        run()
    torch.cuda.synchronize()
    return time.perf_counter() - start


def measure(what, mode, operations, run):
    times(run, 3)
    count = max(1, int(0.5 / max(1e-5, times(run, 1))))
    seconds = statistics.median(times(run, count) / count for _ in range(5))
    print(json.dumps({"what": what, "engine": f"torch {torch.__version__} {mode}", "device": torch.cuda.get_device_name(device),
                      "milliseconds": round(seconds * 1e3, 4), "gigaPerSecond": round(operations / seconds / 1e9, 1)}), flush=True)


for mode in ("float32", "tf32", "amp channels-last"):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = mode == "tf32"
    torch.backends.cudnn.benchmark = True
    layout = torch.channels_last if mode.startswith("amp") else torch.contiguous_format
    with torch.autocast("cuda", enabled=mode.startswith("amp")):
        for size in MATRICES:
            a, b = torch.randn(size, size, device=device), torch.randn(size, size, device=device)
            measure(f"matmul {size}", mode, 2 * size**3, lambda a=a, b=b: a @ b)
        for n, c, extent, m, kernel, groups in CONVOLUTIONS:
            x = torch.randn(n, c, extent, extent, device=device).to(memory_format=layout).requires_grad_()
            w = torch.randn(m, c // groups, kernel, kernel, device=device).to(memory_format=layout).requires_grad_()
            dy = torch.randn(n, m, extent, extent, device=device).to(memory_format=layout)
            name = f"{n}x{c}x{extent}x{extent} to {m} by {kernel}x{kernel} in {groups}"
            work = 2 * n * extent * extent * m * (c // groups) * kernel * kernel

            def forward(x=x, w=w, kernel=kernel, groups=groups):
                return torch.nn.functional.conv2d(x, w, padding=kernel // 2, groups=groups)

            def both(x=x, w=w, dy=dy, forward=forward):
                y = forward()
                y.backward(dy.to(y.dtype))
                x.grad = w.grad = None

            with torch.no_grad():
                measure(f"conv {name}", mode, work, forward)
            measure(f"conv with gradients {name}", mode, 3 * work, both)
    if mode == "float32":
        x = torch.randn(1 << 26, device=device)
        measure("add", mode, x.numel(), lambda: x + x)
        measure("relu", mode, x.numel(), lambda: torch.relu(x))
        measure("sum", mode, x.numel(), lambda: x.sum())
