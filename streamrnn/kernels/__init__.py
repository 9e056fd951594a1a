"""Numba kernels: pure functions on arrays that fill the caller's buffers.

Nothing here allocates, validates or keeps state, and nothing outside this folder knows Numba.
A kernel's plain Python function is its ``py_func``.

Throughout, ``T`` is the number of steps of a run, ``I`` of inputs, ``H`` of hidden units, ``O`` of
outputs. A finite result never depends on how many steps share a call.
"""
