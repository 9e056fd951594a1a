"""The service on Apache Kafka: records a second beside a bare client's, latency, restoring, memory.

The broker is that of the tests, on the same processors.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.structs import OffsetAndMetadata

from benchmarks.endurance import memory
from benchmarks.machine import heading
from streamrnn.build import administrator_of, build
from streamrnn.configuration import Configuration, parse
from streamrnn.transports.kafka.calls import LARGEST_BYTES
from streamrnn.transports.kafka.transactions import BATCH_BYTES
from streamrnn.worker import Worker
from tests.kafka.broker import Broker

PACKAGES = ("numpy", "numba", "kafka-python")
TURN_RECORDS = 8_000
"""Records of the bare loop's transactions: about 0.2 s of them, as the service takes."""
RATE = 1_000


def described(bootstrap: str, partitions: int) -> dict[str, Any]:
    """Return a new application's configuration, with all its topics made."""
    name = f"bench-{uuid4().hex[:8]}"
    document = {
        "app": {"id": name},
        "input": {"topic": f"{name}-in", "key": "pump", "time": "time"},
        "task": {"kind": "forecast", "target": "value"},
        "model": {"cell": "lstm", "hidden": 32},
        "learn": {"window": 16, "stride": 16},
        "output": {"topic": f"{name}-out"},
        "kafka": {"bootstrap_servers": bootstrap},
    }
    administrator = administrator_of(configured(document))
    administrator.create(partitions, None)
    administrator.close()
    return document


def configured(document: dict[str, Any]) -> Configuration:
    """Return a document as a configuration."""
    return parse(document, "benchmark")


def readings(keys: int) -> Iterator[tuple[bytes, bytes]]:
    """Yield keys and JSON of about 100 bytes for ever."""
    draw = random.Random(1)
    for n in count():
        key = f"pump-{n % keys}"
        reading = {
            "pump": key,
            "time": f"2026-01-01T00:{n // 60 % 60:02}:{n % 60:02}",
            "value": round(20 + draw.gauss(0, 3), 4),
            "site": "north-hall-7",
        }
        yield key.encode(), json.dumps(reading).encode()


def fill(document: dict[str, Any], partitions: int, keys: int, records: int) -> None:
    """Send records to the input; the keys go round the partitions."""
    producer = KafkaProducer(
        bootstrap_servers=document["kafka"]["bootstrap_servers"], linger_ms=20, batch_size=2**17
    )
    for n, (key, value) in zip(range(records), readings(keys), strict=False):
        producer.send(document["input"]["topic"], value, key, partition=n % keys % partitions)
    producer.flush()
    producer.close()


def bare(document: dict[str, Any], records: int) -> float:
    """Return the records a second of the client alone: poll, JSON, send, offsets, commit.

    What can be set about fetches and batches is as in the service.
    """
    bootstrap = document["kafka"]["bootstrap_servers"]
    consumer = KafkaConsumer(
        document["input"]["topic"],
        bootstrap_servers=bootstrap,
        group_id=uuid4().hex,
        enable_auto_commit=False,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=LARGEST_BYTES,
        metrics_enabled=False,
    )
    producer = KafkaProducer(
        bootstrap_servers=bootstrap,
        transactional_id=uuid4().hex,
        batch_size=BATCH_BYTES,
        metrics_enabled=False,
    )
    producer.init_transactions()
    done, started = 0, 0.0
    while done < records:
        polled = consumer.poll(timeout_ms=200, max_records=TURN_RECORDS)
        if not polled:
            continue
        if not done:
            started = time.perf_counter()
        producer.begin_transaction()
        offsets = {}
        for place, taken in polled.items():
            for record in taken:
                value = json.loads(record.value)
                answer = {
                    "key": value["pump"],
                    "partition": record.partition,
                    "offset": record.offset,
                    "time": value["time"],
                    "prediction": [value["value"]],
                    "step": 0,
                }
                producer.send(
                    document["output"]["topic"],
                    json.dumps(answer).encode(),
                    record.key,
                    partition=record.partition,
                )
            offsets[place] = OffsetAndMetadata(taken[-1].offset + 1, "", -1)
            done += len(taken)
        producer.send_offsets_to_transaction(offsets, consumer.group_metadata())
        producer.commit_transaction()
    spent = time.perf_counter() - started
    producer.close()
    consumer.close()
    return records / spent


def answered(worker: Worker) -> int:
    """Return the records that a worker has answered."""
    return sum(processor.offset for processor in worker.processors.values())


def service(document: dict[str, Any], records: int) -> float:
    """Return the records a second of the service, from its first record on."""
    again = {**document, "app": {"id": f"bench-{uuid4().hex[:8]}"}}
    worker = build(configured(again))
    while not answered(worker):
        worker.turn()
    before, started = answered(worker), time.perf_counter()
    while answered(worker) < records:
        worker.turn()
    spent = time.perf_counter() - started
    worker.transport.close()
    return (records - before) / spent


def throughput(bootstrap: str, records: int, rounds: int) -> list[str]:
    """Return a table of records a second."""
    lines = [
        "## Records a second",
        "",
        "LSTM of 32, window = stride = 16, horizon 1, JSON of about 100 bytes. Medians, and the "
        f"least and most of {rounds} rounds of {records:,} records in turn.",
        "",
        "| keys | partitions | bare client | streamrnn | ratio |",
        "|---:|---:|---:|---:|---:|",
    ]
    for keys, partitions in ((1, 1), (16, 1), (16, 4)):
        document = described(bootstrap, partitions)
        fill(document, partitions, keys, records)
        pairs = [(bare(document, records), service(document, records)) for _ in range(rounds)]
        cells = [
            f"{statistics.median(side):,.0f} ({min(side):,.0f} to {max(side):,.0f})"
            for side in zip(*pairs, strict=True)
        ]
        ratio = statistics.median(ours / theirs for theirs, ours in pairs)
        lines.append(f"| {keys} | {partitions} | {cells[0]} | {cells[1]} | {ratio:.2f} |")
    return [*lines, ""]


def latency(bootstrap: str, seconds: int) -> list[str]:
    """Return a table of the time from a record's sending to its prediction's reading."""
    document = described(bootstrap, 1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "latency.toml"
        path.write_text(_toml(document), encoding="utf-8")
        process = subprocess.Popen([sys.executable, "-m", "streamrnn", "run", str(path)])
        try:
            spent = _latencies(document, seconds)
        finally:
            process.terminate()
            process.wait()
    spent.sort()
    places = {"p50": 0.5, "p90": 0.9, "p99": 0.99}
    cells = [f"{1000 * spent[int(len(spent) * place)]:.0f}" for place in places.values()]
    return [
        "## Latency",
        "",
        f"From a record's sending to its prediction, read by a committed reader, at {RATE:,} "
        f"records a second for {seconds} s, with the default commit interval; milliseconds.",
        "",
        "| " + " | ".join(places) + " | most |",
        "|---:|---:|---:|---:|",
        "| " + " | ".join(cells) + f" | {1000 * spent[-1]:.0f} |",
        "",
    ]


def _toml(document: dict[str, Any]) -> str:
    return "\n".join(
        f"[{table}]\n" + "\n".join(f"{k} = {json.dumps(v)}" for k, v in keys.items())
        for table, keys in document.items()
    )


def _latencies(document: dict[str, Any], seconds: int) -> list[float]:
    bootstrap = document["kafka"]["bootstrap_servers"]
    reader = KafkaConsumer(
        document["output"]["topic"],
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    producer = KafkaProducer(bootstrap_servers=bootstrap)
    warm, records = 5 * RATE, (seconds + 5) * RATE

    def send() -> None:
        started = time.time()
        for n in range(records):
            due = started + n / RATE
            time.sleep(max(0.0, due - time.time()))
            value = {"pump": "p1", "time": time.time(), "value": float(n % 17), "site": "north"}
            producer.send(document["input"]["topic"], json.dumps(value).encode(), partition=0)

    # The first record starts it; what comes while it starts is not what is measured.
    producer.send(document["input"]["topic"], b'{"pump": "p1", "time": 0, "value": 1}', partition=0)
    while not reader.poll(timeout_ms=200):
        pass
    sender = threading.Thread(target=send)
    sender.start()
    spent: list[float] = []
    while len(spent) < records:
        for taken in reader.poll(timeout_ms=100).values():
            now = time.time()
            spent += [now - msgspec.json.decode(record.value)["time"] for record in taken]
    sender.join()
    reader.close()
    producer.close()
    return spent[warm:]


def restoring(bootstrap: str) -> list[str]:
    """Return a table of what it takes to take over a partition."""
    lines = [
        "## Restoring a partition",
        "",
        "Restoring: the turn that reads the committed offset, the changelog and the model. "
        "In all: from the configuration on, with joining the group.",
        "",
        "| streams | snapshot MiB | restoring s | in all s |",
        "|---:|---:|---:|---:|",
    ]
    for streams in (10, 100_000):
        document = described(bootstrap, 1)
        fill(document, 1, streams, 2 * streams)
        first = build(configured(document))
        while answered(first) < 2 * streams:
            first.turn()
        first.stop()
        first.transport.close()
        started = time.perf_counter()
        worker = build(configured(document))
        turns = []
        while answered(worker) < 2 * streams:
            turns.append(_timed(worker.turn))
        whole = time.perf_counter() - started
        worker.transport.close()
        size = _changelog_bytes(document) / 2**20
        lines.append(f"| {streams:,} | {size:.2f} | {max(turns):.2f} | {whole:.2f} |")
    return [*lines, ""]


def _timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def _changelog_bytes(document: dict[str, Any]) -> int:
    reader = KafkaConsumer(
        bootstrap_servers=document["kafka"]["bootstrap_servers"],
        isolation_level="read_committed",
        auto_offset_reset="earliest",
    )
    place = TopicPartition(f"{document['app']['id']}-changelog", 0)
    reader.assign([place])
    newest: dict[bytes, int] = {}
    while taken := reader.poll(timeout_ms=2000, max_records=10_000).get(place):
        newest |= {record.key: len(record.value or b"") for record in taken}
    reader.close()
    return sum(newest.values())


def lasting(bootstrap: str, records: int) -> list[str]:
    """Return a table of the memory over many records."""
    document = described(bootstrap, 1)
    fill(document, 1, 16, records)
    worker = build(configured(document))
    lines = [
        "## Memory",
        "",
        "16 streams, one partition.",
        "",
        "| records | resident MiB |",
        "|---:|---:|",
    ]
    for part in (0.1, 0.25, 0.5, 0.75, 1.0):
        while answered(worker) < part * records:
            worker.turn()
        lines.append(f"| {answered(worker):,} | {memory():.0f} |")
    worker.transport.close()
    return [*lines, ""]


def main() -> None:
    """Measure, print and keep the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.topics", description=__doc__)
    parser.add_argument("--records", type=int, default=200_000, help="of each throughput run")
    parser.add_argument("--rounds", type=int, default=5, help="of the throughput")
    parser.add_argument("--seconds", type=int, default=30, help="of the latency")
    parser.add_argument("--millions", type=float, default=1.0, help="of records for the memory")
    parser.add_argument("--results", type=Path, default=Path(__file__).parent / "results")
    options = parser.parse_args()
    with Broker() as broker:
        lines = [
            *heading("The service on Apache Kafka", PACKAGES, "python -m benchmarks.topics"),
            *throughput(broker.bootstrap, options.records, options.rounds),
            *latency(broker.bootstrap, options.seconds),
            *restoring(broker.bootstrap),
            *lasting(broker.bootstrap, int(1e6 * options.millions)),
        ]
    text = "\n".join(lines)
    (options.results / "topics.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
