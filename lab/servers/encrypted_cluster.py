"""A cluster whose nodes speak TLS alone, to clients and to each other, with the shipped accounts.

Only `node` may do everything, in the name of an account that no installation has.
"""

import redis

from lab.servers.certificates import issue
from lab.servers.cluster_store import ClusterStore
from lab.servers.installation import ROOT

PASSWORD = "a-password-of-tests"
ACCOUNTS = ROOT / "deploy" / "replicated" / "accounts.acl"


class EncryptedCluster(ClusterStore):
    """The nodes. `url` is what REDIS_URL names, with the account of the product."""

    def __init__(self, binary: str | None = None) -> None:
        super().__init__(binary)
        self.certificate = issue(self.folder / "certificate", for_clients=True)
        self._accounts = self.folder / "accounts.acl"
        self._accounts.write_text(accounts())
        self.url = self.url_of(f"cashticket:{PASSWORD}")

    def url_of(self, account: str) -> str:
        """What REDIS_URL names for `NAME:PASSWORD`."""
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports)
        return f"rediss+cluster://{account}@{hosts}?ssl_ca_certs={self.certificate.authority}"

    def node(self, number: int) -> redis.Redis:
        return redis.Redis(
            host="127.0.0.1",
            port=self.ports[number],
            username="tests",
            password=PASSWORD,
            ssl=True,
            ssl_ca_certs=str(self.certificate.authority),
            decode_responses=True,
            socket_timeout=5,
            protocol=2,
        )

    def _ways_in(self, number: int) -> list[str]:
        issued = self.certificate
        options = ["--port", "0", "--tls-port", str(self.ports[number]), "--tls-auth-clients", "no"]
        options += ["--tls-cluster", "yes", "--tls-replication", "yes", "--tls-ca-cert-file", str(issued.authority)]
        options += ["--tls-cert-file", str(issued.chain), "--tls-key-file", str(issued.key)]
        return [*options, "--aclfile", str(self._accounts), "--masteruser", "replication", "--masterauth", PASSWORD]


def accounts() -> str:
    """The shipped accounts as they are, and one of the tests."""
    rows = ACCOUNTS.read_text(encoding="utf-8").replace(">PASSWORD", f">{PASSWORD}").splitlines()
    return "\n".join([*rows, f"user tests on >{PASSWORD} ~* &* +@all", ""])
