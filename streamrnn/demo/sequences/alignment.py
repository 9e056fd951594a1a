"""Two texts side by side: which characters of one are those of the other."""

Pair = tuple[str, str]
"""A character of each text; empty where the other has one more."""


def aligned(heard: str, said: str) -> list[Pair]:
    """Return the pairs of characters of the fewest edits from one text to the other, in order."""
    costs = _costs(heard, said)
    pairs = list[Pair]()
    m, n = len(heard), len(said)
    while m or n:
        cost = costs[m][n]
        if m and n and cost == costs[m - 1][n - 1] + (heard[m - 1] != said[n - 1]):
            m, n = m - 1, n - 1
            pairs.append((heard[m], said[n]))
        elif m and cost == costs[m - 1][n] + 1:
            m -= 1
            pairs.append((heard[m], ""))
        else:
            n -= 1
            pairs.append(("", said[n]))
    return pairs[::-1]


def _costs(heard: str, said: str) -> list[list[int]]:
    """Return the edits from each beginning of one text to each beginning of the other."""
    costs = [list(range(len(said) + 1))]
    for m, character in enumerate(heard, 1):
        row = [m]
        for n, other in enumerate(said, 1):
            above = costs[-1]
            row.append(min(above[n - 1] + (character != other), above[n] + 1, row[n - 1] + 1))
        costs.append(row)
    return costs
