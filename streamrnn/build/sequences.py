"""What learns whole sequences, by a configuration."""

from dataclasses import replace

from streamrnn.configuration import Configuration, schema, tasks
from streamrnn.kernels import spelling
from streamrnn.learner.optimization import Optimization
from streamrnn.learner.sequences import hyperparameters as sequences
from streamrnn.learner.sequences.frames import Variation
from streamrnn.learner.sequences.spelling import Decoding
from streamrnn.learner.sequences.translation import TranslatorHyperparameters
from streamrnn.tasks.reading import SequenceFields


def sequence_fields_of(c: Configuration) -> SequenceFields:
    """Return which fields whole sequences are read from."""
    task, given = c.sequences, c.input
    assert given.sequence
    return SequenceFields(
        given.sequence,
        task.target,
        given.steps,
        given.points,
        given.key,
        given.time,
        task.label_of,
        task.longest_sequence,
    )


def sequence_hyperparameters_of(
    c: Configuration, *, learning: bool = True
) -> sequences.Hyperparameters:
    """Return what learns whole sequences, if it is to learn."""
    task, m, learn = c.sequences, c.model, c.learn
    assert not isinstance(task, tasks.Translate)
    return sequences.Hyperparameters(
        steps=c.input.steps,
        points=c.input.points,
        experts=task.experts if task.experts is not None else ("memory", "wide"),
        network=m.network,
        memory_inputs=m.memory_inputs,
        pooling=m.pooling,
        parts=m.parts,
        seen=m.convolution,
        stride=m.hop if m.convolution else 1,
        channels=m.channels if m.convolution else 0,
        dropout=m.dropout,
        norm=m.norm,
        cell=m.cell,
        hidden=m.hidden,
        layers=m.layers,
        bidirectional=m.bidirectional,
        embedding=m.embedding,
        embedding_rate=learn.embedding_rate,
        cells=_cells(task),
        most_labels=task.most_labels,
        replay=_replay(learn),
        optimization=optimization_of(c),
        enabled=learning and learn.enabled,
        seed=learn.seed,
    )


def translator_hyperparameters_of(c: Configuration) -> TranslatorHyperparameters:
    """Return what learns translations."""
    task, m, learn = c.sequences, c.model, c.learn
    assert isinstance(task, tasks.Translate)
    made = TranslatorHyperparameters()
    return replace(
        made,
        embedding=m.embedding,
        hidden=m.hidden,
        decoder=m.hidden,
        most_words=task.most_labels,
        rows=max(1, _cells(task) // made.slots),
        embedding_rate=learn.embedding_rate,
        replay=_replay(learn),
        optimization=optimization_of(c),
        beam=task.beams,
        longest=task.longest_sequence,
        enabled=learn.enabled,
        seed=learn.seed,
    )


def _cells(task: tasks.SequenceTask) -> int:
    """Return the cells of a table: the next power of two."""
    return 1 << (task.table - 1).bit_length()


def _replay(learn: schema.Learn) -> sequences.Replay:
    return sequences.Replay(
        learn.replay,
        learn.replay_updates,
        learn.keep,
        learn.keep_steps,
        Variation(learn.stretch, learn.shift, learn.mirror),
        learn.transpose,
    )


def decoding_of(task: tasks.Transcribe) -> Decoding:
    """Return how a transcript is found."""
    rows = _cells(task) // spelling.KEPT
    if task.experts:
        return Decoding(task.beams, task.spelling_weight, task.bonus, rows)
    return Decoding(task.beams, 0.0, 0.0, rows)


def optimization_of(c: Configuration) -> Optimization:
    """Return how a network is changed."""
    return Optimization(
        optimizer=c.learn.optimizer,
        learning_rate=c.learn.learning_rate,
        schedule=c.learn.schedule,
        decay=c.learn.decay,
        beta1=c.learn.beta1,
        clip=c.learn.clip,
    )
