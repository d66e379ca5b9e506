// What every part of the page is drawn with: Preact, the language, names, avatars and icons.

import { createContext, html, useContext } from "./vendor/htm-preact-standalone.module.js";
import { hueOf, initialsOf } from "./model.js";

export * from "./vendor/htm-preact-standalone.module.js";

/** `{language, t, weave, actions}` for every component. */
export const Voice = createContext(null);
export const useVoice = () => useContext(Voice);

/** Class names of the things that hold. */
export const classes = (...names) => names.filter(Boolean).join(" ");

/** A name, kept from turning the text around it when it is written right to left. */
export const Name = ({ children }) => html`<bdi class="name">${children}</bdi>`;

const round = (size) => `avatar avatar-${size}`;

/** Coloured initials; groups are squarer, the bot has its flame. */
export function Avatar({ id, name, kind = "person", size = "m" }) {
  if (kind === "bot") return html`<span class=${`${round(size)} avatar-bot`} aria-hidden="true"><${Icon} name="flame" /></span>`;
  return html`<span class=${classes(round(size), `hue-${hueOf(id)}`, kind === "chat" && "avatar-chat")} aria-hidden="true">
    ${initialsOf(name)}
  </span>`;
}

const ICONS = {
  flame: "M12 2c1 4-5 7-5 12.500a5.500 5.500 0 0 0 11 .5c0-3-1.700-5-2.500-7-.4 1.600-1 2.500-1.800 3C14 7.500 13.400 4.500 12 2z",
  send: "M3.400 20.400 21 12 3.400 3.600 3 10.200l11 1.800-11 1.800z",
  back: "M15 5l-7 7 7 7",
  more: "M12 6h.01M12 12h.01M12 18h.01",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M10 8V4L3 11l7 7v-4c5 0 8 1.500 11 5-1-6-4-11-11-11z",
  edit: "M4 20h4L19 9l-4-4L4 16zM13.500 6.500l4 4",
  trash: "M5 7h14M10 7V5h4v2M7 7l1 13h8l1-13",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  forward: "M14 8V4l7 7-7 7v-4c-5 0-8 1.500-11 5 1-6 4-11 11-11z",
  pin: "M9 4h6l-1 7 4 3H6l4-3zM12 14v6",
  down: "M6 9l6 6 6-6",
  plus: "M12 5v14M5 12h14",
  photo: "M4 5h16v14H4zM4 16l5-5 4 4 2.500-2.500L20 17M15.500 9h.01",
  sticker: "M20 13a8 8 0 1 0-7 7zM13 20c0-5 2-7 7-7M9 10h.01M14.500 10h.01M9 14c1 1 2 1.300 3 1.200",
  mask: "M4 6c5-2 11-2 16 0 0 8-3 13-8 13S4 14 4 6zM8 10.500c1-.8 2-.8 3 0M13 10.500c1-.8 2-.8 3 0",
  people: "M9 11a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM3 20c0-4 2.500-6 6-6s6 2 6 6M16 11a3 3 0 1 0-1-5.800M17 14c2.600.3 4 2.300 4 6",
  outside: "M9 7h8v8M17 7 7 17",
  file: "M6 3h8l4 4v14H6zM14 3v4h4",
  clock: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2",
  check: "M5 12.500l4.500 4.500L19 7.500",
  eye: "M2.500 12C5 7.500 8.300 5.500 12 5.500s7 2 9.500 6.500c-2.500 4.500-5.800 6.500-9.500 6.500S5 16.500 2.500 12zM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6z",
  megaphone: "M4 10v4h3l8 4V6l-8 4zM18 9.500c1.300 1.500 1.300 3.500 0 5M8 14l1 5h2",
};

const FILLED = new Set(["flame", "send", "reply", "forward"]);

export const Icon = ({ name }) => html`
  <svg class=${classes("icon", FILLED.has(name) && "icon-filled")} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d=${ICONS[name]} />
  </svg>
`;

/** A button that shows only an icon and says the rest to those who cannot see it. */
export const IconButton = ({ icon, label, onClick, ...rest }) => html`
  <button type="button" class="icon-button" title=${label} aria-label=${label} onClick=${onClick} ...${rest}>
    <${Icon} name=${icon} />
  </button>
`;
