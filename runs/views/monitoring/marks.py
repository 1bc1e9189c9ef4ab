"""What a poll compares: equal for as long as no run closed, and the window stands where it stood."""

from django.db.models import Max, Sum, Value

from config.web.pages import mark
from runs.models import Level, ScopeTally, TallyEntry
from runs.monitoring.removed import CLOSED
from runs.views.monitoring.asked import Asked


def ledger_mark(asked: Asked) -> str:
    """One small query: the newest entry, and how many closed runs were folded into months.

    A run that closes changes the one, the fold that forgets its entry changes the other.
    """
    newest = TallyEntry.objects.order_by().values(what=Value("newest")).annotate(n=Max("pk"))
    months = ScopeTally.objects.filter(level=Level.MONTH).order_by()
    folded = months.values(what=Value("folded")).annotate(n=Sum(CLOSED))
    counted = sorted(newest.values_list("what", "n").union(folded.values_list("what", "n"), all=True))
    moved = [(one.pk, one.revision) for one in asked.workflows]
    return mark(counted, moved, asked.window.start, asked.window.end)
