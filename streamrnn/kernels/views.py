"""Parts of a contiguous array as arrays of any shape.

NumPy's ``reshape`` looks for a way without a copy each time it is called, which takes longer than
a step of a small cell. Here the part is known to be contiguous, so a pointer and a shape suffice.
"""

from importlib import import_module
from typing import Any

import numpy as np
from numba import types
from numpy.typing import NDArray

# Numba's ways of extension carry no types.
_extending: Any = import_module("numba.extending")
_arrays: Any = import_module("numba.np.arrayobj")
_code: Any = import_module("numba.core.cgutils")


def view(array: NDArray[Any], start: int, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the elements of a contiguous array from ``start`` on in a shape, without a copy."""
    return array.reshape(-1)[start : start + int(np.prod(shape))].reshape(shape)


def _type_of_view(_context: Any) -> Any:
    def typed(flat: Any, start: Any, shape: Any) -> Any:
        return types.Array(flat.dtype, len(shape), "C")

    return typed


def _lower_view(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    flat, start, shape = signature.args
    source = _arrays.make_array(flat)(context, builder, arguments[0])
    array = _arrays.make_array(signature.return_type)(context, builder)
    sizes = [
        context.cast(builder, size, kind, types.intp)
        for size, kind in zip(_code.unpack_tuple(builder, arguments[2]), shape, strict=True)
    ]
    strides = [source.itemsize]
    for size in reversed(sizes[1:]):
        strides.insert(0, builder.mul(strides[0], size))
    # The array does not own its memory: the caller's array outlives the call.
    _arrays.populate_array(
        array,
        data=builder.gep(source.data, [context.cast(builder, arguments[1], start, types.intp)]),
        shape=_code.pack_array(builder, sizes),
        strides=_code.pack_array(builder, strides),
        itemsize=source.itemsize,
        meminfo=None,
    )
    return array._getvalue()


_extending.type_callable(view)(_type_of_view)
_extending.lower_builtin(view, types.Array, types.Integer, types.BaseTuple)(_lower_view)
