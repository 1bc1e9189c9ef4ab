"""Readers of the environment: a wrong value is told in one sentence that names the variable."""

from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config.settings import environment as env


def test_hosts_takes_names_patterns_and_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", "example.com, .example.org,[::1],127.0.0.1,*")

    assert env.hosts("ALLOWED_HOSTS", "") == ["example.com", ".example.org", "[::1]", "127.0.0.1", "*"]


@pytest.mark.parametrize("value", ["https://example.com", "example.com:80", "exa mple", "a..b"])
def test_hosts_refuses_what_is_no_host_name(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ALLOWED_HOSTS", value)

    with pytest.raises(ImproperlyConfigured, match=r"^ALLOWED_HOSTS holds"):
        env.hosts("ALLOWED_HOSTS", "")


def test_folder_is_made(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SIGNALBOX_DATA", str(tmp_path / "a" / "b"))

    assert env.folder("SIGNALBOX_DATA", tmp_path).is_dir()


def test_folder_below_a_file_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("SIGNALBOX_DATA", str(tmp_path / "file" / "b"))

    with pytest.raises(ImproperlyConfigured, match=r"^SIGNALBOX_DATA names a folder"):
        env.folder("SIGNALBOX_DATA", tmp_path)


@pytest.mark.parametrize(
    "value", ["https://", "https://a b/", "redis://host:port/0", "smtp://", "redis://:x:y"]
)
def test_address_refuses_what_has_no_host_or_a_strange_port(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ADDRESS", value)

    with pytest.raises(ImproperlyConfigured, match=r"^ADDRESS is no complete address"):
        env.address("ADDRESS", "", schemes=("https", "redis", "smtp"))


@pytest.mark.parametrize("value", ["https://a.example/", "redis://127.0.0.1:6379/0", "postgres:///signalbox"])
def test_address_takes_what_is_complete(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("ADDRESS", value)

    assert env.address("ADDRESS", "", schemes=("https", "redis", "postgres")) == value


def test_choice_names_the_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "loud")

    with pytest.raises(ImproperlyConfigured, match=r"^LOG_LEVEL must be one of info, error, not 'loud'"):
        env.choice("LOG_LEVEL", "info", among=("info", "error"))
