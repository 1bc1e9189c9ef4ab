"""Forms that come in, as fields; files are refused."""

from io import BytesIO
from typing import Any, NoReturn
from urllib.parse import parse_qsl

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import FileUploadHandler
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.utils.translation import gettext as _

from runs.intake.json_text import BodyRefused, parse_json

MOST_FIELDS = 1000

Pairs = list[tuple[str, str]]


def form_fields(pairs: Pairs, *, github: bool) -> dict[str, Any]:
    """A field given several times becomes a list; with `github` the field `payload` is parsed as JSON."""
    lists: dict[str, list[str]] = {}
    for name, value in pairs:
        lists.setdefault(name, []).append(value)
    fields: dict[str, Any] = {
        name: values[0] if len(values) == 1 else values for name, values in lists.items()
    }
    if github and isinstance(fields.get("payload"), str):
        fields["payload"] = parse_json(fields["payload"])
    return fields


def urlencoded(content: bytes, encoding: str) -> Pairs:
    """Names and values of a URL-encoded form; raises BodyRefused beyond 1,000 fields."""
    text = content.decode(encoding, "replace")
    try:
        return parse_qsl(
            text, keep_blank_values=True, encoding=encoding, errors="replace", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise BodyRefused(_("The form has more than 1,000 fields.")) from None


class _NoFiles(FileUploadHandler):
    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise BodyRefused(_("The form holds a file. Send fields only."))


def multipart(content: bytes, content_type: str) -> Pairs:
    """Names and values of a multipart form; raises BodyRefused for files and for what cannot be read."""
    meta = {"CONTENT_TYPE": content_type, "CONTENT_LENGTH": len(content)}
    try:
        fields, _files = MultiPartParser(meta, BytesIO(content), [_NoFiles()], "utf-8").parse()
    except (MultiPartParserError, SuspiciousOperation):
        raise BodyRefused(
            _("The form cannot be read. Check its boundary and the number of its fields.")
        ) from None
    return [(name, value) for name, values in fields.lists() for value in values]
