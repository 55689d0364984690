"""An authority of the tests' own, and certificates from it."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

PEM, PLAIN = serialization.Encoding.PEM, serialization.NoEncryption()


class Authority:
    def __init__(self, folder):
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        folder.mkdir(exist_ok=True)
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"tests {folder.name}")])
        certificate = self._signed(self.name, self.key.public_key(), x509.BasicConstraints(ca=True, path_length=None))
        self.file = self._written("ca.pem", certificate.public_bytes(PEM))

    def certificate(self, *hosts):
        """(certificate, key) as files, for hosts given as names or addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
        certificate = self._signed(
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hosts[0])]),
            key.public_key(),
            x509.SubjectAlternativeName(names),
        )
        pem = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, PLAIN)
        return self._written("cert.pem", certificate.public_bytes(PEM)), self._written("key.pem", pem)

    def _signed(self, subject, public_key, extension):
        now = datetime.now(UTC)
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(authority_key, critical=False)
            .sign(self.key, hashes.SHA256())
        )

    def _written(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return str(path)
