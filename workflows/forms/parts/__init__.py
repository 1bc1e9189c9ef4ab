"""The form of one trigger, step or the settings, made from the schema of its model.

What is left as it was shown stays exactly as it was written; what is emptied is no longer written. Values that the
model refuses are kept as typed: the findings of the document say so beside the field.
"""

from workflows.forms.parts.fields import PartField, PartForm, Row, form_of
from workflows.forms.parts.known import KnownPart, part_at
from workflows.forms.parts.reading import Problems, read_part

__all__ = ["KnownPart", "PartField", "PartForm", "Problems", "Row", "form_of", "part_at", "read_part"]
