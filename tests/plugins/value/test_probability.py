"""The models of buying are held to published digits, to other programs, and to their own definitions."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from crmkit_value.probability import bg_nbd, gamma_gamma, intervals, pareto_nbd, shifted_beta
from crmkit_value.probability.checking import check
from crmkit_value.probability.histories import histories, packed, spending
from crmkit_value.probability.models import MODELS, discounted, own_rate
from hypothesis import example, given, settings, strategies as st
from scipy import integrate, optimize, special

from crmkit import InvalidInput
from tests.plugins.value import published

FEW = histories([0, 1, 4, 40, 2], [0, 3, 20, 30, 1], [30, 30, 30, 31, 39])


def test_bg_nbd_has_the_published_parameters_of_cdnow() -> None:
    """Table 2 of Fader, Hardie and Lee (2005), to all its digits."""
    found = bg_nbd.fit(published.cdnow())
    assert tuple(round(each, 3) for each in found.parameters) == published.BG_NBD
    assert round(found.log_likelihood, 1) == -9582.4
    assert found.converged


def test_pareto_nbd_has_the_published_parameters_of_cdnow() -> None:
    """The same table, within what the rounded weeks of the summary allow."""
    found = pareto_nbd.fit(published.cdnow())
    assert found.parameters == pytest.approx(published.PARETO_NBD, rel=0.001)
    assert round(found.log_likelihood, 1) == -9595.0
    assert found.converged


def test_gamma_gamma_has_the_published_parameters_and_spends() -> None:
    """Note 025 of Fader and Hardie (2013): parameters, log-likelihood, and the first ten customers."""
    found = gamma_gamma.fit(published.cdnow_spending())
    assert [round(each, 2) for each in found.parameters[:2]] == [6.25, 3.74]
    assert found.parameters[2] == pytest.approx(15.44, abs=0.01)
    assert round(found.log_likelihood, 1) == -4055.9
    said = gamma_gamma.expected_spend(found.parameters, published.column("x"), published.column("mean"))
    ten = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17]
    assert list(said[:10]) == pytest.approx(ten, abs=0.015)
    assert gamma_gamma.correlation(published.cdnow_spending()) == pytest.approx(0.1139, abs=0.0001)


def test_expectations_are_those_of_the_reference_program() -> None:
    """BTYD 2.4.3 for customer 1516 of CDNOW, at its own parameters."""
    pareto, bg, who = published.BTYD_PARETO, published.BTYD_BG, published.CUSTOMER_1516
    assert float(pareto_nbd.p_alive(pareto, *who)[0]) == pytest.approx(0.997873901, abs=1e-8)
    assert float(pareto_nbd.expected(pareto, *who, 52)[0]) == pytest.approx(25.456548834, abs=1e-6)
    assert float(pareto_nbd.expected_of_new(pareto, 52)) == pytest.approx(1.4734477, abs=1e-6)
    assert float(bg_nbd.p_alive(bg, *who)) == pytest.approx(0.968852281076, abs=1e-9)
    assert float(bg_nbd.expected(bg, *who, 52)) == pytest.approx(25.7565928571, abs=1e-7)
    assert float(bg_nbd.expected_of_new(bg, 52)) == pytest.approx(1.44399910487, abs=1e-7)


@pytest.mark.parametrize(
    ("x", "t_x", "T", "mean", "dert", "clv"),
    [
        (2, 30.4285714286, 38.8571428571, 22.345, 6.48472129824, 159.874521018),
        (1, 1.71428571429, 38.8571428571, 11.77, 0.762476074431, 14.4186451043),
        (0, 0, 38.8571428571, 0, 0.477130060209, 16.7809024188),
        (7, 29.4285714286, 38.8571428571, 73.7414285714, 16.5421637135, 1182.1793127),
        (29, 37.7142857143, 38, 26.2613793103, 86.955964568, 2295.13934556),
        (26, 30.8571428571, 31, 39.97, 86.0502130542, 3432.56754213),
    ],
)
def test_discounted_transactions_are_those_of_the_reference_program(
    x: float, t_x: float, T: float, mean: float, dert: float, clv: float
) -> None:
    """DERT of Pareto/NBD at 0.0027 a week, and times the expected spend the value without a horizon (BTYD 2.4.3)."""
    found = float(pareto_nbd.dert(published.BTYD_PARETO_FULL, x, t_x, T, 0.0027)[0])
    spend = float(gamma_gamma.expected_spend(published.BTYD_SPEND, x, mean))
    assert found == pytest.approx(dert, rel=1e-7)
    assert found * spend == pytest.approx(clv, rel=1e-7)


@pytest.mark.parametrize(
    ("place", "weeks_39", "weeks_52", "alive", "clv"),
    [
        (0, 1.22591, 1.558584, 0.726609, 36.278496),
        (1, 0.203251, 0.259907, 0.212227, 4.637466),
        (2, 0.194781, 0.251666, 1.0, 8.344092),
        (1515, 20.75057, 25.759474, 0.96892, 972.125524),
    ],
)
def test_lifetime_value_is_that_of_the_reference_run(
    place: int, weeks_39: float, weeks_52: float, alive: float, clv: float
) -> None:
    """lifetimes 0.11.3: expected transactions, P(alive), and twelve months of 4.345 weeks at one percent each."""
    data = published.cdnow()
    best = bg_nbd.fit(data).parameters
    x, t_x, T = (each[place] for each in (data.x, data.t_x, data.T))
    assert float(bg_nbd.expected(best, x, t_x, T, 39)) == pytest.approx(weeks_39, abs=0.005)
    assert float(bg_nbd.expected(best, x, t_x, T, 52)) == pytest.approx(weeks_52, abs=0.005)
    assert float(bg_nbd.p_alive(best, x, t_x, T)) == pytest.approx(alive, abs=0.001)
    spends = gamma_gamma.fit(published.cdnow_spending()).parameters
    months = discounted(MODELS["bg-nbd"], best, data, period=4.345, rate=0.01)
    worth = gamma_gamma.expected_spend(spends, data.x, published.column("mean"))
    assert float((months * worth)[place]) == pytest.approx(clv, rel=1e-4)


@pytest.mark.parametrize(
    ("module", "parameters", "data"),
    [
        (bg_nbd, (0.3, 4.0, 0.7, 2.0), FEW),
        (bg_nbd, (2.0, 0.4, 1.0, 0.3), FEW),
        (pareto_nbd, (0.5, 10.0, 0.7, 12.0), FEW),
        (pareto_nbd, (1.5, 2.0, 1.0, 9.0), FEW),
        (pareto_nbd, (0.5, 12.0, 2.5, 3.0), FEW),
        (gamma_gamma, (6.0, 3.0, 15.0), spending([1, 3, 9], [20.0, 45.5, 7.25])),
    ],
)
def test_slopes_are_those_of_the_likelihood(module: object, parameters: tuple[float, ...], data: object) -> None:
    """The analytic slope equals the difference quotient of the log-likelihood."""
    numeric = optimize.approx_fprime(
        np.array(parameters), lambda at: module.log_likelihood(at, data), 1e-7 * np.array(parameters)
    )
    assert list(module.slope(parameters, data)) == pytest.approx(list(numeric), rel=2e-4, abs=2e-4)


@pytest.mark.parametrize("parameters", [(0.553, 10.578, 0.606, 11.669), (1.2, 12.0, 1.7, 3.0)])
def test_pareto_likelihood_is_the_one_by_hypergeometric_functions(parameters: tuple[float, ...]) -> None:
    """The integral over the time of leaving equals the closed form of Fader and Hardie (2005), for either order of
    alpha and beta."""
    r, alpha, s, beta = parameters
    x, t_x, T = FEW.x, FEW.t_x, FEW.T
    high, shift = max(alpha, beta), r + s + x
    second = s + 1 if alpha >= beta else r + x
    gap = abs(alpha - beta)

    def part(time: np.ndarray) -> np.ndarray:
        return special.hyp2f1(shift, second, shift + 1, gap / (high + time)) / (high + time) ** shift

    closed = (
        special.gammaln(r + x)
        - special.gammaln(r)
        + r * np.log(alpha)
        + s * np.log(beta)
        + np.log(1 / ((alpha + T) ** (r + x) * (beta + T) ** s) + s / shift * (part(t_x) - part(T)))
    )
    assert pareto_nbd.log_likelihood(parameters, FEW) == pytest.approx(float(closed.sum()), rel=1e-9)


def test_dert_is_the_discounted_integral_of_purchases() -> None:
    """By its definition: the rate of buying over all time to come, each moment discounted."""
    parameters, who, rate = (0.553, 10.578, 0.606, 11.669), (2.0, 30.43, 38.86), 0.01

    def flow(t: float) -> float:
        step = 1e-4
        later = pareto_nbd.expected(parameters, *who, t + step) - pareto_nbd.expected(parameters, *who, t)
        return float(later[0]) / step * float(np.exp(-rate * t))

    whole = integrate.quad(flow, 0, 2000, limit=400)[0]
    assert float(pareto_nbd.dert(parameters, *who, rate)[0]) == pytest.approx(whole, rel=1e-3)


def test_customers_who_bought_very_often_do_not_overflow() -> None:
    """Five thousand purchases, and a horizon of a hundred years, still give plain numbers."""
    for model, parameters in ((MODELS["bg-nbd"], published.BTYD_BG), (MODELS["pareto-nbd"], published.BTYD_PARETO)):
        found = model.expected(parameters, 5000.0, 38.0, 38.5, 5200.0)
        assert np.isfinite(found).all()
        assert 0 <= float(model.p_alive(parameters, 5000.0, 2.0, 38.5).max()) < 1e-6


def test_expectation_is_continuous_where_its_formula_is_not() -> None:
    """At a = 1 the formula of BG/NBD is nought by nought; what is said there lies between its neighbours."""
    near = [float(bg_nbd.expected((0.24, 4.4, a, 2.4), 3, 20, 30, 52)) for a in (0.999, 1.0, 1.001)]
    assert near[0] > near[1] > near[2]
    assert near[0] - near[2] < 0.01


def test_equal_histories_are_put_together_without_a_change() -> None:
    """The likelihood of packed histories is the one of all."""
    whole = published.cdnow()
    small = packed(whole)
    assert len(small.x) == 1016
    assert small.customers == 2357
    at = (0.3, 4.0, 0.7, 2.0)
    assert bg_nbd.log_likelihood(at, small) == pytest.approx(bg_nbd.log_likelihood(at, whole), rel=1e-12)


@settings(max_examples=40, deadline=None)
@given(
    x=st.integers(0, 200),
    share=st.floats(0.01, 1.0),
    T=st.floats(1, 500),
    t=st.floats(0.1, 500),
    parameters=st.tuples(*[st.floats(0.1, 20)] * 4),
)
@example(x=98, share=1.0, T=1.0, t=10.0, parameters=(1.0, 1.0, 2.0, 2.0))  # scipy's own function is infinite here
def test_expectations_make_sense(
    x: int, share: float, T: float, t: float, parameters: tuple[float, float, float, float]
) -> None:
    """P(alive) is a probability, purchases are not negative, and more time does not bring fewer of them."""
    t_x = T * share if x else 0.0
    for model in MODELS.values():
        alive = float(np.max(model.p_alive(parameters, x, t_x, T)))
        soon, later = (float(np.max(model.expected(parameters, x, t_x, T, time))) for time in (t, 2 * t))
        assert 0 <= alive <= 1
        assert -1e-9 <= soon <= later + 1e-9


def test_shifted_beta_geometric_has_the_published_parameters() -> None:
    """Both cohorts of Fader and Hardie (2007)."""
    high = shifted_beta.fit([1000, 869, 743, 653, 593, 551, 517, 491])
    regular = shifted_beta.fit([1000, 631, 468, 382, 326, 289, 262, 241])
    assert [round(each, 3) for each in high.parameters] == [0.668, 3.806]
    assert [round(each, 3) for each in regular.parameters] == [0.704, 1.182]
    assert round(float(shifted_beta.survival(high.parameters, 12)), 3) == pytest.approx(0.394, abs=0.02)
    kept = [1000, 631, 468, 382]
    numeric = optimize.approx_fprime(np.array((0.7, 2.0)), lambda at: shifted_beta.log_likelihood(at, kept), 1e-7)
    assert list(shifted_beta.slope((0.7, 2.0), kept)) == pytest.approx(list(numeric), rel=1e-4)


@pytest.mark.parametrize("renewals", [0, 1, 4])
def test_residual_contract_is_the_sum_of_its_periods(renewals: int) -> None:
    """The closed form equals the discounted sum of the chances to renew, by either convention."""
    parameters, rate = (0.668, 3.806), 0.1
    periods = np.arange(renewals + 1, 4000)
    chances = shifted_beta.survival(parameters, periods) / shifted_beta.survival(parameters, renewals)
    whole = float((chances / (1 + rate) ** (periods - renewals - 1)).sum())
    assert float(shifted_beta.residual(parameters, renewals, rate)) == pytest.approx(whole, rel=1e-9)
    assert float(shifted_beta.residual(parameters, renewals, rate, "end")) == pytest.approx(whole / 1.1, rel=1e-9)


def test_counts_of_a_cohort_must_not_rise() -> None:
    """Customers who left do not come back into a cohort."""
    with pytest.raises(InvalidInput):
        shifted_beta.fit([100, 80, 90])


def test_check_compares_with_going_on_as_before() -> None:
    """Deviance, errors, bias and deciles; a model whose deviance is smaller beyond chance is better."""
    happened = np.array([0.0, 1.0, 2.0, 3.0] * 25)
    good = check(happened + 0.1, happened, happened + 1)
    assert (round(good.mae, 6), round(good.rmse, 6), round(good.baseline_mae, 6), good.better) == (0.1, 0.1, 1.0, True)
    assert good.bias == pytest.approx(0.1 / 1.5)
    assert [each.customers for each in good.deciles] == [10] * 10
    assert good.deciles[0].happened == 3.0
    assert not check(happened + 1, happened, happened + 0.1).better


def test_the_right_expectation_is_better_though_its_absolute_error_is_larger() -> None:
    """Of nine who buy nothing and one who buys ten times 1 is to be expected of each: who says nearly nothing errs
    less in absolute terms, and is worse."""
    happened = np.array([0.0] * 9 + [10.0])
    found = check(np.full(100, 1.0), np.tile(happened, 10), np.full(100, 0.05))
    assert found.mae > found.baseline_mae
    assert found.deviance == pytest.approx(2 * (10 * np.log(10)) / 10)
    assert found.better


def test_amounts_are_compared_by_absolute_errors() -> None:
    """They are no counts: there is no deviance of them."""
    found = check(np.full(20, 5.0), np.full(20, 4.0), np.full(20, 9.0), counts=False)
    assert (found.deviance, found.baseline_deviance, found.mae, found.better) == (None, None, 1.0, True)


def test_base_line_goes_on_at_everybodys_own_rate() -> None:
    """Two purchases, and half a one more, in ten weeks are five in twenty; who came today was watched for a week."""
    assert list(own_rate([2, 0], [10, 0], 20)) == [5, 10]


def test_intervals_cover_what_the_standard_errors_say() -> None:
    """Draws of customers spread the parameters of BG/NBD about as far as the published standard error of r says."""
    data = packed(published.cdnow())
    best = bg_nbd.fit(data).parameters
    draws = intervals.resampled(bg_nbd.fit, data, best, 60, seed=3)
    found = intervals.of_parameters(best, draws)
    assert found is not None
    low, high = found[0].low, found[0].high
    assert low < best[0] < high
    assert 0.02 < high - low < 0.08
    assert intervals.of_parameters(best, draws[:5]) is None


def test_online_retail_is_summed_up_as_published() -> None:
    """The file of the tests is the one that others quote: customers and revenue."""
    with (published.HERE / "online_retail.csv").open(encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    assert len(read) == 4338
    assert round(sum(float(row["amount"]) for row in read), 2) == 8911407.90
