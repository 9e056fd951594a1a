"""How kernels are compiled, and where the compiled code is kept."""

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ParamSpec, Protocol, TypeVar, cast

import numba

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# Without Numba's run time for memory (NRT) a kernel cannot allocate, and needs to count no
# references: it is quicker to compile and to run.
#
# No flag of fast mathematics: a kernel that calls another holds its own copy of it, each optimised
# where it stands, and which copy runs depends on what was compiled before and what was loaded. Only
# arithmetic as IEEE 754 has it makes all copies give the same bits; see `streamrnn.kernels.fused`.
OPTIONS: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "_nrt": False,
}


class Kernel(Protocol[Parameters, Result]):
    """A compiled function, with the plain Python function beside it."""

    py_func: Callable[Parameters, Result]
    signatures: list[Any]

    def __call__(self, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        """Run the compiled code, which is compiled on the first call for its types."""
        ...


def cache_directory() -> Path:
    """Return the folder for compiled code: one for each version of the kernels' sources.

    Numba notices a change only in the file of the function itself, not in what it calls, so the
    folder's name holds a digest of all of them. ``NUMBA_CACHE_DIR`` is honoured where it is set.
    """
    sources = sorted(Path(__file__).parent.glob("*.py"))
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    caches = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    base = os.environ.get("NUMBA_CACHE_DIR") or Path(caches) / "streamrnn"
    return Path(base) / f"kernels-{digest[:16]}"


@contextmanager
def _caching_in(directory: str) -> Iterator[None]:
    """Let Numba keep what is decorated meanwhile in a folder, and leave its setting as it was."""
    before = vars(numba.config)["CACHE_DIR"]
    vars(numba.config)["CACHE_DIR"] = directory
    try:
        yield
    finally:
        vars(numba.config)["CACHE_DIR"] = before


_CACHE_DIRECTORY = str(cache_directory())


def kernel(function: Callable[Parameters, Result]) -> Kernel[Parameters, Result]:
    """Compile a function on its first call, and keep the machine code on disk.

    The interpreter's lock is released while it runs, so that a client's heartbeats go on.
    Division by zero follows IEEE 754, without the check that keeps loops from being vectorised.
    """
    with _caching_in(_CACHE_DIRECTORY):
        compiled = numba.njit(**OPTIONS)(function)
    return cast(Kernel[Parameters, Result], compiled)
