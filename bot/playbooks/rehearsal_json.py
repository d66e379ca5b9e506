"""A rehearsal as JSON, for other programs; docs/playbooks.md describes it."""

import json
from typing import Any

from bot.playbooks.rehearsal_warnings import said
from bot.playbooks.rehearsed import Acted, Posted, Rehearsed, Turn, Warned

VERSION = 1
"""Grows when a key changes its meaning or goes; new keys may come at any time."""


def as_json(found: Rehearsed) -> str:
    """The whole rehearsal. Instants are UTC, `local` is what the group's clocks show."""
    document = {
        "version": VERSION,
        "from": found.first.isoformat(),
        "days": found.days,
        "playbooks": [playbook.name for playbook in found.playbooks],
        "groups": [
            {
                "chat_id": group.chat_id,
                "title": group.title,
                "timezone": group.settings.timezone,
                "language": group.settings.language,
            }
            for group in found.groups
        ],
        "assumptions": [said(one, found.language) for one in found.assumptions],
        "posts": [_entry(posted, found.language) for posted in found.posts],
        "acts": [_entry(act, found.language) for act in found.acts],
        "when_it_happens": [_entry(sample, found.language) for sample in found.samples],
        "not_posted": [
            {
                "playbook": one.playbook,
                "step": one.step,
                "slot": one.slot,
                "chat_id": one.group.chat_id,
                "state": one.state,
                "why": one.why,
            }
            for one in found.not_posted
        ],
        "warnings": [_warning(warned, found.language) for warned in found.warnings],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _warning(warned: Warned, language: int) -> dict[str, Any]:
    return {
        "kind": warned.kind,
        "is_note": warned.is_note,
        "text": said(warned, language),
        "facts": dict(warned.facts),
        "chat_ids": [group.chat_id for group in warned.groups],
    }


def _entry(entry: Posted | Acted, language: int) -> dict[str, Any]:
    return {**_turn(entry.turn), **(_post(entry) if isinstance(entry, Posted) else {"what": entry.what[language]})}


def _turn(turn: Turn) -> dict[str, Any]:
    of_time = {} if turn.is_sample else {"at": _instant(turn.at), "local": f"{turn.local:%Y-%m-%dT%H:%M}"}
    return {**of_time, "chat_id": turn.group.chat_id, "playbook": turn.playbook.name, "step": turn.step.id}


def _post(posted: Posted) -> dict[str, Any]:
    post = posted.post
    return {
        "delivered_at": _instant(posted.delivered_at) if posted.delivered_at else None,
        "kind": posted.kind,
        "text": post.text,
        "media": [{"kind": media.kind, "path": media.path.as_posix()} for media in post.media],
        "buttons": [
            [{"text": button.text, "url": button.url, "do": button.do} for button in row] for row in post.buttons
        ],
        "poll": None
        if post.poll is None
        else {
            "question": post.poll.question,
            "options": list(post.poll.options),
            "anonymous": post.poll.anonymous,
            "multiple": post.poll.multiple,
            "correct": post.poll.correct,
            "explanation": post.poll.explanation,
            "open_for": post.poll.open_for,
        },
        "silent": post.silent,
        "topic": post.topic,
        "pinned": posted.is_pinned,
        "promo": posted.is_promo,
    }


def _instant(at: Any) -> str:
    return str(at.strftime("%Y-%m-%dT%H:%M:%SZ"))
