// A message in one line: for the list of chats, quotes and the pinned bar; and the sentences of service messages.

import { mediaOf, nameOf, serviceOf, textOf } from "./model.js";

/** What happened, as the text's key and its values; the caller decides how names look. */
export function happening(message) {
  const by = nameOf(message.from ?? message.sender_chat ?? message.chat);
  const what = (message.forum_topic_created ?? message.forum_topic_edited)?.name ?? message.new_chat_title;
  switch (serviceOf(message)) {
    case "new_chat_members":
      return joined(message, by);
    case "left_chat_member":
      return left(message, by);
    case "pinned_message":
      return { key: "service.pinned", values: { by, what: brief(textOf(message.pinned_message)) || "…" } };
    case "migrate_to_chat_id":
      return { key: "service.upgraded", values: {} };
    case "migrate_from_chat_id":
      return { key: "service.upgraded_from", values: {} };
    case "group_chat_created":
    case "supergroup_chat_created":
    case "channel_chat_created":
      return { key: "service.created", values: { by } };
    case "new_chat_title":
      return { key: "service.renamed", values: { by, what } };
    case "forum_topic_created":
      return { key: "service.topic_created", values: { by, what } };
    case "forum_topic_closed":
      return { key: "service.topic_closed", values: { by } };
    case "forum_topic_reopened":
      return { key: "service.topic_reopened", values: { by } };
    case "forum_topic_edited":
      return { key: "service.topic_edited", values: { by } };
    default:
      return { key: "service.other", values: {} };
  }
}

function joined(message, by) {
  const who = message.new_chat_members.map(nameOf).join(", ");
  const alone = message.new_chat_members.some((user) => user.id === message.from?.id);
  return alone ? { key: "service.joined", values: { who } } : { key: "service.added", values: { by, who } };
}

function left(message, by) {
  const who = nameOf(message.left_chat_member);
  const alone = message.left_chat_member.id === message.from?.id;
  return alone ? { key: "service.left", values: { who } } : { key: "service.removed", values: { by, who } };
}

const MOST = 120;

function brief(text) {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length > MOST ? `${line.slice(0, MOST)}…` : line;
}

/** One line of plain text for any message. */
export function gistOf(message, t) {
  if (serviceOf(message)) {
    const { key, values } = happening(message);
    return t(key, values);
  }
  const kind = mediaOf(message);
  const text = brief(textOf(message));
  if (kind) return [t(`media.${kind}`), text].filter(Boolean).join(" · ");
  return text || t("media.other");
}
