"""A start that cannot succeed says why in one sentence."""

from argparse import ArgumentTypeError
from unittest import mock

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import CommandError
from django.db import OperationalError, connection

from runs.startup import port_number, require_database, require_secrets
from tests.factories import make_connection
from workflows.secrets import encrypt

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


def test_key_that_is_none_stops_the_start(settings) -> None:
    settings.SECRET_KEYS = ["short"]

    with pytest.raises(ImproperlyConfigured, match="SIGNALBOX_SECRET_KEYS"):
        require_secrets()


@pytest.mark.django_db
def test_keys_that_read_no_stored_secret_stop_the_start(settings) -> None:
    make_connection("crm", secret=encrypt("s3cret"))
    require_secrets()
    settings.SECRET_KEYS = [Fernet.generate_key().decode()]

    with pytest.raises(CommandError, match="SIGNALBOX_SECRET_KEYS"):
        require_secrets()
