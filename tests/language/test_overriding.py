"""What is said of fields set by their paths."""

from __future__ import annotations

import pytest

from convspec import InputError, load


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("train.optimizr.name", "there is no train.optimizr; did you mean 'optimizer'?"),
        ("train.scheduel.name", "there is no train.scheduel; did you mean 'schedule'?"),
        ("trian.l2", "there is no trian; did you mean 'train'?"),
        ("body[2].filters", "there is no body[2]: body has 1 element"),
        ("input[0].size[1]", "input[0] is 8 and has nothing inside"),
    ],
)
def test_a_path_that_leads_nowhere_names_what_is_near(path: str, found: str) -> None:
    document = {"name": "x", "input": [8, 8, 3], "classes": 3, "body": ["conv3-8"]}
    with pytest.raises(InputError) as raised:
        load(document, overrides={path: 1})
    assert found in str(raised.value)
