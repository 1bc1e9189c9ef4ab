"""One key, one act."""

from datetime import timedelta

import pytest
from django.utils import timezone

from audit import context
from audit.context import Actor
from workflows.models import Receipt
from workflows.services import receipts

ADA, BOB = Actor("person", "1", "ada"), Actor("person", "2", "bob")


def act_as(actor, key, answer, verb="clone 7"):
    with context.acting(actor, origin="page"):
        return receipts.once(key, verb, lambda: answer)


def test_same_key_gives_the_first_answer_again(db):
    assert [act_as(ADA, "k", "first"), act_as(ADA, "k", "second")] == ["first", "first"]


def test_key_belongs_to_its_actor_and_its_act(db):
    act_as(ADA, "k", "first")
    assert act_as(BOB, "k", "second") == "second"
    assert act_as(ADA, "k", "third", verb="test 7") == "third"


def test_without_a_key_every_call_acts(db):
    assert [act_as(ADA, "", "first"), act_as(ADA, "", "second")] == ["first", "second"]
    assert Receipt.objects.count() == 0


def test_refused_act_leaves_no_receipt(db):
    def refuse():
        raise ValueError("no")

    with context.acting(ADA, origin="page"), pytest.raises(ValueError, match="no"):
        receipts.once("k", "clone 7", refuse)
    assert act_as(ADA, "k", "first") == "first"


def test_twin_that_was_quicker_gives_its_answer(db, monkeypatch):
    known = iter([None, "of the twin"])
    monkeypatch.setattr(receipts, "answered", lambda key, actor: next(known))
    with context.acting(ADA, origin="page"):
        receipts.remember("clone 7 k", receipts.acting(), "clone 7", "of the twin")
    assert act_as(ADA, "k", "mine") == "of the twin"


def test_receipts_are_forgotten_after_a_day(db):
    act_as(ADA, "old", "x")
    Receipt.objects.update(created_at=timezone.now() - timedelta(hours=25))
    act_as(ADA, "new", "y")
    assert receipts.forget_old() == 1
    assert Receipt.objects.count() == 1
