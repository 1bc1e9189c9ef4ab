import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from workflows.outgoing import OutgoingFailed, OutgoingRequest, client, send

pytestmark = pytest.mark.usefixtures("loopback_allowed")


def self_signed(name: str, folder: Path) -> Path:
    """Certificate and key of a host, in one file."""
    key, subject = (
        ec.generate_private_key(ec.SECP256R1()),
        x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]),
    )
    begun = datetime.now(UTC) - timedelta(days=1)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begun)
        .not_valid_after(begun + timedelta(days=30))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / f"{name}.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@pytest.fixture
def secured(tmp_path, monkeypatch) -> ssl.SSLContext:
    """The server side for secure.example, which the client trusts; remembers the names asked for."""
    path = self_signed("secure.example", tmp_path)
    trusting = ssl.create_default_context(cafile=str(path))
    monkeypatch.setattr(client, "_tls", lambda: trusting)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(path)
    context.asked = []
    context.sni_callback = lambda _socket, name, _context: context.asked.append(name)
    return context


def test_send_verifies_the_name_while_connecting_to_the_address(sink, names, secured):
    names["secure.example"] = ["127.0.0.1"]
    target = sink(secured=secured)

    response = send(OutgoingRequest("GET", target.url(host="secure.example", scheme="https"), timeout=5))

    assert response.content == b"ok"
    assert secured.asked == ["secure.example"]


@pytest.mark.parametrize("host", ["other.example", "127.0.0.1"])
def test_send_refuses_a_certificate_of_another_name(sink, names, secured, host):
    names["other.example"] = ["127.0.0.1"]
    target = sink(secured=secured)

    with pytest.raises(OutgoingFailed) as failed:
        send(OutgoingRequest("POST", target.url(host=host, scheme="https"), content=b"secret", timeout=5))

    assert (failed.value.code, failed.value.sent, target.requests) == ("tls_failed", False, [])
    assert host in failed.value.message


def test_send_refuses_a_certificate_nobody_vouches_for(sink, names, secured, monkeypatch):
    monkeypatch.setattr(client, "_tls", ssl.create_default_context)
    names["secure.example"] = ["127.0.0.1"]
    target = sink(secured=secured)

    with pytest.raises(OutgoingFailed) as failed:
        send(OutgoingRequest("GET", target.url(host="secure.example", scheme="https"), timeout=5))

    assert (failed.value.code, failed.value.sent, target.requests) == ("tls_failed", False, [])
    assert "self-signed certificate" in failed.value.message


def test_send_to_a_port_without_tls_fails_before_anything_is_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            with listener.accept()[0] as connection:
                connection.sendall(b"220 plain text is spoken here\r\n")
                connection.recv(10_000)

        greeter = threading.Thread(target=greet)
        greeter.start()
        with pytest.raises(OutgoingFailed) as failed:
            send(OutgoingRequest("GET", f"https://127.0.0.1:{listener.getsockname()[1]}/", timeout=5))
        greeter.join(5)

    assert (failed.value.code, failed.value.sent) == ("tls_failed", False)


def test_default_context_verifies_certificates_and_names():
    context = client._tls()

    assert context.verify_mode == ssl.CERT_REQUIRED
    assert context.check_hostname is True
