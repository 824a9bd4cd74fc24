"""A node's keys and certificates, by the openssl tool (docs/PROTOCOL.md, sections 2, 5 and 6)."""

import hashlib
import pathlib
import secrets

from tool import openssl

WITNESS = "2.25.123123243068363528692881065145607952453.3"


class Keys:
    """Four keys in a directory, and what is made of them."""

    def __init__(self, directory, node):
        self.dir = pathlib.Path(directory)
        self.dir.mkdir(parents=True)
        self.node = node
        for name in ("signing", "sealing"):
            openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out",
                    self.dir / f"{name}.key")
        openssl("genpkey", "-algorithm", "X25519", "-out", self.dir / "curve.key")
        openssl("genpkey", "-algorithm", "ED25519", "-out", self.dir / "witness.key")
        self.curve_secret = self._der("curve.key")[-32:]
        self.curve_public = self._der("curve.key", "-pubout")[-32:]
        self.witness = self._der("witness.key", "-pubout")[-32:]

    def _der(self, name, *more):
        return openssl("pkey", "-in", self.dir / name, *more, "-outform", "DER")

    def path(self, name):
        return self.dir / name

    def request(self):
        """The PKCS#10 of section 6.1."""
        config = self.dir / "request.cnf"
        config.write_text(f"""[req]
prompt = no
string_mask = utf8only
distinguished_name = name
req_extensions = asked
[name]
CN = {self.node}
[asked]
subjectAltName = URI:urn:liaison:node:{self.node}, URI:urn:liaison:curve:{self.curve_public.hex()}
{WITNESS} = DER:0420{self.witness.hex()}
""", encoding="utf-8")
        return openssl("req", "-new", "-key", self.path("signing.key"), "-config", config,
                       "-outform", "DER")

    def keep_certificates(self, authority, signing):
        for name, der in (("authority", authority), ("signing", signing)):
            openssl("x509", "-inform", "DER", "-out", self.path(f"{name}.pem"), given=der)
        openssl("verify", "-CAfile", self.path("authority.pem"), "-x509_strict",
                self.path("signing.pem"))

    def sealing_certificate(self):
        """Section 6.3: issued by this node's own signing key."""
        point = self._der("sealing.key", "-pubout")[-65:]
        openssl("req", "-new", "-utf8", "-subj", f"/CN={self.node}", "-key",
                self.path("sealing.key"), "-out", self.path("sealing.csr"))
        self.path("sealing.ext").write_text(f"""basicConstraints = critical, CA:FALSE
keyUsage = critical, keyAgreement
subjectKeyIdentifier = {hashlib.sha256(point).hexdigest()[:40]}
authorityKeyIdentifier = keyid:always
subjectAltName = URI:urn:liaison:node:{self.node}
""", encoding="utf-8")
        der = openssl("x509", "-req", "-in", self.path("sealing.csr"), "-CA",
                      self.path("signing.pem"), "-CAkey", self.path("signing.key"), "-set_serial",
                      hex(secrets.randbits(120) | 1), "-days", "30", "-sha256", "-extfile",
                      self.path("sealing.ext"), "-outform", "DER")
        openssl("x509", "-inform", "DER", "-out", self.path("sealing.pem"), given=der)
        return der

    def sign(self, octets):
        return openssl("dgst", "-sha256", "-sign", self.path("signing.key"), given=octets)
