"""Products and sums in one rounding, and in one order of additions, fast as they stand.

A compiler that may reorder or fuse on its own gives a kernel other bits when it meets it in other
company, so that of two processes one may not go on where the other stopped. So `kernel` grants no
such freedom, and what makes sums quick is written out: a fused multiply-add, and a scalar product
over the lanes of a vector.
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


@overload(multiply_add, strict=False)
def _multiply_add_compiled(a: types.Type, b: types.Type, c: types.Type) -> Callable[..., Any]:
    return lambda a, b, c: _fused(a, b, c)


@overload(scalar_product, strict=False)
def _scalar_product_compiled(left: types.Array, right: types.Array) -> Callable[..., Any]:
    if left.layout != "C" or right.layout != "C" or left.dtype != right.dtype:
        raise TypingError(f"expected contiguous vectors of one type, got {left} and {right}")
    return lambda left, right: _summed(left, right)


def _fuse(builder: Any, a: Any, b: Any, c: Any) -> Any:
    """Emit a fused multiply-add of numbers or of vectors of them."""
    vector = isinstance(a.type, ir.VectorType)
    number = (a.type.element if vector else a.type).intrinsic_name
    name = f"llvm.fma.{f'v{a.type.count}' if vector else ''}{number}"
    kind = ir.FunctionType(a.type, [a.type] * 3)
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [a, b, c])


def _fused_code(_: Any, a: types.Type, b: types.Type, c: types.Type) -> tuple[Any, Any]:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _fuse(builder, *arguments)

    return a(a, a, a), emit


def _summed_code(_: Any, left: types.Array, right: types.Array) -> tuple[Any, Any]:
    def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        arrays = [
            context.make_array(kind)(context, builder, argument)
            for kind, argument in zip(signature.args, arguments, strict=True)
        ]
        number = context.get_value_type(left.dtype)
        vector, count = ir.VectorType(number, LANES), arrays[0].nitems

        def load(start: Any, place: Any, kind: Any) -> Any:
            pointer = builder.bitcast(builder.gep(start, [place]), kind.as_pointer())
            return builder.load(pointer, align=context.get_abi_sizeof(number))

        def add_product(target: Any, place: Any) -> None:
            kind = target.type.pointee
            one, other = (load(array.data, place, kind) for array in arrays)
            builder.store(_fuse(builder, one, other, builder.load(target)), target)

        def add_products(targets: list[Any], start: Any, size: int) -> Any:
            """Add up as many whole blocks as there are from a start; return where they stop."""
            each = count.type(size)
            stop = builder.sub(count, builder.urem(builder.sub(count, start), each))
            with cgutils.for_range_slice(builder, start, stop, each) as (place, _):
                for k, target in enumerate(targets):
                    add_product(target, builder.add(place, count.type(k * LANES)))
            return stop

        zeros = [0.0] * LANES
        sums = [cgutils.alloca_once_value(builder, vector(zeros)) for _ in range(VECTORS)]
        rest = cgutils.alloca_once_value(builder, number(0.0))
        place = add_products(sums, count.type(0), VECTORS * LANES)
        place = add_products(sums[:1], place, LANES)
        add_products([rest], place, 1)
        total = builder.load(sums[0])
        for one in sums[1:]:
            total = builder.fadd(total, builder.load(one))
        return builder.fadd(_add_lanes(builder, total), builder.load(rest))

    return left.dtype(left, right), emit


def _add_lanes(builder: Any, vector: Any) -> Any:
    """Emit the sum of a vector's lanes: of one half and the other, until one is left."""
    place = ir.IntType(32)
    width = vector.type.count // 2
    while width:
        chosen = ir.VectorType(place, width)
        halves = [
            builder.shuffle_vector(vector, vector, chosen(list(range(start, start + width))))
            for start in (0, width)
        ]
        vector, width = builder.fadd(*halves), width // 2
    return builder.extract_element(vector, place(0))


_fused: Any = intrinsic(_fused_code)
_summed: Any = intrinsic(_summed_code)
