import numpy as np


def certainty(sizes, n):
    sizes = np.asarray(sizes)
    sure = np.zeros(len(sizes), bool)
    while True:
        left = n - int(sure.sum())
        M = int(sizes[~sure].sum())
        new = (~sure) & (sizes > 0) & (left * sizes >= M) if left > 0 else np.zeros(len(sizes), bool)
        if not new.any():
            return sure
        sure |= new


def with_certainty(select, sizes, n, *, start):
    sizes = np.asarray(sizes)
    sure = certainty(sizes, n)
    hits = sure.astype(np.int64)
    left = n - int(sure.sum())
    if left > 0 and sizes[~sure].any():
        hits[~sure] = select(sizes[~sure], left, start=start)
    return hits
