// What appears over the page: short notices, and the alert that a button press may answer with.

import { classes, html, IconButton, useEffect, useRef, useVoice } from "./view.js";

/** Notices that go by themselves; read out as they come. */
export function Notices({ notices }) {
  const { t, actions } = useVoice();
  return html`<div class="notices" role="status">
    ${notices.map(
      (notice) => html`<div key=${notice.id} class=${classes("notice", notice.kind === "error" && "notice-error")}>
        <span dir="auto">${notice.text}</span>
        <${IconButton} icon="close" label=${t("notice.close")} onClick=${() => actions.dismiss(notice.id)} />
      </div>`,
    )}
  </div>`;
}

/** A modal dialog; the browser keeps the focus in it and closes it on Escape. */
export function Dialog({ label, onClose, children }) {
  const dialog = useRef(null);
  useEffect(() => dialog.current.showModal(), []);
  const outside = (event) => event.target === dialog.current && onClose();
  return html`<dialog ref=${dialog} aria-label=${label} onClose=${onClose} onClick=${outside}>${children}</dialog>`;
}

/** A form over the page; `onSubmit` gets what was filled in, by name. */
export function Form({ title, submit, onSubmit, onClose, children }) {
  const { t } = useVoice();
  const send = (event) => {
    event.preventDefault();
    onSubmit(Object.fromEntries([...new FormData(event.currentTarget)].filter(([, value]) => value.trim())));
  };
  return html`<${Dialog} label=${title} onClose=${onClose}>
    <form class="new-thing" onSubmit=${send}>
      <h3>${title}</h3>
      ${children}
      <div class="dialog-buttons">
        <button type="button" class="secondary" onClick=${onClose}>${t("people.cancel")}</button>
        <button type="submit" class="primary">${submit}</button>
      </div>
    </form>
  <//>`;
}

/** The bot's alert: it stays until the visitor has read it. */
export function Alert({ text, from }) {
  const { t, actions } = useVoice();
  return html`<${Dialog} label=${from} onClose=${actions.closeAlert}>
    <div class="alert">
      <p dir="auto">${text}</p>
      <button type="button" class="primary" onClick=${actions.closeAlert}>${t("alert.close")}</button>
    </div>
  <//>`;
}

/** A line over everything when something is wrong with the connection or nobody fetches updates. */
export function Banner({ state }) {
  const { t } = useVoice();
  if (state.connection === "lost") return html`<div class="banner banner-lost" role="alert">${t("connection.lost")}</div>`;
  if (state.waiting) {
    return html`<div class="banner" role="status">${t("listening.none", { count: state.waiting })}</div>`;
  }
  return null;
}
