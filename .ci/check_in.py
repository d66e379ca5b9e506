"""Waits for a sandbox to come up, says 签到 as a member of its first group, and waits for the bot's answer."""

import json
import sys
import time
import urllib.request
from typing import Any


def call(path: str, body: dict[str, Any] | None = None) -> Any:
    """A call of the sandbox's JSON API."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(f"{sys.argv[1]}/sandbox/api{path}", data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        return json.load(answer)["result"]


def wait_for(what: str, seconds: float, ask: Any) -> Any:
    """What `ask` returns, as soon as it is something."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if found := ask():
                return found
        except OSError:
            pass
        time.sleep(0.2)
    sys.exit(f"no {what} within {seconds:g} s")


def answer_in(chat_id: int) -> str | None:
    """What the bot said last."""
    said = [m["text"] for m in call(f"/chats/{chat_id}/messages") if m.get("outgoing") and "text" in m]
    return said[-1] if said else None


world = wait_for("sandbox", 60, lambda: call("/world"))
group = next(chat for chat in world["chats"] if chat["type"] == "supergroup")
member = next(m["user"]["id"] for m in group["members"] if m["status"] == "member" and not m["user"]["is_bot"])
call(f"/chats/{group['id']}/messages", {"user_id": member, "text": "签到"})
print(wait_for("answer", 60, lambda: answer_in(group["id"])))
