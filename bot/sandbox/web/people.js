// "Who are you?": the people one may be, what each is in the open chat, and what can be done about it.

import { MenuButton } from "./menu.js";
import { chatOf, isBlocked, isPresent, isPrivate, isStaff, nameOf, people, statusOf } from "./model.js";
import { Form } from "./popups.js";
import { Avatar, classes, html, Icon, IconButton, Name, useState, useVoice } from "./view.js";

const Role = ({ status }) => {
  const { t } = useVoice();
  return html`<span class=${`role role-${status}`}>${t(`role.${status}`)}</span>`;
};

/** The changes that make sense for somebody of this status. */
function changesFor(status, isBot) {
  if (status === "creator") return ["leave"];
  if (status === "kicked" && !isBot) return ["unban"];
  if (!isPresent(status)) return ["join"];
  const rank = isStaff(status) ? "demote" : "promote";
  return isBot ? [rank, "leave"] : [rank, "leave", "kick"];
}

const ICON_OF = { join: "plus", leave: "back", promote: "people", demote: "people", kick: "trash", unban: "check" };
const CRUEL = new Set(["kick"]);
// The API knows no "leave" for the bot: somebody else removes it.
const REAL_ACTION = { bot: { leave: "kick" } };

/** Who does it: the person being played, if that is somebody else with the right to. */
function doerOf(chat, user, personId) {
  return user.id !== personId && isStaff(statusOf(chat, personId)) ? personId : undefined;
}

function useChanges(chat, user, personId) {
  const { t, actions } = useVoice();
  const status = statusOf(chat, user.id);
  return changesFor(status, user.is_bot).map((change) => {
    const spoken = user.is_bot && (change === "join" || change === "leave") ? `act.bot_${change}` : `act.${change}`;
    const action = (user.is_bot && REAL_ACTION.bot[change]) || change;
    const doer = change === "join" && !user.is_bot ? undefined : doerOf(chat, user, personId);
    return {
      label: t(spoken),
      icon: ICON_OF[change],
      danger: CRUEL.has(change),
      run: () => actions.changeMember(chat.id, user.id, action, doer),
    };
  });
}

/** What somebody is here, and how others may call them. */
function Place({ user, chat }) {
  const handle = [user.username && `@${user.username}`, user.language_code].filter(Boolean).join(" · ");
  const status = isPrivate(chat) ? user.is_bot && isBlocked(chat, user) && "blocked" : statusOf(chat, user.id);
  return html`<span class="person-place">
    ${status && html`<${Role} status=${status} />`}
    <small class="handle" title=${handle}>${handle}</small>
  </span>`;
}

function PersonRow({ user, chat, personId }) {
  const { t, actions } = useVoice();
  const changes = useChanges(chat, user, personId);
  const isYou = user.id === personId;
  return html`<li class=${classes("person", isYou && "you")}>
    <label>
      <input type="radio" name="person" checked=${isYou} onChange=${() => actions.become(user.id)} />
      <${Avatar} id=${user.id} name=${nameOf(user)} />
      <span class="person-words">
        <span class="person-name"><${Name}>${nameOf(user)}<//></span>
        <${Place} user=${user} chat=${chat} />
      </span>
    </label>
    ${!isPrivate(chat) && html`<${MenuButton} icon="more" label=${t("people.actions", { name: nameOf(user) })} items=${changes} />`}
  </li>`;
}

/** In a private chat the person may shut the bot out; in a group it is a member like others. */
function useBotChanges(chat, bot, personId) {
  const { t, actions } = useVoice();
  const changes = useChanges(chat, bot, personId);
  if (!isPrivate(chat)) return changes;
  const blocked = isBlocked(chat, bot);
  const run = () => actions.changeMember(chat.id, bot.id, blocked ? "unban" : "kick");
  return [{ label: t(blocked ? "act.unblock" : "act.block"), icon: blocked ? "check" : "trash", danger: !blocked, run }];
}

function BotRow({ bot, chat, personId }) {
  const { t } = useVoice();
  const changes = useBotChanges(chat, bot, personId);
  return html`<div class="person bot-row">
    <span class="person-plain">
      <${Avatar} id=${bot.id} name=${nameOf(bot)} kind="bot" />
      <span class="person-words">
        <span class="person-name"><${Name}>${nameOf(bot)}<//></span>
        <${Place} user=${bot} chat=${chat} />
      </span>
    </span>
    <${MenuButton} icon="more" label=${t("people.actions", { name: nameOf(bot) })} items=${changes} />
  </div>`;
}

const FIELDS = [
  { name: "first_name", required: true, maxlength: 64 },
  { name: "last_name", maxlength: 64 },
  { name: "username", maxlength: 32, pattern: "[A-Za-z][A-Za-z0-9_]{3,31}" },
  { name: "language_code", maxlength: 16, pattern: "[A-Za-z]{2}(-[A-Za-z]+)?", text: "language" },
];

function NewPerson({ onClose }) {
  const { t, actions } = useVoice();
  const create = async (filled) => (await actions.addUser(filled)) && onClose();
  return html`<${Form} title=${t("people.add")} submit=${t("people.create")} onSubmit=${create} onClose=${onClose}>
    ${FIELDS.map(
      ({ name, text, ...rules }) => html`<label>
        <span>${t(`people.${text ?? name}`)}${!rules.required && html` <small>${t("people.optional")}</small>`}</span>
        <input name=${name} dir="auto" autocomplete="off" ...${rules} />
      </label>`,
    )}
  <//>`;
}

export function People({ state }) {
  const { t, actions } = useVoice();
  const [isAdding, setAdding] = useState(false);
  const { world, personId } = state;
  const chat = chatOf(world, state.chatId);
  return html`<aside class="people" aria-label=${t("people.title")}>
    <header>
      <div>
        <h2 id="who">${t("people.title")}</h2>
        <p>${t("people.hint")}</p>
      </div>
      <${IconButton} icon="close" label=${t("people.close")} onClick=${() => actions.showPanel("chat")} data-for="narrow" />
    </header>
    <ul role="radiogroup" aria-labelledby="who">
      ${people(world).map((user) => html`<${PersonRow} key=${user.id} user=${user} chat=${chat} personId=${personId} />`)}
    </ul>
    <button type="button" class="add-person" onClick=${() => setAdding(true)}><${Icon} name="plus" />${t("people.add")}</button>
    <h3>${t("people.bot")}</h3>
    <${BotRow} bot=${world.bot} chat=${chat} personId=${personId} />
    ${chat.type === "group" &&
    html`<button type="button" class="secondary upgrade" onClick=${() => actions.migrate(chat.id)}>${t("people.upgrade")}</button>`}
    ${isAdding && html`<${NewPerson} onClose=${() => setAdding(false)} />`}
  </aside>`;
}
