// What a message carries besides text.

import { fileAddress } from "./api.js";
import { mediaOf } from "./model.js";
import { html, Icon, useState, useVoice } from "./view.js";

// A dice shows its value; the others are drawn as their emoji with the figure beside it.
const DICE = ["⚀", "⚁", "⚂", "⚃", "⚄", "⚅"];

function Placeholder({ icon, label, detail }) {
  return html`<div class="media-card">
    <span class="media-icon"><${Icon} name=${icon} /></span>
    <span class="media-words"><span>${label}</span>${detail && html`<small dir="auto">${detail}</small>`}</span>
  </div>`;
}

function Photo({ message }) {
  const { t } = useVoice();
  const [broken, setBroken] = useState(false);
  if (broken) return html`<div class="photo-blank"><${Icon} name="photo" /><span>${t("media.photo")}</span></div>`;
  const largest = message.photo.at(-1);
  return html`<img
    class="photo"
    src=${fileAddress(largest.file_id)}
    alt=${t("media.photo")}
    width=${largest.width}
    height=${largest.height}
    loading="lazy"
    onError=${() => setBroken(true)}
  />`;
}

function Poll({ message }) {
  const { t } = useVoice();
  const { poll } = message;
  const kind = `poll.${poll.type}${poll.is_anonymous ? ".anonymous" : ""}`;
  return html`<div class="poll">
    <b dir="auto">${poll.question}</b>
    <small>${t(kind)}${poll.allows_multiple_answers && ` · ${t("poll.multiple")}`}${poll.is_closed && ` · ${t("poll.closed")}`}</small>
    <ul>
      ${poll.options.map((option) => html`<li dir="auto">${option.text}</li>`)}
    </ul>
    <small>${t("poll.votes", { count: poll.total_voter_count ?? 0 })}</small>
  </div>`;
}

function Document({ message, kind }) {
  const { t } = useVoice();
  const { file_id: id, file_name: name, file_size: size } = message[kind];
  const detail = size === undefined ? t(`media.${kind}`) : `${t(`media.${kind}`)} · ${Math.ceil(size / 1024)} KB`;
  const card = html`<${Placeholder} icon="file" label=${name ?? t(`media.${kind}`)} detail=${detail} />`;
  return html`<a class="media-link" href=${fileAddress(id)} download=${name ?? ""}>${card}</a>`;
}

function Dice({ message }) {
  const { emoji, value } = message.dice;
  const face = emoji === "🎲" ? DICE[value - 1] : `${emoji} ${value}`;
  return html`<div class="sticker">${face}</div>`;
}

const Sticker = ({ message }) => html`<div class="sticker">${message.sticker.emoji ?? "🙂"}</div>`;

const DRAWN = { photo: Photo, poll: Poll, dice: Dice, sticker: Sticker };

/** The picture, file or poll of a message; nothing when it is only text. */
export function Media({ message }) {
  const kind = mediaOf(message);
  if (!kind) return null;
  return html`<${DRAWN[kind] ?? Document} message=${message} kind=${kind} />`;
}

/** Stickers and dice stand without a bubble. */
export const isBare = (message) => ["sticker", "dice"].includes(mediaOf(message));
