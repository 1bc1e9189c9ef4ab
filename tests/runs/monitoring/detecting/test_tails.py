"""Tail probabilities against sums of their plain definitions."""

from math import comb, exp, isclose, lgamma, log

import pytest

from runs.monitoring.detecting import tails


def _negative_binomial(count: int, mean: float, excess: float) -> float:
    size = 1 / excess
    logs = lgamma(size + count) - lgamma(size) - lgamma(count + 1)
    return exp(logs + size * log(size / (size + mean)) + count * log(mean / (size + mean)))


@pytest.mark.parametrize("count", [0, 1, 7, 40, 200])
@pytest.mark.parametrize(("mean", "excess"), [(0.3, 0.5), (12.0, 0.05), (80.0, 0.4)])
def test_negative_binomial_tail_is_one_minus_the_sum_below(count: int, mean: float, excess: float) -> None:
    below = sum(_negative_binomial(k, mean, excess) for k in range(count))

    assert isclose(tails.negative_binomial_upper(count, mean, excess), 1 - below, abs_tol=1e-10)


@pytest.mark.parametrize(
    ("count", "trials", "chance"), [(0, 5, 0.2), (3, 20, 0.1), (9, 20, 0.1), (6, 5, 0.9)]
)
def test_binomial_tail_is_the_sum_above(count: int, trials: int, chance: float) -> None:
    above = sum(comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(count, trials + 1))

    assert isclose(tails.binomial_upper(count, trials, chance), above, abs_tol=1e-12)


def test_beta_binomial_tail_of_a_flat_chance_counts_the_outcomes_above() -> None:
    # With Beta(1, 1) every number of successes is as likely as any other.
    assert isclose(tails.beta_binomial_upper(15, 19, 1, 1), 5 / 20)


def test_beta_binomial_tail_nears_the_binomial_one_as_the_chance_is_sure() -> None:
    near = tails.beta_binomial_upper(9, 40, 1e6, 9e6)

    assert isclose(near, tails.binomial_upper(9, 40, 0.1), rel_tol=1e-3)


def test_tails_of_huge_counts_stay_between_zero_and_one() -> None:
    assert 0 <= tails.negative_binomial_upper(2_000_000, 1_000_000, 0.02) <= 1
    assert 0 <= tails.beta_binomial_upper(90_000, 1_000_000, 2, 2_000) <= 1


def test_no_runs_is_rarer_where_counts_are_even() -> None:
    assert isclose(tails.no_runs(5, excess=0, regularity=1), exp(-5))
    assert isclose(tails.no_runs(5, excess=0, regularity=0.5), exp(-10))
    assert isclose(tails.no_runs(5, excess=0.25, regularity=9), _negative_binomial(0, 5, 0.25))
