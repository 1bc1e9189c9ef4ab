from ipaddress import ip_network

import pytest

from workflows.outgoing.addresses import is_allowed

INSIDE = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.8",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.0.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "168.63.129.16",
    "::",
    "::1",
    "::2",
    "::7f00:1",
    "::a00:1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::1",
    "64:ff9b:1::808:808",
    "100::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:10::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2002:a00:1::1",
    "2002:c0a8:101::",
    "3fff::1",
    "4000::1",
    "5f00::1",
    "8000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fdff::1",
    "fe80::1",
    "fe80::1%lo",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
    "2606:4700::5efe:10.0.0.1",
    "2606:4700::200:5efe:127.0.0.1",
]

PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "9.255.255.255",
    "11.0.0.0",
    "100.63.255.255",
    "100.128.0.0",
    "172.15.255.255",
    "172.32.0.0",
    "192.0.1.0",
    "198.17.255.255",
    "223.255.255.255",
    "2606:4700:4700::1111",
    "2a00:1450:4001:81b::200e",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
]


@pytest.mark.parametrize("address", INSIDE)
def test_is_allowed_refuses_what_is_not_public(address):
    assert is_allowed(address) is False


@pytest.mark.parametrize("address", PUBLIC)
def test_is_allowed_takes_public_addresses(address):
    assert is_allowed(address) is True


@pytest.mark.parametrize("address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd00::5"])
def test_is_allowed_is_widened_by_the_settings(settings, address):
    settings.EGRESS_ALLOW = [ip_network("10.1.0.0/16"), ip_network("fd00::/64")]

    assert is_allowed(address) is True


@pytest.mark.parametrize("address", ["10.2.0.1", "127.0.0.1", "::ffff:10.2.0.1", "fd00:0:0:1::5"])
def test_is_allowed_is_widened_no_further(settings, address):
    settings.EGRESS_ALLOW = [ip_network("10.1.0.0/16"), ip_network("fd00::/64")]

    assert is_allowed(address) is False


def test_is_allowed_needs_every_address_inside_to_be_allowed(settings):
    settings.EGRESS_ALLOW = [ip_network("2002::/16")]

    assert is_allowed("2002:808:808::1") is True
    assert is_allowed("2002:7f00:1::") is False
