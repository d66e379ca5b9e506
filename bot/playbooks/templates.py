"""Texts of playbooks: Jinja2, sandboxed, and of it only what a post needs. What could go wrong is found at load."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

from jinja2 import Template as JinjaTemplate
from jinja2 import TemplateError, TemplateSyntaxError, nodes
from jinja2.runtime import StrictUndefined
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup

from bot.playbooks.model import RenderError
from bot.playbooks.telegram_html import wrong_html

LONGEST_TEXT = 4096
"""UTF-16 units of a message, without its tags (Bot API, sendMessage)."""

LONGEST_CAPTION = 1024
"""UTF-16 units below a picture (Bot API, sendPhoto)."""

LONGEST_SOURCE = 8192
"""Characters of a template."""

DEEPEST = 60
"""Levels of a template within each other. Python, to which it is translated, takes about a hundred."""

FILTERS = ("upper", "lower", "capitalize", "trim", "default", "length", "int", "round", "abs")

Variables = Mapping[str, int]
"""What a template may name (`group.title`), and how many UTF-16 units it can have at most."""

_TOO_DEEP = "parentheses within parentheses, too deep to be meant"
_TAG = re.compile(r"</?[a-z][^>]*>|&(?:[a-z]+|#\d+|#x[0-9a-f]+);", re.IGNORECASE)
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
    """Why a text cannot stand. `line` is the line within the text, from 1."""

    def __init__(self, what: str, line: int = 1) -> None:
        super().__init__(what)
        self.line = line


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
        except TemplateError as error:
            raise RenderError(f"a text cannot be made: {error.message}") from error
        if not self.is_html:
            said = Markup(said).unescape()  # noqa: S704 - becomes a plain text
        if units(said) > self.longest:
            raise RenderError(f"a text has {units(said)} characters; at most {self.longest} can be sent")
        return str(said).strip()


def compile_text(source: str, variables: Variables, *, longest: int = LONGEST_TEXT, is_html: bool = True) -> Text:
    """A text that can be sent whatever its variables are. Raises `TemplateProblem`."""
    if len(source) > LONGEST_SOURCE:
        raise TemplateProblem(f"a text has at most {LONGEST_SOURCE} characters, this has {len(source)}")
    try:
        tree = _parsed(source)
        names = _checked(tree, variables)
    except TemplateSyntaxError as error:
        raise TemplateProblem(f"the template is not complete: {error.message}", error.lineno) from error
    except TemplateError as error:
        raise TemplateProblem(str(error.message)) from error
    except RecursionError:
        raise TemplateProblem(_TOO_DEEP) from None
    if is_html:
        _check_html(tree.body)
    most = _longest(tree.body, variables)
    if most > longest:
        raise TemplateProblem(f"this can have {most} characters; at most {longest} can be sent")
    if not source.strip():
        raise TemplateProblem("this is empty; write a text")
    return Text(source, names, longest, is_html)


def _parsed(source: str) -> nodes.Template:
    if "{" in source:
        return _ENVIRONMENT.parse(source)
    return nodes.Template([nodes.Output([nodes.TemplateData(source)], lineno=1)], lineno=1)


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


def _checked(tree: nodes.Template, variables: Variables) -> frozenset[str]:
    """The variables that a text names, once there is nothing in it that may not be."""
    for node in _all(tree):
        if not isinstance(node, _ALLOWED):
            kind = type(node).__name__
            raise TemplateProblem(
                f"{_WORDS.get(kind, kind)}: a text has variables, filters and {{% if %}} only", node.lineno
            )
        if isinstance(node, nodes.Filter) and node.name not in FILTERS:
            raise TemplateProblem(f"unknown filter `{node.name}`{suggestion(node.name, FILTERS)}", node.lineno)
        if isinstance(node, nodes.Filter) and (node.kwargs or node.dyn_args or node.dyn_kwargs):
            raise TemplateProblem(f"the filter `{node.name}` takes plain values only", node.lineno)
    named = list(_named(tree))
    for name, line in named:
        if name not in variables:
            raise TemplateProblem(f"unknown variable `{name}`{suggestion(name, variables)}", line)
    return frozenset(name for name, _ in named)


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


def _check_html(body: list[nodes.Node]) -> None:
    """Every branch opens and closes its own tags, so that the text is right whichever are taken."""
    pieces = []
    for node in body:
        if isinstance(node, nodes.Output):
            pieces += [piece.data if isinstance(piece, nodes.TemplateData) else "x" for piece in node.nodes]
        elif isinstance(node, nodes.If):
            for branch in _branches(node):
                _check_html(branch)
    wrong = wrong_html("".join(pieces))
    if wrong:
        raise TemplateProblem(wrong, body[0].lineno if body else 1)


def _branches(node: nodes.If) -> list[list[nodes.Node]]:
    return [node.body, *(branch.body for branch in node.elif_), node.else_]


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
