"""The pattern that a network follows, such as `[(CONV-RELU)*2-POOL]*2-(FC-RELU)*2-FC-SOFTMAX`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..graph import Graph, Node, Scope

COMPOSITES = ("sequence", "table", "output")
"""Blocks that are seen through: what stands inside them counts."""

UNITS = ("basic", "bottleneck", "inverted_residual", "transition", "squeeze_excite", "xception_module")
"""Blocks that are one word even where they have no branch, as a strided inverted residual has none."""

LONGEST_PERIOD = 64

Unit = tuple[str, ...]


def pattern_of(graph: Graph) -> str:
    """The way from the input to the main output; a block with branches is one word, such as BOTTLENECK."""
    return _fold(["-".join(unit) for unit in _units(graph) if unit])


def block_of(node: Node) -> int | None:
    """The index among `node.scopes` of the block that a reader sees: the outermost that is no mere sequence."""
    for index, scope in enumerate(node.scopes):
        if scope.kind not in COMPOSITES:
            return index
    return None


def _units(graph: Graph) -> Iterator[Unit]:
    main = _ancestors(graph)
    groups: dict[Node | Scope, list[Node]] = {}
    for node in graph.nodes:
        if node in main:
            index = block_of(node)
            groups.setdefault(node if index is None else node.scopes[index], []).append(node)
    for key, nodes in groups.items():
        kind = key.kind if isinstance(key, Scope) else ""
        if kind in UNITS or (kind and any(len(node.inputs) > 1 for node in nodes)):
            yield (kind.upper(),)
        else:
            for node in nodes:
                yield _words(node)


def _ancestors(graph: Graph) -> set[Node]:
    found: set[Node] = set()
    waiting = [graph.outputs[0].node]
    while waiting:
        node = waiting.pop()
        if node not in found:
            found.add(node)
            waiting += [tensor.node for tensor in node.inputs]
    return found


def _words(node: Node) -> Unit:
    word, activation = node.operation.pattern_word, node.operation.fused_activation
    if not word:
        return ()
    return (word, activation.upper()) if activation else (word,)


def _fold(words: Sequence[str]) -> str:
    """Repetitions written once: the group that covers most, and within it the same again."""
    parts: list[str] = []
    position = 0
    while position < len(words):
        period, count = _best_repeat(words, position)
        if count > 1:
            parts.append(f"{_group(words[position : position + period])}*{count}")
        else:
            parts.append(words[position])
        position += period * count
    return "-".join(parts)


def _best_repeat(words: Sequence[str], start: int) -> tuple[int, int]:
    best = (1, 1)
    for period in range(1, min(LONGEST_PERIOD, (len(words) - start) // 2) + 1):
        unit, count = words[start : start + period], 1
        while words[start + count * period : start + (count + 1) * period] == unit:
            count += 1
        if count > 1 and period * count > best[0] * best[1]:
            best = (period, count)
    return best


def _group(words: Sequence[str]) -> str:
    inner = _fold(words)
    if len(words) == 1 and "-" not in inner:
        return inner
    return f"[{inner}]" if "(" in inner or "[" in inner or "POOL" in words else f"({inner})"
