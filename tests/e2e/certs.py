"""A certificate authority of our own, and certificates that are wrong in one way each.

    good      localhost and 127.0.0.1
    expired   the same, ended yesterday
    stranger  another host's
    foreign   localhost, from another authority
    client    for logging in; client.locked.key is its key, encrypted
"""

import os
import subprocess

_CONFIG = """
[req]
distinguished_name = name
[name]
[ca]
default_ca = own
[own]
database = {root}/index.txt
rand_serial = yes
new_certs_dir = {root}
policy = anything
default_md = sha256
copy_extensions = copy
unique_subject = no
[anything]
commonName = supplied
[authority]
basicConstraints = critical, CA:TRUE
"""


class Certificates:
    def __init__(self, root):
        self.root = root
        os.mkdir(root)
        self._write("index.txt", "")
        self._write("openssl.cnf", _CONFIG.format(root=root))
        for name in "ca", "other":
            self._authority(name)
        ours = "DNS:localhost,IP:127.0.0.1"
        self._issue("good", ours)
        self._issue("expired", ours, dates=("20200101000000Z", "20200102000000Z"))
        self._issue("stranger", "DNS:elsewhere.example")
        self._issue("foreign", ours, authority="other")
        self._issue("client", "DNS:client", subject="certified")
        self._openssl(
            *["ec", "-in", self["client.key"], "-out", self["client.locked.key"]],
            *["-aes256", "-passout", "pass:a passphrase that nobody types"],
        )
        os.chmod(self["client.locked.key"], 0o600)

    def __getitem__(self, name):
        return os.path.join(self.root, name)

    def _write(self, name, words):
        with open(self[name], "w") as file:
            file.write(words)

    def _openssl(self, *argv):
        subprocess.run(["openssl", *argv], check=True, capture_output=True, timeout=30)

    def _key(self, name):
        self._openssl(
            *["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            *["-out", self[f"{name}.key"]],
        )
        os.chmod(self[f"{name}.key"], 0o600)

    def _authority(self, name):
        self._key(name)
        self._openssl(
            *["req", "-x509", "-new", "-key", self[f"{name}.key"], "-days", "30"],
            *["-subj", f"/CN=pgcensus test {name}", "-out", self[f"{name}.crt"]],
            *["-config", self["openssl.cnf"], "-extensions", "authority"],
        )

    def _issue(self, name, hosts, authority="ca", subject=None, dates=None):
        self._key(name)
        self._openssl(
            *["req", "-new", "-key", self[f"{name}.key"], "-out", self[f"{name}.csr"]],
            *["-subj", f"/CN={subject or name}", "-config", self["openssl.cnf"]],
            *["-addext", f"subjectAltName={hosts}"],
        )
        when = ["-startdate", dates[0], "-enddate", dates[1]] if dates else []
        self._openssl(
            *["ca", "-batch", "-notext", "-config", self["openssl.cnf"]],
            *["-cert", self[f"{authority}.crt"], "-keyfile", self[f"{authority}.key"]],
            *["-in", self[f"{name}.csr"], "-out", self[f"{name}.crt"]],
            *(when or ["-days", "30"]),
        )
