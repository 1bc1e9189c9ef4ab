"""Who visits the pages."""

import pytest
from django.contrib.auth.models import AbstractBaseUser

from tests.factories import make_user
from tests.workflows.browser_fixtures import visit_as as visit_as

pytest.register_assert_rewrite("tests.browser.looks")


@pytest.fixture
def manager(transactional_db) -> AbstractBaseUser:
    return make_user("manager", username="admin")
