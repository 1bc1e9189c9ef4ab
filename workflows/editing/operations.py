"""The acts of an editor on a document. Each gives a new document; raises NoSuchPlace for what cannot be done."""

from dataclasses import dataclass
from typing import Any

from workflows.editing.paths import ABSENT, NoSuchPlace, list_at, look, put, split
from workflows.editing.renaming import free_id, ids_in, with_references
from workflows.editing.slots import kind_of, slots_of
from workflows.editing.tree import named_parts

Document = dict[str, Any]


@dataclass(frozen=True)
class Edited:
    """The new document, and where the part stands that was acted on; empty where it is gone."""

    document: Document
    path: str = ""


def insert(document: Document, path: str, value: Any) -> Edited:
    """Put a value into a list before what stands at the path now; the list is begun where it is not written."""
    parent, place = split(path)
    items = list_at(document, parent)
    place = min(place, len(items))
    changed = [*items[:place], value, *items[place:]]
    return Edited(put(document, parent, changed), f"{parent}.{place}")


def remove(document: Document, path: str) -> Edited:
    """Take a value out of a list, which stays even when it is empty; or a key out of its object."""
    if look(document, path) is ABSENT:
        raise NoSuchPlace(path)
    parent = path.rpartition(".")[0]
    items = look(document, parent)
    if not isinstance(items, list):
        return Edited(put(document, path, ABSENT))
    place = split(path)[1]
    return Edited(put(document, parent, [*items[:place], *items[place + 1 :]]))


def move(document: Document, source: str, target: str) -> Edited:
    """Move a value to before what stands at the target now, in the same or another list. Never into itself."""
    value = look(document, source)
    if value is ABSENT or (f"{target}.".startswith(f"{source}.") and target != source):
        raise NoSuchPlace(source)
    parent, place = split(target)
    target = f"{parent}.{min(place, len(list_at(document, parent)))}"
    return insert(remove(document, source).document, _without(target, source), value)


def _without(target: str, source: str) -> str:
    """What a path is called once the value at `source` is gone."""
    parent, place = split(source)
    if not target.startswith(f"{parent}."):
        return target
    number, dot, rest = target.removeprefix(f"{parent}.").partition(".")
    return f"{parent}.{int(number) - (int(number) > place)}{dot}{rest}"


def move_up(document: Document, path: str) -> Edited:
    """Before the one above; from the top of a branch to the end of the branch above."""
    parent, place = split(path)
    if place:
        return move(document, path, f"{parent}.{place - 1}")
    beside = _branch_beside(document, parent, -1)
    return move(document, path, f"{beside}.{len(list_at(document, beside))}")


def move_down(document: Document, path: str) -> Edited:
    """After the one below; from the end of a branch to the top of the branch below."""
    parent, place = split(path)
    if place + 1 < len(list_at(document, parent)):
        return move(document, path, f"{parent}.{place + 2}")
    return move(document, path, f"{_branch_beside(document, parent, 1)}.0")


def move_in(document: Document, path: str) -> Edited:
    """To the end of the first list of steps inside the one above."""
    parent, place = split(path)
    above = f"{parent}.{place - 1}"
    slots = slots_of(look(document, above)) if place else []
    if not slots:
        raise NoSuchPlace(path)
    inside = f"{above}.{slots[0].path}"
    return move(document, path, f"{inside}.{len(list_at(document, inside))}")


def move_out(document: Document, path: str) -> Edited:
    """After the step it stands in."""
    around = step_around(document, path)
    parent, place = split(around)
    return move(document, path, f"{parent}.{place + 1}")


def step_around(document: Document, path: str) -> str:
    """The path of the step that a step stands in; raises NoSuchPlace for one at the outside."""
    parent, _place = split(path)
    while "." in parent:
        parent, _dot, last = parent.rpartition(".")
        if last.isdigit() and kind_of(look(document, f"{parent}.{last}")):
            return f"{parent}.{last}"
    raise NoSuchPlace(path)


def _branch_beside(document: Document, list_path: str, way: int) -> str:
    """The list of steps next to this one, inside the same step."""
    around = step_around(document, f"{list_path}.0")
    lists = [f"{around}.{slot.path}" for slot in slots_of(look(document, around))]
    place = lists.index(list_path) + way if list_path in lists else -1
    if not 0 <= place < len(lists):
        raise NoSuchPlace(list_path)
    return lists[place]


def duplicate(document: Document, path: str) -> Edited:
    """A copy after the original. It and the steps inside it get ids of their own, which templates in it follow."""
    part = look(document, path)
    if not isinstance(part, dict):
        raise NoSuchPlace(path)
    parent, place = split(path)
    taken, fresh = ids_in(document), {}
    for _path, id_ in named_parts({parent.partition(".")[0]: [part]}):
        if id_:
            fresh[id_] = free_id(id_, taken)
            taken.add(fresh[id_])
    return insert(document, f"{parent}.{place + 1}", with_references(_with_ids(part, fresh), fresh))


def _with_ids(value: Any, fresh: dict[str, str]) -> Any:
    if isinstance(value, list):
        return [_with_ids(part, fresh) for part in value]
    if not isinstance(value, dict):
        return value
    inner = {key: _with_ids(part, fresh) for key, part in value.items()}
    is_part = "kind" in value and isinstance(value.get("id"), str)
    return {**inner, "id": fresh.get(value["id"], value["id"])} if is_part else inner


def toggle(document: Document, path: str) -> Edited:
    """Switch a step off, or on again."""
    step = look(document, path)
    if not isinstance(step, dict):
        raise NoSuchPlace(path)
    is_on = step.get("enabled") is not False
    return Edited(put(document, f"{path}.enabled", False if is_on else ABSENT), path)


def rename(document: Document, path: str, new: str) -> Edited:
    """Give a step another id; templates everywhere that name it follow, unless another step has the new id."""
    old = look(document, f"{path}.id")
    if not isinstance(old, str):
        return Edited(put(document, f"{path}.id", new), path)
    is_step, others = path.startswith("steps."), ids_in(document)
    changed = put(document, f"{path}.id", new)
    follows = is_step and new.isidentifier() and new not in others
    return Edited(with_references(changed, {old: new}) if follows else changed, path)
