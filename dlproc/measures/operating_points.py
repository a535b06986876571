"""Thresholds of the image score by rules that say what they promise.

An image is rejected when its score is the threshold or more. Every rule sees scores of images that the model was not
trained on. What a rule promises for *new* images depends on what it looks at:

- ``'halcon'``, ``'max_f1'``, ``'min_cost'``, ``'target_fpr'`` choose what was best on these images. New ones will do a
  little worse, by how much is not known.
- ``'conformal'`` needs good images only and gives a guarantee [1]_, [2]_. Of n good scores, drawn like those to come,
  let the threshold lie just above the (k+1)-th largest. The share of new good images that reach it is random, because
  the n images are; it exceeds t with probability P(Binomial(n, t) <= k), whatever the scores look like. The rule
  takes the largest k for which that is at most 1 - confidence. With k = 0 it holds from n = log(1 - confidence) /
  log(1 - t) on: 59 good images for 5 % at 95 % confidence, 299 for 1 %.
- ``'zero_miss'`` lets the threshold lie at the smallest score of the anomalous images. By the same argument for n of
  them, at most 1 - (1 - confidence)^(1/n) of new ones are missed, if they are like these.

"Drawn like those to come" is the condition: the same line, the same camera, the same light. If that changes, no rule
can promise anything.

References
----------
.. [1] S. S. Wilks: Determination of sample sizes for setting tolerance limits. Ann. Math. Statist. 12, 1941.
.. [2] V. Vovk: Conditional validity of inductive conformal predictors. ACML 2012.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import beta, binom

from dlproc.measures.confusion import is_at_least
from dlproc.measures.curve import best_f1_threshold, operating_curve, zero_miss_threshold
from dlproc.measures.intervals import proportion_interval
from dlproc.measures.thresholds import classification_thresholds

_ROUNDING = 1e-9
_TIE = 1e-14  # of the largest cost: what counts as equal
_RateOrRates = float | NDArray[np.float64]


@dataclass(frozen=True)
class Costs:
    """What errors cost. `defect_rate` is the share of defective parts in production; None: as in the images."""

    miss: float
    false_alarm: float
    defect_rate: float | None = None

    def mean(
        self, false_alarm_rate: _RateOrRates, miss_rate: _RateOrRates, n_ok: int, n_nok: int
    ) -> NDArray[np.float64]:
        """Mean cost of an image, from the rates of both errors."""
        rate = n_nok / (n_ok + n_nok) if self.defect_rate is None else self.defect_rate
        return np.asarray(rate * self.miss * miss_rate + (1 - rate) * self.false_alarm * false_alarm_rate)


@dataclass(frozen=True)
class Choice:
    """A threshold and what it promises; `threshold` is None where the rule has none, and `promise` says why."""

    threshold: float | None
    promise: str
    is_guaranteed: bool = False

    def without_guarantee(self) -> Choice:
        """The same where it is not known which images the model was trained on."""
        if not self.is_guaranteed:
            return self
        reason = "No promise for new images: the model does not know which images it was trained on. Train it anew."
        return replace(self, promise=reason, is_guaranteed=False)


@dataclass(frozen=True)
class Outcome:
    """What a threshold does to labelled images."""

    quantile: float | None
    n_false_alarms: int
    n_missed: int
    false_alarm_rate: float | None
    false_alarm_interval: tuple[float, float] | None
    miss_rate: float | None
    miss_interval: tuple[float, float] | None
    cost: float | None


def halcon(ok_scores: NDArray[np.float64], nok_scores: NDArray[np.float64]) -> Choice:
    """The last of HALCON's thresholds, which its scripts take; the good images are those of the test."""
    if len(ok_scores) == 0:
        return Choice(None, "needs at least one good image of split 'test'")
    threshold = classification_thresholds(ok_scores, nok_scores)[-1]
    from_images = f"the {len(ok_scores)} good images" if len(ok_scores) != 1 else "the one good image"
    if len(nok_scores) == 0:
        return Choice(threshold, f"No promise for new images: it lies just above {from_images} that it is from.")
    from_images += f" and the {len(nok_scores)} defective ones that it is from"
    if threshold <= float(nok_scores.min()) and threshold > float(ok_scores.max()):
        return Choice(threshold, f"No promise for new images: it lies midway between {from_images}.")
    return Choice(threshold, f"No promise for new images: it balances both error rates on {from_images}.")


def zero_miss(nok_scores: NDArray[np.float64], confidence: float) -> Choice:
    """The largest threshold that misses none of the anomalous images.

    Examples
    --------
    >>> import numpy as np
    >>> zero_miss(np.array([0.5, 0.7, 0.6]), 0.95).threshold
    0.5
    """
    n_nok = len(nok_scores)
    if n_nok == 0:
        return Choice(None, "needs at least one defective image")
    threshold = zero_miss_threshold(operating_curve(nok_scores, np.ones(n_nok, bool)))
    bound = guaranteed_rate(n_nok, 0, confidence)
    promise = f"At most {_at_most(bound)} of new defective images like these {n_nok} are missed, "
    promise += f"with {_percent(confidence)} confidence."
    return Choice(threshold, promise, is_guaranteed=True)


def max_f1(ok_scores: NDArray[np.float64], nok_scores: NDArray[np.float64]) -> Choice:
    """The threshold with the best F1, midway between the scores on both sides of it."""
    scores, is_nok = _pooled(ok_scores, nok_scores)
    best = best_f1_threshold(operating_curve(scores, is_nok))
    if best is None:
        return Choice(None, "needs at least one defective image")
    return Choice(_midway_below(best, scores), "No promise for new images: it has the best F1 on these.")


def target_fpr(ok_scores: NDArray[np.float64], target: float) -> Choice:
    """The smallest threshold that rejects at most the target share of these good images.

    Examples
    --------
    >>> import numpy as np
    >>> round(target_fpr(np.arange(100) / 100, 0.05).threshold, 6)  # just above 0.94: 0.95 to 0.99 are rejected
    0.94
    """
    if len(ok_scores) == 0:
        return Choice(None, "needs at least one good image that was not trained on")
    n_allowed = math.floor(target * len(ok_scores) + _ROUNDING)
    promise = f"No promise for new images: at most {_percent(target)} of these good ones are rejected."
    return Choice(_above_all_but(n_allowed, ok_scores), promise)


def min_cost(ok_scores: NDArray[np.float64], nok_scores: NDArray[np.float64], costs: Costs) -> Choice:
    """The threshold with the least mean cost, midway between the scores on both sides; of several, the lowest."""
    n_ok, n_nok = len(ok_scores), len(nok_scores)
    if n_ok == 0 or n_nok == 0:
        return Choice(None, "needs good and defective images")
    scores, is_nok = _pooled(ok_scores, nok_scores)
    curve = operating_curve(scores, is_nok)
    false_alarm_rate = np.append(0, curve.false_alarms) / n_ok  # the first: nothing is rejected
    miss_rate = 1 - np.append(0, curve.found) / n_nok
    cost = costs.mean(false_alarm_rate, miss_rate, n_ok, n_nok)
    largest = float(costs.mean(1.0, 1.0, n_ok, n_nok))  # when every decision is wrong
    best = int(np.flatnonzero(cost <= cost.min() + _TIE * largest)[-1])
    threshold = _just_above(scores.max()) if best == 0 else _midway_below(float(curve.thresholds[best - 1]), scores)
    return Choice(threshold, f"No promise for new images: it has the least mean cost on these, {cost[best]:.4g}.")


def conformal(ok_scores: NDArray[np.float64], target: float | None, confidence: float) -> Choice:
    """A threshold from good images alone that new good images seldom reach, with a guarantee.

    Parameters
    ----------
    ok_scores : array (N,)
        Scores of good images that were not trained on.
    target : float or None
        Share of new good images that may be rejected; None: the smallest that the N images allow.
    confidence : float
        Probability with which the N images give a threshold that keeps the promise.

    Examples
    --------
    >>> import numpy as np
    >>> conformal(np.arange(59) / 100, 0.05, 0.95).promise
    'At most 5 % of new good images are rejected, with 95 % confidence: 59 good images guarantee it.'
    >>> conformal(np.arange(59) / 100, 0.01, 0.95).promise
    'you need 240 more good images for 1 % at 95 % confidence; these 59 allow 4.96 %'
    """
    n_ok = len(ok_scores)
    if n_ok == 0:
        return Choice(None, "needs at least one good image that was not trained on")
    n_allowed = 0
    if target is not None:
        n_allowed = n_rejected_allowed(n_ok, target, confidence)
        if n_allowed < 0:
            return Choice(None, too_few(n_ok, target, confidence))
    bound = _at_most(guaranteed_rate(n_ok, 0, confidence)) if target is None else _percent(target)
    promise = f"At most {bound} of new good images are rejected, with {_percent(confidence)} confidence: "
    return Choice(_above_all_but(n_allowed, ok_scores), promise + f"{n_ok} good images guarantee it.", True)


def too_few(n_ok: int, target: float, confidence: float) -> str:
    """How many good images are missing for a promise."""
    missing, bound = n_images_needed(target, confidence) - n_ok, guaranteed_rate(n_ok, 0, confidence)
    wanted = f"{_percent(target)} at {_percent(confidence)} confidence"
    images = "image" if missing == 1 else "images"
    return f"you need {missing} more good {images} for {wanted}; these {n_ok} allow {_at_most(bound)}"


def n_rejected_allowed(n_ok: int, target: float, confidence: float) -> int:
    """How many of the n good images may reach a threshold that keeps the promise; -1: not even with none it does."""
    allowed = np.flatnonzero(binom.cdf(np.arange(n_ok), n_ok, target) <= 1 - confidence + 1e-12)
    return int(allowed[-1]) if len(allowed) else -1


def n_images_needed(target: float, confidence: float) -> int:
    """How many images a guarantee needs.

    Examples
    --------
    >>> n_images_needed(0.05, 0.95), n_images_needed(0.01, 0.95)
    (59, 299)
    """
    return 1 if target >= 1 else math.ceil(math.log(1 - confidence) / math.log1p(-target) - _ROUNDING)


def guaranteed_rate(n_images: int, n_allowed: int, confidence: float) -> float:
    """The smallest rate that can be guaranteed with n images of which k may be on the wrong side.

    Examples
    --------
    >>> round(guaranteed_rate(59, 0, 0.95), 4)
    0.0495
    """
    return float(beta.ppf(confidence, n_allowed + 1, n_images - n_allowed))


def outcome(
    threshold: float,
    ok_scores: NDArray[np.float64],
    nok_scores: NDArray[np.float64],
    costs: Costs | None,
    confidence: float,
) -> Outcome:
    """What a threshold does to these images; rates are None without an image of the class."""
    n_ok, n_nok = len(ok_scores), len(nok_scores)
    n_false_alarms = int(np.count_nonzero(is_at_least(ok_scores, threshold)))
    n_missed = int(np.count_nonzero(~is_at_least(nok_scores, threshold)))
    false_alarm_rate = n_false_alarms / n_ok if n_ok else None
    miss_rate = n_missed / n_nok if n_nok else None
    cost = None
    if costs is not None and false_alarm_rate is not None and miss_rate is not None:
        cost = float(costs.mean(false_alarm_rate, miss_rate, n_ok, n_nok))
    return Outcome(
        quantile=1 - n_false_alarms / n_ok if n_ok else None,
        n_false_alarms=n_false_alarms,
        n_missed=n_missed,
        false_alarm_rate=false_alarm_rate,
        false_alarm_interval=proportion_interval(n_false_alarms, n_ok, confidence),
        miss_rate=miss_rate,
        miss_interval=proportion_interval(n_missed, n_nok, confidence),
        cost=cost,
    )


def _percent(share: float) -> str:
    return f"{100 * share:.6g} %"


def _at_most(share: float) -> str:
    """As percent with three digits, rounded up: a promise may be kept better than it says, not worse."""
    unit = 10.0 ** (math.floor(math.log10(100 * share)) - 2)
    return f"{math.ceil(100 * share / unit - _ROUNDING) * unit:.3g} %"


def _pooled(
    ok_scores: NDArray[np.float64], nok_scores: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    scores = np.concatenate([ok_scores, nok_scores])
    return scores, np.arange(len(scores)) >= len(ok_scores)


def _just_above(score: float) -> float:
    """The next float32: scores are compared in float32."""
    return float(np.nextafter(np.float32(score), np.float32(np.inf)))


def _above_all_but(n_allowed: int, scores: NDArray[np.float64]) -> float:
    """Just above the score that is the largest but n; with ties, fewer than n reach it."""
    return 0.0 if n_allowed >= len(scores) else _just_above(float(np.sort(scores)[::-1][n_allowed]))


def _midway_below(threshold: float, scores: NDArray[np.float64]) -> float:
    """Midway between a score and the next lower one: the same decisions, with room on both sides."""
    lower = scores[scores < threshold]
    if len(lower) == 0:
        return threshold
    middle = np.float32((threshold + float(lower.max())) / 2)
    return float(middle) if middle > np.float32(lower.max()) else threshold
