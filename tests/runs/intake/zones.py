"""Zone data of another version: a folder in which some zones have the rules of others."""

import zoneinfo
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path


@contextmanager
def zones_as(folder: Path, **like: str) -> Iterator[None]:
    """While inside, `Europe__Berlin="Africa/Tunis"` gives Berlin the rules of Tunis. Other zones stay."""
    for name, model in like.items():
        target = folder.joinpath(*name.split("__"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(files("tzdata").joinpath("zoneinfo", *model.split("/")).read_bytes())
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath([folder, *before])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        yield
    finally:
        zoneinfo.reset_tzpath(before)
        zoneinfo.ZoneInfo.clear_cache()
