"""A start that cannot succeed says why in one sentence."""

from argparse import ArgumentTypeError
from unittest import mock

import pytest
from django.core.management.base import CommandError
from django.db import OperationalError, connection

from runs.startup import port_number, require_database

REFUSED = OperationalError("connection failed: Connection refused\n\tIs the server running on that host?")


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "http", "8000.5", "٨٠٠٠"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        port_number(text)


@pytest.mark.parametrize(
    ("is_embedded", "sentence"),
    [
        (True, "SIGNALBOX_DATA: the database cannot be reached (connection failed: Connection refused)."),
        (False, "DATABASE_URL: the database cannot be reached (connection failed: Connection refused)."),
    ],
)
def test_database_that_cannot_be_reached_is_told_in_one_sentence(settings, is_embedded, sentence) -> None:
    settings.IS_EMBEDDED = is_embedded

    with (
        mock.patch.object(connection, "ensure_connection", side_effect=REFUSED),
        pytest.raises(CommandError) as told,
    ):
        require_database()

    assert str(told.value) == sentence
