"""`manage.py doctor`: checks a deployment and says what is wrong and how to mend it."""

from audit.commands import Answer, Options, VerbCommand
from runs.doctor import Diagnosis, examine


class Command(VerbCommand):
    """Exit code 1 when something is broken; warnings leave it at 0."""

    help = "Check this deployment and print what is wrong and how to mend it."

    def do(self, options: Options) -> Answer:
        found = examine()
        broken = [diagnosis for diagnosis in found if diagnosis.level == "error"]
        document = {"ok": not broken, "findings": [diagnosis.as_dict() for diagnosis in found]}
        problem = f"{len(broken)} things are broken." if broken else ""
        return Answer(document, [_line(diagnosis) for diagnosis in found], problem)


def _line(diagnosis: Diagnosis) -> str:
    mend = f"  →  {diagnosis.fix}" if diagnosis.fix else ""
    return f"{diagnosis.level:8} {diagnosis.name:12} {diagnosis.message}{mend}"
