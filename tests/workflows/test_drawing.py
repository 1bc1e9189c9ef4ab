"""The drawing: every part has its box, nothing overlaps, everything lies inside."""

from hypothesis import given

from tests.workflows.editing.documents import NESTED, documents
from workflows.drawing import HEIGHT, WIDTH, drawing_of
from workflows.editing.tree import every_node


def test_every_part_is_drawn_once_with_its_words():
    drawing = drawing_of(NESTED)
    assert [box.node.id for box in drawing.boxes] == [node.id for node in every_node(NESTED)]
    assert [word.text for word in drawing.words] == [
        "If hot",
        "If it fails",
        "If cold",
        "Otherwise",
        "For each i…",
    ]
    assert drawing.summary == "2 triggers, 7 steps."


@given(documents)
def test_boxes_do_not_overlap_and_lie_inside(document):
    drawing = drawing_of(document)
    boxes = [(box.x, box.y) for box in drawing.boxes]
    for place, (x, y) in enumerate(boxes):
        assert 0 <= x <= drawing.width - WIDTH
        assert 0 <= y <= drawing.height - HEIGHT
        for other_x, other_y in boxes[:place]:
            assert abs(x - other_x) >= WIDTH or abs(y - other_y) >= HEIGHT


def test_nothing_to_draw_is_an_empty_drawing():
    assert drawing_of({}).boxes == []
    assert drawing_of({}).summary == "0 triggers, 0 steps."
