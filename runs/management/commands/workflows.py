"""`manage.py workflows`: everything that can be done with workflows (docs/commands.md).

It stands in the runs app, since some of its verbs start runs and imports point from runs to workflows.
"""

from runs.commandline.starting import StartingVerbs
from workflows.commandline.content import ContentVerbs
from workflows.commandline.placing import PlacingVerbs
from workflows.commandline.reading import ReadingVerbs
from workflows.commandline.steering import SteeringVerbs


class Command(StartingVerbs, PlacingVerbs, ContentVerbs, SteeringVerbs, ReadingVerbs):
    help = "Lists, shows, changes and steers workflows."
