"""A directory of the tests' own: Debian's slapd, on this machine, in a folder that goes away."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

PATHS = ("/usr/sbin/slapd", "/usr/lib/openldap/slapd", "/usr/libexec/slapd")
SCHEMA, MODULES = Path("/etc/ldap/schema"), Path("/usr/lib/ldap")
ROOT_DN, ROOT_PASSWORD, BASE = "cn=reader,dc=court", "the-readers-own", "dc=court"
PEOPLE = """\
dn: dc=court
objectClass: dcObject
objectClass: organization
o: court
dc: court

dn: uid=zhang,dc=court
objectClass: inetOrgPerson
uid: zhang
cn: zhang
sn: zhang
userPassword: right-in-the-directory

dn: uid=li,dc=court
objectClass: inetOrgPerson
uid: li
cn: li
sn: li
userPassword: of-somebody-else

dn: cn=first,dc=court
objectClass: inetOrgPerson
uid: twice
cn: first
sn: twice
userPassword: shared-by-two

dn: cn=second,dc=court
objectClass: inetOrgPerson
uid: twice
cn: second
sn: twice
userPassword: shared-by-two
"""


class Directory:
    """Answers at `plain` (with StartTLS) and, with the same certificate, at `guarded`."""

    def __init__(self, certificate, key, authority):
        program = next((path for path in PATHS if os.path.exists(path)), shutil.which("slapd"))
        if program is None:
            missing = "没有找到 slapd，目录登录的测试没有运行（Debian：apt install slapd）"
            if os.environ.get("CI"):
                pytest.fail(missing)
            pytest.skip(missing)
        self.folder = Path(tempfile.mkdtemp(prefix="courtplan-slapd-"))
        (self.folder / "data").mkdir()
        self._configure(certificate, key, authority)
        people = self.folder / "people.ldif"
        people.write_text(PEOPLE)
        config = str(self.folder / "slapd.conf")
        fill = [program, "-T", "add", "-f", config, "-l", str(people)]
        subprocess.run(fill, check=True, capture_output=True)  # noqa: S603 – the tests' own
        ports = _free_ports(2)
        self.plain, self.guarded = f"ldap://127.0.0.1:{ports[0]}", f"ldaps://127.0.0.1:{ports[1]}"
        self.log = (self.folder / "log").open("wb")
        serve = [program, "-f", config, "-h", f"{self.plain} {self.guarded}", "-d", "0"]
        self.process = subprocess.Popen(serve, stdout=self.log, stderr=self.log)  # noqa: S603 – as above
        self._wait(ports)

    def _configure(self, certificate, key, authority):
        lines = [f"include {SCHEMA / name}.schema" for name in ("core", "cosine", "inetorgperson")]
        if (MODULES / "back_mdb.so").exists():
            lines += [f"modulepath {MODULES}", "moduleload back_mdb.so"]
        lines += [
            f"pidfile {self.folder}/pid",
            f"TLSCertificateFile {certificate}",
            f"TLSCertificateKeyFile {key}",
            f"TLSCACertificateFile {authority}",
            # a name without a password is let in as anybody, the way many directories are set up
            "allow bind_anon_cred bind_anon_dn",
            "database mdb",
            f'suffix "{BASE}"',
            f'rootdn "{ROOT_DN}"',
            f"rootpw {ROOT_PASSWORD}",
            f"directory {self.folder}/data",
            "access to attrs=userPassword by anonymous auth by * none",
            "access to * by * read",
        ]
        (self.folder / "slapd.conf").write_text("\n".join(lines) + "\n")

    def _wait(self, ports):
        for _try in range(200):
            try:
                for port in ports:
                    socket.create_connection(("127.0.0.1", port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.05)
        self.stop()
        pytest.fail("slapd 没有启动")

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.log.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def _free_ports(n):
    sockets = [socket.socket() for _port in range(n)]
    for reserved in sockets:
        reserved.bind(("127.0.0.1", 0))
    ports = [reserved.getsockname()[1] for reserved in sockets]
    for reserved in sockets:
        reserved.close()
    return ports
