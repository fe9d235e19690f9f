"""A cluster whose nodes answer as a test sets them."""

from types import SimpleNamespace

from convspec.training.conditions import settings
from convspec.tuning.cluster import Death, Node
from convspec.tuning.pool import WorkerPool
from convspec.tuning.versions import versions


class Cluster:
    """Nodes and values as a test sets them; what was started, asked and ended is noted."""

    def __init__(self, *nodes):
        self.found = list(nodes)
        self.values, self.killed, self.made, self.asked, self.calls, self.ended = {}, [], [], [], [], []
        self.death = Death("it died")
        self.ray = SimpleNamespace(remote=self.remote, kill=self.killed.append, put=lambda value: ["put", value])

    def nodes(self):
        return self.found

    def on(self, node):
        return node.name

    def ask_versions(self, node):
        self.asked.append(node.name)
        return f"versions of {node.name}"

    def ready(self, references, timeout=0.0):
        return [one for one in references if one in self.values]

    def value(self, reference):
        found = self.values[reference]
        if isinstance(found, Exception):
            raise found
        return found

    def how_it_ended(self, node, process, error):
        self.ended.append((node, process, error))
        return self.death

    def remote(self, **options):
        def actor_class(cls):
            def start(document, found, scheduling_strategy):
                assert found == settings()
                self.made.append((scheduling_strategy, options, document))
                return Actor(self, f"actor{len(self.made) - 1}", options.get("concurrency_groups", {}))

            return SimpleNamespace(
                options=lambda scheduling_strategy: SimpleNamespace(
                    remote=lambda document, found: start(document, found, scheduling_strategy)
                )
            )

        return actor_class


class Actor:
    """As Ray's: a method runs in a group that the actor has, and `remote` gives a reference."""

    def __init__(self, cluster, name, groups):
        self.cluster, self.name, self.groups = cluster, name, groups

    def __getattr__(self, method):
        def remote(*arguments):
            self.cluster.calls.append((method, *arguments))
            return f"{method} of {self.name}"

        def options(concurrency_group):
            assert concurrency_group in self.groups
            return SimpleNamespace(remote=remote)

        return SimpleNamespace(remote=remote, options=options)


HERE, THERE = Node("1", "here", 4.0, 0.0), Node("2", "there", 2.0, 0.0)


def pool_of(*nodes, wanted=0):
    cluster, told = Cluster(*nodes), []
    pool = WorkerPool(cluster, wanted, {"name": "tiny"}, told.append)
    cluster.values |= {f"versions of {node.name}": versions() for node in nodes}
    return pool, cluster, told


def listed(pool, times=2):
    """The nodes are asked for their versions at the first look, and have answered at the second."""
    for _ in range(times):
        pool.list_nodes(pool.now + 2.0)
    return {pool.hosts[one].node.name: pool.hosts[one].wanted for one in pool.hosts}
