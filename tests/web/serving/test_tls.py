"""An encrypted connection: the pages come over it with the headers and cookies that belong to one."""

from __future__ import annotations

import http.client
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.web.serving.conftest import serving


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    files = tmp_path / "chain.pem", tmp_path / "key.pem"
    files[0].write_bytes(made.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return files


def test_pages_come_encrypted(home: Path, certificate: tuple[Path, Path]) -> None:
    """Browsers are told to stay with it, and cookies to go no other way."""
    chain, key = certificate
    context = ssl.create_default_context(cafile=str(chain))
    with serving(home, "--certificate", str(chain), "--key", str(key), tls=context) as server:
        connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=20)
        connection.request("GET", "/sign-in")
        answer = connection.getresponse()
        assert 200 == answer.status
        assert "max-age=31536000" in (answer.getheader("strict-transport-security") or "")
        cookies = answer.headers.get_all("set-cookie") or []
        assert cookies
        assert all(cookie.startswith("__Host-") and "secure" in cookie.lower() for cookie in cookies), cookies
        connection.close()
