"""Pictures of networks: what they show and how large they are."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree

import pytest

import convspec
from convspec.diagram.boxes import default_depth, insides, overview
from convspec.diagram.colours import DARK, FILLS, LIGHT
from convspec.diagram.folding import signature
from convspec.diagram.labels import colour, is_light, short, title
from convspec.diagram.layout import arrange
from convspec.diagram.picture import _compose, draw
from convspec.diagram.svg import _arrow, draw_panel
from convspec.graph import (
    Activation,
    Add,
    Average,
    AveragePooling2D,
    BatchNormalization,
    ChannelShuffle,
    Complement,
    Concatenate,
    Conv2D,
    Cropping2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    GlobalMaxPooling2D,
    Graph,
    LayerNormalization,
    LayerScale,
    LeakyReLU,
    LocalResponseNormalization,
    Maximum,
    MaxPooling2D,
    Multiply,
    PReLU,
    ReLU,
    Rescaling,
    Reshape,
    Scale,
    SeparableConv2D,
    Softmax,
    SpatialDropout2D,
    Tensor,
    UpSampling2D,
    ZeroPadding2D,
)

SVG = "{http://www.w3.org/2000/svg}"
WIDEST, LARGEST = 2000, 300_000


def titles(name: str, depth: str) -> list[tuple[str, int]]:
    """The boxes of a network's overview, with their repeats."""
    drawing = overview(convspec.load(name).graph, depth)  # type: ignore[arg-type]
    return [(box.title, box.repeats) for box in drawing.boxes if box.colour != "port"]


def test_a_picture_is_as_wide_as_its_title() -> None:
    document = {"name": "n" * 60, "input": [8, 8, 1], "body": ["conv3-4"], "head": None}
    root = ElementTree.fromstring(draw(convspec.analyze(convspec.load(document))))
    assert float(root.attrib["width"]) > 60 * 12  # letters of 22 pixels are about 13 wide
    root = ElementTree.fromstring(
        draw(convspec.analyze(convspec.load(document | {"name": "n", "reference": "r" * 90})))
    )
    assert float(root.attrib["width"]) == 90 * 6.4 + 2 * 24  # those of 12 pixels are about 6.4 wide


def test_a_box_has_its_words_in_the_middle_or_left_of_how_often_it_repeats() -> None:
    drawing = overview(convspec.load("resnet50").graph, "blocks")
    places = arrange(drawing)
    groups = re.findall(r"<g><title>(?:(?!</g>).)*</g>", draw_panel(drawing, places), re.S)
    shown = [(box, place) for box, place in zip(drawing.boxes, places.boxes, strict=True) if box.colour != "port"]
    moved = set()
    for group, (box, place) in zip(groups, shown, strict=True):
        found = {float(x) for x in re.findall(r'<text x="([\d.]+)" y="[\d.]+"(?: class="(?:title|quiet)")?>', group)}
        assert sorted(found) == pytest.approx([place.x + place.width / 2 - (12 if box.repeats > 1 else 0)], abs=0.06)
        moved.add(box.repeats > 1)
    assert moved == {True, False}


def test_kinds_of_blocks_have_colours_of_the_palette_one_each() -> None:
    svg = draw(convspec.analyze("inception_v3"), depth="blocks")
    used = set(re.findall(r'<rect [^>]*rx="\d+" class="([^"]+)"', svg))
    assert used <= {*FILLS, "panel", "frame"}
    assert {colour for colour in used if colour.startswith("block")} == {"block0", "block1"}


def test_panels_stand_side_by_side_as_long_as_there_is_room() -> None:
    """Two of equal height beside the overview; of eight as wide as half of the picture two more below them each."""
    graph = convspec.load("resnet50").graph
    drawing = overview(graph, "blocks")
    main, (panel, _) = arrange(drawing), insides(drawing, 4)
    parts, width, _ = _compose(drawing, main, None, [(panel, arrange(panel))] * 9)
    places = [re.findall(r'class="inner" transform="translate\(([\d.]+),([\d.]+)\)', part) for part in parts[1:]]
    corners = [(float(x), float(y)) for ((x, y),) in places]
    rows = [[x for x, y in corners if y == row] for row in sorted({y for _, y in corners})]
    assert [len(row) for row in rows[:-1]] == [len(rows[0])] * (len(rows) - 1)
    assert len(rows[0]) > 1
    assert all(row == rows[0][: len(row)] for row in rows)
    step = rows[0][1] - rows[0][0]
    assert width <= WIDEST < width + step


CONV = {"strides": 2, "padding": "same"}
WORDS = {
    "Conv 3×3/2, 4": Conv2D(4, 3, **CONV),
    "Conv 3×3/2, 4, 2 groups": Conv2D(4, 3, groups=2, **CONV),
    "Depthwise 3×3/2": DepthwiseConv2D(3, **CONV),
    "Separable 3×3/2, 4": SeparableConv2D(4, 3, **CONV),
    "Max pool 2×2/2": MaxPooling2D(2, 2),
    "Avg pool 3×3/1": AveragePooling2D(3, 1),
    "Global avg pool": GlobalAveragePooling2D(),
    "Global max pool": GlobalMaxPooling2D(),
    "Dense 7": Dense(7),
    "Up sampling": UpSampling2D(2),
    "Channel shuffle": ChannelShuffle(2),
}


@pytest.mark.parametrize("words", WORDS)
def test_a_layer_is_named_by_what_it_computes(words: str) -> None:
    graph = Graph()
    assert title(WORDS[words](graph.input((8, 8, 4))).node) == words


@pytest.mark.parametrize(
    ("merge", "sign"),
    [(Add, "+"), (Multiply, "×"), (Average, "mean"), (Maximum, "max"), (Concatenate, "concat")],
)
def test_a_merge_is_its_sign(merge: type, sign: str) -> None:
    graph = Graph()
    x = graph.input((8, 8, 4))
    node = merge()([x, Conv2D(4, 1)(x)]).node
    assert (title(node), colour(node)) == (sign, "merge")


LIGHT_WORDS = {
    "pad": ZeroPadding2D(((1, 1), (1, 1))), "crop": Cropping2D(((1, 1), (1, 1))), "flatten": Flatten(), "rescale": Rescaling(0.5),
    "reshape": Reshape((64, 4)), "BN": BatchNormalization(), "LN": LayerNormalization(),
    "LRN": LocalResponseNormalization(), "ReLU": ReLU(), "leaky ReLU": LeakyReLU(), "PReLU": PReLU(),
    "softmax": Softmax(), "GELU": Activation("gelu"), "": Activation("linear"), "swish": Activation("swish"),
    "dropout 0.25": Dropout(0.25), "spatial dropout 0.5": SpatialDropout2D(0.5), "layer scale": LayerScale(0.1, 4),
    "scale": Scale(2.0), "1 − x": Complement(),
}  # fmt: skip


@pytest.mark.parametrize("word", LIGHT_WORDS)
def test_a_light_layer_is_one_word_in_the_box_of_another(word: str) -> None:
    graph = Graph()
    node = LIGHT_WORDS[word](graph.input((8, 8, 4))).node
    assert (short(node.operation), is_light(node)) == (word, True)


def test_every_colour_is_one_that_a_browser_knows() -> None:
    shades = [*LIGHT.values(), *DARK.values(), *(shade for row in FILLS.values() for shade in row)]
    assert not [shade for shade in shades if not re.fullmatch("#[0-9a-f]{6}", shade)]


def test_each_box_says_its_share_of_the_cost() -> None:
    """LeNet-5 at 32x32x1 by hand: 28*28*6*25, 10*10*16*150, 400*120, 120*84 and 84*10 MACs, 416,520 in all."""
    analysis = convspec.analyze("lenet5")
    macs = draw(analysis, scale="macs")
    found = re.findall(r">([\d.]+ k?) ?MACs, ([\d.]+) %<", macs)
    assert found == [("118 k", "28.2"), ("240 k", "57.6"), ("48 k", "11.5"), ("10.1 k", "2.4"), ("840 ", "0.2")]
    parameters = draw(analysis, scale="parameters")
    assert re.findall(r">([\d.]+ k?) ?parameters, ([\d.]+) %<", parameters) == [
        ("156 ", "0.3"), ("2.42 k", "3.9"), ("48.1 k", "78.0"), ("10.2 k", "16.5"), ("850 ", "1.4"),
    ]  # fmt: skip
    assert " %<" not in draw(analysis)


def preactivated() -> Graph:
    """A block that begins with a normalisation which two ways read: a box of light layers alone."""
    graph = Graph()
    x = Conv2D(4, 3, padding="same")(graph.input((8, 8, 1)))
    y = ReLU()(BatchNormalization()(x))
    x = Add()([Conv2D(4, 3, padding="same")(y), Conv2D(4, 1)(y), x])
    graph.outputs.append(Flatten()(x))
    return graph


def test_light_layers_that_two_ways_read_have_a_box_of_their_own() -> None:
    boxes = overview(preactivated(), "layers").boxes
    assert [(box.title, box.colour) for box in boxes[2:3]] == [("BN · ReLU", "light")]
    assert [node.name for box in boxes for node in box.shown] == [node.name for box in boxes for node in box.nodes]


def test_a_layer_whose_value_is_an_output_has_a_box_of_its_own() -> None:
    graph = Graph()
    x = Conv2D(4, 3)(graph.input((8, 8, 1)))
    y = ReLU()(x)
    graph.outputs.append(y)
    assert [box.title for box in overview(graph, "layers").boxes if box.colour != "input"] == ["Conv 3×3, 4"]
    graph.outputs.append(x)
    assert [box.title for box in overview(graph, "layers").boxes if box.colour != "input"] == ["Conv 3×3, 4", "ReLU"]


@pytest.mark.parametrize("end", [(9.0, 4.0), (-7.0, 3.0), (0.0, 10.0), (5.0, -5.0)])
def test_the_tip_of_an_arrow_ends_where_the_arrow_does_and_lies_behind_it(end: tuple[float, float]) -> None:
    """Six long and six wide, so that both back corners are six behind the point and three beside the way there."""
    corners = re.findall(r'points="([^"]*)"', _arrow([(-end[0], -end[1]), (0.0, 0.0), (0.0, 0.0), end]))[0]
    (x, y), *others = (tuple(map(float, corner.split(","))) for corner in corners.split())
    assert (x, y) == end
    along, across = [], []
    length = math.hypot(*end)
    for corner in others:
        away = corner[0] - x, corner[1] - y
        along.append((away[0] * end[0] + away[1] * end[1]) / length)
        across.append((away[0] * end[1] - away[1] * end[0]) / length)
    assert along == pytest.approx([-6, -6], abs=0.1)
    assert sorted(across) == pytest.approx([-3, 3], abs=0.1)


def test_pieces_are_the_same_where_their_wires_are() -> None:
    """What comes from outside is numbered in the order in which it comes; rates of dropout do not tell pieces apart."""
    graph = Graph()
    a, b = (Conv2D(4, 3)(graph.input((8, 8, 4))) for _ in range(2))

    def piece(*inputs: Tensor, rate: float = 0.1, filters: int = 4) -> object:
        merged = Concatenate()(list(inputs))
        last = Dropout(rate)(merged)
        return signature([merged.node, last.node, Conv2D(filters, 3)(last).node])

    assert piece(a, b) == piece(b, a) == piece(a, b, rate=0.3)
    assert piece(a, b) != piece(a, a)
    assert piece(a, b) != piece(a, b, filters=5)


def test_the_panel_of_a_block_has_an_arrow_at_each_port() -> None:
    for name in ("resnet50", "googlenet"):
        for panel in insides(overview(convspec.load(name).graph, "blocks"), 4):
            ports = {index: box.title for index, box in enumerate(panel.boxes) if box.colour == "port"}
            assert sorted(set(ports.values())) in (["in", "out"], ["entry", "in", "out"])
            for index, side in ports.items():
                leaving = [arrow for arrow in panel.arrows if arrow.source == index]
                coming = [arrow for arrow in panel.arrows if arrow.target == index]
                assert (bool(coming), bool(leaving)) == (side != "in", side != "out"), (name, panel.caption)
                assert all(arrow.shape for arrow in [*leaving, *coming] if side != "entry")


def test_a_block_says_in_a_line_what_it_holds() -> None:
    boxes = overview(convspec.load("resnet50").graph, "blocks").boxes
    assert [box.below for box in boxes if box.title == "bottleneck"][:2] == [
        ["1×1 · 3×3 · 1×1", "conv2_block1"],
        ["1×1 · 3×3 · 1×1", "conv2_block2 … block3"],
    ]


def test_a_small_network_is_drawn_layer_by_layer() -> None:
    assert default_depth(convspec.load("lenet5").graph) == "layers"
    assert titles("lenet5", "layers") == [
        ("input", 1), ("Conv 5×5, 6", 1), ("Max pool 2×2/2", 1), ("Conv 5×5, 16", 1), ("Max pool 2×2/2", 1),
        ("Dense 120", 1), ("Dense 84", 1), ("Dense 10", 1),
    ]  # fmt: skip


def test_resnet152_is_folded_into_the_blocks_of_the_papers_table() -> None:
    """He et al. 2015, table 1: 3, 8, 36 and 3 blocks, of which the first of each stage changes the size."""
    repeats = [count for title, count in titles("resnet152", "blocks") if title == "bottleneck"]
    assert repeats == [1, 2, 1, 7, 1, 35, 1, 2]


def test_blocks_of_one_size_are_one_stage() -> None:
    """He et al. 2015, table 1: the sizes of the output, each once; then the vector of the classes."""
    shapes = [box.nodes[-1].output.shape for box in overview(convspec.load("resnet152").graph, "stages").boxes]
    maps = [shape[:2] for shape in shapes if len(shape) == 3]
    assert maps == [(224, 224), (112, 112), (56, 56), (28, 28), (14, 14), (7, 7)]


def test_nasnet_large_is_folded_into_cells() -> None:
    """Zoph et al. 2017, figure 2: six normal cells a stage, reduction cells between."""
    drawn = titles("nasnet_large", "blocks")
    assert sum(count for title, count in drawn if title == "normal A cell") == 3 * 6
    assert sum(count for title, count in drawn if title == "reduction A cell") == 4


def test_every_layer_is_in_one_box_or_another() -> None:
    for depth in ("layers", "blocks", "stages"):
        graph = convspec.load("densenet121").graph
        drawing = overview(graph, depth)  # type: ignore[arg-type]
        assert sorted(node.name for box in drawing.boxes for node in box.nodes) == sorted(
            node.name for node in graph.layers()
        )


def test_equal_layers_of_a_dense_block_stand_in_one_frame() -> None:
    """Huang et al. 2016, table 1: 6, 12, 24 and 16 layers."""
    drawing = overview(convspec.load("densenet121").graph, "layers")
    assert [frame.repeats for frame in drawing.frames] == [6, 12, 24, 16]


def test_an_auxiliary_classifier_stands_beside_the_way_and_is_not_folded() -> None:
    drawing = overview(convspec.load("googlenet").graph, "blocks")
    aside = [index for index, box in enumerate(drawing.boxes) if box.title == "auxiliary classifier"]
    assert [drawing.boxes[index].repeats for index in aside] == [1, 1]
    sources = [drawing.boxes[arrow.source].below[-1] for arrow in drawing.arrows if arrow.target in aside]
    assert sources == ["inception_4a", "inception_4d"]


def test_insides_show_a_block_and_its_shortcut() -> None:
    panels = insides(overview(convspec.load("resnet50").graph, "blocks"), 4)
    assert [(panel.title, panel.caption) for panel in panels] == [
        ("bottleneck", "conv2_block1, and 3 more"),
        ("bottleneck", "conv2_block2, and 11 more"),
    ]
    inner = [box.title for box in panels[1].boxes if box.colour != "port"]
    assert inner == ["Conv 1×1, 64", "Conv 3×3, 64", "Conv 1×1, 256", "+"]


@pytest.mark.parametrize(
    "name",
    ["lenet5", "googlenet", "resnet152", "densenet121", "nasnet_mobile", "nasnet_large", "efficientnet_b0"],
)
def test_a_picture_is_small_enough_to_read(name: str) -> None:
    svg = draw(convspec.analyze(name))
    root = ElementTree.fromstring(svg)
    assert float(root.get("width", "inf")) <= WIDEST
    assert len(svg.encode()) < LARGEST
    shown = {element.text for element in root.iter(f"{SVG}text")}
    assert name in shown


def test_no_text_leaves_the_picture_and_no_boxes_overlap() -> None:
    layout = arrange(overview(convspec.load("nasnet_mobile").graph, "layers"))
    for index, one in enumerate(layout.boxes):
        assert one.x >= -1
        assert one.x + one.width <= layout.width + 1
        for other in layout.boxes[index + 1 :]:
            apart_x = one.x + one.width <= other.x + 0.5 or other.x + other.width <= one.x + 0.5
            apart_y = one.y + one.height <= other.y + 0.5 or other.y + other.height <= one.y + 0.5
            assert apart_x or apart_y


def test_heights_follow_the_cost_on_request() -> None:
    """VGG-16: two dense layers hold 119 of 138 M parameters, the third block of convolutions most MACs."""
    for scale, dearest in (("parameters", "Dense 4096"), ("macs", "conv relu pool")):
        svg = draw(convspec.analyze("vgg16"), depth="blocks", scale=scale)  # type: ignore[arg-type]
        groups = re.findall(r'height="([\d.]+)" rx="6" class="\w+"/>(?:<text[^>]*class="quiet">[^<]*</text>)?'
                            r'<text[^>]*class="title">([^<]+)', svg)  # fmt: skip
        assert max(groups, key=lambda group: float(group[0]))[1] == dearest


def test_light_and_dark_are_the_readers_choice_unless_fixed() -> None:
    analysis = convspec.analyze("lenet5")
    assert "@media (prefers-color-scheme:dark)" in draw(analysis)
    assert "@media" not in draw(analysis, scheme="dark")
    assert "#14181f" in draw(analysis, scheme="dark")
