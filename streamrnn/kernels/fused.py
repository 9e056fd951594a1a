"""Products, sums and powers of two as vectors have them: one rounding, one order of additions.

A compiler that may reorder or fuse on its own gives a kernel other bits when it meets it in other
company, so that of two processes one may not go on where the other stopped. So `kernel` grants no
such freedom, and what makes sums quick is written out: a fused multiply-add, sums over the lanes of
a vector, and a power of two that is put together from its bits.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils as helpers
from numba.core.errors import TypingError
from numba.extending import intrinsic, overload
from numpy.typing import NDArray

LANES, VECTORS = 8, 2
"""The partial sums of a scalar product: so many vectors of so many lanes."""

# Numba and LLVM do not say what types these have.
cgutils: Any = helpers


def multiply_add(a: Any, b: Any, c: Any) -> Any:
    """Return ``a * b + c``; when compiled, with one rounding (IEEE 754, fusedMultiplyAdd)."""
    return a * b + c


def scalar_product(left: NDArray[np.floating], right: NDArray[np.floating]) -> Any:
    """Return the sum of ``left[k] * right[k]``: contiguous vectors of one type, both as long."""
    return left.dtype.type(left @ right)


def total(vector: NDArray[np.floating]) -> Any:
    """Return the sum of a contiguous vector."""
    return vector.dtype.type(vector.sum())


def largest(vector: NDArray[np.floating]) -> Any:
    """Return the largest number of a contiguous vector, which is not empty and has no NaN."""
    return vector.max()


def power_of_two(exponent: int) -> Any:
    """Return ``2**exponent`` in float32, for whole numbers from -126 to 127 of 32 bits."""
    return np.float32(2.0**exponent)


@overload(multiply_add, strict=False)
def _multiply_add_compiled(a: types.Type, b: types.Type, c: types.Type) -> Callable[..., Any]:
    return lambda a, b, c: _fused(a, b, c)


@overload(scalar_product, strict=False)
def _scalar_product_compiled(left: types.Array, right: types.Array) -> Callable[..., Any]:
    if left.layout != "C" or right.layout != "C" or left.dtype != right.dtype:
        raise TypingError(f"expected contiguous vectors of one type, got {left} and {right}")
    return lambda left, right: _summed(left, right)


@overload(total, strict=False)
def _total_compiled(vector: types.Array) -> Callable[..., Any]:
    return lambda vector: _totalled(vector)


@overload(largest, strict=False)
def _largest_compiled(vector: types.Array) -> Callable[..., Any]:
    return lambda vector: _largest(vector)


@overload(power_of_two, strict=False)
def _power_compiled(exponent: types.Integer) -> Callable[..., Any]:
    return lambda exponent: _power(exponent)


def fuse(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """Emit a fused multiply-add of numbers or of vectors of them."""
    vector = isinstance(a.type, ir.VectorType)
    number = (a.type.element if vector else a.type).intrinsic_name
    name = f"llvm.fma.{f'v{a.type.count}' if vector else ''}{number}"
    kind = ir.FunctionType(a.type, [a.type] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [a, b, c])


def _fused_code(_: Any, a: types.Type, b: types.Type, c: types.Type) -> tuple[Any, Any]:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return fuse(builder, *arguments)

    return a(a, a, a), emit


def _summed_code(_: Any, left: types.Array, right: types.Array) -> tuple[Any, Any]:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        arrays = _arrays(context, builder, signature, arguments)

        def add(sum_so_far: Any, loaded: list[Any]) -> Any:
            one, other = loaded
            return fuse(builder, one, other, sum_so_far)

        return _reduced(context, builder, arrays, left.dtype, 0.0, add, builder.fadd)

    return left.dtype(left, right), emit


def _total_code(_: Any, vector: types.Array) -> tuple[Any, Any]:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        arrays = _arrays(context, builder, signature, arguments)

        def add(sum_so_far: Any, loaded: list[Any]) -> Any:
            return builder.fadd(sum_so_far, *loaded)

        return _reduced(context, builder, arrays, vector.dtype, 0.0, add, builder.fadd)

    return vector.dtype(vector), emit


def _largest_code(_: Any, vector: types.Array) -> tuple[Any, Any]:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        arrays = _arrays(context, builder, signature, arguments)

        def larger(one: Any, other: Any) -> Any:
            return builder.select(builder.fcmp_ordered(">", one, other), one, other)

        def keep(largest_so_far: Any, loaded: list[Any]) -> Any:
            return larger(largest_so_far, *loaded)

        return _reduced(context, builder, arrays, vector.dtype, -np.inf, keep, larger)

    return vector.dtype(vector), emit


def _power_code(_: Any, exponent: types.Integer) -> tuple[Any, Any]:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        biased = builder.add(arguments[0], arguments[0].type(127))
        return builder.bitcast(builder.shl(biased, biased.type(23)), ir.FloatType())

    return types.float32(types.int32), emit


def _arrays(context: Any, builder: Any, signature: Any, arguments: Any) -> list[Any]:
    return [
        context.make_array(kind)(context, builder, argument)
        for kind, argument in zip(signature.args, arguments, strict=True)
    ]


def _reduced(
    context: Any,
    builder: Any,
    arrays: list[Any],
    dtype: types.Type,
    neutral: float,
    take_in: Callable[[Any, list[Any]], Any],
    merge: Callable[[Any, Any], Any],
) -> Any:
    """Emit what remains of arrays that are passed over together: lane by lane, then the rest."""
    number = context.get_value_type(dtype)
    vector, count = ir.VectorType(number, LANES), arrays[0].nitems

    def load(start: Any, place: Any, kind: Any) -> Any:
        pointer = builder.bitcast(builder.gep(start, [place]), kind.as_pointer())
        return builder.load(pointer, align=context.get_abi_sizeof(number))

    def take(target: Any, place: Any) -> None:
        kind = target.type.pointee
        loaded = [load(array.data, place, kind) for array in arrays]
        builder.store(take_in(builder.load(target), loaded), target)

    def pass_over(targets: list[Any], start: Any, size: int) -> Any:
        """Take in as many whole blocks as there are from a start; return where they stop."""
        each = count.type(size)
        stop = builder.sub(count, builder.urem(builder.sub(count, start), each))
        with cgutils.for_range_slice(builder, start, stop, each) as (place, _):
            for k, target in enumerate(targets):
                take(target, builder.add(place, count.type(k * LANES)))
        return stop

    first = [neutral] * LANES
    lanes = [cgutils.alloca_once_value(builder, vector(first)) for _ in range(VECTORS)]
    rest = cgutils.alloca_once_value(builder, number(neutral))
    place = pass_over(lanes, count.type(0), VECTORS * LANES)
    place = pass_over(lanes[:1], place, LANES)
    pass_over([rest], place, 1)
    whole = builder.load(lanes[0])
    for one in lanes[1:]:
        whole = merge(whole, builder.load(one))
    return merge(merge_lanes(builder, whole, merge), builder.load(rest))


def merge_lanes(builder: Any, vector: Any, merge: Callable[[Any, Any], Any]) -> Any:
    """Emit what a vector's lanes come to: one half with the other, until one lane is left."""
    while vector.type.count > 1:
        vector = merge(*halves_of(builder, vector))
    return builder.extract_element(vector, ir.IntType(32)(0))


def halves_of(builder: Any, vector: Any) -> list[Any]:
    """Emit the lower and the upper lanes of a vector."""
    place, width = ir.IntType(32), vector.type.count // 2
    chosen = ir.VectorType(place, width)
    return [
        builder.shuffle_vector(vector, vector, chosen(list(range(start, start + width))))
        for start in (0, width)
    ]


_fused: Any = intrinsic(_fused_code)
_summed: Any = intrinsic(_summed_code)
_totalled: Any = intrinsic(_total_code)
_largest: Any = intrinsic(_largest_code)
_power: Any = intrinsic(_power_code)
