#!/usr/bin/env python3
"""Whether the figures of "kaiyan evaluate" are those that scikit-learn works out from the same answers.

    kaiyan evaluate photos --json --predictions predictions.jsonl > figures.json
    pip install scikit-learn
    python scripts/check-evaluation.py figures.json predictions.jsonl

The probabilities are worked out anew from the logits of the predictions, and every figure from these. The bootstrap draws with
another generator here, so its intervals may differ by what chance makes of so many resamples. The exit status is 1 if a figure
differs.
"""
import argparse
import json
import sys
import warnings

import numpy as np
from scipy.stats import binomtest
from sklearn import metrics
from sklearn.calibration import calibration_curve

BINS = 15
EXACT = 1e-9
RESAMPLES = 1000


class Checks:
    def __init__(self, title):
        self.title = title
        self.count = 0
        self.wrong = 0

    def same(self, what, ours, theirs, within=EXACT):
        ours, theirs = np.asarray(ours, dtype=float), np.asarray(theirs, dtype=float)
        self.count += ours.size
        if ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=0, atol=within, equal_nan=True):
            return
        self.wrong += 1
        print(f"{self.title}: {what} differs: Kaiyan {ours.tolist()}, expected {theirs.tolist()}")


def softmax(logits, temperature):
    scaled = (logits - logits.max(axis=1, keepdims=True)) / temperature
    weights = np.exp(scaled)
    return weights / weights.sum(axis=1, keepdims=True)


def top_five(truth, probabilities):
    """Of equal ones scikit-learn takes the last first; Kaiyan, as argmax, the first. So the classes are turned around."""
    classes = probabilities.shape[1]
    if classes <= 5:
        return 1.0
    turned = probabilities[:, ::-1]
    return metrics.top_k_accuracy_score(classes - 1 - truth, turned, k=5, labels=np.arange(classes))


def figures_of(truth, predicted, probabilities):
    classes = np.arange(probabilities.shape[1])
    averages = {
        average: metrics.precision_recall_fscore_support(truth, predicted, average=average, zero_division=0)[:3]
        for average in ("macro", "weighted")
    }
    return {
        "top1": metrics.accuracy_score(truth, predicted),
        "top5": top_five(truth, probabilities),
        "logLoss": metrics.log_loss(truth, probabilities, labels=classes),
        "balancedAccuracy": metrics.balanced_accuracy_score(truth, predicted),
        "macro": dict(zip(("precision", "recall", "f1"), averages["macro"])),
        "weighted": dict(zip(("precision", "recall", "f1"), averages["weighted"])),
    }


def check_classes(checks, ours, truth, predicted):
    occurring = np.unique(np.concatenate([truth, predicted]))
    rows = ours["perClass"]
    checks.same("the classes that occur", [row["index"] for row in rows], occurring)
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        truth, predicted, labels=occurring, zero_division=0
    )
    for name, theirs in (("precision", precision), ("recall", recall), ("f1", f1), ("support", support)):
        checks.same(f"the classes' {name}", [row[name] for row in rows], theirs)
    matrix = metrics.confusion_matrix(truth, predicted, labels=occurring)
    place = {label: i for i, label in enumerate(occurring.tolist())}
    counts = np.zeros_like(matrix)
    for shown, named, pictures in ours["confusion"]:
        counts[place[shown], place[named]] += pictures
    checks.same("the confusion matrix", counts, matrix)
    checks.same("the pictures for which a class was named", [row["predicted"] for row in rows], matrix.sum(axis=0))


def check_calibration(checks, ours, right, confidence):
    bins = ours["calibration"]["bins"]
    edges = np.linspace(0, 1, BINS + 1)
    checks.same("the edges of the bins", [bin["from"] for bin in bins] + [bins[-1]["to"]], edges)
    filled = [bin for bin in bins if bin["pictures"] > 0]
    accuracy, mean = calibration_curve(right, confidence, n_bins=BINS)
    checks.same("the reliability diagram", [[bin["accuracy"], bin["confidence"]] for bin in filled], np.c_[accuracy, mean])
    share = np.array([bin["pictures"] for bin in filled])
    checks.same("the pictures in the bins", share.sum(), len(right))
    checks.same("ECE", ours["calibration"]["ece"], np.sum(share * np.abs(accuracy - mean)) / len(right))


def check_coverage(checks, ours, truth, predicted, confidence):
    for point in [*ours["coverage"]["curve"], ours["coverage"]["operating"]]:
        named = confidence >= point["threshold"]
        accuracy = metrics.accuracy_score(truth[named], predicted[named]) if named.any() else np.nan
        found = np.nan if point["accuracy"] is None else point["accuracy"]
        checks.same(f"the coverage at {point['threshold']}", [point["coverage"], found], [named.mean(), accuracy])


def resampled(pictures, work):
    random = np.random.default_rng(0)
    return np.array([work(random.integers(0, pictures, pictures)) for _ in range(RESAMPLES)])


def check_interval(checks, what, ours, values):
    """Each end may be where the share of resamples below it is what chance makes of 2.5 %."""
    for end, share in (("low", 0.025), ("high", 0.975)):
        spread = 4.5 * np.sqrt(2 * share * (1 - share) / RESAMPLES)
        lowest, highest = np.quantile(values, [max(0, share - spread), min(1, share + spread)])
        checks.same(f"{what}, {end}", ours[end], np.clip(ours[end], lowest, highest), 1e-6)


def check_intervals(checks, ours, truth, predicted, ranks, losses):
    count = len(truth)
    for name, hits in (("top1", truth == predicted), ("top5", ranks < 5)):
        if hits.all() or not hits.any():
            exact = binomtest(int(hits.sum()), count).proportion_ci(0.95, method="exact")
            checks.same(f"{name}, exact", [ours[name]["low"], ours[name]["high"]], [exact.low, exact.high])
        else:
            check_interval(checks, name, ours[name], resampled(count, lambda draw, hits=hits: hits[draw].mean()))
    check_interval(checks, "logLoss", ours["logLoss"], resampled(count, lambda draw: losses[draw].mean()))
    macro = resampled(count, lambda draw: macro_of(truth[draw], predicted[draw]))
    for i, name in enumerate(("precision", "recall", "f1")):
        check_interval(checks, f"macro {name}", ours["macro"][name], macro[:, i])
    check_interval(checks, "balancedAccuracy", ours["balancedAccuracy"], macro[:, 3])


def macro_of(truth, predicted):
    """As scikit-learn, which is too slow for thousands of resamples; `main` holds it against scikit-learn."""
    size = max(truth.max(), predicted.max()) + 1
    support, named = np.bincount(truth, minlength=size), np.bincount(predicted, minlength=size)
    right = np.bincount(truth[truth == predicted], minlength=size)
    occurs = support + named > 0
    support, named, right = support[occurs], named[occurs], right[occurs]
    recall = right / np.maximum(support, 1)
    return (right / np.maximum(named, 1)).mean(), recall.mean(), (2 * right / (support + named)).mean(), recall[support > 0].mean()


def check(ours, lines):
    checks = Checks("{name}@{version}:{precision}".format(**ours["model"]))
    truth = np.array([line["truth"] for line in lines])
    logits = np.array([line["logits"] for line in lines], dtype=np.float32).astype(np.float64)
    probabilities = softmax(logits, ours["model"]["temperature"])
    predicted = probabilities.argmax(axis=1)
    confidence = probabilities.max(axis=1)
    own = probabilities[np.arange(len(truth)), truth]
    before = np.arange(probabilities.shape[1]) < truth[:, None]
    ranks = ((probabilities > own[:, None]) | ((probabilities == own[:, None]) & before)).sum(axis=1)

    checks.same("the resamples", ours["bootstrap"]["resamples"], RESAMPLES)
    checks.same("the pictures", ours["data"]["pictures"], len(lines))
    for name, theirs in (("predicted", predicted), ("probability", confidence), ("truthProbability", own), ("rank", ranks)):
        checks.same(f"the predictions' {name}", [line[name] for line in lines], theirs)
    theirs = figures_of(truth, predicted, probabilities)
    for name in ("top1", "top5", "logLoss", "balancedAccuracy"):
        checks.same(name, ours[name]["value"], theirs[name])
    for name in ("precision", "recall", "f1"):
        checks.same(f"macro {name}", ours["macro"][name]["value"], theirs["macro"][name])
        checks.same(f"weighted {name}", ours["weighted"][name], theirs["weighted"][name])
    checks.same("this script's own averages", macro_of(truth, predicted), [*theirs["macro"].values(), theirs["balancedAccuracy"]])
    check_classes(checks, ours, truth, predicted)
    check_calibration(checks, ours, truth == predicted, confidence)
    check_coverage(checks, ours, truth, predicted, confidence)
    wrong = np.sort(confidence[truth != predicted])[::-1]
    checks.same("the wrong answers", ours["wrong"], len(wrong))
    checks.same("the surest mistakes", [mistake["probability"] for mistake in ours["mistakes"]], wrong[: len(ours["mistakes"])])
    epsilon = np.finfo(float).eps
    losses = -np.log(np.clip(own, epsilon, 1 - epsilon))
    check_intervals(checks, ours, truth, predicted, ranks, losses)
    return checks, {line["file"]: (right, loss) for line, right, loss in zip(lines, truth == predicted, losses)}


def check_paired(paired, first, second):
    checks = Checks("the paired test")
    both = [file for file in first if file in second]
    one, other = (np.array([answers[file] for file in both]) for answers in (first, second))
    only = int(((one[:, 0] == 1) & (other[:, 0] == 0)).sum()), int(((one[:, 0] == 0) & (other[:, 0] == 1)).sum())
    checks.same("the split", [paired["pictures"], paired["onlyFirstRight"], paired["onlySecondRight"]], [len(both), *only])
    p = binomtest(only[0], sum(only)).pvalue if sum(only) else 1.0
    checks.same("p", paired["p"], p)
    for i, name in enumerate(("top1", "logLoss")):
        if paired[name] is None:
            continue
        differences = one[:, i] - other[:, i]
        checks.same(f"the difference in {name}", paired[name]["value"], differences.mean())
        values = resampled(len(both), lambda draw, differences=differences: differences[draw].mean())
        check_interval(checks, f"the difference in {name}", paired[name], values)
    return checks


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("figures", help='what "kaiyan evaluate --json" wrote')
    parser.add_argument("predictions", help='what "--predictions" wrote')
    options = parser.parse_args()
    # It warns of classes that are named and not shown; what it does then is what is compared.
    warnings.filterwarnings("ignore", category=UserWarning)
    with open(options.figures, encoding="utf-8") as file:
        figures = json.load(file)
    with open(options.predictions, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    every, answers = [], []
    for ours in figures["evaluations"]:
        title = "{name}@{version}:{precision}".format(**ours["model"])
        checks, answered = check(ours, [line for line in lines if line["model"] == title])
        every.append(checks)
        answers.append(answered)
    if figures["paired"]:
        every.append(check_paired(figures["paired"], *answers))
    for checks in every:
        print(f"{checks.title}: {checks.count} figures compared, {checks.wrong or 'none'} different")
    return 1 if any(checks.wrong for checks in every) else 0


if __name__ == "__main__":
    sys.exit(main())
