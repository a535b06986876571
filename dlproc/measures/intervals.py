"""How sure a measure is: confidence intervals.

A measure of 30 images is a guess at what it would be for all images to come. An interval at 95 % comes from a rule that
holds the true value in 95 of 100 such tests.

- AUROC: DeLong's variance [1]_ on the scale of log(A / (1 - A)), on which the interval is as wide upwards as downwards;
  on A itself it would be too narrow above 0.9. Where the classes are apart the variance is 0, which would say
  "certainly perfect", and of a single image it is not defined: there Newcombe's interval [2]_ is given.
- A share (of images found, of false alarms): Clopper and Pearson's exact interval [3]_.
- False-positive rate at a recall, and precision at recall 1: the threshold is uncertain, too. How many of n anomalous
  images lie above the true threshold of that recall is binomial, which gives two thresholds between which it lies, and
  Clopper and Pearson's interval is taken beyond both. Each step has half of what may go wrong. From recalls near
  1 the upper end is 1: how low defects to come may score, images that were not missed cannot say. (The bootstrap knows
  no image below the lowest, and never held the true value in simulations.)
- Average precision and best F1: percentiles of 1,000 bootstrap samples [4]_, drawn with replacement from the good and
  from the anomalous images separately, so that each sample has as many of both. In simulations they hold the true
  value in 87 to 95 of 100 tests, for the best F1, which is a maximum and flatters itself, in 65 to 85. Where all
  samples give the same (the classes are apart), one end is the measure if as many good images were rejected, at every
  threshold, as Clopper and Pearson's upper end for none of n.

References
----------
.. [1] E. R. DeLong et al.: Comparing the areas under two or more correlated ROC curves. Biometrics 44, 1988. In the
   form with midranks of X. Sun, W. Xu, IEEE Signal Processing Letters 21, 2014.
.. [2] R. G. Newcombe: Confidence intervals for an effect size measure based on the Mann-Whitney statistic, part 2.
   Statistics in Medicine 25, 2006, method 5.
.. [3] C. J. Clopper, E. S. Pearson: The use of confidence or fiducial limits. Biometrika 26, 1934.
.. [4] B. Efron, R. J. Tibshirani: An Introduction to the Bootstrap. 1993, chapter 13.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, logit
from scipy.stats import beta, binom, norm, rankdata

from dlproc.measures.curve import OperatingCurve, false_alarms_at

N_BOOTSTRAP = 1000
_COUNTS_AT_ONCE = 2**21


def auroc_interval(
    scores: NDArray[np.generic], is_anomalous: NDArray[np.bool_], confidence: float = 0.95
) -> tuple[float, float] | None:
    """Interval of the area under the ROC curve; None where a class has no image.

    Parameters
    ----------
    scores : array (N,)
        Higher is more anomalous.
    is_anomalous : array (N,), bool
        The truth.
    confidence : float
        Level, 0 to 1.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = auroc_interval(np.arange(10.0), np.arange(10) >= 5)
    >>> round(low, 2), high
    (0.64, 1.0)
    """
    nok, ok = np.asarray(scores)[is_anomalous], np.asarray(scores)[~is_anomalous]
    if min(len(nok), len(ok)) == 0:
        return None
    # Placement values: for each anomalous score the share of good ones below it, and the other way round [1].
    ranks = rankdata(np.concatenate([nok, ok]))
    above_ok = (ranks[: len(nok)] - rankdata(nok)) / len(ok)
    below_nok = 1 - (ranks[len(nok) :] - rankdata(ok)) / len(nok)
    area = float(above_ok.mean())
    quantile = float(norm.ppf((1 + confidence) / 2))
    deviation = 0.0
    if min(len(nok), len(ok)) > 1:
        deviation = float(np.sqrt(above_ok.var(ddof=1) / len(nok) + below_nok.var(ddof=1) / len(ok)))
    if deviation == 0 or area in (0.0, 1.0):
        return _newcombe(area, len(nok), len(ok), quantile)
    half = quantile * deviation / (area * (1 - area))
    return float(expit(logit(area) - half)), float(expit(logit(area) + half))


def proportion_interval(n_hits: int, n_trials: int, confidence: float = 0.95) -> tuple[float, float] | None:
    """Exact interval of a share; None without a trial.

    Examples
    --------
    >>> low, high = proportion_interval(0, 59)
    >>> low, round(high, 3)
    (0.0, 0.061)
    """
    if n_trials == 0:
        return None
    tail = (1 - confidence) / 2
    low = float(beta.ppf(tail, n_hits, n_trials - n_hits + 1)) if n_hits > 0 else 0.0
    high = float(beta.ppf(1 - tail, n_hits + 1, n_trials - n_hits)) if n_hits < n_trials else 1.0
    return low, high


def fpr_at_recall_interval(
    curve: OperatingCurve, recall: float, confidence: float = 0.95
) -> tuple[float, float] | None:
    """Interval of the share of good images that is rejected where a share of the anomalous ones is found.

    Parameters
    ----------
    curve : OperatingCurve
        Of all images.
    recall : float
        In (0, 1].
    confidence : float
        Level; the interval is on the safe side.

    Returns
    -------
    (float, float) or None
        None where a class has no image.
    """
    if curve.n_nok == 0 or curve.n_ok == 0:
        return None
    tail, each = (1 - confidence) / 4, 1 - (1 - confidence) / 2
    fewest, most = (int(count) for count in binom.ppf([tail, 1 - tail], curve.n_nok, recall))
    low, high = 0.0, 1.0
    if fewest > 0:  # the true threshold is not above the score that finds so many
        low = (proportion_interval(int(false_alarms_at(curve, fewest)), curve.n_ok, each) or (0.0, 1.0))[0]
    if most < curve.n_nok:  # and above the next one
        high = (proportion_interval(int(false_alarms_at(curve, most + 1)), curve.n_ok, each) or (0.0, 1.0))[1]
    return low, high


def precision_at_recall_1_interval(curve: OperatingCurve, confidence: float = 0.95) -> tuple[float, float] | None:
    """Interval of the precision at recall 1, from that of the false-positive rate, with as many of both classes."""
    rates = fpr_at_recall_interval(curve, 1.0, confidence)
    if rates is None:
        return None
    low, high = (curve.n_nok / (curve.n_nok + rate * curve.n_ok) for rate in reversed(rates))
    return low, high


def bootstrap_interval(
    curve: OperatingCurve,
    measure: Callable[[OperatingCurve], NDArray[np.float64] | None],
    generator: np.random.Generator,
    confidence: float = 0.95,
) -> tuple[float, float] | None:
    """Interval of any measure of a curve, by the stratified bootstrap; None where the measure is undefined.

    Parameters
    ----------
    curve : OperatingCurve
        Of all images.
    measure : callable
        One of `dlproc.measures.curve`.
    generator : numpy Generator
        Draws the samples; the same seed gives the same interval.
    """
    if curve.n_nok == 0 or curve.n_ok == 0:
        return None
    nok_at, ok_at = np.diff(curve.found, prepend=0), np.diff(curve.false_alarms, prepend=0)
    n_at_once = max(1, _COUNTS_AT_ONCE // len(curve.thresholds))
    values = []
    for start in range(0, N_BOOTSTRAP, n_at_once):
        n_samples = min(n_at_once, N_BOOTSTRAP - start)
        # How often each score is drawn; the curve of a sample is their running total.
        found = np.cumsum(generator.multinomial(curve.n_nok, nok_at / curve.n_nok, n_samples), axis=1)
        false_alarms = np.cumsum(generator.multinomial(curve.n_ok, ok_at / curve.n_ok, n_samples), axis=1)
        sampled = measure(OperatingCurve(curve.thresholds, found, false_alarms))
        assert sampled is not None  # both classes are there
        values.append(sampled)
    tail = (1 - confidence) / 2
    value = measure(curve)
    assert value is not None
    low, high = np.quantile(np.append(np.concatenate(values), value), [tail, 1 - tail])
    low, high = min(low, float(value)), max(high, float(value))
    if low == high:
        _, most_rejected = proportion_interval(0, curve.n_ok, confidence) or (0.0, 1.0)
        false_alarms = np.maximum(curve.false_alarms, most_rejected * curve.n_ok)
        other_end = measure(OperatingCurve(curve.thresholds, curve.found, false_alarms))
        assert other_end is not None
        low, high = sorted((float(low), float(other_end)))
    return float(low), float(high)


def _newcombe(area: float, n_nok: int, n_ok: int, quantile: float) -> tuple[float, float]:
    """The areas whose own deviation, in Hanley and McNeil's form, is `quantile` times smaller than their distance."""

    def deviation(true_area: float) -> float:
        n_other = (n_nok + n_ok) / 2 - 1
        spread = 1 + n_other * ((1 - true_area) / (2 - true_area) + true_area / (1 + true_area))
        return float(np.sqrt(true_area * (1 - true_area) * spread / (n_nok * n_ok)))

    low, high = area, area
    if area > 0:
        low = float(brentq(lambda true: area - true - quantile * deviation(true), 0.0, area - 1e-12))
    if area < 1:
        high = float(brentq(lambda true: true - area - quantile * deviation(true), area + 1e-12, 1.0))
    return low, high
