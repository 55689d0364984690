"""An authority of the tests' own, and certificates from it, with what RFC 5280 asks for: Python 3.13 checks that."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

PEM, PLAIN = serialization.Encoding.PEM, serialization.NoEncryption()


class Authority:
    def __init__(self, folder, *, is_proper=True):
        """`is_proper=False`: an authority without key usage, as many a court's own; Python 3.12 takes it."""
        self.folder, self.key = folder, ec.generate_private_key(ec.SECP256R1())
        folder.mkdir(exist_ok=True)
        self.name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, f"tests {folder.name}")])
        extensions = [(x509.BasicConstraints(ca=True, path_length=0), True)]
        if is_proper:
            extensions.append((key_usage("key_cert_sign", "crl_sign"), True))
        self.file = self._write("ca.pem", self._sign(self.name, self.key.public_key(), extensions).public_bytes(PEM))

    def certificate(self, *hosts):
        """(certificate, key) as files, for hosts given as names or addresses."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = [x509.IPAddress(ip_address(host)) if host[0].isdigit() else x509.DNSName(host) for host in hosts]
        certificate = self._sign(
            x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, hosts[0])]),
            key.public_key(),
            [
                (x509.BasicConstraints(ca=False, path_length=None), True),
                (x509.SubjectAlternativeName(names), False),
                (key_usage("digital_signature"), True),
                (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
            ],
        )
        pem = key.private_bytes(PEM, serialization.PrivateFormat.PKCS8, PLAIN)
        return self._write("cert.pem", certificate.public_bytes(PEM)), self._write("key.pem", pem)

    def _sign(self, subject, public_key, extensions):
        now = datetime.now(UTC)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(public_key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        for extension, is_critical in extensions:
            builder = builder.add_extension(extension, critical=is_critical)
        return builder.sign(self.key, hashes.SHA256())

    def _write(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return str(path)


USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


def key_usage(*usages):
    return x509.KeyUsage(**{usage: usage in usages for usage in USAGES})
