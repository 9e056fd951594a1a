"""Writing text from what was learned."""

import numpy as np

from streamrnn.learner.generation import Generator
from streamrnn.learner.text import Hyperparameters, TextReader

SETTINGS = {"memory": 8.0, "hidden": 6, "embedding": 3}
PHRASE = b"to be or not to be that is the question\n"


def generator(temperature: float, seed: int = 1, key: str = "a") -> Generator:
    learned = TextReader(Hyperparameters(**SETTINGS))  # type: ignore[arg-type]
    for _ in range(60):
        learned.read(learned.streams.row("a"), PHRASE)
    reader = TextReader(Hyperparameters(**SETTINGS, enabled=False))  # type: ignore[arg-type]
    reader.restore(learned.state())
    return Generator(reader, key, temperature, seed)


def test_what_was_learned_by_heart_is_written() -> None:
    assert b"".join(generator(0).write(b"", 2 * len(PHRASE))) == 2 * PHRASE
    assert b"".join(generator(0).write(b"to be or not", 10)) == PHRASE[12:22]
    assert b"".join(generator(0.5, key="new").write(b"the que", 6)) == b"stion\n"


def test_a_seed_draws_the_same_and_heat_makes_it_wild() -> None:
    cold, again = (b"".join(generator(0.3, 5).write(b"", 200)) for _ in range(2))
    hot = b"".join(generator(4.0, 5).write(b"", 200))
    assert cold == again
    assert len(set(cold)) <= len(set(PHRASE)) < len(set(hot))


def test_nothing_is_learned_from_what_is_written() -> None:
    mine = generator(1.0)
    reader = mine._reader
    before = {name: array.copy() for name, array in reader.state().tensors.items()}
    list(mine.write(b"some prompt", 50))
    for name, array in reader.state().tensors.items():
        np.testing.assert_array_equal(array, before[name])
