"""When a schedule trigger is due next."""

from django.db import models

from workflows.models import Trigger


class Schedule(models.Model):
    """The next due instant of a live schedule trigger. `anchor`: from where `every` counts.

    `timetable` is the schedule that was armed (JSON text), so that publishing the same again changes nothing.
    `failures` counts attempts to fire it that broke; at three it is set aside (`set_aside`) with a notice.
    """

    trigger = models.OneToOneField(Trigger, on_delete=models.CASCADE, related_name="schedule")
    next_at = models.DateTimeField(null=True, db_index=True)
    anchor = models.DateTimeField()
    timetable = models.TextField(blank=True)
    failures = models.PositiveSmallIntegerField(default=0)
    set_aside = models.TextField(blank=True)
    is_armed = models.BooleanField(default=True)

    def __str__(self) -> str:
        return f"{self.trigger} next {self.next_at}"


class Tick(models.Model):
    """One due instant that was recorded; the unique pair makes two schedulers harmless."""

    trigger = models.ForeignKey(Trigger, on_delete=models.CASCADE, related_name="ticks")
    due_at = models.DateTimeField()
    run_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["trigger", "due_at"], name="tick_once")]

    def __str__(self) -> str:
        return f"{self.trigger} {self.due_at}"
