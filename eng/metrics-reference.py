#!/usr/bin/env python3
"""Records what scikit-learn makes of formulas' scores: tests/Training.Tests/Golden/metrics.json.

Run it with Debian 12's python3-sklearn, from the root of the checkout:

    /usr/bin/python3 eng/metrics-reference.py > tests/Training.Tests/Golden/metrics.json

The calibration error, which scikit-learn does not have, is equation 3 of Guo et al. 2017, written here with numpy.
"""
import json

import numpy
import sklearn
from sklearn import metrics

BINS = 15


def case(samples, classes, seed, least_label=0):
    draws = numpy.random.RandomState(seed)
    labels = draws.randint(least_label, classes, samples)
    scores = draws.normal(size=(samples, classes)).astype(numpy.float32)
    scores[numpy.arange(samples), labels] += numpy.float32(1.25)
    # One class is never predicted.
    scores[:, classes - 1] -= numpy.float32(20)
    scores = numpy.round(scores, 3).astype(numpy.float32)
    wide = scores.astype(numpy.float64)
    probabilities = numpy.exp(wide - wide.max(1, keepdims=True))
    probabilities /= probabilities.sum(1, keepdims=True)
    every = list(range(classes))
    predicted = scores.argmax(1)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(labels, predicted, labels=every, zero_division=0)
    macro = metrics.precision_recall_fscore_support(labels, predicted, labels=every, average="macro", zero_division=0)
    confidence, right = probabilities.max(1), predicted == labels
    calibration = 0.0
    for i in range(BINS):
        inside = (confidence > i / BINS) & (confidence <= (i + 1) / BINS)
        if inside.any():
            calibration += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return {
        "classes": classes,
        "labels": labels.tolist(),
        "scores": [float(f"{score:.3f}") for score in scores.ravel()],
        "top1": metrics.accuracy_score(labels, predicted),
        "top5": metrics.top_k_accuracy_score(labels, wide, k=5, labels=every) if classes > 5 else None,
        "loss": metrics.log_loss(labels, probabilities, labels=every, eps=1e-300),
        "calibrationError": calibration,
        "precision": precision.tolist(),
        "recall": recall.tolist(),
        "f1": f1.tolist(),
        "support": support.tolist(),
        "macro": list(macro[:3]),
        "confusion": metrics.confusion_matrix(labels, predicted, labels=every).ravel().tolist(),
    }


print(json.dumps({
    "provenance": f"scikit-learn {sklearn.__version__}, numpy {numpy.__version__}, recorded by eng/metrics-reference.py",
    "cases": {"three": case(40, 3, 1), "seven": case(150, 7, 2, least_label=1)},
}))
