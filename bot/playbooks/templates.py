"""Texts of playbooks: Jinja2, sandboxed, and of it only what a post needs. What could go wrong is found at load."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import pairwise
from typing import Any

from jinja2 import Template as JinjaTemplate
from jinja2 import TemplateError, TemplateSyntaxError, nodes
from jinja2.runtime import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from bot.playbooks.model import RenderError
from bot.playbooks.telegram_html import html_problem

LONGEST_TEXT = 4096
"""UTF-16 units of a message, without its tags (Bot API, sendMessage)."""

LONGEST_CAPTION = 1024
"""UTF-16 units below a picture (Bot API, sendPhoto)."""

LONGEST_SOURCE = 8192
"""Characters of a template."""

DEEPEST = 60
"""Levels of a template within each other. Python, to which it is translated, takes about a hundred."""

_OF_NUMBERS = ("round", "abs")
FILTERS = ("upper", "lower", "capitalize", "trim", "default", "length", "int", "round", "abs")

Variables = Mapping[str, int]
"""What a template may name (`group.title`), and how many UTF-16 units it can have at most."""

NUMBERS = frozenset({"group.members", "checkins_today", "streak", "milestone"})
"""Variables that are numbers; all others are texts."""

LINKS = frozenset({"member.mention"})
"""Variables that are links, which only a text in HTML shows."""

_TOO_DEEP = "parentheses within parentheses, too deep to be meant"
_TAG = re.compile(r"</?[a-z][^>]*>|&(?:[a-z]+|#\d+|#x[0-9a-f]+);", re.IGNORECASE)
_SPACES = re.compile(r"\s+")
_MARKUP = re.compile(r"</?[a-z][^>]*>|\s+", re.IGNORECASE)
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.If, nodes.CondExpr,
    nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter,
)  # fmt: skip
_WORDS = {
    "Call": "calls", "Mul": "calculations", "Add": "calculations", "Sub": "calculations", "Div": "calculations",
    "Pow": "calculations", "For": "loops", "Assign": "{% set %}", "Include": "{% include %}", "Import": "{% import %}",
    "Macro": "{% macro %}", "Getitem": "brackets", "Concat": "~", "Test": "`is` tests",
}  # fmt: skip

_ENVIRONMENT = ImmutableSandboxedEnvironment(autoescape=True, undefined=StrictUndefined)
_ENVIRONMENT.globals.clear()
_ENVIRONMENT.filters = {name: _ENVIRONMENT.filters[name] for name in FILTERS}


class TemplateProblem(Exception):
    """Why a text cannot stand. `line` is the line within the text, from 1; `others` are further problems of it."""

    def __init__(self, what: str, line: int = 1, others: Sequence["TemplateProblem"] = ()) -> None:
        super().__init__(what)
        self.line, self.others = line, others

    @property
    def all(self) -> Sequence["TemplateProblem"]:
        """All problems of the text."""
        return (self, *self.others)


@dataclass(frozen=True, slots=True)
class Text:
    """A checked text. `names` are the variables it names; `is_html` tells whether values are escaped."""

    source: str
    names: frozenset[str]
    longest: int
    is_html: bool

    def render(self, values: Mapping[str, Any]) -> str:
        """The text with its variables replaced. Raises `RenderError`."""
        try:
            said = _compiled(self.source).render(**values)
        except (TemplateError, TypeError, ValueError, ArithmeticError) as error:
            raise RenderError(f"a text cannot be made: {error}") from error
        if not self.is_html:
            said = Markup(said).unescape()  # noqa: S704 - becomes a plain text
        if units(said) > self.longest:
            raise RenderError(f"a text has {units(said)} characters; at most {self.longest} can be sent")
        return str(said).strip()


def compile_text(source: str, variables: Variables, *, longest: int = LONGEST_TEXT, is_html: bool = True) -> Text:
    """A text that can be sent whatever its variables are; a caption may say nothing. Raises `TemplateProblem`."""
    is_caption = longest == LONGEST_CAPTION
    if len(source) > LONGEST_SOURCE:
        raise TemplateProblem(f"a text has at most {LONGEST_SOURCE} characters, this has {len(source)}")
    try:
        tree = _parsed(source)
        problems = [*_problems(tree, variables, is_html=is_html)]
        if is_html:
            problems += _html_problems(tree.body)
    except TemplateSyntaxError as error:
        raise TemplateProblem(f"the template is not complete: {error.message}", error.lineno) from error
    except TemplateError as error:
        raise TemplateProblem(str(error.message)) from error
    except RecursionError:
        raise TemplateProblem(_TOO_DEEP) from None
    if problems:
        raise TemplateProblem(str(problems[0]), problems[0].line, problems[1:])
    most = _longest(tree.body, variables)
    if most > longest:
        raise TemplateProblem(f"this can have {most} characters; at most {longest} can be sent")
    if not is_caption and _can_be_empty(tree.body, _MARKUP if is_html else _SPACES):
        hint = " where no condition holds; write an {% else %}" if "{%" in source else "; write a text"
        raise TemplateProblem(f"this says nothing{hint}")
    return Text(source, frozenset(name for name, _ in _named(tree)), longest, is_html)


def _parsed(source: str) -> nodes.Template:
    if "{" in source:
        return _ENVIRONMENT.parse(source)
    return nodes.Template([nodes.Output([nodes.TemplateData(source, lineno=1)], lineno=1)], lineno=1)


@lru_cache(maxsize=4096)
def _compiled(source: str) -> JinjaTemplate:
    """A checked text as it is rendered: made when it is first posted, because that takes longer than all the checks."""
    return _ENVIRONMENT.from_string(source)


def units(html: str) -> int:
    """UTF-16 units of a text as people see it: tags count nothing, an entity counts as one."""
    seen = _TAG.sub(lambda found: "x" if found[0].startswith("&") else "", html)
    return len(seen.encode("utf-16-le")) // 2


def suggestion(word: str, known: Mapping[str, Any] | tuple[str, ...]) -> str:
    """A hint at the word that was probably meant."""
    close = get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"; did you mean `{close[0]}`?" if close else f"; known are {', '.join(known)}"


def _problems(tree: nodes.Template, variables: Variables, *, is_html: bool) -> Iterator[TemplateProblem]:
    """What may not be in a text."""
    foreign = [node for node in _all(tree) if not isinstance(node, (*_ALLOWED, nodes.Keyword))]
    for node in foreign:
        kind = type(node).__name__
        told = f"{_WORDS.get(kind, kind)}: a text has variables, filters and {{% if %}} only"
        yield TemplateProblem(told, node.lineno)
    if foreign:  # what it names is not known
        return
    for node in _all(tree):
        if isinstance(node, nodes.Filter):
            yield from _filter_problems(node)
        elif isinstance(node, nodes.Compare):
            yield from _comparison_problems(node)
    for name, line in _named(tree):
        if name not in variables:
            yield TemplateProblem(f"unknown variable `{name}`{suggestion(name, variables)}", line)
        elif name in LINKS and not is_html:
            yield TemplateProblem(f"`{name}` is a link, which cannot be here; write `{name.split('.')[0]}.name`", line)


def _filter_problems(node: nodes.Filter) -> Iterator[TemplateProblem]:
    if node.name not in FILTERS:
        yield TemplateProblem(f"unknown filter `{node.name}`{suggestion(node.name, FILTERS)}", node.lineno)
    elif node.kwargs or node.dyn_args or node.dyn_kwargs:
        yield TemplateProblem(f"the filter `{node.name}` takes plain values only", node.lineno)
    elif node.name in _OF_NUMBERS and node.node is not None and _kind(node.node) == "text":
        named = _shown(node.node)
        yield TemplateProblem(
            f"{named} is a text, and `{node.name}` is for numbers; write `|int` before it", node.lineno
        )


def _comparison_problems(node: nodes.Compare) -> Iterator[TemplateProblem]:
    sides = [node.expr, *(operand.expr for operand in node.ops)]
    for one, other in pairwise(sides):
        kinds = {_kind(one): one, _kind(other): other}
        if kinds.keys() == {"text", "number"}:
            text, number = _shown(kinds["text"]), _shown(kinds["number"])
            told = f"{text} is a text and {number} a number, which cannot be compared; write `|int` behind the text"
            yield TemplateProblem(told, node.lineno)


def _kind(node: nodes.Node) -> str:
    """Whether it is a `text` or a `number`; "" if that depends."""
    if isinstance(node, nodes.Const):
        return "text" if isinstance(node.value, str) else "number"
    if isinstance(node, nodes.Filter) and node.name != "default":
        return "number" if node.name in {"int", "length", *_OF_NUMBERS} else "text"
    if isinstance(node, nodes.Name | nodes.Getattr):
        return "number" if _path(node) in NUMBERS else "text"
    return ""


def _shown(node: nodes.Node) -> str:
    if isinstance(node, nodes.Const):
        return f"`{node.value}`"[:42]
    return f"`{_path(node)}`" if isinstance(node, nodes.Name | nodes.Getattr) else "this"


def _all(node: nodes.Node, depth: int = 0) -> Iterator[nodes.Node]:
    if depth > DEEPEST:
        raise TemplateProblem(_TOO_DEEP, node.lineno)
    yield node
    for child in node.iter_child_nodes():
        yield from _all(child, depth + 1)


def _named(node: nodes.Node) -> Iterator[tuple[str, int]]:
    """The variables that a text names, and the lines on which it does."""
    if isinstance(node, nodes.Getattr):
        yield _path(node), node.lineno
    elif isinstance(node, nodes.Name):
        yield node.name, node.lineno
    else:
        for child in node.iter_child_nodes():
            yield from _named(child)


def _path(node: nodes.Node) -> str:
    if isinstance(node, nodes.Getattr):
        return f"{_path(node.node)}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else "…"


def _html_problems(body: list[nodes.Node]) -> Iterator[TemplateProblem]:
    """Every branch opens and closes its own tags, so that the text is right whichever are taken."""
    said, first = "", body[0].lineno if body else 1
    for node in body:
        if isinstance(node, nodes.Output):
            for piece in node.nodes:
                said += "\n" * (piece.lineno - first - said.count("\n"))  # what is left out has lines, too
                said += piece.data if isinstance(piece, nodes.TemplateData) else "x"
        elif isinstance(node, nodes.If):
            for branch in _branches(node):
                yield from _html_problems(branch)
    if found := html_problem(said):
        yield TemplateProblem(found[1], first + found[0] - 1)


def _branches(node: nodes.If) -> list[list[nodes.Node]]:
    return [node.body, *(branch.body for branch in node.elif_), node.else_]


def _can_be_empty(body: list[nodes.Node], markup: re.Pattern[str]) -> bool:
    """Whether there is a way through its branches on which nothing is said besides markup."""
    return all(
        any(_can_be_empty(branch, markup) for branch in _branches(node))
        if isinstance(node, nodes.If)
        else all(isinstance(piece, nodes.TemplateData) and not markup.sub("", piece.data) for piece in node.nodes)
        for node in body
        if isinstance(node, nodes.If | nodes.Output)
    )


def _longest(body: list[nodes.Node], variables: Variables) -> int:
    """UTF-16 units that the text can have at most."""
    most = 0
    for node in body:
        if isinstance(node, nodes.Output):
            most += sum(_longest_of(piece, variables) for piece in node.nodes)
        elif isinstance(node, nodes.If):
            most += max(_longest(branch, variables) for branch in _branches(node))
    return most


def _longest_of(piece: nodes.Node, variables: Variables) -> int:
    if isinstance(piece, nodes.TemplateData):
        return units(piece.data)
    if isinstance(piece, nodes.Const):
        return units(str(piece.value))
    if isinstance(piece, nodes.Filter) and piece.node is not None:
        return max(_longest_of(part, variables) for part in (piece.node, *piece.args))
    if isinstance(piece, nodes.Name | nodes.Getattr):
        return variables[_path(piece)]
    return sum(_longest_of(part, variables) for part in piece.iter_child_nodes()) or 5
