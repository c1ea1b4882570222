class WeakValueDictionary:
    """A dict that does not keep its values."""

    def __init__(self, other=()):
        self._refs = {}
        self.update(other)

    def __setitem__(self, key, value):
        refs = self._refs

        def forget(ref):
            if refs.get(key) is ref:
                del refs[key]

        refs[key] = ref(value, forget)

    def __getitem__(self, key):
        value = self._refs[key]()
        if value is None:
            raise KeyError(key)
        return value

    def __delitem__(self, key):
        del self._refs[key]

    def __contains__(self, key):
        return self.get(key) is not None

    def __len__(self):
        return len(self._refs)

    def __iter__(self):
        return self.keys()

    def get(self, key, default=None):
        found = self._refs.get(key)
        value = found() if found is not None else None
        return default if value is None else value

    def setdefault(self, key, default=None):
        value = self.get(key)
        if value is None:
            self[key] = default
            return default
        return value

    def pop(self, key, *default):
        value = self.get(key)
        if value is None:
            if default:
                return default[0]
            raise KeyError(key)
        del self._refs[key]
        return value

    def update(self, other=()):
        pairs = other.items() if hasattr(other, "items") else other
        for key, value in pairs:
            self[key] = value

    def items(self):
        for key, found in list(self._refs.items()):
            value = found()
            if value is not None:
                yield key, value

    def keys(self):
        for key, _ in self.items():
            yield key

    def values(self):
        for _, value in self.items():
            yield value


class WeakSet:
    """A set that does not keep its elements."""

    def __init__(self, items=()):
        self._refs = set()
        for item in items:
            self.add(item)

    def add(self, item):
        refs = self._refs
        refs.add(ref(item, lambda found: refs.discard(found)))

    def discard(self, item):
        self._refs.discard(ref(item))

    def __contains__(self, item):
        return ref(item) in self._refs

    def __len__(self):
        return len(self._refs)

    def __iter__(self):
        for found in list(self._refs):
            item = found()
            if item is not None:
                yield item


class finalize:
    """Calls a function when an object goes, or at the end of the program."""

    _all = {}

    def __init__(self, obj, func, *args, **kwargs):
        self._parts = (func, args, kwargs)
        self.atexit = True
        self._ref = ref(obj, lambda _: self())
        finalize._all[id(self)] = self

    def __call__(self, _=None):
        if finalize._all.pop(id(self), None) is not None:
            func, args, kwargs = self._parts
            return func(*args, **kwargs)

    @property
    def alive(self):
        return id(self) in finalize._all

    def peek(self):
        if self.alive:
            return (self._ref(),) + self._parts

    def detach(self):
        if finalize._all.pop(id(self), None) is not None:
            return (self._ref(),) + self._parts


def _run_finalizers():
    while finalize._all:
        last = list(finalize._all.values())[-1]
        if last.atexit:
            last()
        else:
            last.detach()
