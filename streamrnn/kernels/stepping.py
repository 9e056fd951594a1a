"""One step of a network over whole sequences, from a state that is given: for writing step by step.

See `streamrnn.kernels.whole`; here is neither a convolution nor a pooling, and no way back.
"""

from streamrnn.kernels import whole
from streamrnn.kernels.compiler import kernel
from streamrnn.kernels.linear import linear_forward
from streamrnn.kernels.network import Plan, Use, network_forward, network_state
from streamrnn.kernels.products import Array, copy
from streamrnn.kernels.views import view
from streamrnn.kernels.whole import Shape


@kernel
def step_forward(
    plan: Plan,
    shape: Shape,
    parameters: Array,
    workspace: Array,
    state: Array,
    given: Array,
    outputs: Array,
    rnn: Use,
    lstm: Use,
    gru: Use,
) -> None:
    """Fill the outputs of one step, and put the state after it in the place of that before it.

    Args:
        plan: See `streamrnn.kernels.network`.
        shape: See `streamrnn.kernels.whole`.
        parameters: ``(P,)``.
        workspace: Of the network; the first step of its last run is overwritten.
        state: ``(S,)``; zeros before the first step.
        given: ``(1, G)``.
        outputs: ``(1, O)``.
    """
    steps = shape[whole.STEPS]
    features = view(workspace, shape[whole.FEATURES_AT], (steps, shape[whole.FEATURES]))
    copy(given[0], features[0, : given.shape[1]])
    network_forward(plan, parameters, workspace, features, state, 0, 1, rnn, lstm, gru)
    network_state(plan, workspace, steps, 1, state)
    size = shape[whole.FEATURES] + 1, shape[whole.OUTPUTS]
    linear_forward(view(parameters, shape[whole.HEAD], size), features[:1], outputs)
