"""WCAG 1.4.1: without colours each status still differs by its shape and its word, and each series by its place."""

from itertools import combinations

import pytest

from runs.models import RunStatus
from tests.browser import addresses
from tests.browser.world import World, make_world
from workflows.models import Status

pytestmark = pytest.mark.browser

# Word and drawing of each status in the list; a drawing is told apart by its paths alone.
BADGES = """() => Object.fromEntries([...document.querySelectorAll("#list .badge[data-status]")].map((badge) => {
  const icon = badge.querySelector("svg");
  return [badge.dataset.status, [badge.innerText.trim(), icon?.innerHTML ?? "", icon?.getAttribute("aria-hidden") ?? ""]];
}))"""
# From where to where the marks of one series reach.
REACH = """side => {
  const boxes = [...document.querySelectorAll(`main .bar.${side} rect`)].map((one) => one.getBoundingClientRect());
  return [Math.min(...boxes.map((box) => box.top)), Math.max(...boxes.map((box) => box.bottom))];
}"""


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


@pytest.mark.parametrize(
    ("path", "statuses"),
    [
        ("workflows/?status=active,paused,draft,not_running,archived", Status.values),
        (f"runs/?status={','.join(RunStatus.values)}&sort=-received_at", RunStatus.values),
    ],
    ids=["workflows", "runs"],
)
def test_each_status_has_a_word_and_a_shape_of_its_own(
    visit_as, world, path: str, statuses: list[str]
) -> None:
    with visit_as(world.manager) as visit:
        visit.go(addresses.AUTOMATIONS + path)
        badges = visit.page.evaluate(BADGES)
    assert sorted(badges) == sorted(statuses)
    for (one, (word, shape, hidden)), (other, (other_word, other_shape, _)) in combinations(
        badges.items(), 2
    ):
        assert (one, hidden, bool(word), bool(shape)) == (one, "true", True, True)
        assert (one, other, word == other_word, shape == other_shape) == (one, other, False, False)


def test_marks_of_success_and_failure_lie_on_two_sides_of_a_line(visit_as, world) -> None:
    with visit_as(world.manager) as visit:
        visit.go(addresses.lists()["monitoring"])
        above, below = (visit.page.evaluate(REACH, side) for side in ("up", "down"))
    assert above[0] < above[1] <= below[0] + 1 < below[1]
