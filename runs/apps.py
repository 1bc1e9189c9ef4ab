from django.apps import AppConfig


class RunsConfig(AppConfig):
    """What happens: trigger, run, step, outcome."""

    name = "runs"

    def ready(self) -> None:
        """Bind what a workflow's verbs must do with its runs, and fill the page kit's registers."""
        from runs import appearance, effects  # noqa: PLC0415 - models are not loaded before ready()
        from runs.bulk import on_runs, on_workflows  # noqa: PLC0415

        effects.bind()
        appearance.register()
        on_workflows.offer()
        on_runs.offer()
