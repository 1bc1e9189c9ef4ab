"""The closed environment in which python-liquid renders a workflow's values; `templating.py` is its door."""
