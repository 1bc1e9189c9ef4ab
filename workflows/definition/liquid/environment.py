"""python-liquid with output, `if`, `unless` and `case` only: no loops, names, files, clock or attributes."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, TextIO

from liquid import Environment, Mode, RenderContext, Token, TokenStream
from liquid.ast import BlockNode, Node
from liquid.builtin import content, illegal, output
from liquid.builtin.expressions import FilteredExpression, Path, tokenize
from liquid.builtin.tags import case_tag, if_tag, unless_tag
from liquid.exceptions import LiquidSyntaxError
from liquid.expression import Expression
from liquid.token import TOKEN_EXPRESSION, TOKEN_OUTPUT

from workflows.definition.json_values import Json
from workflows.definition.liquid import filters
from workflows.definition.liquid.budget import Budget
from workflows.definition.liquid.lexer import tokens_of
from workflows.definition.liquid.text import SafeText, as_text, escape

UNDEFINED = object()


class MissingName(Exception):
    """A template uses a name that is not there; `name` is how the template writes it."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Values:
    """Resolves paths in JSON values alone: keys of objects, places of lists, and `size`, `first`, `last`.

    All that one plain output needs; a whole template is rendered with Names.
    """

    def __init__(self, names: Mapping[str, Json], budget: Budget, *, in_html: bool = False) -> None:
        self.names, self.budget, self.in_html = names, budget, in_html

    def get(self, path: list[object], *, token: Token | None, default: object = UNDEFINED) -> object:
        """The value at `path`; raises MissingName, whatever `default` says."""
        found: object = self.names
        for segment in path:
            found = _part(found, segment)
            if found is UNDEFINED:
                raise MissingName(".".join(str(part) for part in path)[:200])
        self.budget.work(found)
        return found


class Names(Values, RenderContext):
    """What the library's nodes are rendered with."""

    def __init__(
        self, template: Any, names: Mapping[str, Json], budget: Budget, *, in_html: bool = False
    ) -> None:
        RenderContext.__init__(self, template)
        Values.__init__(self, names, budget, in_html=in_html)


def _part(value: object, segment: object) -> object:
    # A dict first: asking the abstract class takes far longer.
    if isinstance(value, (dict, Mapping)):
        if isinstance(segment, str) and segment in value:
            return value[segment]
        return len(value) if segment == "size" else UNDEFINED
    if isinstance(value, list):
        place = {"first": 0, "last": -1}.get(segment, segment) if isinstance(segment, str) else segment
        if isinstance(place, int) and not isinstance(place, bool) and -len(value) <= place < len(value):
            return value[place]
    return len(value) if segment == "size" and isinstance(value, list | str) else UNDEFINED


class OutputNode(output.OutputNode):
    """`{{ … }}`: a missing name is an error, except directly before `default`."""

    expression: FilteredExpression

    def value(self, context: Values) -> Any:
        """What the output gives, with its JSON type."""
        calls = self.expression.filters or []
        try:
            value = self.expression.left.evaluate(context)  # type: ignore[arg-type]  # a path asks for `get` alone
        except MissingName:
            if not calls or calls[0].name != "default":
                raise
            value = None
        for call in calls:
            positional, keywords = call.evaluate_args(context)  # type: ignore[arg-type]  # as above
            value = filters.call(call.name, value, positional, keywords, in_html=context.in_html)
            context.budget.work(value)
        return filters.plain(value)

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        assert isinstance(context, Names)
        value = self.value(context)
        safe = not context.in_html or isinstance(value, SafeText)
        return buffer.write(as_text(value) if safe else escape(value))


class OutputTag(output.Output):
    node_class = OutputNode

    def parse(self, stream: TokenStream) -> output.OutputNode:
        token, inner = stream.eat(TOKEN_OUTPUT), stream.expect(TOKEN_EXPRESSION)
        parsed = FilteredExpression.parse(self.env, TokenStream(tokenize(inner.value, inner)))
        assert isinstance(parsed, FilteredExpression)
        for call in parsed.filters or []:
            named = [argument.name for argument in call.args if hasattr(argument, "name")]
            if problem := filters.problem_with_call(call.name, len(call.args) - len(named), named):
                raise LiquidSyntaxError(problem, token=None)
        return OutputNode(token, parsed)


class IfTag(if_tag.IfTag):
    mode = Mode.STRICT


class UnlessTag(unless_tag.UnlessTag):
    mode = Mode.STRICT


class CaseNode(case_tag.CaseNode):
    """The first branch that fits, once. The library's own repeats a branch for each of its values that fit."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        for block in self.blocks:
            if isinstance(block, BlockNode):
                return block.render(context, buffer)
            if any(block.expression.evaluate(context)):
                return block.block.render(context, buffer)
        return 0


class CaseTag(case_tag.CaseTag):
    node_class = CaseNode


class ClosedEnvironment(Environment):
    block_nesting_limit: ClassVar[int] = 15
    suppress_blank_control_flow_blocks = False

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        for tag in (content.Literal, OutputTag, illegal.Illegal, IfTag, UnlessTag, CaseTag):
            self.add_tag(tag)

    def tokenizer(self) -> Any:
        return tokens_of


def paths_in(nodes: list[Node]) -> Iterator[tuple[str, ...]]:
    """The paths that nodes use, once for each use; a part in brackets that is itself a path ends its path."""
    rest: list[Any] = list(nodes)
    while rest:
        part = rest.pop()
        if isinstance(part, Path):
            yield _known(part)
        if isinstance(part, Expression):
            rest.extend(part.children())
        elif isinstance(part, Node):
            rest.extend([*part.expressions(), *part.children(None)])  # type: ignore[arg-type]


def _known(path: Path) -> tuple[str, ...]:
    known: list[str] = []
    for segment in path.path:
        if isinstance(segment, Path):
            break
        known.append(str(segment))
    return tuple(known)
