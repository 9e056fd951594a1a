"""How a cluster is reached, and what an error of the client means to a user."""

import logging
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kafka.errors import KafkaError, KafkaTimeoutError

from streamrnn.errors import ConfigurationError

BOOTSTRAP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Connection:
    """Where the brokers are, and how they are spoken to.

    Passwords are no part of it: they are taken from ``KAFKA_SASL_PASSWORD`` and
    ``KAFKA_SSL_PASSWORD`` when a client is made, and are kept nowhere else.
    """

    bootstrap_servers: str = "localhost:9092"
    security_protocol: str = "PLAINTEXT"
    sasl_mechanism: str | None = None
    sasl_username: str | None = None
    ssl_cafile: str | None = None
    ssl_certfile: str | None = None
    ssl_keyfile: str | None = None
    ssl_check_hostname: bool = True

    def options(self, environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
        """Return the options that every client takes."""
        options: dict[str, Any] = {
            "bootstrap_servers": self.bootstrap_servers.split(","),
            "bootstrap_timeout_ms": int(1000 * BOOTSTRAP_SECONDS),
            "security_protocol": self.security_protocol,
            "reconnect_backoff_max_ms": 1000,
        }
        if self.security_protocol in ("SSL", "SASL_SSL"):
            options |= {
                "ssl_cafile": self.ssl_cafile,
                "ssl_certfile": self.ssl_certfile,
                "ssl_keyfile": self.ssl_keyfile,
                "ssl_check_hostname": self.ssl_check_hostname,
                "ssl_password": environment.get("KAFKA_SSL_PASSWORD"),
            }
        if self.security_protocol.startswith("SASL"):
            options |= {
                "sasl_mechanism": self.sasl_mechanism,
                "sasl_plain_username": self.sasl_username,
                "sasl_plain_password": environment.get("KAFKA_SASL_PASSWORD", ""),
            }
        return options

    def make(self, kind: Any, **options: Any) -> Any:
        """Return a new client of a class of kafka-python.

        Raises:
            ConfigurationError: No broker can be reached.
        """
        client_log = logging.getLogger("kafka")
        if client_log.getEffectiveLevel() < logging.INFO:
            # At that level the client writes passwords into its log.
            client_log.setLevel(logging.INFO)
        try:
            return kind(**self.options(), **options)
        except KafkaTimeoutError as error:
            raise ConfigurationError(self._unreachable()) from error
        except KafkaError as error:
            raise ConfigurationError(f"kafka: cannot connect: {error}") from error
        except ValueError as error:
            raise ConfigurationError(
                f"kafka.bootstrap_servers: expected host:port, or several with commas between, got "
                f"{self.bootstrap_servers!r}: {error}"
            ) from error
        except OSError as error:
            raise ConfigurationError(
                f"kafka: cannot read what secures the connection: {error}; see kafka.ssl_cafile, "
                "kafka.ssl_certfile, kafka.ssl_keyfile"
            ) from error

    def _unreachable(self) -> str:
        hint = "is it running, and is the address right (kafka.bootstrap_servers)?"
        if self.security_protocol != "PLAINTEXT":
            hint += (
                f" It is spoken to by {self.security_protocol}: a wrong password "
                "(KAFKA_SASL_PASSWORD), mechanism or certificate looks the same from here; "
                "the broker's log tells them apart."
            )
        else:
            hint += " Does it demand TLS or SASL (kafka.security_protocol)?"
        return (
            f"kafka: no broker at {self.bootstrap_servers} answered within "
            f"{BOOTSTRAP_SECONDS:.0f} s; {hint}"
        )
