"""Tiles of matrix products, held in registers while one goes along what is summed over.

What is loaded of one matrix then serves several rows of the other. Each element is added up in the
order in which `streamrnn.kernels.fused` would add up a single row, so a product has the same bits
however many rows are asked for at once.
"""

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic, overload
from numpy.typing import NDArray

from streamrnn.kernels.fused import LANES, VECTORS, cgutils, fuse, halves_of, merge_lanes

WIDE = LANES * VECTORS
"""Lanes of a vector as wide as processors have them."""
ROWS, COLUMNS, PAIRED = 4, 2 * WIDE, 2
"""Of a tile of a product: its rows, its columns, and those of a tile of scalar products."""


def add_tile(
    left: NDArray[Any], right: NDArray[Any], result: NDArray[Any], row: int, column: int
) -> None:
    """Add ``left @ right`` to ``ROWS`` rows and ``COLUMNS`` columns of ``result``, from a place on.

    The rows of ``right`` and ``result`` are contiguous, those of ``left`` need not be.
    """
    rows, columns = slice(row, row + ROWS), slice(column, column + COLUMNS)
    result[rows, columns] += left[rows] @ right[:, columns]


def add_narrow_tile(
    left: NDArray[Any], right: NDArray[Any], result: NDArray[Any], row: int, column: int
) -> None:
    """As `add_tile`, of ``LANES`` columns."""
    rows, columns = slice(row, row + ROWS), slice(column, column + LANES)
    result[rows, columns] += left[rows] @ right[:, columns]


def add_column(
    left: NDArray[Any], right: NDArray[Any], result: NDArray[Any], row: int, column: int
) -> None:
    """As `add_tile`, of a single column."""
    rows = slice(row, row + ROWS)
    result[rows, column] += left[rows] @ right[:, column]


def fill_tile(
    left: NDArray[Any], right: NDArray[Any], result: NDArray[Any], row: int, column: int
) -> None:
    """Fill ``ROWS`` rows and ``PAIRED`` columns of ``result`` with ``left @ right.T``.

    The rows of all three are contiguous.
    """
    rows, columns = slice(row, row + ROWS), slice(column, column + PAIRED)
    result[rows, columns] = left[rows] @ right[columns].T


def fill_column(
    left: NDArray[Any], right: NDArray[Any], result: NDArray[Any], row: int, column: int
) -> None:
    """As `fill_tile`, of a single column."""
    result[row : row + ROWS, column] = left[row : row + ROWS] @ right[column]


class _Matrix:
    """A matrix in code that is being emitted."""

    def __init__(self, context: Any, builder: Any, kind: types.Array, array: Any) -> None:
        made = context.make_array(kind)(context, builder, array)
        self._builder, self._data = builder, made.data
        self.rows, self.columns = cgutils.unpack_tuple(builder, made.shape, 2)
        self._strides = cgutils.unpack_tuple(builder, made.strides, 2)
        self.number = context.get_value_type(kind.dtype)
        self.align = context.get_abi_sizeof(self.number)

    def place(self, row: Any, column: Any) -> Any:
        """Return the pointer to an element."""
        b = self._builder
        at = b.add(b.mul(row, self._strides[0]), b.mul(column, self._strides[1]))
        first = b.ptrtoint(self._data, at.type)
        return b.inttoptr(b.add(first, at), self._data.type)

    def load(self, row: Any, column: Any, lanes: int) -> Any:
        """Return an element, or so many of a row."""
        pointer = self.place(row, column)
        if lanes > 1:
            kind = ir.VectorType(self.number, lanes)
            pointer = self._builder.bitcast(pointer, kind.as_pointer())
        return self._builder.load(pointer, align=self.align)

    def store(self, value: Any, row: Any, column: Any) -> None:
        """Store an element, or several of a row."""
        pointer = self._builder.bitcast(self.place(row, column), value.type.as_pointer())
        self._builder.store(value, pointer, align=self.align)


def _matrices(context: Any, builder: Any, signature: Any, arguments: Any) -> list[_Matrix]:
    pairs = zip(signature.args[:3], arguments[:3], strict=True)
    return [_Matrix(context, builder, kind, array) for kind, array in pairs]


def _spread(builder: Any, value: Any, lanes: int) -> Any:
    """Emit a vector whose lanes are all the same number."""
    if lanes == 1:
        return value
    place, kind = ir.IntType(32), ir.VectorType(value.type, lanes)
    first = builder.insert_element(kind(ir.Undefined), value, place(0))
    return builder.shuffle_vector(first, first, ir.VectorType(place, lanes)([0] * lanes))


def _adding(vectors: int, lanes: int) -> Any:
    """Return the intrinsic that adds a tile of so many vectors of so many lanes."""

    def typed(
        _: Any,
        left: types.Array,
        right: types.Array,
        result: types.Array,
        row: types.Integer,
        column: types.Integer,
    ) -> tuple[Any, Any]:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            one, other, target = _matrices(context, builder, signature, arguments)
            index = one.columns.type
            at_row, at_column = (
                context.cast(builder, arguments[n], signature.args[n], types.intp) for n in (3, 4)
            )
            rows = [builder.add(at_row, index(k)) for k in range(ROWS)]
            columns = [builder.add(at_column, index(k * lanes)) for k in range(vectors)]
            sums = [
                [
                    cgutils.alloca_once_value(builder, target.load(each, place, lanes))
                    for place in columns
                ]
                for each in rows
            ]
            with cgutils.for_range(builder, one.columns) as loop:
                loaded = [other.load(loop.index, place, lanes) for place in columns]
                for each, mine in zip(rows, sums, strict=True):
                    factor = _spread(builder, one.load(each, loop.index, 1), lanes)
                    for vector, so_far in zip(loaded, mine, strict=True):
                        builder.store(fuse(builder, factor, vector, builder.load(so_far)), so_far)
            for each, mine in zip(rows, sums, strict=True):
                for place, so_far in zip(columns, mine, strict=True):
                    target.store(builder.load(so_far), each, place)
            return context.get_dummy_value()

        return types.void(left, right, result, row, column), emit

    return intrinsic(typed)


def _filling(width: int) -> Any:
    """Return the intrinsic that fills a tile of so many columns.

    Its scalar products are added up as `streamrnn.kernels.fused.scalar_product` does.
    """

    def typed(
        _: Any,
        left: types.Array,
        right: types.Array,
        result: types.Array,
        row: types.Integer,
        column: types.Integer,
    ) -> tuple[Any, Any]:
        def emit(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            one, other, target = _matrices(context, builder, signature, arguments)
            index, number = one.columns.type, one.number
            at_row, at_column = (
                context.cast(builder, arguments[n], signature.args[n], types.intp) for n in (3, 4)
            )
            rows = [builder.add(at_row, index(k)) for k in range(ROWS)]
            columns = [builder.add(at_column, index(k)) for k in range(width)]
            pairs = [(each, place) for each in range(ROWS) for place in range(width)]
            zeros = ir.VectorType(number, WIDE)([0.0] * WIDE)
            wides = [cgutils.alloca_once_value(builder, zeros) for _ in pairs]

            def pass_over(start: Any, lanes: int, sums: list[Any]) -> Any:
                """Take in all whole vectors from a start on; return where they stop."""
                rest = builder.urem(builder.sub(one.columns, start), index(lanes))
                stop = builder.sub(one.columns, rest)
                with cgutils.for_range_slice(builder, start, stop, index(lanes)) as (place, _):
                    lefts = [one.load(each, place, lanes) for each in rows]
                    rights = [other.load(each, place, lanes) for each in columns]
                    for (n, m), so_far in zip(pairs, sums, strict=True):
                        added = fuse(builder, lefts[n], rights[m], builder.load(so_far))
                        builder.store(added, so_far)
                return stop

            place = pass_over(index(0), WIDE, wides)
            # What is left over, as `scalar_product` adds it up: to the lower lanes, then by itself.
            halves = [halves_of(builder, builder.load(each)) for each in wides]
            lower = [cgutils.alloca_once_value(builder, low) for low, _ in halves]
            place = pass_over(place, LANES, lower)
            rests = [cgutils.alloca_once_value(builder, number(0.0)) for _ in pairs]
            pass_over(place, 1, rests)
            for (n, m), low, (_, high), rest in zip(pairs, lower, halves, rests, strict=True):
                whole = merge_lanes(builder, builder.fadd(builder.load(low), high), builder.fadd)
                target.store(builder.fadd(whole, builder.load(rest)), rows[n], columns[m])
            return context.get_dummy_value()

        return types.void(left, right, result, row, column), emit

    return intrinsic(typed)


_add_tile: Any = _adding(COLUMNS // WIDE, WIDE)
_add_narrow_tile: Any = _adding(1, LANES)
_add_column: Any = _adding(1, 1)
_fill_tile: Any = _filling(PAIRED)
_fill_column: Any = _filling(1)


@overload(add_tile, strict=False)
def _add_tile_compiled(*_: types.Type) -> Callable[..., Any]:
    return lambda left, right, result, row, column: _add_tile(left, right, result, row, column)


@overload(add_narrow_tile, strict=False)
def _add_narrow_tile_compiled(*_: types.Type) -> Callable[..., Any]:
    return lambda left, right, result, row, column: _add_narrow_tile(
        left, right, result, row, column
    )


@overload(add_column, strict=False)
def _add_column_compiled(*_: types.Type) -> Callable[..., Any]:
    return lambda left, right, result, row, column: _add_column(left, right, result, row, column)


@overload(fill_tile, strict=False)
def _fill_tile_compiled(*_: types.Type) -> Callable[..., Any]:
    return lambda left, right, result, row, column: _fill_tile(left, right, result, row, column)


@overload(fill_column, strict=False)
def _fill_column_compiled(*_: types.Type) -> Callable[..., Any]:
    return lambda left, right, result, row, column: _fill_column(left, right, result, row, column)
