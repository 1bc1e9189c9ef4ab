"""Makes the README's pictures in docs/img from the samples: `make screenshots`.

Starts a Signalbox of its own in a temporary folder, signs in with Chromium and looks at the main pages.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "img"
PASSWORD = "shown-in-no-picture"  # noqa: S105 - of an installation that lives for a minute
WIDE: ViewportSize = {"width": 1280, "height": 800}
NARROW: ViewportSize = {"width": 320, "height": 640}
LARGEST = 200 * 1024
PATIENCE = 400
WORKFLOWS = "/automations/workflows/"
RUNS = "/automations/runs/"
MONITORING = "/automations/monitoring/"


@contextmanager
def signalbox() -> Iterator[str]:
    """A fresh installation with its samples; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="signalbox-") as data:
        others = ("DATABASE_URL", "BROKER_URL", "DJANGO_SETTINGS_MODULE")
        environment = {name: value for name, value in os.environ.items() if name not in others}
        environment |= {"SIGNALBOX_DATA": data, "SIGNALBOX_ADMIN_PASSWORD": PASSWORD}
        log = Path(data) / "up.log"
        with log.open("wb") as output:
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, "manage.py", "up", "--port", str(port)],
                cwd=ROOT,
                env=environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _wait_until_ready(process, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=30)


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while "Signalbox is ready at " not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(log.read_text())
        time.sleep(0.2)


@contextmanager
def visiting(browser: Browser, address: str, *, viewport: ViewportSize, theme: str) -> Iterator[Page]:
    """A page of the first manager, signed in."""
    context = browser.new_context(
        viewport=viewport,
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
        base_url=address,
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto("/login/")
    page.get_by_label("Name").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{WORKFLOWS}")
    yield page
    context.close()


def keep(page: Page, name: str) -> None:
    """Writes the picture; one that is too large for a README ends the script."""
    file = PICTURES / f"{name}.png"
    page.screenshot(path=file)
    if file.stat().st_size > LARGEST:
        sys.exit(f"{file} has {file.stat().st_size} bytes; {LARGEST} are possible.")


def show_pause_dialog(page: Page) -> None:
    page.goto(WORKFLOWS)
    page.get_by_role("button", name="Actions for Lead qualification").click()
    page.get_by_role("menuitem", name="Pause").click()
    page.get_by_role("dialog").get_by_label("Reason").fill("The CRM is being moved tonight")


def show_failed_run(page: Page) -> None:
    page.goto(f"{RUNS}?status=failed")
    page.locator("#list [data-row] th a").first.click()
    page.get_by_role("link", name="Go to failure").click()
    page.locator("#step-panel").wait_for()
    page.evaluate("scrollTo(0, 0)")


def show_monitoring(page: Page) -> None:
    page.goto(f"{MONITORING}?range=7d")
    page.locator("main svg").first.wait_for()


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    found = (shutil.which(name) for name in ("chromium-headless-shell", "chromium", "google-chrome"))
    chromium = os.environ.get("CHROMIUM") or next(filter(None, found), None)
    with signalbox() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        with visiting(browser, address, viewport=WIDE, theme="light") as page:
            keep(page, "workflows-light")
            show_pause_dialog(page)
            keep(page, "pause-dialog")
            show_failed_run(page)
            keep(page, "run")
            show_monitoring(page)
            keep(page, "monitoring")
        with visiting(browser, address, viewport=WIDE, theme="dark") as page:
            keep(page, "workflows-dark")
        with visiting(browser, address, viewport=NARROW, theme="light") as page:
            keep(page, "workflows-narrow")
        browser.close()


if __name__ == "__main__":
    main()
