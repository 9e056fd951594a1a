"""WAV: recordings become log-mel frames."""

import wave
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from streamrnn.errors import ConfigurationError
from streamrnn.sources.base import Stopped, StoredSequences, plain
from streamrnn.sources.mel import FFT_SIZES, log_mel

ENDING = ".wav"
WIDEST = 4
"""The most bytes of a sample."""
CONVERT = "convert it, as with: ffmpeg -i in.wav -ac 1 -ar 8000 -c:a pcm_s16le out.wav"


class Recordings(StoredSequences):
    """A recording, or all of a folder, each as ``{"name": ..., "frames": [[20 numbers], ...]}``.

    The name is that of the file without its ending, by which they are sorted. Channels are
    averaged. What is clipped is taken as it stands, and silence is a number: -23.03.

    Args:
        name: The path of a file, or of a folder whose files that end in ``.wav`` are read.

    Raises:
        ConfigurationError: There is no such file.
    """

    def __init__(self, name: str) -> None:
        super().__init__(name)
        path = Path(name)
        self._paths = [path]
        if path.is_dir():
            self._paths = sorted(p for p in path.iterdir() if p.suffix.lower() == ENDING)
        if not (self._paths and self._paths[0].exists()):
            raise ConfigurationError(
                f"{name}: expected a recording {ENDING}, or a folder of some, got none"
            )

    def lines(self, stopped: Stopped) -> Iterator[tuple[int, bytes]]:
        """Yield ``(number, record)`` of each recording; the first number is 1.

        Raises:
            ConfigurationError: It cannot be read, has no samples, or has another rate.
        """
        for number, path in enumerate(self._paths, 1):
            if stopped():
                return
            frames = log_mel(*_read(path))
            yield number, msgspec.json.encode({"name": path.stem, "frames": plain(frames)})


def _read(path: Path) -> tuple[NDArray[np.float64], int]:
    """Return a recording's samples within -1 and 1, and how many it has a second."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file, wave.open(file) as recording:
            shape = recording.getparams()
            frame = shape.nchannels * shape.sampwidth
            # A wrong header may tell of more than there is memory for.
            data = recording.readframes(min(shape.nframes, size // frame))
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read: {error.strerror}") from error
    except (wave.Error, EOFError, RuntimeError) as error:
        reason = str(error) or "its header is cut off"
        raise ConfigurationError(f"{path}: expected WAV of PCM: {reason}; {CONVERT}") from error
    if shape.sampwidth > WIDEST:
        raise ConfigurationError(
            f"{path}: expected samples of 1 to {WIDEST} bytes, got {shape.sampwidth}; {CONVERT}"
        )
    if shape.framerate not in FFT_SIZES:
        expected = " or ".join(f"{rate:,}" for rate in FFT_SIZES)
        raise ConfigurationError(
            f"{path}: expected {expected} samples a second, got {shape.framerate:,}; {CONVERT}"
        )
    if len(data) != shape.nframes * frame or not data:
        expected = f"{shape.nframes:,} samples, as its header says" if shape.nframes else "samples"
        raise ConfigurationError(
            f"{path}: expected {expected}, got {len(data) // frame:,}; record it again, or remove "
            "it"
        )
    samples = _scaled(data, shape.sampwidth).reshape(-1, shape.nchannels)
    return samples.mean(axis=1), shape.framerate


def _scaled(data: bytes, width: int) -> NDArray[np.float64]:
    """Return samples of so many bytes, the lowest first, within -1 and 1."""
    narrow = np.frombuffer(data, np.uint8).reshape(-1, width)
    wide = np.zeros((len(narrow), WIDEST), np.uint8)
    wide[:, WIDEST - width :] = narrow
    if width == 1:
        # Samples of one byte have no sign: 128 is silence.
        wide[:, -1] ^= 0x80
    return wide.view("<i4")[:, 0] / 2.0**31
