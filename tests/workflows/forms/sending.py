"""What a browser sends for the form of a part that nobody touched."""

from django.utils.datastructures import MultiValueDict

from workflows.forms.parts import PartForm
from workflows.forms.parts.sent import PREFIX


def untouched(form: PartForm) -> MultiValueDict:
    data: MultiValueDict = MultiValueDict()
    for one in (*form.fields, *form.rare):
        _send(one, data)
    return data


def _put(data, path, text):
    data.appendlist(PREFIX + path, text.replace("\n", "\r\n"))


def _send(one, data):
    control = one.control
    if control in ("text", "long", "lines"):
        _put(data, one.path, one.text)
    elif control == "value":
        _put(data, one.path, one.text)
        _put(data, f"{one.path}.as", one.value_kind)
    elif control == "tick":
        for text in ("off", *(["on"] if one.is_on else [])):
            _put(data, one.path, text)
    elif control == "choice":
        chosen = [word for word, _label, is_chosen in one.choices if is_chosen]
        _put(data, one.path, (chosen or [one.choices[0][0]])[0])
    elif control == "choices":
        for word in ["", *(word for word, _label, is_chosen in one.choices if is_chosen)]:
            _put(data, one.path, word)
    elif control == "either":
        _put(data, one.path, next(word for word, _label, is_chosen in one.choices if is_chosen))
    elif control == "pairs":
        _pairs(one, data)
    elif control == "condition" and one.condition:
        _condition(one.condition, data)
    for inner in (*one.fields, *(field for row in one.rows for field in row.fields)):
        _send(inner, data)


def _pairs(one, data):
    for row in one.rows:
        _put(data, f"{row.path}.key", row.key)
        _put(data, row.path, row.text)
        _put(data, f"{row.path}.as", row.kind)
    blank = f"{one.path}.{len(one.rows)}"
    for path, text in ((f"{blank}.key", ""), (blank, ""), (f"{blank}.as", "text")):
        _put(data, path, text)
    _put(data, f"{one.path}.rows", str(len(one.rows) + 1))


def _condition(row, data):
    if row.mode in ("all", "any"):
        _put(data, f"{row.path}.mode", row.mode)
    for inner in row.rows:
        _condition(inner, data)
    if row.left:
        for side in (row.left, row.right):
            _put(data, side.path, side.text)
            _put(data, f"{side.path}.as", side.kind)
        _put(data, f"{row.path}.op", row.op)
