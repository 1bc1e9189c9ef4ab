"""What a dialog has chosen already need not be sent: a script may post the reason alone."""

import pytest

from workflows.forms.pausing import PauseForm


@pytest.mark.parametrize(("defined", "chosen"), [(("hold", "hold"), "hold"), (("skip", "skip"), "skip")])
def test_pause_with_a_reason_alone_takes_what_stands(defined: tuple[str, str], chosen: str) -> None:
    form = PauseForm({"reason": "Stocktaking"}, while_paused=defined)

    assert form.is_valid()
    assert (form.cleaned_data["in_flight"], form.cleaned_data["triggers"]) == ("finish", chosen)


def test_pause_still_refuses_a_choice_that_is_none() -> None:
    assert set(PauseForm({"reason": "Stocktaking", "in_flight": "maybe"}).errors) == {"in_flight"}
