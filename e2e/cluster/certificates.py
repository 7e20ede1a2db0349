"""The certificates of one short-lived cluster: its authority, its API server, and one for each identity."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey

_VALID = timedelta(days=2)
_API_SERVER_NAMES = ("localhost", "kubernetes", "kubernetes.default.svc")


def new_key() -> ec.EllipticCurvePrivateKey:
    """A new P-256 private key."""
    return ec.generate_private_key(ec.SECP256R1())


def new_rsa_key() -> rsa.RSAPrivateKey:
    """A new RSA private key, for programs that take no other."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_pem(key: PrivateKey) -> bytes:
    """A private key as unencrypted PEM (SEC 1, or PKCS #1 for RSA)."""
    # Kubernetes reads a public key out of a private key file only in this form.
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())


def write_private(path: Path, content: bytes) -> Path:
    """Writes a file that only its owner can read, and returns its path."""
    path.touch(mode=0o600)
    path.write_bytes(content)
    return path


def signing_request(key: ec.EllipticCurvePrivateKey, identity: str, groups: tuple[str, ...]) -> bytes:
    """A PEM certificate signing request for a Kubernetes user (common name) and its groups (organizations)."""
    request = x509.CertificateSigningRequestBuilder().subject_name(_name(identity, groups))
    return request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


class Authority:
    """A certificate authority made for one cluster.

    Args:
        key: its private key; a new one when left out.
    """

    def __init__(self, key: PrivateKey | None = None) -> None:
        self._key = key or new_key()
        self._name = _name("livecost-local-cluster", ())
        builder = self._builder(self._name, self._key.public_key())
        self._certificate = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True).sign(
            self._key, hashes.SHA256()
        )

    @property
    def certificate_pem(self) -> bytes:
        """The authority's own certificate."""
        return self._certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def key_pem(self) -> bytes:
        """The authority's private key, for what signs in its name."""
        return key_pem(self._key)

    def serving_certificate(self, host_names: Iterable[str] = _API_SERVER_NAMES) -> tuple[bytes, bytes]:
        """Certificate and key (PEM) of a server on the loopback address and under some names."""
        key = new_key()
        names: list[x509.GeneralName] = [x509.IPAddress(ip_address("127.0.0.1"))]
        names += [x509.DNSName(name) for name in host_names]
        builder = self._builder(_name("kube-apiserver", ()), key.public_key())
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        return self._signed(builder), key_pem(key)

    def client_certificate(self, identity: str, groups: tuple[str, ...] = ()) -> tuple[bytes, bytes]:
        """Certificate and key (PEM) of a Kubernetes user (common name) and its groups (organizations)."""
        key = new_key()
        builder = self._builder(_name(identity, groups), key.public_key())
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        return self._signed(builder), key_pem(key)

    def _builder(self, subject: x509.Name, public_key: PublicKey) -> x509.CertificateBuilder:
        now = datetime.now(UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + _VALID)
        )

    def _signed(self, builder: x509.CertificateBuilder) -> bytes:
        return builder.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _name(common_name: str, organizations: tuple[str, ...]) -> x509.Name:
    attributes = [x509.NameAttribute(NameOID.ORGANIZATION_NAME, each) for each in organizations]
    return x509.Name([*attributes, x509.NameAttribute(NameOID.COMMON_NAME, common_name)])
