"""Numbers for people: with the separators of the language in force."""

from django.utils import formats


def grouped(number: int) -> str:
    """ "10,000" in English, "10.000" in German."""
    return formats.number_format(number, use_l10n=True, force_grouping=True)


def short(number: float) -> str:
    """Without zeros behind the point: "4.2", "4"."""
    return formats.number_format(f"{number:g}", use_l10n=True)
