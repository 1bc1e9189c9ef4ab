"""Tail probabilities of counts, in plain Python.

The incomplete beta function is evaluated by its continued fraction (NIST Digital Library of Mathematical Functions,
8.17.22) with the modified Lentz method (same, 3.10).
"""

from math import erfc, exp, lgamma, log, log1p, sqrt
from typing import Final

_TINY: Final = 1e-300
_ENOUGH: Final = 1e-12
_MOST_STEPS: Final = 400


def normal_upper(z: float) -> float:
    """P(Z >= z) of the standard normal distribution."""
    return erfc(z / sqrt(2)) / 2


def no_runs(mean: float, *, excess: float, regularity: float) -> float:
    """P(X = 0) of a count with this mean.

    `excess` is 1/k of a negative binomial distribution (variance = mean + excess x mean squared). Where there is none,
    `regularity` below 1 is the ratio of variance to mean of counts more even than chance (quasi-Poisson).
    """
    if excess > 0:
        return exp(-log1p(mean * excess) / excess)
    return exp(-mean / min(1.0, regularity))


def negative_binomial_upper(count: int, mean: float, excess: float) -> float:
    """P(X >= count) where variance = mean + excess x mean squared; `excess` above 0."""
    if count <= 0:
        return 1.0
    size = 1 / excess
    return incomplete_beta(count, size, mean / (mean + size))


def binomial_upper(count: int, trials: int, chance: float) -> float:
    """P(X >= count) of so many independent trials."""
    if count <= 0:
        return 1.0
    return incomplete_beta(count, trials - count + 1, chance) if count <= trials else 0.0


def beta_binomial_upper(count: int, trials: int, a: float, b: float) -> float:
    """P(X >= count) of trials whose common chance is itself drawn from Beta(a, b).

    Sums the probabilities upwards from `count`, which is short where `count` lies above the mean.
    """
    if count <= 0:
        return 1.0
    log_first = _log_choose(trials, count) + _log_beta(a + count, b + trials - count) - _log_beta(a, b)
    term = total = exp(max(log_first, -700))
    for k in range(count, trials):
        term *= (trials - k) / (k + 1) * (a + k) / (b + trials - k - 1)
        total += term
        if term < total * _ENOUGH:
            break
    return min(1.0, total)


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularized incomplete beta function I_x(a, b)."""
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        return 1 - incomplete_beta(b, a, 1 - x)
    return exp(a * log(x) + b * log1p(-x) - _log_beta(a, b)) * _fraction(a, b, x) / a


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1 / _kept(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_STEPS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for part in (even, odd):
            c, d = _kept(1 + part / c), 1 / _kept(1 + part * d)
            value *= c * d
        if abs(c * d - 1) < _ENOUGH:
            break
    return value


def _kept(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _log_beta(a: float, b: float) -> float:
    return lgamma(a) + lgamma(b) - lgamma(a + b)


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)
