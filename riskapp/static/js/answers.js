// Saves each question as it is answered. The form works without this file: its button posts everything.
//
// Asked of the page: a form with csrf_token, in it [data-question][data-save-url] fieldsets (macros/question.html).
// Optional: [data-progress] anywhere, its text is replaced.
// Sent: the fields of one question and csrf_token, urlencoded, Accept: application/json.
// Answered: {status, revision, visible: [question ids] | null, progress, errors: [{field, message}], conflict: null | {href}}
// with any HTTP status. What is typed is never overwritten by an answer.

const states = new Map(); // question id -> {running, again, failed: "" | "connection" | "refused"}
let leaving = false;

const questionOf = (node) => node.closest?.("[data-question]");
const prefixOf = (question) => `q-${question.dataset.question}-`;

function stateOf(question) {
  const id = question.dataset.question;
  if (!states.has(id)) states.set(id, { running: null, again: false, failed: "" });
  return states.get(id);
}

function fieldsOf(question) {
  const all = new FormData(question.form);
  const fields = new URLSearchParams();
  fields.set("csrf_token", all.get("csrf_token") ?? "");
  for (const [name, value] of all) {
    if (name.startsWith(prefixOf(question)) && typeof value === "string") fields.append(name, value);
  }
  return fields;
}

function say(question, words, kind, href) {
  const status = document.getElementById(`${prefixOf(question)}status`);
  status.className = `question-status ${kind}`;
  status.textContent = words;
  if (!href) return;
  // A button of the form, not a link: everything typed has to go along.
  const button = document.createElement("button");
  button.className = "button quiet";
  button.formAction = href;
  button.textContent = "See both versions";
  status.append(" ", button);
}

function showErrors(question, errors) {
  for (const slot of question.querySelectorAll(".error-text")) {
    slot.hidden = true;
    slot.textContent = "";
  }
  for (const control of question.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const box of question.querySelectorAll(".wrong")) box.classList.remove("wrong");
  for (const { field, message } of errors) {
    const own = document.getElementById(`${field}-error`);
    const slot = own && question.contains(own) ? own : document.getElementById(`${prefixOf(question)}value-error`);
    const lead = document.createElement("span");
    lead.className = "visually-hidden";
    lead.textContent = "Error: ";
    if (slot.hidden) slot.replaceChildren(lead, message);
    else slot.append(" ", message);
    slot.hidden = false;
    const control = document.getElementById(field);
    if (control?.matches("input:not([type=radio], [type=checkbox]), select, textarea")) {
      control.setAttribute("aria-invalid", "true");
    }
    slot.closest(".na-reason")?.classList.add("wrong");
  }
}

function showVisible(form, answered, ids) {
  const wanted = new Set(ids);
  for (const question of form.querySelectorAll("[data-question]")) {
    const hide = !wanted.has(question.dataset.question);
    if (hide && question.contains(document.activeElement) && question !== answered) {
      answered.querySelector("input:checked, textarea, select, input:not([type=hidden])")?.focus();
    }
    question.hidden = hide;
  }
}

function take(question, reply) {
  const state = stateOf(question);
  const errors = reply.errors ?? [];
  showErrors(question, errors);
  if (reply.conflict) {
    state.failed = "refused";
    say(question, reply.status || "Not saved: a colleague changed this answer meanwhile. What you typed is still here.",
      "failed", reply.conflict.href);
    return;
  }
  state.failed = errors.length ? "refused" : "";
  if (errors.length) {
    say(question, reply.status || "Not saved. See what to change above.", "failed");
    return;
  }
  question.form.elements.namedItem(`${prefixOf(question)}rev`).value = reply.revision;
  say(question, reply.status, "saved");
  if (reply.visible) showVisible(question.form, question, reply.visible);
  if (reply.progress) {
    for (const place of document.querySelectorAll("[data-progress]")) place.textContent = reply.progress;
  }
}

async function send(question) {
  const state = stateOf(question);
  say(question, "Saving…", "");
  let response;
  try {
    response = await fetch(question.dataset.saveUrl, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: fieldsOf(question),
    });
  } catch {
    state.failed = "connection";
    say(question, "Not saved: there is no connection. What you typed is still here and is sent again when the connection is back.", "failed");
    return;
  }
  if (!response.headers.get("content-type")?.includes("application/json")) {
    state.failed = "refused";
    say(question, `Not saved: the server answered ${response.status}. What you typed is still here; copy it before you reload the page.`, "failed");
    return;
  }
  take(question, await response.json());
}

// One save of a question at a time; what changed meanwhile goes in one further save, with the revision just learnt.
function save(question) {
  const state = stateOf(question);
  state.again = true;
  state.running ??= (async () => {
    try {
      while (state.again) {
        state.again = false;
        await send(question);
      }
    } finally {
      state.running = null;
    }
  })();
  return state.running;
}

const rowsOf = (button) => button.closest(".answer").querySelector("[data-rows]");
const isFull = (rows) => rows.children.length >= Number(rows.dataset.most ?? 250);

function addRow(button) {
  const rows = rowsOf(button);
  const last = rows.lastElementChild;
  const old = Number(last.dataset.row);
  const copy = last.cloneNode(true);
  const renumber = (text) => text
    .replaceAll(`-row-${old}-`, `-row-${old + 1}-`)
    .replace(/-entry-\d+$/, `-entry-${old + 1}`)
    .replace(/-value-\d+$/, `-value-${old + 1}`);
  copy.dataset.row = String(old + 1);
  for (const node of [copy, ...copy.querySelectorAll("*")]) {
    for (const name of ["id", "name", "for", "aria-labelledby", "aria-describedby"]) {
      if (node.hasAttribute(name)) node.setAttribute(name, renumber(node.getAttribute(name)));
    }
    if (node.matches("input, textarea")) node.value = "";
    if (node.matches("select")) node.selectedIndex = 0;
    if (node.matches(".error-text")) node.hidden = true;
    node.removeAttribute("aria-invalid");
  }
  const name = copy.querySelector(".entry-name, label");
  name.textContent = name.textContent.replace(/\d+/, String(old + 1));
  rows.append(copy);
  button.hidden = isFull(rows);
  copy.querySelector("input, select, textarea").focus();
}

// A tick at "none" and a tick at an option say opposite things; the later one holds.
function settle(question, changed) {
  if (changed.type !== "checkbox" || !changed.checked) return;
  const none = question.querySelector("[data-none]");
  const options = [...question.querySelectorAll(".options input[type=checkbox]")];
  if (changed === none) for (const option of options) option.checked = false;
  else if (none && options.includes(changed)) none.checked = false;
}

// "Does not apply" is an answer only with its reason: wait for it rather than have it refused.
function lacksReason(question) {
  const tick = document.getElementById(`${prefixOf(question)}na`);
  const reason = document.getElementById(`${prefixOf(question)}na-reason`);
  return Boolean(tick?.checked) && reason.value.trim() === "";
}

const unsaved = () => [...states.values()].some((state) => state.running || state.failed);

for (const form of new Set([...document.querySelectorAll("[data-save-url]")].map((question) => question.form))) {
  form.addEventListener("change", (event) => {
    const question = questionOf(event.target);
    if (!question) return;
    settle(question, event.target);
    if (!question.dataset.saveUrl) return;
    if (lacksReason(question)) {
      stateOf(question).failed = "refused";
      say(question, "Say why it does not apply; then it is saved.", "");
    } else save(question);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-add-row]");
    if (button) addRow(button);
  });
  // The plain post carries the revisions of the page: let the saves under way finish first.
  form.addEventListener("submit", (event) => {
    const running = [...states.values()].map((state) => state.running).filter(Boolean);
    if (running.length) {
      event.preventDefault();
      const { submitter } = event;
      Promise.allSettled(running).then(() => form.requestSubmit(submitter));
      return;
    }
    leaving = true;
  });
  for (const button of form.querySelectorAll("[data-add-row]")) button.hidden = isFull(rowsOf(button));
}

window.addEventListener("online", () => {
  for (const [id, state] of states) {
    if (state.failed === "connection" && !state.running) save(document.getElementById(id));
  }
});
window.addEventListener("beforeunload", (event) => {
  if (!leaving && unsaved()) event.preventDefault();
});
