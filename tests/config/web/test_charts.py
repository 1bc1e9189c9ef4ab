"""Drawings: places on true axes, heights that tell, words for every mark."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.template.loader import render_to_string

from config.web import charts
from config.web.charts import Bin, Bucket, Names, Percentile, Rule, Shade, TimeAxis
from config.web.charts.numbers import nice_step, short

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = Names(up=lambda n: f"{n} succeeded", down=lambda n: f"{n} failed")


def buckets(*counts: tuple[int, int], **changes: object) -> list[Bucket]:
    return [
        Bucket(
            START + n * HOUR, START + (n + 1) * HOUR, f"hour {n}", up, down, f"#up{n}", f"#down{n}", **changes
        )
        for n, (up, down) in enumerate(counts)
    ]


def axis(hours: int, zone: ZoneInfo = BERLIN) -> TimeAxis:
    return TimeAxis(START, START + hours * HOUR, zone)


def test_a_place_is_the_share_of_the_time_that_passed():
    four = axis(4)

    assert [four.place(START + n * HOUR) for n in (-1, 0, 1, 4, 9)] == [0, 0, 25, 100, 100]


def test_a_day_with_a_changed_clock_is_as_long_as_it_is():
    """On 25 October 2026 clocks in Berlin were set back, so that day has 25 hours."""
    day = TimeAxis(datetime(2026, 10, 25, tzinfo=BERLIN), datetime(2026, 10, 26, tzinfo=BERLIN), BERLIN)

    assert day.place(datetime(2026, 10, 25, 0, 0, tzinfo=UTC)) == pytest.approx(100 * 2 / 25)


@pytest.mark.parametrize(
    ("hours", "labels"),
    [
        (1, ["09:00", "09:15", "09:30", "09:45", "10:00"]),
        (24, ["09:00", "12:00", "15:00", "18:00", "21:00", "28 Nov", "03:00", "06:00", "09:00"]),
        (24 * 7, ["28 Nov", "29 Nov", "30 Nov", "1 Dec", "2 Dec", "3 Dec", "4 Dec"]),
        (24 * 365, ["Dec 2026", "Feb 2027", "Apr", "Jun", "Aug", "Oct"]),
    ],
)
def test_labels_stand_at_round_times_of_the_zone(hours: int, labels: list[str]):
    assert [tick.label for tick in axis(hours).ticks()] == labels


@pytest.mark.parametrize("hours", [1, 6, 24, 24 * 7, 24 * 30, 24 * 90, 24 * 365])
def test_no_range_has_more_labels_than_fit(hours: int):
    assert 3 <= len(axis(hours).ticks()) <= 9


def test_both_sides_share_one_scale_and_a_count_of_one_is_seen():
    chart = charts.bar_chart(buckets((1000, 0), (500, 250), (0, 1)), axis(3), NAMES)
    heights = {bar.label: float(bar.height) for bar in chart.bars}

    assert heights["500 succeeded, hour 1"] == pytest.approx(heights["1000 succeeded, hour 0"] / 2, abs=0.01)
    assert heights["250 failed, hour 1"] == pytest.approx(heights["500 succeeded, hour 1"] / 2, abs=0.01)
    assert heights["1 failed, hour 2"] == 2
    assert len(chart.bars) == 4


def test_successes_stand_on_the_line_and_failures_hang_from_it():
    chart = charts.bar_chart(buckets((30, 10)), axis(1), NAMES)
    up, down = chart.bars

    assert float(up.y) + float(up.height) == pytest.approx(float(chart.baseline), abs=0.02)
    assert float(down.y) == pytest.approx(float(chart.baseline), abs=0.02)
    assert float(down.y) + float(down.height) <= chart.bars_bottom + 0.02


@pytest.mark.parametrize("counts", [[], [(0, 0)], [(0, 7)], [(7, 0)], [(1, 10**9)]])
def test_any_counts_fit_into_the_chart(counts: list[tuple[int, int]]):
    chart = charts.bar_chart(buckets(*counts), axis(max(len(counts), 1)), NAMES)

    assert all(chart.bars_top - 0.02 <= float(bar.y) for bar in chart.bars)
    assert all(float(bar.y) + float(bar.height) <= chart.bars_bottom + 2 for bar in chart.bars)


def test_the_ratio_breaks_where_there_is_none():
    found = [*buckets((1, 0), (1, 0), ratio=1.0), *buckets((1, 0))[:1], *buckets((1, 1), ratio=0.5)]

    chart = charts.bar_chart(found, axis(4), NAMES, ratio_note="too few")

    assert chart.ratio == "M12.5 0h0L37.5 0M12.5 24h0"
    assert charts.bar_chart(buckets((1, 0)), axis(1), NAMES, ratio_note="too few").ratio_note == "too few"


def test_bars_are_links_with_words_and_the_unfinished_one_is_hatched():
    chart = charts.bar_chart(
        [*buckets((5, 0)), *buckets((3, 2), is_unfinished=True)[:1]],
        axis(2),
        NAMES,
        rules=[Rule(0.9, "warns")],
        shades=[Shade(START, START + HOUR, "Paused")],
    )
    page = render_to_string(
        "ui/charts/_bars.html", {"chart": chart, "key": "x", "title": "Runs", "ratio_name": "R"}
    )

    assert '<a class="bar up" href="#up0" tabindex="-1"><title>5 succeeded, hour 0</title>' in page
    assert page.count("is-unfinished") == 2
    assert page.count('fill="url(#x-hatch)"') == 2
    assert "<title>Paused</title>" in page
    assert "style=" not in page


def test_durations_lie_on_a_logarithmic_axis_with_their_percentiles():
    bins = [Bin(2**n, 2 ** (n + 1), n, f"bin {n}", "#") for n in range(4, 12)]

    chart = charts.histogram_chart(bins, [Percentile("p50", 128), Percentile("p99", 4000)])
    widths = [float(column.width.rstrip("%")) for column in chart.columns]

    assert len(chart.columns) == 8
    assert max(widths) - min(widths) < 1
    assert [marker.label for marker in chart.markers] == ["p50 128 ms", "p99 4 s"]
    assert [marker.anchor for marker in chart.markers] == ["start", "end"]
    assert charts.histogram_chart([], []).columns == []


def test_the_warmest_cell_has_the_highest_level_and_nothing_has_none():
    table = charts.heat(
        ["00", "01"],
        [
            ("Mon", [(0, "none", "#"), (1, "one", "#one")]),
            ("Tue", [(2500, "many", "#many"), (600, "some", "#some")]),
        ],
    )
    cells = [cell for _name, row in table.rows for cell in row]

    assert [(cell.text, cell.level, cell.href) for cell in cells] == [
        ("0", 0, ""),
        ("1", 1, "#one"),
        ("2.5k", 5, "#many"),
        ("600", 2, "#some"),
    ]
    assert charts.busiest({(0, 3): 0}) is None


def test_a_sparkline_ends_with_its_newest_value():
    spark = charts.sparkline([0, 5, 10], "10 a minute")

    assert spark.line == "M2 26L60 14L118 2"
    assert spark.last == ("118", "2")
    assert charts.sparkline([3], "3 a minute").line == ""


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0"), (950, "950"), (1000, "1k"), (1250, "1.2k"), (45_300, "45k"), (3_100_000, "3.1M")],
)
def test_counts_with_little_room_are_short(number: int, text: str):
    assert short(number) == text


@pytest.mark.parametrize(
    ("largest", "step"), [(0, 1), (1, 1), (3, 1), (10, 5), (100, 50), (450, 200), (7000, 5000)]
)
def test_steps_are_round(largest: int, step: int):
    assert nice_step(largest) == step
