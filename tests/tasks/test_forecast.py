"""The task ``forecast``: records become answers, one each and in order."""

import numpy as np
import pytest

from streamrnn.codecs import codec_for
from streamrnn.errors import ConfigurationError
from streamrnn.learner.forecaster import Forecaster, Hyperparameters
from streamrnn.records import DeadLetter, Record
from streamrnn.tasks.forecast import Answer, Fields, ForecastTask


def made(max_streams: int = 10) -> tuple[ForecastTask, Forecaster]:
    forecaster = Forecaster(Hyperparameters(0, hidden=4, window=4, max_streams=max_streams))
    return ForecastTask(Fields("value", key="key"), codec_for("jsonl"), forecaster), forecaster


def records(count: int, start: int = 0, streams: int = 1) -> list[Record]:
    return [
        Record(0, n, None, b'{"key": "s%d", "value": %d}' % (n % streams, n % 5))
        for n in range(start, start + count)
    ]


def test_a_record_that_poisons_learning_is_set_aside_and_the_weights_stay() -> None:
    task, forecaster = made()
    task.answer(records(40))
    numbers = forecaster.streams["numbers"]
    good, weights = numbers.copy(), forecaster.learner.of_model("models").copy()
    numbers[0, : forecaster.learner.network.state_size] = np.nan
    (letter,) = task.answer(records(1, 40))
    assert isinstance(letter, DeadLetter)
    assert letter.reason == "learning"
    assert letter.record.offset == 40
    np.testing.assert_array_equal(forecaster.learner.of_model("models"), weights)
    assert task.step == 39
    numbers[:] = good
    (answer,) = task.answer(records(1, 41))
    assert isinstance(answer, Answer)
    assert task.step == 40


@pytest.mark.parametrize("max_streams", [1, 2, 5])
def test_answers_do_not_depend_on_how_records_come_together(max_streams: int) -> None:
    given = records(60, streams=3)
    given[20] = Record(0, 20, None, b"broken")
    at_once, one_by_one = made(max_streams)[0], made(max_streams)[0]
    expected = at_once.answer(given)
    singly = [answer for record in given for answer in one_by_one.answer([record])]
    # What is not known is not a number, which does not equal itself.
    assert repr(singly) == repr(expected)
    assert [
        answer.record.offset if isinstance(answer, DeadLetter) else answer.prediction.offset
        for answer in expected
    ] == list(range(60))


def test_a_first_record_without_the_fields_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(ConfigurationError, match="did you mean 'valeu'"):
        made()[0].answer([Record(0, 0, None, b'{"key": "a", "valeu": 1}')])
