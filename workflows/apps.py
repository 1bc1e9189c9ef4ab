from django.apps import AppConfig


class WorkflowsConfig(AppConfig):
    """What is automated, who may steer it, and whether it may run."""

    name = "workflows"

    def ready(self) -> None:
        """Fill the policy register that the page kit and the audit log ask, and the kit's other registers."""
        from audit import states  # noqa: PLC0415 - models are not loaded before ready()
        from workflows import access, maintenance_appearance, presence  # noqa: PLC0415
        from workflows.connections import appearance  # noqa: PLC0415
        from workflows.notices import appearance as notices_appearance  # noqa: PLC0415

        access.register()
        appearance.register()
        maintenance_appearance.register()
        notices_appearance.register()
        states.register(presence.present_states)
