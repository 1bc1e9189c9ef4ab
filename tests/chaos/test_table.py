"""docs/reliability.md says what docs/reliability.jsonl says, no more and no less."""

from argparse import Namespace

from tests.chaos import table
from tests.chaos.__main__ import chosen, part
from tests.chaos.matrix import Outcome, Row
from tests.chaos.stacks import STACKS

LINE = {
    "row": "R07", "n": 200, "failures": 0, "longest": 2.5, "measured": "recovery", "stack": "E", "version": "1",
    "date": "2026-11-28", "seed": 7,
}  # fmt: skip


def test_page_holds_the_table_of_the_lines() -> None:
    page = table.PAGE.read_text()

    assert table.drawn(page, table.read(table.LINES)) == page
    assert page.count(table.BEGIN) == page.count(table.END) == 1


def test_newest_line_of_a_row_and_stack_stands() -> None:
    old, other = {**LINE, "n": 5}, {**LINE, "stack": "P"}
    assert table.take([LINE], [old, other]) == [LINE, other]


def test_row_says_its_bound_and_stacks_that_were_not_run() -> None:
    drawn = [line for line in table.table([LINE]).splitlines() if line.startswith("| R07 ")]

    assert len(drawn) == 3
    assert "| E | 200 | 0 | 1.5% | 2.5 s recovery | 2026-11-28 |" in drawn[0]
    assert all("**not run**" in line for line in drawn[1:])


def test_failures_leave_no_bound() -> None:
    drawn = next(
        line
        for line in table.table([{**LINE, "failures": 1}]).splitlines()
        if "| E |" in line and "R07" in line
    )
    assert "| 200 | 1 |  |" in drawn


def test_row_that_nobody_wrote_says_why_it_was_not_run() -> None:
    assert (
        "| R52 | Backlogs drain, live work moves |  | all | **not run**: measured by `make bench`, not as a row |"
        in table.table([])
    )


def test_parts_together_are_all_rows_once() -> None:
    names = [f"R{number:02}" for number in range(1, 8)]
    rows = {
        name: Row(name, "", fault="", first=1, full=1, run=lambda rig, trials: Outcome()) for name in names
    }

    parts = [
        [
            row.name
            for row in chosen(rows, Namespace(rows="", first=True, part=part(f"{which}/3")), STACKS["E"])
        ]
        for which in (1, 2, 3)
    ]

    assert parts == [["R01", "R04", "R07"], ["R02", "R05"], ["R03", "R06"]]
