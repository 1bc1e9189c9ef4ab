"""The panels, in the order in which they stand on a page."""

from typing import Final

from runs.views.monitoring.panel import Panel
from runs.views.monitoring.panels import (
    comparison,
    durations,
    health,
    impact,
    outcomes,
    present,
    rhythm,
    shares,
    skips,
    standing,
    steps,
    unusual,
)

OF_ALL: Final[tuple[Panel, ...]] = (
    health.PANEL,
    present.PANEL,
    outcomes.PANEL,
    unusual.PANEL,
    comparison.PANEL,
    durations.PANEL,
    skips.PANEL,
    rhythm.PANEL,
    steps.PANEL,
)
"""What the monitoring page shows."""

OF_ONE: Final[tuple[Panel, ...]] = (
    outcomes.PANEL,
    unusual.PANEL,
    durations.PANEL,
    skips.PANEL,
    rhythm.PANEL,
    shares.VERSIONS,
    shares.TRIGGERS,
    steps.PANEL,
    impact.PANEL,
    standing.PANEL,
)
"""What the Metrics tab of a workflow shows."""

PANELS: Final[dict[str, Panel]] = {panel.key: panel for panel in (*OF_ALL, *OF_ONE)}
