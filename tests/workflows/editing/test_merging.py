"""Joining two sides part by part: taking all that can be taken gives theirs, where no step holds others."""

from hypothesis import given
from hypothesis import strategies as st

from workflows.definition.loading import dump
from workflows.editing.merging import adopt, adoptable

steps = st.lists(
    st.sampled_from("abcd").map(lambda id_: {"id": id_, "kind": "set"}),
    max_size=4,
    unique_by=lambda one: one["id"],
).flatmap(
    lambda found: st.tuples(
        *[st.integers(0, 1).map(lambda n, one=one: {**one, "note": str(n)}) for one in found]
    )
)
documents = st.builds(
    lambda steps, limit: {"steps": list(steps), **({"settings": {"max_running": limit}} if limit else {})},
    steps,
    st.integers(0, 2),
)


@given(documents, documents)
def test_taking_every_part_gives_their_parts(mine, theirs):
    before = dump(mine)
    joined = mine
    for part in adoptable(mine, theirs):
        joined = adopt(joined, theirs, *part).document
    assert dump(mine) == before
    assert {one["id"]: one for one in joined["steps"]} == {one["id"]: one for one in theirs["steps"]}
    assert joined.get("settings") == theirs.get("settings")
    assert adoptable(joined, theirs) == []
