"""What the dialogs of verbs ask for. Field names are those of the services, so that findings find their fields.

The services decide what is acceptable; forms only read the input, and ask for the ticks that a page needs.
"""

from workflows.forms.fields import NoFields, WarningsForm, name_field
from workflows.forms.launching import RunForm, WidenForm
from workflows.forms.naming import CloneForm, DeleteForm, DescribeForm, MoveForm, NameForm, possible_owners
from workflows.forms.pausing import ChangePauseForm, PauseForm, ReasonForm, ResumeForm, StopForm
from workflows.forms.versions import RollBackForm

__all__ = [
    "ChangePauseForm",
    "CloneForm",
    "DeleteForm",
    "DescribeForm",
    "MoveForm",
    "NameForm",
    "NoFields",
    "PauseForm",
    "ReasonForm",
    "ResumeForm",
    "RollBackForm",
    "RunForm",
    "StopForm",
    "WarningsForm",
    "WidenForm",
    "name_field",
    "possible_owners",
]
