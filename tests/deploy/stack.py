"""The services of the compose file, each as it stands there: command, variables, user, mounts.

What stands for the images of others is what of them this machine has: Kafka's jars, which hold the
program that turns the variables of Kafka's own image into its settings, and a Prometheus.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.deploy.engine import Container, Engine, Process, until
from tests.deploy.image import ROOT, Image
from tests.kafka.broker import libraries

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
SERVICES: dict[str, Any] = COMPOSE["services"]

# Whoever is asked for by name is here: all are on one network, of one machine.
NAMES = Path(__file__).with_name("names.py")
USERS = {"appuser": "1000:1000"}

# What Kafka's image does at its start, and where; its jars are mounted there.
KAFKA = """
java -cp '/opt/kafka/libs/*' kafka.docker.KafkaDockerWrapper setup \
    --default-configs-dir /etc/kafka/docker --mounted-configs-dir /mnt/shared/config \
    --final-configs-dir /opt/kafka/config
exec java $KAFKA_HEAP_OPTS -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp '/opt/kafka/libs/*' \
    kafka.Kafka /opt/kafka/config/server.properties
"""


@dataclass(frozen=True)
class Mount:
    """An entry of a service's volumes."""

    source: str
    target: str
    read_only: bool


def mounts_of(service: Mapping[str, Any]) -> list[Mount]:
    """Return a service's volumes."""
    parts = (entry.split(":") for entry in service.get("volumes", []))
    return [Mount(source, target, options == ["ro"]) for source, target, *options in parts]


class Stack:
    """Starts services.

    Args:
        engine: Where.
        image: What stands for the one that the compose file builds.
        folder: An empty one, for volumes.
    """

    def __init__(self, engine: Engine, image: Image, folder: Path) -> None:
        self._engine, self._image, self._folder = engine, image, folder
        self._others = Image(engine.root("others"))
        names = " ".join(["127.0.0.1 localhost", *SERVICES])
        for root in (image.root, self._others.root):
            engine.shell(
                f"rm -f {root}/etc/resolv.conf {root}/etc/hosts\n"
                f"echo {names} > {root}/etc/hosts\n"
                f"echo nameserver 127.0.0.1 > {root}/etc/resolv.conf"
            )
        libs = self._others.root / "opt/kafka/libs"
        engine.shell(f"mkdir -p {libs} && cp -r {libraries()}/. {libs}")

    def serve_names(self) -> Process:
        """Answer each name with this machine's address, as an engine's own server does."""
        program = NAMES.read_text(encoding="utf-8")
        return self._engine.start("names", Container(self._image.root), ["python3", "-c", program])

    def start(self, name: str) -> Process:
        """Start a service; one that has a health check is returned once that is well."""
        process = self._engine.start(name, self.container(name), self._command(name))
        check = self.health(name)
        if check:
            until(lambda: self._healthy(name, check), process, seconds=120)
        return process

    def beside(self, command: list[str]) -> Process:
        """Start a program of this machine on the network of the services."""
        return self._engine.start("beside", Container(self._others.root), command)

    def container(self, name: str) -> Container:
        """Return what confines a service."""
        service, image = SERVICES[name], self._image_of(name)
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        user = USERS.get(service["user"], service["user"])
        temporary = (entry.partition(":") for entry in service.get("tmpfs", []))
        return Container(
            image.root,
            environment=image.environment | service.get("environment", {}),
            user=user,
            directory=image.directory,
            binds={
                mount.target: (self._source(mount, image, user), mount.read_only)
                for mount in mounts_of(service)
            },
            temporary={target: options for target, _, options in temporary},
            read_only=service["read_only"],
        )

    def health(self, name: str) -> list[str]:
        """Return what says whether a service is well, if anything does."""
        own = SERVICES[name].get("healthcheck", {"test": ["CMD", *self._image_of(name).health]})
        return [] if own.get("disable") else list(own["test"][1:])

    def _healthy(self, name: str, check: list[str]) -> bool:
        try:
            self._engine.run(f"{name}-health", self.container(name), check)
        except RuntimeError:
            return False
        return True

    def _image_of(self, name: str) -> Image:
        return self._image if "build" in SERVICES[name] else self._others

    def _command(self, name: str) -> list[str]:
        command = list(SERVICES[name].get("command", []))
        if name == "kafka":
            return ["sh", "-ec", KAFKA]
        if name == "prometheus":
            return ["prometheus", *command]
        return command or self._image.command

    def _source(self, mount: Mount, image: Image, user: str) -> Path:
        """Return a file of the tree, or a volume, which starts with what the image has there."""
        if mount.source.startswith("."):
            source = ROOT / mount.source
            assert source.exists(), f"{source} is mounted, and is not there"
            return source
        assert mount.source in COMPOSE["volumes"]
        volume = self._folder / mount.source
        if not volume.exists():
            volume.mkdir()
            inside = f"{image.root}{mount.target}"
            self._engine.shell(
                f"[ ! -d {inside} ] || cp -a {inside}/. {volume}\nchown -R {user} {volume}"
            )
        return volume
