"""What the doctor says about one thing."""

from runs.doctor import Diagnosis, examine


def said(name: str) -> Diagnosis:
    """The one finding of this name."""
    found = [diagnosis for diagnosis in examine() if diagnosis.name == name]
    assert len(found) == 1, found
    return found[0]
