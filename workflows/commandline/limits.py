"""How a command line says how far a watched launch goes."""

from argparse import ArgumentTypeError, _MutuallyExclusiveGroup
from decimal import Decimal, InvalidOperation
from typing import Final

from django.core.management.base import CommandParser
from django.utils.translation import gettext as _

from audit.commands import Options, whole_number
from workflows.launch import Launch
from workflows.services import launch_of

ALL: Final = "all"


def add_limit(parser: CommandParser, *, required: bool = False) -> _MutuallyExclusiveGroup:
    """`--first` and `--share`, of which one may be given; the group, for further ones."""
    limit = parser.add_mutually_exclusive_group(required=required)
    limit.add_argument("--first", type=whole_number, metavar="N", help="the first N triggers become runs")
    limit.add_argument("--share", type=_share, metavar="0.1", help="this share of the triggers becomes runs")
    return limit


def limit_of(options: Options) -> Launch | None:
    """The limit that the options name; raises ValueRefused."""
    only_scope = options.get("only_scope") or ""
    return launch_of(first=options["first"], share=options["share"], only_scope=only_scope)


def _share(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ArgumentTypeError(_("%(text)s is no number such as 0.1.") % {"text": text}) from None
