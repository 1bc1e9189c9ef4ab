"""The admin as its support sees it, with something of everything to see."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_user, make_workflow, workspace
from workflows.models import NoticeRecipient, Receipt, Role, Workflow
from workflows.services import status
from workflows.services.connection_values import Credentials
from workflows.services.connections import create_connection
from workflows.services.tokens import create_token

CANARY = "canary-7f3a9"


@pytest.fixture
def support() -> Client:
    client = Client()
    client.force_login(make_user(Role.MANAGER, username="support", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def material() -> None:
    make_workflow("Lead qualification")
    create_connection("crm", base_url="https://crm.example.com", scope=workspace(),
                      credentials=Credentials("bearer", secret=CANARY))  # fmt: skip
    create_token("ci", "operator", scope=workspace())
    Receipt.objects.create(key="k1", actor="person:1", verb="pause", answer="{}")
    moment = timezone.now()
    NoticeRecipient.objects.create(scope=workspace(), recipient="ops@example.com", created_at=moment)
    status.pause(Workflow.objects.get().pk, reason="CRM outage")


def address(model: type, word: str, *args: object) -> str:
    return reverse(f"admin:workflows_{model._meta.model_name}_{word}", args=args)
