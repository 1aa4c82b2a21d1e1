"""Canonical JSON is the same whichever encoder wrote it."""

from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from riskapp.core.canonical import canonical

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(-1e9, 1e9)
    | st.text(),
    lambda parts: st.lists(parts) | st.dictionaries(st.text(), parts),
)


@given(values)
def test_every_value_is_written_as_rfc_8785_says(value: Any) -> None:
    assert canonical(value) == rfc8785.dumps(value)


def test_keys_are_sorted_as_utf_16_is() -> None:
    assert canonical({"\U0001f600": 1, "\uff5e": 2}) == '{"\U0001f600":1,"\uff5e":2}'.encode()


@pytest.mark.parametrize("value", [2**53, -(2**53), "\ud800", {"\ud800": 1}, float("nan"), {1: 2}])
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical([value])
