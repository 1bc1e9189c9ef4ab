"""`manage.py metrics`: whether the figures say what the runs say (docs/tallies.md)."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.commands import Answer, Options, VerbCommand
from runs.monitoring import checking
from runs.monitoring.comparing import Comparison, Difference
from workflows.documents import Document, moment_text


class Command(VerbCommand):
    help = "Verifies and rebuilds the figures that charts, lists and reports read."

    def do_verify(self, options: Options) -> Answer:
        """Recount every run and compare; exit code 1 and each difference if a figure is wrong."""
        found = checking.verify()
        if found.is_exact:
            sentence = _("%(n)d rows compared; every figure equals the recount.") % {"n": found.compared}
            return Answer(_document(found), [sentence])
        problem = ngettext("%(n)d row differs.", "%(n)d rows differ.", found.differing) % {
            "n": found.differing
        }
        return Answer(_document(found), _lines(found), problem)

    def do_rebuild(self, options: Options) -> Answer:
        """Recount every run and mend the figures that are wrong, also while runs go on."""
        done = checking.rebuild()
        sentence = _("Nothing to do: every figure equals the recount.")
        if done.differing:
            sentence = ngettext("%(n)d row mended.", "%(n)d rows mended.", done.differing) % {
                "n": done.differing
            }
        document = {"changed": bool(done.differing), **_document(done)}
        return Answer(document, [*_lines(done), sentence])


def _document(found: Comparison) -> Document:
    return {
        "ok": found.is_exact,
        "compared": found.compared,
        "differing": found.differing,
        "differences": [_difference(one) for one in found.differences],
    }


def _difference(one: Difference) -> Document:
    return {
        "table": one.table,
        "level": one.level,
        "start": moment_text(one.start),
        **one.key,
        "expected": one.expected,
        "found": one.found,
    }


def _lines(found: Comparison) -> Iterator[str]:
    for one in found.differences:
        where = " ".join(f"{name}={value}" for name, value in one.key.items())
        for name, right in one.expected.items():
            yield f"{one.table} {one.level} {moment_text(one.start)} {where}: {name} {one.found[name]}, not {right}"
    if found.differing > len(found.differences):
        yield _("… and %(n)d more.") % {"n": found.differing - len(found.differences)}
