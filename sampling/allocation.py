ALLOCATIONS = dict.fromkeys(("proportional", "equal", "neyman", "power", "cost_optimal"))


def allocate(*a, **k):
    raise NotImplementedError
