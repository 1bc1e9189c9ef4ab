"""`manage.py runs`: looking at runs, and the verbs on them (docs/commands.md)."""

from runs.commandline.listing import ListingVerbs
from runs.commandline.settling import SettlingVerbs


class Command(SettlingVerbs, ListingVerbs):
    help = "Lists, shows, ends, repeats and settles runs."
