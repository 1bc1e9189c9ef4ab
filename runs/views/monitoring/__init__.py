"""Monitoring: one page, and its panels, each of which is an address, loads and fails by itself."""

from runs.views.monitoring.page import monitoring, monitoring_csv, monitoring_panel

__all__ = ["monitoring", "monitoring_csv", "monitoring_panel"]
