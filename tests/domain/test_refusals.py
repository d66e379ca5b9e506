import pkgutil
import re
from importlib import import_module

import bot.domain
from bot.domain.refusals import Part, Refusal
from bot.domain.usage import WrongUse


def test_every_refusal_has_a_sentence_of_its_own_in_the_catalogues() -> None:
    for module in pkgutil.iter_modules(bot.domain.__path__, "bot.domain."):
        import_module(module.name)
    keys = [refusal.text for refusal in Refusal.__subclasses__() if refusal.__module__.startswith("bot.domain.")]

    assert len(keys) > 20
    assert sorted(keys) == sorted(set(keys))
    assert all(re.fullmatch(r"[a-z]+\.[a-z_]+", key) for key in keys)


def test_a_refusal_carries_the_values_of_its_sentence() -> None:
    class NoMoreTea(Refusal):
        text = "tea.none"

    refused = NoMoreTea(cups=3)

    assert (str(refused), refused.values) == ("tea.none", {"cups": 3})


def test_wrong_use_is_answered_with_the_right_use_of_that_command() -> None:
    assert WrongUse("makeup").values == {"usage": Part("usage.makeup")}
