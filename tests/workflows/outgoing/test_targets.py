import socket
from ipaddress import ip_network

import pytest

from workflows.outgoing import EgressRefused, check_url
from workflows.outgoing.targets import parse

LOOPBACK_FORMS = [
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.1/",
    "http://017700000001/",
    "http://0/",
    "http://localhost/",
    "http://LOCALHOST./",
    "http://anything.localhost/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[2002:7f00:1::]/",
    "http://169.254.169.254/latest/meta-data/",
    "https://[fd00:ec2::254]/",
]

MALFORMED = [
    ("", "http and https"),
    ("example.com", "http and https"),
    ("//example.com/", "http and https"),
    ("ftp://example.com/", "http and https"),
    ("file:///etc/passwd", "http and https"),
    ("gopher://example.com/", "http and https"),
    ("javascript:alert(1)", "http and https"),
    ("http://", "no valid host"),
    ("http:///path", "no valid host"),
    ("http://./", "no valid host"),
    ("http://exa mple.com/", "no valid host"),
    ("http://exa%6dple.com/", "no valid host"),
    ("http://a,b/", "no valid host"),
    ("http://user@example.com/", "user name or password"),
    ("http://user:pass@example.com/", "user name or password"),
    ("http://127.0.0.1\\@example.com/", "user name or password"),
    ("http://example.com@127.0.0.1/", "user name or password"),
    ("http://[::1/", "not a valid URL"),
    ("http://[fe80::1%25lo]/", "no valid host"),
    ("http://0177.0.0.1/", "not a valid URL"),
    ("http://300.1.1.1/", "not a valid URL"),
    ("http://example.com:99999/", "between 1 and 65535"),
    ("http://example.com:x/", "not a valid URL"),
    ("http://example.com:0/", "between 1 and 65535"),
    ("http://example.com/\r\nHost: inside", "not a valid URL"),
    ("http://example.com/\x00", "not a valid URL"),
    ("http://example.com/" + "a" * 8000, "longer than 8,000"),
    ("http://" + "a" * 300 + ".com/", "no valid host"),
    ("http://\ud800.com/", "not a valid URL"),
]


@pytest.mark.parametrize("url", LOOPBACK_FORMS)
def test_check_url_refuses_every_spelling_of_an_inside_address(url):
    with pytest.raises(EgressRefused) as refused:
        check_url(url)

    assert refused.value.code == "egress_refused"
    assert refused.value.permanent is True
    assert refused.value.sent is False
    assert "is not a public address" in refused.value.message


@pytest.mark.parametrize(("url", "part"), MALFORMED)
def test_check_url_refuses_what_is_no_plain_web_address(url, part):
    with pytest.raises(EgressRefused) as refused:
        check_url(url)

    assert part in refused.value.message


@pytest.mark.parametrize(
    "url",
    [
        "https://example.com",
        "http://8.8.8.8:8080/x?y=1#z",
        "https://[2606:4700:4700::1111]/",
        "https://bücher.example/",
        "http://under_score.example./",
    ],
)
def test_check_url_takes_public_addresses_and_names(url):
    assert check_url(url) is None


def test_check_url_looks_no_name_up(monkeypatch):
    real, flags_seen = socket.getaddrinfo, []
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda *a, flags=0, **k: (flags_seen.append(flags), real(*a, flags=flags, **k))[1],
    )

    check_url("https://example.com/")

    assert flags_seen == [socket.AI_NUMERICHOST]


def test_check_url_is_widened_by_the_settings(settings):
    settings.EGRESS_ALLOW = [ip_network("127.0.0.0/8")]

    assert check_url("http://localhost:8000/") is None
    assert check_url("http://2130706433/") is None


def test_parse_drops_the_fragment_and_keeps_the_query():
    assert str(parse("HTTP://Example.COM:80/a b?x=1#secret")) == "http://example.com/a%20b?x=1"
