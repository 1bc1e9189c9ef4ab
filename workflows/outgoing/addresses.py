"""Which network addresses outgoing requests may reach: public ones, and those of settings.EGRESS_ALLOW."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

Address = IPv4Address | IPv6Address

# Beyond what `is_global` of the oldest supported Python knows: protocol assignments and cloud metadata in
# 192.0.0.0/24, 6to4 with its relays, the wire server of Azure, newer documentation and local-use prefixes.
_NEVER_PUBLIC = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "168.63.129.16/32",
        "64:ff9b:1::/48",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)
_PUBLIC_IPV6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_COMPATIBLE = ip_network("::/96")
_ISATAP = (0x00005EFE, 0x02005EFE)


def is_allowed(text: str) -> bool:
    """Whether this address, and every address that it carries inside, is public or allowed by the settings."""
    return all(_is_widened(face) or _is_public(face) for face in _faces(ip_address(text)))


def is_sample_endpoint(address: str, port: int | None) -> bool:
    """Whether this is the endpoint that `manage.py up` runs for the sample workflows: one loopback port, no other."""
    return bool(settings.SAMPLE_ENDPOINT_PORT) and (address, port) == (
        "127.0.0.1",
        settings.SAMPLE_ENDPOINT_PORT,
    )


def _faces(address: Address) -> list[Address]:
    """The addresses a packet to this one may end at: IPv6 transition forms carry an IPv4 address inside."""
    if isinstance(address, IPv4Address):
        return [address]
    number = int(address)
    if address.ipv4_mapped is not None:
        return [address.ipv4_mapped]
    if address in _NAT64:
        return [IPv4Address(number & 0xFFFFFFFF)]
    if address in _COMPATIBLE and number > 0xFFFF:
        return [address, IPv4Address(number)]
    if address.sixtofour is not None:
        return [address, address.sixtofour]
    if number >> 32 & 0xFFFFFFFF in _ISATAP:
        return [address, IPv4Address(number & 0xFFFFFFFF)]
    return [address]


def _is_widened(address: Address) -> bool:
    return any(address in network for network in settings.EGRESS_ALLOW)


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if isinstance(address, IPv6Address) and address not in _PUBLIC_IPV6:
        return False
    return not any(address in network for network in _NEVER_PUBLIC)
