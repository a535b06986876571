"""Thresholds with promises: hand calculation, and simulations of what is promised."""

import numpy as np
import pytest
from scipy.stats import binom

from dlproc.measures import operating_points as rules
from dlproc.measures.confusion import is_at_least


def generator(seed=0):
    return np.random.Generator(np.random.PCG64(seed))


@pytest.mark.parametrize(("n_images", "target"), [(59, 0.05), (299, 0.01), (29, 0.10)])
def test_the_published_numbers_of_images(n_images, target):
    """The sample sizes of Wilks' one-sided tolerance limits at 95 %, as in every table of them."""
    assert rules.n_images_needed(target, 0.95) == n_images
    assert rules.n_rejected_allowed(n_images, target, 0.95) == 0
    assert rules.n_rejected_allowed(n_images - 1, target, 0.95) == -1
    assert rules.guaranteed_rate(n_images, 0, 0.95) <= target < rules.guaranteed_rate(n_images - 1, 0, 0.95)


def test_more_images_allow_some_to_be_rejected():
    """Published: of 93 one, of 124 two may lie beyond a 95 % / 95 % tolerance limit."""
    assert [rules.n_rejected_allowed(n, 0.05, 0.95) for n in (92, 93, 123, 124)] == [0, 1, 1, 2]
    assert binom.cdf(1, 93, 0.05) <= 0.05 < binom.cdf(1, 92, 0.05)


@pytest.mark.parametrize("n_images", [59, 93, 200, 500])
def test_the_guarantee_holds_in_simulation(n_images):
    """2,000 draws of good images; the true rate is known, because the scores are uniform: rate = 1 - threshold.

    At most 5 % of the draws may give a threshold whose rate exceeds 5 %. The count varies by chance; the limit is the
    99.99 % quantile of what 5 % of 2,000 gives. Uniform is no restriction: only ranks matter.
    """
    draws = generator(n_images).random((2000, n_images)).astype(np.float32).astype(np.float64)
    rates = np.array([1 - rules.conformal(scores, 0.05, 0.95).threshold for scores in draws])
    n_broken = np.count_nonzero(rates > 0.05)
    assert n_broken <= binom.ppf(0.9999, 2000, 0.05)
    assert n_broken >= 2000 * 0.003, "a rule that gives away so much is of no use"


def test_the_plain_quantile_would_break_the_promise():
    """What 'target_fpr' does on the same draws: about half of them, which is why it promises nothing."""
    draws = generator(1).random((500, 100))
    rates = np.array([1 - rules.target_fpr(scores, 0.05).threshold for scores in draws])
    assert 0.3 < np.mean(rates > 0.05) < 0.7


def test_zero_miss_keeps_its_promise_in_simulation():
    draws = generator(2).random((2000, 40)).astype(np.float32).astype(np.float64)
    choices = [rules.zero_miss(scores, 0.95) for scores in draws]
    bound = rules.guaranteed_rate(40, 0, 0.95)  # of uniform scores, the share below the threshold is the threshold
    assert (
        choices[0].promise == "At most 7.22 % of new defective images like these 40 are missed, with 95 % confidence."
    )
    assert np.count_nonzero([choice.threshold > bound for choice in choices]) <= binom.ppf(0.9999, 2000, 0.05)


def test_too_few_images_say_how_many_are_missing():
    choice = rules.conformal(np.linspace(0, 0.5, 120), 0.01, 0.95)
    assert choice == rules.Choice(
        None, "you need 179 more good images for 1 % at 95 % confidence; these 120 allow 2.47 %"
    )
    # The message keeps its word: with 179 more it works.
    assert rules.conformal(np.linspace(0, 0.5, 299), 0.01, 0.95).is_guaranteed
    assert rules.conformal(np.zeros(0), 0.05, 0.95).threshold is None


def test_conformal_without_a_target_gives_the_best_that_the_images_allow():
    choice = rules.conformal(np.linspace(0.1, 0.5, 59), None, 0.95)
    assert (
        choice.promise
        == "At most 4.96 % of new good images are rejected, with 95 % confidence: 59 good images guarantee it."
    )
    assert choice.threshold == np.nextafter(np.float32(0.5), np.float32(1))


def test_ties_make_the_rule_cautious():
    scores = np.full(100, 0.25)
    for choice in (rules.conformal(scores, 0.05, 0.95), rules.target_fpr(scores, 0.05)):
        assert not is_at_least(scores, choice.threshold).any()


def test_target_fpr_by_hand():
    scores = np.arange(100) / 100
    for target, n_rejected in ((0.05, 5), (0.0599, 5), (0.07, 7), (1.0, 100)):  # 0.07 * 100 > 7 in binary
        assert is_at_least(scores, rules.target_fpr(scores, target).threshold).sum() == n_rejected


def test_min_cost_by_hand():
    ok, nok = np.array([0.1, 0.2, 0.6]), np.array([0.5, 0.7])
    # Between 0.6 and 0.7 one is missed, between 0.2 and 0.5 there is one false alarm.
    assert rules.min_cost(ok, nok, rules.Costs(10, 1)).threshold == pytest.approx(0.35)
    assert rules.min_cost(ok, nok, rules.Costs(1, 10)).threshold == pytest.approx(0.65)
    # 1 % defective parts: a miss of cost 10 counts 0.01 * 10 / 2, a false alarm 0.99 / 3.
    rare = rules.min_cost(ok, nok, rules.Costs(10, 1, defect_rate=0.01))
    assert rare.threshold == pytest.approx(0.65)
    assert rare.promise.endswith("0.05.")
    # Defects that cost next to nothing: better reject nothing at all.
    assert rules.min_cost(ok, np.array([0.05]), rules.Costs(0.001, 10)).threshold > 0.6


def test_promises_are_rounded_to_the_safe_side():
    for n_images in range(1, 1000):
        shown = float(rules.conformal(np.zeros(n_images), None, 0.95).promise.split()[2])
        bound = 100 * rules.guaranteed_rate(n_images, 0, 0.95)
        assert bound - 1e-9 <= shown <= bound * 1.02
    assert "99.95 % confidence" in rules.zero_miss(np.ones(50), 0.9995).promise
    assert rules.too_few(58, 0.05, 0.95).startswith("you need 1 more good image for 5 %")


@pytest.mark.parametrize("exponent", [1, 6, 9])
def test_min_cost_is_the_least_also_where_a_miss_is_rare_and_dear(exponent):
    draw = generator(5)
    ok, nok = draw.normal(0, 1, 300), draw.normal(2, 1, 100)
    costs = rules.Costs(10.0 ** (exponent + 1), 1.0, 10.0**-exponent)

    def cost(threshold):
        misses, alarms = np.mean(~is_at_least(nok, threshold)), np.mean(is_at_least(ok, threshold))
        return costs.mean(alarms, misses, 300, 100)

    least = min(cost(threshold) for threshold in [*ok, *nok, 99.0])
    assert cost(rules.min_cost(ok, nok, costs).threshold) == pytest.approx(least, rel=1e-9)


def test_max_f1_lies_between_the_classes():
    assert rules.max_f1(np.array([0.1, 0.2]), np.array([0.6, 0.9])).threshold == pytest.approx(0.4)


def test_no_room_between_neighbouring_floats():
    score = np.float32(0.5)
    neighbour = float(np.nextafter(score, np.float32(1)))
    assert rules.max_f1(np.array([0.5]), np.array([neighbour])).threshold == neighbour


def test_halcon_says_which_of_its_cases_it_is():
    apart = rules.halcon(np.array([0.1]), np.array([0.5]))
    mixed = rules.halcon(np.array([0.1, 0.6]), np.array([0.5, 0.7]))
    alone = rules.halcon(np.array([0.1]), np.zeros(0))
    assert "midway" in apart.promise and "balances" in mixed.promise and "just above" in alone.promise
    assert not any(choice.is_guaranteed for choice in (apart, mixed, alone))


def test_outcome_by_hand():
    outcome = rules.outcome(0.5, np.array([0.1, 0.5, 0.2]), np.array([0.4, 0.5]), rules.Costs(10, 1, 0.01), 0.95)
    assert (outcome.n_false_alarms, outcome.n_missed) == (1, 1)
    assert (outcome.false_alarm_rate, outcome.miss_rate) == (1 / 3, 1 / 2)
    assert outcome.quantile == pytest.approx(2 / 3)
    assert outcome.cost == pytest.approx(0.01 * 10 / 2 + 0.99 / 3)
    alone = rules.outcome(0.5, np.array([0.1]), np.zeros(0), None, 0.95)
    assert (alone.miss_rate, alone.miss_interval, alone.cost) == (None, None, None)
