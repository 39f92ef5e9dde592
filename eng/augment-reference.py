#!/usr/bin/env python3
"""Records what Pillow and torchvision make of generated patterns: tests/Training.Tests/Golden/augmentation.json.

Run it with Debian 12's python3-pil and python3-torchvision, from the root of the checkout:

    /usr/bin/python3 eng/augment-reference.py > tests/Training.Tests/Golden/augmentation.json

Pictures are formulas, results are SHA-256 digests of their bytes (red, green, blue, or one byte of grey, row after row).
"""
import hashlib
import json

import PIL
import torch
import torchvision
from PIL import Image, ImageFilter
from torchvision import transforms as T
from torchvision.transforms import autoaugment
from torchvision.transforms import functional as F
from torchvision.transforms.functional import InterpolationMode

MODES = {"Nearest": InterpolationMode.NEAREST, "Bilinear": InterpolationMode.BILINEAR}
FILTERS = {"Box": InterpolationMode.BOX, "Bilinear": InterpolationMode.BILINEAR, "Hamming": InterpolationMode.HAMMING,
           "Bicubic": InterpolationMode.BICUBIC, "Lanczos": InterpolationMode.LANCZOS}


def noise(x, y, c, w, h):
    v = (x * 73856093 ^ y * 19349663 ^ (c + 1) * 83492791) & 0xFFFFFFFF
    v = (v ^ v >> 15) * 2246822519 & 0xFFFFFFFF
    return v >> 24


def waves(x, y, c, w, h):
    return (3 * x + 5 * y if c == 0 else x * y if c == 1 else (7 * x) ^ (11 * y)) & 255


def soft(x, y, c, w, h):
    return 40 + x * 150 // w if c == 0 else 30 + y * 180 // h if c == 1 else 60 + (x + y) * 120 // (w + h)


PATTERNS = {"noise": noise, "waves": waves, "soft": soft}


def picture(pattern, width, height, channels):
    make = PATTERNS[pattern]
    data = bytes(make(x, y, c, width, height) for y in range(height) for x in range(width) for c in range(channels))
    return Image.frombytes("RGB" if channels == 3 else "L", (width, height), data)


def digest(data):
    return hashlib.sha256(data).hexdigest()


def fill(channels, value):
    return [value] * channels


cases = []


def case(op, pattern, width, height, channels, result, numbers=(), **words):
    if result.mode != ("RGB" if channels == 3 else "L"):
        raise ValueError(f"{op} changed the mode to {result.mode}")
    cases.append({"op": op, "pattern": pattern, "width": width, "height": height, "channels": channels, "numbers": list(numbers), **words,
                  "resultWidth": result.width, "resultHeight": result.height, "sha256": digest(result.tobytes())})


def wide_spaces():
    return autoaugment.TrivialAugmentWide()._augmentation_space(31)


def wide_cases(pattern, width, height, channels, source):
    for kind, (magnitudes, signed) in wide_spaces().items():
        strengths = [0, 7, 15, 23, 30] if magnitudes.ndim else [0]
        for strength in strengths:
            magnitude = float(magnitudes[strength].item()) if magnitudes.ndim else 0.0
            for sign in ([1, -1] if signed and strength else [1]):
                result = autoaugment._apply_op(source, kind, sign * magnitude, InterpolationMode.NEAREST, fill(channels, 0))
                case("wide", pattern, width, height, channels, result, [sign * magnitude], kind=kind)


def picture_cases():
    for pattern, width, height, channels in [("noise", 37, 23, 3), ("waves", 64, 64, 3), ("soft", 50, 41, 3), ("noise", 31, 20, 1), ("soft", 24, 24, 1)]:
        source = picture(pattern, width, height, channels)
        add = lambda op, result, numbers=(), **words: case(op, pattern, width, height, channels, result, numbers, **words)
        add("none", source)
        for factor in [0.0, 0.25, 0.6180339887, 1.0, 1.3, 1.99, 3.5]:
            add("brightness", F.adjust_brightness(source, factor), [factor])
            add("contrast", F.adjust_contrast(source, factor), [factor])
            add("saturation", F.adjust_saturation(source, factor), [factor])
            add("sharpness", F.adjust_sharpness(source, factor), [factor])
        for turn in [-0.5, -0.371, -0.1, -0.003, 0.0, 0.05, 0.25, 0.4999, 0.5]:
            add("hue", F.adjust_hue(source, turn), [turn])
        add("grayscale", F.to_grayscale(source, channels))
        add("flipHorizontally", F.hflip(source))
        add("flipVertically", F.vflip(source))
        for window in [(0, 0, height, width), (3, 5, 11, 9), (-4, -3, height, width), (7, -2, height, width + 9), (-40, 2, 30, 8)]:
            add("crop", F.crop(source, *window), window)
        for window, size in [((2, 3, 15, 17), (24, 20)), ((0, 0, height, width), (16, 16)), ((1, 0, 19, 23), (19, 23)), ((5, 4, 8, 6), (8, 13))]:
            for name, mode in FILTERS.items():
                add("resizedCrop", F.resized_crop(source, *window, list(size), mode), [*window, *size], filter=name)
        for degrees, x, y, scale, shear_x, shear_y in [
                (0, 0, 0, 1, 0, 0), (0, 3, -2, 1, 0, 0), (0, 0, 0, 1.37, 0, 0), (0, -5, 1, 0.71, 0, 0), (30, 0, 0, 1, 0, 0), (-77.3, 4, 2, 1.2, 0, 0),
                (12.5, 0, 0, 0.8, 9, -7), (0, 0, 0, 1, 25, 0), (90, 0, 0, 1, 0, 0), (180, 1, 1, 1, 0, 0), (45, 0, 0, 0.0005, 0, 0), (5, 60, 0, 1, 0, 0)]:
            for name, mode in MODES.items():
                for value in [0, 77]:
                    result = F.affine(source, float(degrees), [x, y], float(scale), [float(shear_x), float(shear_y)], mode, fill(channels, value))
                    add("affine", result, [degrees, x, y, scale, shear_x, shear_y, value], interpolation=name)
        for degrees in [0.0, 17.25, -33.3, 90.0, -90.0, 180.0, 359.5, 45.0, -180.0, 0.01]:
            for name, mode in MODES.items():
                add("rotate", F.rotate(source, degrees, mode, fill=fill(channels, 19)), [degrees, 19], interpolation=name)
        for deviation in [0.1, 0.5, 1.0, 2.0, 3.7, 11.0]:
            add("gaussianBlur", source.filter(ImageFilter.GaussianBlur(deviation)), [deviation])
        wide_cases(pattern, width, height, channels, source)


class Uniform:
    """Stands in for torch's generator: hands out given numbers of [0, 1), in order."""

    def __init__(self, numbers):
        self.numbers, self.used = numbers, 0

    def next(self):
        self.used += 1
        return self.numbers[self.used - 1]


def with_uniform(numbers, run):
    given = Uniform(numbers)
    uniform, randint = torch.Tensor.uniform_, torch.randint
    torch.Tensor.uniform_ = lambda self, low=0.0, high=1.0: self.fill_(float(low) + (float(high) - float(low)) * given.next())
    torch.randint = lambda low, high, size: torch.full(size, int(low + given.next() * (high - low)))
    try:
        return run()
    finally:
        torch.Tensor.uniform_, torch.randint = uniform, randint


def spread(seed, count):
    """Numbers of [0, 1), multiples of 1/1024, that look random."""
    return [((seed * 7919 + i * 104729 + (i * i + seed) * 1299709) >> 3) % 1024 / 1024 for i in range(count)]


def first_that_fits(numbers, run):
    """Runs a rule of ten attempts on four numbers each: a rejected attempt uses two of them, the one that is taken all four."""
    for attempts in range(11):
        rejected = [n for i in range(attempts) for n in numbers[4 * i:4 * i + 2]]
        try:
            return with_uniform(rejected + numbers[4 * attempts:4 * attempts + 4], run)
        except IndexError:
            continue
    raise ValueError("the rule used more numbers than ten attempts have")


def rule_cases():
    rules = []
    for seed, (height, width) in enumerate([(224, 224), (375, 500), (100, 400), (400, 90), (7, 9), (1, 1), (32, 2000), (640, 33)]):
        for scale in [(0.08, 1.0), (0.9, 1.0)]:
            numbers = spread(seed, 40)
            picture = torch.zeros(3, height, width)
            window = first_that_fits(numbers, lambda: T.RandomResizedCrop.get_params(picture, list(scale), [3 / 4, 4 / 3]))
            rules.append({"rule": "resizedCrop", "height": height, "width": width, "area": scale, "uniform": numbers, "window": [int(i) for i in window]})
    for seed, (height, width) in enumerate([(224, 224), (32, 32), (9, 200), (3, 3), (1, 40)]):
        for scale in [(0.02, 0.33), (0.5, 1.0)]:
            numbers = spread(seed + 100, 40)
            picture = torch.zeros(3, height, width)
            result = first_that_fits(numbers, lambda: T.RandomErasing.get_params(picture, scale, (0.3, 3.3), [0.0]))
            found = tuple(int(i) for i in result[:4])
            # torchvision says "nothing" with a rectangle that is the whole picture and replaces it by itself.
            rules.append({"rule": "erasing", "height": height, "width": width, "area": scale, "uniform": numbers,
                          "window": None if found == (0, 0, height, width) else list(found)})
    return rules


def floats(tensor):
    return digest(tensor.to(torch.float32).contiguous().numpy().tobytes())


def batch_case(count, channels, height, width):
    values = torch.tensor([((i * 2654435761) % 4294967296) / 4294967296 - 0.5 for i in range(count * channels * height * width)], dtype=torch.float64)
    return values.to(torch.float32).reshape(count, channels, height, width)


def mix_labels(labels, classes, share):
    label = torch.nn.functional.one_hot(labels, classes).float()
    return label.roll(1, 0).mul_(1.0 - share).add_(label.mul(share))


def mix_cases():
    """mixup and CutMix by the definitions of torchvision's v2 transforms, which this torchvision does not have yet."""
    mixes = []
    for count, share in [(4, 0.3), (5, 0.875), (1, 0.6), (2, 0.123456789)]:
        batch, labels = batch_case(count, 3, 6, 5), torch.arange(count) * 2 % 3
        mixed = batch.roll(1, 0).mul_(1.0 - share).add_(batch.mul(share))
        mixes.append({"mix": "mixup", "count": count, "share": share, "inputs": floats(mixed), "labels": mix_labels(labels, 3, share).flatten().tolist()})
    for count, share, x, y in [(4, 0.3, 2, 3), (3, 0.7, 0, 0), (2, 0.05, 4, 5), (4, 0.99, 1, 1), (1, 0.5, 2, 2)]:
        height, width = 6, 5
        batch, labels = batch_case(count, 3, height, width), torch.arange(count) * 2 % 3
        half = 0.5 * (1.0 - share) ** 0.5
        half_width, half_height = int(half * width), int(half * height)
        left, top = max(x - half_width, 0), max(y - half_height, 0)
        right, bottom = min(x + half_width, width), min(y + half_height, height)
        mixed = batch.clone()
        mixed[..., top:bottom, left:right] = batch.roll(1, 0)[..., top:bottom, left:right]
        real = 1.0 - (right - left) * (bottom - top) / (width * height)
        mixes.append({"mix": "cutmix", "count": count, "share": share, "x": x, "y": y, "window": [top, left, bottom - top, right - left],
                      "inputs": floats(mixed), "labels": mix_labels(labels, 3, real).flatten().tolist()})
    return mixes


def pipeline_case():
    """A whole way: part, flip, colours, numbers, an erased rectangle."""
    source = picture("waves", 90, 70, 3)
    result = F.hflip(F.resized_crop(source, 5, 8, 50, 60, [32, 40], InterpolationMode.BILINEAR))
    result = F.adjust_hue(F.adjust_contrast(F.adjust_saturation(F.adjust_brightness(result, 1.2), 0.7), 1.4), -0.08)
    numbers = F.normalize(F.to_tensor(result), [0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    numbers = F.erase(numbers, 3, 4, 10, 7, torch.tensor([0.5, -1.0, 2.0])[:, None, None])
    return {"width": 90, "height": 70, "inputs": floats(numbers)}


picture_cases()
magnitudes = {kind: (m.flatten().tolist() if m.ndim else [0.0]) for kind, (m, _) in wide_spaces().items()}
document = {"pillow": PIL.__version__, "torch": torch.__version__, "torchvision": torchvision.__version__,
            "rules": rule_cases(), "mixes": mix_cases(), "pipeline": pipeline_case(), "magnitudes": magnitudes, "cases": cases}
body = {key: value for key, value in document.items() if key != "cases"}
lines = ",\n".join("    " + json.dumps(one) for one in cases)
parts = [f"  {json.dumps(key)}: {json.dumps(value)}" if not isinstance(value, list)
         else f"  {json.dumps(key)}: [\n" + ",\n".join("    " + json.dumps(one) for one in value) + "\n  ]" for key, value in body.items()]
print("{\n" + ",\n".join([*parts, f'  "cases": [\n{lines}\n  ]']) + "\n}")
