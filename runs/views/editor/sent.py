"""What the editor's form sent: the act, the state it was based on, and what was typed."""

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, QueryDict

OVER: Final = "over"
SAVING: Final = frozenset({"save", "check", "test", "publish", "run"})


@dataclass(frozen=True)
class Sent:
    """`verb` with its `arguments` comes from the button; without one it is an autosave.

    `token` names the state that was shown, `over` is set where the person chose theirs over what came since.
    `text` is None where a form was sent, of the part at `part` whose id was `part_id`.
    """

    data: QueryDict
    verb: str
    arguments: tuple[str, ...]
    token: str
    over: bool
    text: str | None
    part: str
    part_id: str

    @classmethod
    def of(cls, request: HttpRequest, standing: str) -> "Sent":
        """What was sent; a script that names no state means the one that stands."""
        data = request.POST
        words = data.get("do", "").split()
        token, is_over = data.get("revision") or standing, words[:1] == [OVER]
        if is_over:
            token, words = (words[1] if len(words) > 1 else ""), words[2:]
        text = data.get("text")
        return cls(
            data=data,
            verb=words[0] if words else "",
            arguments=tuple(words[1:]),
            token=token,
            over=is_over,
            text=None if text is None else text.replace("\r\n", "\n").replace("\0", ""),
            part=data.get("part", ""),
            part_id=data.get("part_id", ""),
        )

    @property
    def is_saving(self) -> bool:
        """Whether what is typed becomes a version."""
        return self.verb in SAVING
