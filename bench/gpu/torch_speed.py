"""The shapes and nets of this folder's programs in PyTorch eager, one JSON line each, in float32, TF32 and mixed precision with channels last:
torch_speed.py DEVICE LINES [small]. LINES are those of our own program: nets are measured at the batches that stand there. On "cpu" it rehearses."""
import json
import statistics
import sys
import time

import torch
from torch import nn

device = torch.device(sys.argv[1])
small = "small" in sys.argv
on_gpu = device.type == "cuda"
MODES = ("float32", "tf32", "amp channels-last") if on_gpu else ("float32",)
MATRICES = (256,) if small else (1024, 2048, 4096)
CONVOLUTIONS = ((2, 32, 14, 32, 3, 1),) if small else (
    (32, 64, 56, 64, 3, 1), (32, 128, 28, 128, 3, 1), (32, 256, 14, 256, 3, 1), (32, 256, 56, 64, 1, 1), (32, 128, 28, 128, 3, 128))
ELEMENTS = 1 << 16 if small else 1 << 26
EXTENT = 32 if small else 224
ROUNDS, SECONDS_OF_ROUND = (1, 0.01) if small else (5, 0.5)


class Bottleneck(nn.Module):
    def __init__(self, channels, planes, stride):
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, planes, 1, bias=False), nn.BatchNorm2d(planes), nn.ReLU(True),
            nn.Conv2d(planes, planes, 3, stride, 1, bias=False), nn.BatchNorm2d(planes), nn.ReLU(True),
            nn.Conv2d(planes, 4 * planes, 1, bias=False), nn.BatchNorm2d(4 * planes))
        same = stride == 1 and channels == 4 * planes
        self.shortcut = nn.Identity() if same else nn.Sequential(nn.Conv2d(channels, 4 * planes, 1, stride, bias=False), nn.BatchNorm2d(4 * planes))

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnet(depths):
    layers, channels = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(True), nn.MaxPool2d(3, 2, 1)], 64
    for stage, depth in enumerate(depths):
        for block in range(depth):
            layers.append(Bottleneck(channels, 64 << stage, 2 if stage > 0 and block == 0 else 1))
            channels = 256 << stage
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, 1000))


def alexnet():
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(True), nn.MaxPool2d(3, 2), nn.Conv2d(64, 192, 5, 1, 2), nn.ReLU(True), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, 1, 1), nn.ReLU(True), nn.Conv2d(384, 256, 3, 1, 1), nn.ReLU(True), nn.Conv2d(256, 256, 3, 1, 1), nn.ReLU(True), nn.MaxPool2d(3, 2),
        nn.Flatten(), nn.Linear(9216, 4096), nn.ReLU(True), nn.Linear(4096, 4096), nn.ReLU(True), nn.Linear(4096, 1000))


def vgg16():
    layers, channels = [], 3
    for width in (64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0):
        layers += [nn.Conv2d(channels, width, 3, 1, 1), nn.ReLU(True)] if width else [nn.MaxPool2d(2, 2)]
        channels = width or channels
    return nn.Sequential(*layers, nn.Flatten(), nn.Linear(25088, 4096), nn.ReLU(True), nn.Linear(4096, 4096), nn.ReLU(True), nn.Linear(4096, 1000))


NETS = {
    "alexnet": alexnet, "vgg16": vgg16, "resnet50": lambda: resnet((3, 4, 6, 3)), "resnet101": lambda: resnet((3, 4, 23, 3)), "tiny": lambda: resnet((1, 1)),
}


def wait():
    if on_gpu:
        torch.cuda.synchronize()


def times(run, count):
    wait()
    start = time.perf_counter()
    for _ in range(count):
        run()
    wait()
    return time.perf_counter() - start


def seconds_of(run):
    times(run, 3)
    count = max(1, int(SECONDS_OF_ROUND / max(1e-5, times(run, 1))))
    return statistics.median(times(run, count) / count for _ in range(ROUNDS))


def write(what, mode, on, **figures):
    name = torch.cuda.get_device_name(on) if on.type == "cuda" else "cpu"
    print(json.dumps({"what": what, "engine": f"torch {torch.__version__} {mode}", "device": name, **figures}), flush=True)


def measure(what, mode, operations, run):
    seconds = seconds_of(run)
    write(what, mode, device, milliseconds=round(seconds * 1e3, 4), gigaPerSecond=round(operations / seconds / 1e9, 1))


def kernels(mode, layout):
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
        x = torch.randn(ELEMENTS, device=device)
        measure("add", mode, x.numel(), lambda: x + x)
        measure("relu", mode, x.numel(), lambda: torch.relu(x))
        measure("sum", mode, x.numel(), lambda: x.sum())


def net(line, mode, layout, on):
    """The work of one of our lines: the same net, batch and step."""
    work, name = line["what"].rsplit(" ", 1)
    batch = line["batch"]
    module = NETS[name]().to(on).to(memory_format=layout)
    x = torch.rand(batch, 3, EXTENT, EXTENT, device=on).to(memory_format=layout)
    labels = torch.randint(1000, (batch,), device=on)
    optimizer = torch.optim.SGD(module.parameters(), lr=1e-3, momentum=0.9)

    def autocast():
        return torch.autocast("cuda", enabled=mode.startswith("amp"))

    def train():
        optimizer.zero_grad(set_to_none=True)
        with autocast():
            loss = nn.functional.cross_entropy(module(x), labels)
        loss.backward()
        if work == "train":
            optimizer.step()

    def infer():
        with torch.no_grad(), autocast():
            module(x)

    module.train(work != "infer")
    try:
        seconds = seconds_of(infer if work == "infer" else train)
        write(line["what"], mode, on, batch=batch, milliseconds=round(seconds * 1e3, 3), imagesPerSecond=round(batch / seconds, 1))
    except RuntimeError as error:
        if "out of memory" not in str(error):
            raise
        print(f"{line['what']}, {mode}: batch {batch} does not fit.", file=sys.stderr)


def main():
    with open(sys.argv[2], encoding="utf-8") as file:
        lines = [json.loads(line) for line in file if line.startswith("{")]
    ours = [line for line in lines if "batch" in line and line["engine"] == "anneal"]
    for mode in MODES:
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = mode == "tf32"
        torch.backends.cudnn.benchmark = True
        layout = torch.channels_last if mode.startswith("amp") else torch.contiguous_format
        with torch.autocast("cuda", enabled=mode.startswith("amp")):
            kernels(mode, layout)
        for line in ours:
            if line["device"] != "cpu" or not on_gpu:
                net(line, mode, layout, device)
    if on_gpu:
        for line in ours:
            if line["device"] == "cpu":
                net(line, "float32", torch.contiguous_format, torch.device("cpu"))


main()
