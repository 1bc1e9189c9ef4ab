"""Measurements of the whole product by its real processes: `python bench/engine.py`, see docs/performance.md."""
