"""Steps of runs that are counted, and the window up to now."""

from django.utils import timezone

from runs.monitoring.windows import Window

SET = {"id": "one", "kind": "set", "values": {"x": "1"}}
WORTH = {"id": "worth", "kind": "record_value", "name": "lead", "value": "12.50", "unit": "AUD"}
MAIL = {"id": "mail", "kind": "send_email", "to": "a@example.test", "subject": "s", "text": "t"}


def window(text: str = "24h") -> Window:
    return Window.of(text, timezone.now())
