"""Parts of a contiguous array as arrays of any shape.

NumPy's ``reshape`` looks for a way without a copy each time it is called, which takes longer than
a step of a small cell. Here the part is known to be contiguous, so a pointer and a shape suffice.
"""

from importlib import import_module
from typing import Any

import numpy as np
from numba import types
from numba.core.errors import TypingError
from numpy.typing import NDArray

# Numba's ways of extension carry no types.
_extending: Any = import_module("numba.extending")
_arrays: Any = import_module("numba.np.arrayobj")
_code: Any = import_module("numba.core.cgutils")


def view(array: NDArray[Any], start: int, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the elements of a contiguous array from ``start`` on in a shape, without a copy."""
    return array.reshape(-1)[start : start + int(np.prod(shape))].reshape(shape)


def strided(array: NDArray[Any]) -> NDArray[Any]:
    """Return an array of which the compiler knows no layout: code for it is compiled but once."""
    return array


def with_rows(matrix: NDArray[Any]) -> NDArray[Any]:
    """Return a matrix as `strided` does, but refuse one whose rows are seen to have gaps."""
    return matrix


def contiguous_row(matrix: NDArray[Any], row: int) -> NDArray[Any]:
    """Return a row of a matrix whose rows are contiguous, which its layout need not tell."""
    found: NDArray[Any] = matrix[row]
    return found


def _type_of_row(_context: Any) -> Any:
    def typed(matrix: Any, row: Any) -> Any:
        if matrix.layout == "F":
            raise TypingError(f"expected contiguous rows, got {matrix}")
        return types.Array(matrix.dtype, 1, "C")

    return typed


def _lower_row(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    kind, number = signature.args
    source = _arrays.make_array(kind)(context, builder, arguments[0])
    array = _arrays.make_array(signature.return_type)(context, builder)
    row = context.cast(builder, arguments[1], number, types.intp)
    (down, across), (_, columns) = (
        _code.unpack_tuple(builder, each, 2) for each in (source.strides, source.shape)
    )
    start = builder.add(builder.ptrtoint(source.data, row.type), builder.mul(row, down))
    _arrays.populate_array(
        array,
        data=builder.inttoptr(start, source.data.type),
        shape=_code.pack_array(builder, [columns]),
        strides=_code.pack_array(builder, [across]),
        itemsize=source.itemsize,
        meminfo=None,
    )
    return array._getvalue()


def _type_of_strided(_context: Any) -> Any:
    def typed(array: Any) -> Any:
        return types.Array(array.dtype, array.ndim, "A")

    return typed


def _type_of_rows(_context: Any) -> Any:
    def typed(matrix: Any) -> Any:
        if matrix.layout == "F":
            raise TypingError(f"expected contiguous rows, got {matrix}")
        return types.Array(matrix.dtype, matrix.ndim, "A")

    return typed


def _lower_strided(_context: Any, _builder: Any, _signature: Any, arguments: Any) -> Any:
    # Arrays of all layouts are the same structure, and without Numba's run time none is counted.
    return arguments[0]


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


_extending.type_callable(contiguous_row)(_type_of_row)
_extending.lower_builtin(contiguous_row, types.Array, types.Integer)(_lower_row)
_extending.type_callable(strided)(_type_of_strided)
_extending.lower_builtin(strided, types.Array)(_lower_strided)
_extending.type_callable(with_rows)(_type_of_rows)
_extending.lower_builtin(with_rows, types.Array)(_lower_strided)
_extending.type_callable(view)(_type_of_view)
_extending.lower_builtin(view, types.Array, types.Integer, types.BaseTuple)(_lower_view)
