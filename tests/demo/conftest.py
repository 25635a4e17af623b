"""The demo county and its frame, made once."""

from __future__ import annotations

import pytest

from survey_app.demo import DemoCounty, build_county, build_frame
from survey_app.demo.frame import HEADER, Row


@pytest.fixture(scope="session")
def county() -> DemoCounty:
    """The demo county."""
    return build_county()


@pytest.fixture(scope="session")
def rows(county: DemoCounty) -> list[Row]:
    """The rows of its frame."""
    return build_frame(county)


@pytest.fixture(scope="session")
def column() -> dict[str, int]:
    """Header → place in a row."""
    return {header: place for place, header in enumerate(HEADER)}
