"""Documents to edit: one with a list of every sort, and random ones."""

from typing import Any

from hypothesis import strategies as st

NESTED: dict[str, Any] = {
    "format": "signalbox/1",
    "name": "Leads",
    "triggers": [{"id": "form", "kind": "webhook"}, {"id": "by_hand", "kind": "manual"}],
    "steps": [
        {"id": "lead", "kind": "set", "values": {"score": 1.5, "big": 10**30, "none": None}},
        {
            "id": "hot",
            "kind": "decision",
            "branches": [
                {
                    "name": "hot",
                    "if": {"left": "{{ steps.lead.score }}", "op": ">", "right": 1},
                    "steps": [
                        {
                            "id": "crm",
                            "kind": "http_request",
                            "url": "https://x.example/{{ steps.lead.score }}",
                            "on_failure": {"steps": [{"id": "tell", "kind": "notify", "text": "no"}]},
                        }
                    ],
                },
                {"name": "cold", "if": {"any": []}, "steps": []},
            ],
            "otherwise": [{"id": "wait", "kind": "delay", "for": "P3D"}],
        },
        {"id": "each", "kind": "for_each", "items": "{{ steps.crm.body }}", "steps": []},
        {"id": "end", "kind": "finish", "message": "{{ steps['crm'].status }} steps.crm"},
    ],
    "settings": {"max_running": 1},
}


def _nested(inner: st.SearchStrategy[list[dict[str, Any]]]) -> st.SearchStrategy[list[dict[str, Any]]]:
    decision = st.builds(
        lambda lists, other: {
            "kind": "decision",
            "branches": [{"name": f"b{place}", "steps": steps} for place, steps in enumerate(lists)],
            "otherwise": other,
        },
        st.lists(inner, max_size=3),
        inner,
    )
    loop = st.builds(lambda steps: {"kind": "for_each", "items": "{{ trigger.data }}", "steps": steps}, inner)
    request = st.builds(
        lambda steps: {"kind": "http_request", "url": "https://x.example", "on_failure": {"steps": steps}},
        inner,
    )
    return st.lists(st.one_of(_plain, decision, loop, request), max_size=3)


_plain = st.sampled_from(["set", "delay", "finish", "nonsense"]).map(lambda kind: {"kind": kind, "x": 1})


def _numbered(value: Any, numbers: Any) -> Any:
    if isinstance(value, list):
        return [_numbered(part, numbers) for part in value]
    if not isinstance(value, dict):
        return value
    own = {"id": f"s{next(numbers)}"} if "kind" in value else {}
    return {**own, **{key: _numbered(part, numbers) for key, part in value.items()}}


def _document(steps: list[dict[str, Any]]) -> dict[str, Any]:
    return {"format": "signalbox/1", "name": "Leads", "steps": _numbered(steps, iter(range(10_000)))}


documents = st.recursive(st.lists(_plain, max_size=3), _nested, max_leaves=12).map(_document)
"""Documents of all sorts of nesting, each list of steps written out, so that moving back gives the same document."""
