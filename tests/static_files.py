"""The list of static files is made once: whitenoise makes it for each client of a test, in a tenth of a second."""

from collections.abc import Iterator

import pytest
from whitenoise.middleware import WhiteNoiseMiddleware
from whitenoise.responders import StaticFile


@pytest.fixture(scope="session", autouse=True)
def static_files_listed_once() -> Iterator[None]:
    """No test adds a static file; one that moves the address of all gets a list of its own."""
    lists: dict[str, dict[str, StaticFile]] = {}
    make_list = WhiteNoiseMiddleware.add_files_from_finders

    def add_files(middleware: WhiteNoiseMiddleware) -> None:
        if middleware.static_prefix not in lists:
            make_list(middleware)
            lists[middleware.static_prefix] = dict(middleware.files)
        middleware.files.update(lists[middleware.static_prefix])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files)
        yield
