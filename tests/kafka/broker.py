"""Apache Kafka for tests: one broker on loopback that a test may stop, kill, pause and start."""

import fcntl
import functools
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from random import SystemRandom
from typing import Literal, Self
from xml.etree import ElementTree

POM = Path(__file__).with_name("pom.xml")
JAVA_OPTIONS = [
    "-Xmx768m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-Dorg.apache.logging.log4j.level=INFO",
]
# Below those that systems give to clients: a client that goes on knocking at the port of a broker
# that is down would, with bad luck, connect to itself and keep the broker from its port.
PORTS = range(20_000, 32_000)
CLUSTER = "MkU3OEVBNTcwNTJENDM2Qk"
READY = b"Kafka Server started"
SECONDS_TO_START = 60
SECONDS_TO_STOP = 20
MECHANISMS = {
    "PLAIN": "org.apache.kafka.common.security.plain.PlainLoginModule",
    "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
    "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
}

SETTINGS = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,"
    "SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL",
    "auto.create.topics.enable": "false",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "share.coordinator.state.topic.num.partitions": "1",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "transaction.abort.timed.out.transaction.cleanup.interval.ms": "500",
    # Retention and compaction act within a test's patience.
    "log.initial.task.delay.ms": "500",
    "log.retention.check.interval.ms": "1000",
    "log.cleaner.backoff.ms": "1000",
    # A third of the default's memory goes to this buffer alone.
    "log.cleaner.dedupe.buffer.size": str(8 << 20),
    # A broker that was killed can register again only when its former session has ended.
    "broker.session.timeout.ms": "1000",
    "broker.heartbeat.interval.ms": "200",
}

# Standard input ends with the process that holds its other end, however that one dies.
GUARD = """
while read -r line; do process=$line; done
[ -z "$process" ] || kill -9 "$process"
rm -rf "$0" || { sleep 1; rm -rf "$0"; }
"""


class UnavailableError(Exception):
    """This machine lacks what a broker needs; the message says what, and what to do."""


class Broker:
    """A Kafka broker, its own controller, with its data in a temporary folder.

    It listens without security at `bootstrap`; with `security` also at `bootstrap_for` the
    protocols "SSL", "SASL_SSL" and "SASL_PLAINTEXT", where `user` may enter with `password` by each
    of `MECHANISMS`, and clients that trust `ca_file` can verify the broker. `client_certificates`
    says whether the SSL listener asks for a certificate: that in `certificate_file` is accepted.
    `settings` are the broker's own, and come before `SETTINGS`.

    As a context manager it is started and, at the end, closed. Without, call `start` and `close`.
    It ends, and its folder goes, with the process that made it, even where that one is killed.
    """

    user = "tester"
    password = "tester-secret"

    def __init__(
        self,
        *,
        security: bool = False,
        client_certificates: Literal["none", "requested", "required"] = "none",
        settings: Mapping[str, str] | None = None,
    ) -> None:
        require_java()
        self._libraries = libraries()
        self._security = security
        self._client_certificates = client_certificates
        self._settings = dict(settings or {})
        secure = ["SSL", "SASL_SSL", "SASL_PLAINTEXT"] if security else []
        names = ["PLAINTEXT", "CONTROLLER", *secure]
        self._addresses = {
            name: f"127.0.0.1:{port}"
            for name, port in zip(names, free_ports(len(names)), strict=True)
        }
        self._process: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="streamrnn-kafka-"))
        self.log_file = self.folder / "broker.log"
        self.ca_file = self.folder / "server.pem"
        self.certificate_file = self.folder / "client.pem"
        self.key_file = self.folder / "client.key"
        self._data = self.folder / "data"
        self._properties = self.folder / "server.properties"
        self._guard = subprocess.Popen(
            ["sh", "-c", GUARD, str(self.folder)], stdin=subprocess.PIPE, start_new_session=True
        )

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def bootstrap(self) -> str:
        """Where clients connect without security."""
        return self.bootstrap_for("PLAINTEXT")

    def bootstrap_for(self, protocol: str) -> str:
        """Return where clients of a security protocol connect."""
        return self._addresses[protocol]

    def start(self) -> None:
        """Start the broker, the first time or again with its ports and data, until it is ready."""
        if self._process is not None:
            raise RuntimeError("the broker runs already")
        if not self._data.exists():
            self._format()
        with self.log_file.open("ab") as log:
            start_of_log = log.tell()
            # In a session of its own, Ctrl-C leaves it alone until the tests have ended.
            self._process = subprocess.Popen(
                self._java("kafka.Kafka", str(self._properties)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._tell_guard(str(self._process.pid))
        self._wait_until_ready(self._process, start_of_log)

    def stop(self) -> None:
        """Shut the broker down in order, if it runs, and wait for its end."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kill the broker, if it runs, as a crash of its process would."""
        self._end(signal.SIGKILL)

    def pause(self) -> None:
        """Hold the broker: its connections stay, and nothing answers."""
        self._running().send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a held broker go on."""
        self._running().send_signal(signal.SIGCONT)

    def close(self) -> None:
        """Stop the broker and remove its folder."""
        self.stop()
        if self._guard.stdin:
            self._guard.stdin.close()
        self._guard.wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the broker does not run")
        return self._process

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(number)
        # A held process takes no SIGTERM before it goes on.
        self._process.send_signal(signal.SIGCONT)
        try:
            self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
        self._tell_guard("")

    def _tell_guard(self, process: str) -> None:
        if self._guard.stdin and not self._guard.stdin.closed:
            self._guard.stdin.write(f"{process}\n".encode())
            self._guard.stdin.flush()

    def _wait_until_ready(self, process: subprocess.Popen[bytes], start_of_log: int) -> None:
        end = time.monotonic() + SECONDS_TO_START
        with self.log_file.open("rb") as log:
            while True:
                ended = process.poll() is not None or time.monotonic() > end
                log.seek(start_of_log)
                text = log.read()
                if READY in text:
                    return
                if ended:
                    self.kill()
                    raise RuntimeError(f"the broker did not start: {text.decode()[-3000:]}")
                time.sleep(0.03)

    def _java(self, *arguments: str) -> list[str]:
        return ["java", *JAVA_OPTIONS, "-cp", f"{self._libraries}/*", *arguments]

    def _format(self) -> None:
        settings = SETTINGS | self._places()
        credentials = []
        if self._security:
            make_certificate(self.folder / "server.key", self.ca_file)
            make_certificate(self.key_file, self.certificate_file)
            settings |= self._security_settings()
            credentials = [
                f"--add-scram={mechanism}=[name={self.user},password={self.password}]"
                for mechanism in MECHANISMS
                if mechanism.startswith("SCRAM")
            ]
        lines = [f"{name}={value}\n" for name, value in (settings | self._settings).items()]
        self._properties.write_text("".join(lines), encoding="utf-8")
        tool = ["kafka.tools.StorageTool", "format", "--standalone", "-t", CLUSTER]
        run(self._java(*tool, "-c", str(self._properties), *credentials))

    def _places(self) -> dict[str, str]:
        listeners = [f"{name}://{address}" for name, address in self._addresses.items()]
        return {
            "listeners": ",".join(listeners),
            "controller.quorum.bootstrap.servers": self._addresses["CONTROLLER"],
            "log.dirs": str(self._data),
        }

    def _security_settings(self) -> dict[str, str]:
        identity = self.folder / "identity.pem"
        key = (self.folder / "server.key").read_text(encoding="utf-8")
        identity.write_text(key + self.ca_file.read_text(encoding="utf-8"), encoding="utf-8")
        settings = {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(identity),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.certificate_file),
            "listener.name.ssl.ssl.client.auth": self._client_certificates,
            "sasl.enabled.mechanisms": ",".join(MECHANISMS),
        }
        for listener in ("sasl_ssl", "sasl_plaintext"):
            for mechanism, module in MECHANISMS.items():
                users = f' user_{self.user}="{self.password}"' if mechanism == "PLAIN" else ""
                name = f"listener.name.{listener}.{mechanism.lower()}.sasl.jaas.config"
                settings[name] = f"{module} required{users};"
        return settings


@functools.cache
def require_java() -> None:
    """Raise `UnavailableError` where there is no Java that runs this Kafka."""
    try:
        answer = run(["java", "-version"])
    except (OSError, RuntimeError):
        answer = ""
    version = re.search(r'version "(\d+)', answer)
    if version is None or int(version[1]) < 17:
        raise UnavailableError("Kafka needs Java 17 or newer: install it (openjdk-17-jre-headless)")


def libraries() -> Path:
    """Return the folder of Kafka's jars, which Maven fills when they are first asked for."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "streamrnn"
    names = {"": "http://maven.apache.org/POM/4.0.0"}
    version = ElementTree.parse(POM).findtext("dependencies/dependency/version", None, names)
    folder = cache / f"kafka-{version}"
    if not folder.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with (cache / "kafka.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                download(folder)
    return folder


def download(folder: Path) -> None:
    """Have Maven copy Kafka's jars to a folder that is not there yet, all of them or none."""
    if shutil.which("mvn") is None:
        raise UnavailableError("Kafka's jars are fetched with Maven: install it (maven)")
    with tempfile.TemporaryDirectory(dir=folder.parent) as temporary:
        jars = Path(temporary) / "jars"
        goal = ["dependency:copy-dependencies", "-DincludeScope=runtime"]
        try:
            run(["mvn", "-q", "-B", "-f", str(POM), *goal, f"-DoutputDirectory={jars}"])
        except RuntimeError as error:
            cause = str(error).partition("[ERROR]")[2].partition("\n")[0]
            raise UnavailableError(f"Maven could not fetch Kafka's jars:{cause}") from error
        jars.rename(folder)


def make_certificate(key_file: Path, certificate_file: Path) -> None:
    """Write a new private key, and a certificate for 127.0.0.1 that it signs itself."""
    if shutil.which("openssl") is None:
        raise UnavailableError("certificates are made with OpenSSL: install it (openssl)")
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost"]
    run([*request, *names, "-keyout", str(key_file), "-out", str(certificate_file)])


def run(command: list[str]) -> str:
    """Return what a command prints on both its streams; raise with it where the command fails."""
    result = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if result.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {result.stdout[-3000:]}")
    return result.stdout


def free_ports(count: int) -> list[int]:
    """Return ports of the loopback address on which nothing listens."""
    ports: list[int] = []
    with ExitStack() as held:
        while len(ports) < count:
            port = SystemRandom().choice(PORTS)
            probe = held.enter_context(socket.socket())
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            ports.append(port)
    return ports
