"""Drawings made on the server: Python places marks, templates draw them as SVG.

Widths are percentages and heights are pixels, so that a chart fills whatever room it has while its words keep their size.
"""

from config.web.charts.axis import Tick, TimeAxis
from config.web.charts.bars import BarChart, Bucket, Names, Rule, Shade, bar_chart, peak
from config.web.charts.heat import Heat, HeatCell, busiest, heat
from config.web.charts.histogram import Bin, HistogramChart, Percentile, histogram_chart
from config.web.charts.sparkline import Sparkline, sparkline
from config.web.charts.strip import Mark, Strip, strip, summary
from config.web.charts.twin import Cell, Twin

__all__ = [
    "BarChart",
    "Bin",
    "Bucket",
    "Cell",
    "Heat",
    "HeatCell",
    "HistogramChart",
    "Mark",
    "Names",
    "Percentile",
    "Rule",
    "Shade",
    "Sparkline",
    "Strip",
    "Tick",
    "TimeAxis",
    "Twin",
    "bar_chart",
    "busiest",
    "heat",
    "histogram_chart",
    "peak",
    "sparkline",
    "strip",
    "summary",
]
