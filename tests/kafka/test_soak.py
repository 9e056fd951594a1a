"""Exactly once on Apache Kafka through many faults; see `tests.kafka.soak`."""

import gc
from pathlib import Path

import pytest

from tests.kafka.broker import Broker
from tests.kafka.soak import soak

FAULTS = 9
"""Each kind once; more are drawn by hand."""


@pytest.mark.slow
# kafka-python leaves sockets open that found no broker; they go here, not in the test after this.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
def test_faults_leave_no_trace(new_broker: type[Broker], tmp_path: Path) -> None:
    # What the soak checks is what matters; here is checked that it had something to check.
    report = soak(tmp_path, FAULTS, seed=1, tell=print)
    print(report)
    gc.collect()
    assert sum(report.faults.values()) == FAULTS
    assert len(report.faults) == 9
    assert report.records > 10_000
    assert report.injected > 0
    assert report.restores > FAULTS
