"""The budgets of pages hold with 200 workflows and 20,000 runs, and a broken one is told."""

import json
import os
import subprocess
import sys
from pathlib import Path

from bench.page_budgets import Budget, Measured

ROOT = Path(__file__).resolve().parent.parent.parent


def test_budgets_of_pages_hold_on_a_small_database(tmp_path: Path) -> None:
    told = tmp_path / "pages.json"
    environment = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    command = [sys.executable, "bench/pages.py", "--small", "--json", str(told)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900)

    assert done.returncode == 0, done.stdout + done.stderr
    pages = {page["name"]: page for page in json.loads(told.read_text())["pages"]}
    assert pages["workflows"]["queries"].keys() == {"1", "50", "200"}
    assert pages["workflows"]["nodes"] > 1000 < pages["run of 200 steps"]["nodes"]
    assert pages["poll: runs"]["status"] == 204
    assert min(len(pages["runs"]["small"]), len(pages["runs"]["full"])) >= 3


def test_what_breaks_a_budget_is_told() -> None:
    page = Measured(
        "list", Budget(3, size=100, nodes=10, ratio=1.5), {1: 3, 50: 4}, status=200, size=101, nodes=11
    )
    page.small, page.full = [0.010, 0.020], [0.016, 0.030]

    assert page.broken() == [
        "list: queries grow with the rows: {1: 3, 50: 4}",
        "list: 4 queries, 3 allowed",
        "list: 101 bytes, 100 allowed",
        "list: 11 nodes, 10 allowed",
        "list: 1.60 times the small database's time, 1.5 allowed",
    ]


def test_page_within_its_budget_is_not_told() -> None:
    page = Measured(
        "list", Budget(4, size=100, nodes=10, ratio=1.5), {1: 4, 50: 4}, status=200, size=100, nodes=10
    )
    page.small, page.full = [0.010], [0.014]

    assert page.broken() == []
