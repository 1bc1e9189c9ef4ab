"""No inside address is reached, however it is named (R69): every test counts the contacts of a listening sink."""

import socket
from ipaddress import ip_network

import pytest

from tests.workflows.outgoing.conftest import redirect
from workflows.outgoing import EgressRefused, OutgoingRequest, send


def refused(url: str, **changes: object) -> EgressRefused:
    with pytest.raises(EgressRefused) as failed:
        send(OutgoingRequest("POST", url, timeout=5, **changes))
    return failed.value


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.1",
        "0",
        "localhost",
        "LocalHost",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::127.0.0.1]",
        "[2002:7f00:1::1]",
    ],
)
def test_send_contacts_no_inside_address(sink, host):
    target = sink()

    failed = refused(f"http://{host}:{target.port}/")

    assert (failed.code, failed.permanent, failed.sent, target.contacts) == ("egress_refused", True, False, 0)


@pytest.mark.parametrize(
    "addresses",
    [
        ["127.0.0.1"],
        ["::1"],
        ["::ffff:127.0.0.1"],
        ["93.184.216.34", "127.0.0.1"],
        ["127.0.0.1", "93.184.216.34"],
        ["2606:4700:4700::1111", "10.0.0.1"],
        ["93.184.216.34", "169.254.169.254"],
    ],
)
def test_send_refuses_a_name_unless_every_address_is_public(sink, names, addresses):
    target = sink()
    names["mixed.example"] = addresses

    failed = refused(target.url(host="mixed.example"))

    assert (failed.sent, target.contacts) == (False, 0)
    assert "127.0.0.1" not in failed.message


def test_send_looks_a_name_up_once_and_connects_to_what_was_checked(sink, names, settings, monkeypatch):
    settings.EGRESS_ALLOW = [ip_network("127.0.0.1/32")]
    checked, inside = sink(), sink()
    names["rebinding.example"] = ["127.0.0.1"]
    connected, real = [], socket.create_connection

    def connect(address, *args, **kwargs):
        connected.append(address)
        # From here on the name leads elsewhere, as a hostile name server would have it.
        names["rebinding.example"] = ["127.0.0.2"]
        return real(address, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", connect)

    assert send(OutgoingRequest("GET", checked.url(host="rebinding.example"), timeout=5)).content == b"ok"
    assert connected == [("127.0.0.1", checked.port)]
    assert f"Host: rebinding.example:{checked.port}".encode() in checked.requests[0]

    failed = refused(inside.url(host="rebinding.example"))
    assert (failed.sent, inside.contacts) == (False, 0)


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.2:{port}/",
        "//127.0.0.2:{port}/",
        "http://[::1]:{port}/",
        "http://0x7f000002:{port}/",
        "http://inside.example:{port}/",
        "file:///etc/passwd",
        "ftp://127.0.0.1/",
        "http://user@127.0.0.1:{port}/",
        "http://[broken",
    ],
)
def test_send_checks_each_redirect(sink, names, settings, location):
    settings.EGRESS_ALLOW = [ip_network("127.0.0.1/32")]
    names["inside.example"] = ["127.0.0.2"]
    inside = sink()
    outside = sink(redirect(location.format(port=inside.port)))

    failed = refused(outside.url(), follow_redirects=3)

    # The first hop was asked, so something was sent, though not to the refused address.
    assert (failed.code, failed.permanent, failed.sent) == ("egress_refused", True, True)
    assert (outside.contacts, inside.contacts) == (1, 0)


def test_send_reaches_what_the_settings_allow(sink, settings):
    settings.EGRESS_ALLOW = [ip_network("127.0.0.0/8")]
    target = sink()

    assert send(OutgoingRequest("GET", f"http://2130706433:{target.port}/", timeout=5)).content == b"ok"


def test_send_reaches_the_sample_endpoint_and_nothing_beside_it(sink, settings):
    samples, other = sink(), sink()
    settings.SAMPLE_ENDPOINT_PORT = samples.port

    assert send(OutgoingRequest("GET", samples.url(), timeout=5)).content == b"ok"
    for url in (other.url(), samples.url(host="127.0.0.2"), samples.url(host="[::1]")):
        assert refused(url).sent is False
    assert (samples.contacts, other.contacts) == (1, 0)
