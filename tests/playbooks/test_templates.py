import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.playbooks.model import RenderError, Send
from bot.playbooks.rendering import post_of_send
from bot.playbooks.telegram_html import wrong_html
from bot.playbooks.templates import LONGEST_SOURCE, TemplateProblem, compile_text, units

KNOWN = {"group.title": 128, "today": 20, "streak": 5, "member.name": 64}
VALUES = {"group": {"title": "Tea <& Co>"}, "today": "22 November", "streak": 7, "member": {"name": "Ann"}}


def said(source: str) -> str:
    return compile_text(source, KNOWN).render(VALUES)


def problem(source: str) -> str:
    with pytest.raises(TemplateProblem) as raised:
        compile_text(source, KNOWN)
    return f"{raised.value.line}: {raised.value}"


def test_values_are_escaped_and_the_authors_tags_are_not() -> None:
    assert said("<b>{{ group.title }}</b>, it is {{ today }}") == "<b>Tea &lt;&amp; Co&gt;</b>, it is 22 November"


def test_a_text_may_depend_on_a_value() -> None:
    source = "{% if streak >= 7 %}<b>{{ streak }} days!</b>{% else %}Go on.{% endif %}"
    assert said(source) == "<b>7 days!</b>"
    assert compile_text(source, KNOWN).render({**VALUES, "streak": 1}) == "Go on."


def test_a_text_for_a_button_is_plain() -> None:
    assert compile_text("{{ group.title }} & more", KNOWN, is_html=False).render(VALUES) == "Tea <& Co> & more"


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{{ group.titel }}", "1: unknown variable `group.titel`; did you mean `group.title`?"),
        ("one\ntwo {{ nobody }}", "2: unknown variable `nobody`; known are group.title, today, streak, member.name"),
        ("{{ today|uper }}", "1: unknown filter `uper`; did you mean `upper`?"),
        ("{{ today.__class__ }}", "1: unknown variable `today.__class__`; known are group.title, today, streak, "
                                  "member.name"),
        ("{{ 'a' * 100000000 }}", "1: calculations: a text has variables, filters and {% if %} only"),
        ("{% for x in today %}x{% endfor %}", "1: loops: a text has variables, filters and {% if %} only"),
        ("{% set x = 1 %}", "1: {% set %}: a text has variables, filters and {% if %} only"),
        ("{% include 'x' %}", "1: {% include %}: a text has variables, filters and {% if %} only"),
        ("{{ today() }}", "1: calls: a text has variables, filters and {% if %} only"),
        ("{{ today[0] }}", "1: brackets: a text has variables, filters and {% if %} only"),
        ("{{ today ~ today }}", "1: ~: a text has variables, filters and {% if %} only"),
        ("{{ today|default(boolean=streak) }}", "1: the filter `default` takes plain values only"),
        ("Hello {{ today", "1: the template is not complete: unexpected end of template, expected 'end of print "
                           "statement'."),
        ("<b>Hello", "1: <b> is never closed"),
        ("Hello</b>", "1: </b> closes nothing"),
        ("<div>Hello</div>", "1: <div> is not a tag that Telegram knows; write &lt; for a <"),
        ("<b> </b>", "1: this says nothing; write a text"),
        ("{% if streak %}x{% elif today %}y{% endif %}\n",
         "1: this says nothing where no condition holds; write an {% else %}"),
        ("Tea & more", "1: write &amp; for a &"),
        ("{{ today }}\n{% if streak %}\nx\n{% endif %}\nTea & more", "5: write &amp; for a &"),
        ("a\n{% if streak %}\n\n<u>x{% endif %}", "4: <u> is never closed"),
        ("<span>x</span>", '1: <span> needs more; write <span class="tg-spoiler">'),
        ("<a>x</a>", '1: <a> needs more; write <a href="https://example.org">'),
        ("{{ today|round }}", "1: `today` is a text, and `round` is for numbers; write `|int` before it"),
        ("{% if today > 3 %}x{% endif %}",
         "1: `today` is a text and `3` a number, which cannot be compared; write `|int` behind the text"),
        ("{% if streak == 'seven' %}x{% endif %}",
         "1: `seven` is a text and `streak` a number, which cannot be compared; write `|int` behind the text"),
        ("<b>{% if streak %}</b>{% endif %}", "1: </b> closes nothing"),
        ("x" * 4097, "1: this can have 4097 characters; at most 4096 can be sent"),
        ("{{ group.title }}" * 40, "1: this can have 5120 characters; at most 4096 can be sent"),
        ("x" * (LONGEST_SOURCE + 1), "1: a text has at most 8192 characters, this has 8193"),
        ("{{ " + "(" * 5000 + "today" + ")" * 5000 + " }}", "1: a text has at most 8192 characters, this has 10011"),
        ("{{ 1 if " + "not " * 150 + "today }}", "1: parentheses within parentheses, too deep to be meant"),
        ("{{ " + "(" * 2500 + "today" + ")" * 2500 + " }}", "1: parentheses within parentheses, too deep to be meant"),
    ],
)  # fmt: skip
def test_what_cannot_be_sent_is_found_when_it_is_loaded(source: str, told: str) -> None:
    assert problem(source) == told


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(TemplateProblem) as raised:
        compile_text("<b>{{ group.titel }}\n{{ today|uper }} {{ nobody }} & more", KNOWN)
    assert [f"{one.line}: {one}" for one in raised.value.all] == [
        "2: unknown filter `uper`; did you mean `upper`?",
        "1: unknown variable `group.titel`; did you mean `group.title`?",
        "2: unknown variable `nobody`; known are group.title, today, streak, member.name",
        "2: write &amp; for a &",
    ]


def test_a_link_to_a_member_is_nothing_for_a_button() -> None:
    with pytest.raises(TemplateProblem) as raised:
        compile_text("{{ member.mention }}", {"member.mention": 64}, is_html=False)
    assert str(raised.value) == "`member.mention` is a link, which cannot be here; write `member.name`"


@pytest.mark.parametrize("source", ["{{ streak|round('x') }}", "{{ 'x'|default(3)|abs }}"])
def test_what_only_fails_when_it_is_made_says_so(source: str) -> None:
    with pytest.raises(RenderError, match=r"^a text cannot be made: "):
        said(source)


def test_texts_and_numbers_compare_with_their_like() -> None:
    assert (
        said("{% if today|int < 3 and group.title|length > 3 and today == '22 November' %}yes{% else %}no{% endif %}")
        == "yes"
    )


def test_a_caption_may_say_nothing() -> None:
    assert compile_text("{% if streak > 9 %}x{% endif %}", KNOWN, longest=1024).render(VALUES) == ""


def test_a_branch_counts_as_its_longest() -> None:
    assert said("{% if streak %}" + "x" * 4000 + "{% else %}" + "y" * 4000 + "{% endif %}") == "x" * 4000


def test_an_emoji_counts_as_the_platform_counts_it() -> None:
    assert units("<b>🎁</b> &amp; tea") == 8


def test_a_value_longer_than_it_should_be_is_not_sent() -> None:
    text = compile_text("{{ today }}", KNOWN, longest=20)
    with pytest.raises(RenderError, match="a text has 21 characters; at most 20 can be sent"):
        text.render({**VALUES, "today": "x" * 21})


def test_a_value_that_is_missing_is_named() -> None:
    with pytest.raises(RenderError, match="a text cannot be made: 'streak' is undefined"):
        compile_text("{{ streak }}", KNOWN).render({})


def test_a_post_without_a_text_or_media_is_not_sent() -> None:
    text = compile_text("{{ product.note }}", {"product.note": 9})
    with pytest.raises(RenderError, match="the text says nothing here: its values are empty"):
        post_of_send(Send(texts=(text,)), text, None, {"product": {"note": ""}})


@given(st.text(alphabet="ab<>&/{}% \n\"'=()[].|_*", max_size=60))
def test_whatever_is_written_is_refused_or_can_be_sent(source: str) -> None:
    try:
        text = compile_text(source, KNOWN)
    except TemplateProblem:
        return
    assert wrong_html(text.render(VALUES)) == ""


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_value_becomes_markup(title: str, name: str) -> None:
    text = compile_text("<i>{{ group.title }}</i> {{ member.name }}", KNOWN)
    assert wrong_html(text.render({"group": {"title": title}, "member": {"name": name}})) == ""
