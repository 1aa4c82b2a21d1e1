// Saves each question as it is answered. The form works without this file: its button posts everything.
//
// Asked of the page: a form with csrf_token and data-words (what is said here, as JSON: portal/section.html), in it
// [data-question][data-save-url] fieldsets (macros/question.html).
// Optional: [data-progress] anywhere, its text is replaced.
// Sent: the fields of one question and csrf_token, urlencoded, Accept: application/json.
// Answered: {status, revision, visible: [question ids] | null, progress, errors: [{field, message}], conflict: null | {href}}
// with any HTTP status. What is typed is never overwritten by an answer.

import { lacksReason, prefixOf, questionOf, showErrors, showVisible, wire } from "./fields.js";

const states = new Map(); // question id -> {running, again, failed: "" | "connection" | "refused"}
let leaving = false;

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

const wordsOf = (question) => JSON.parse(question.form.dataset.words);

function say(question, words, kind, href) {
  const status = document.getElementById(`${prefixOf(question)}status`);
  status.className = `question-status ${kind}`;
  status.textContent = words;
  if (!href) return;
  // A button of the form, not a link: everything typed has to go along.
  const button = document.createElement("button");
  button.className = "button quiet";
  button.formAction = href;
  button.textContent = wordsOf(question).versions;
  status.append(" ", button);
}

function take(question, reply) {
  const state = stateOf(question);
  const errors = reply.errors ?? [];
  showErrors(question, errors, `${prefixOf(question)}value`);
  if (reply.conflict) {
    state.failed = "refused";
    say(question, reply.status || wordsOf(question).conflict, "failed", reply.conflict.href);
    return;
  }
  state.failed = errors.length ? "refused" : "";
  if (errors.length) {
    say(question, reply.status || wordsOf(question).refused, "failed");
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
  say(question, wordsOf(question).saving, "");
  let response;
  try {
    response = await fetch(question.dataset.saveUrl, {
      method: "POST",
      headers: { Accept: "application/json" },
      body: fieldsOf(question),
    });
  } catch {
    state.failed = "connection";
    say(question, wordsOf(question).offline, "failed");
    return;
  }
  if (!response.headers.get("content-type")?.includes("application/json")) {
    state.failed = "refused";
    say(question, wordsOf(question).broken.replace("{status}", response.status), "failed");
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

const unsaved = () => [...states.values()].some((state) => state.running || state.failed);

for (const form of new Set([...document.querySelectorAll("[data-save-url]")].map((question) => question.form))) {
  wire(form);
  form.addEventListener("change", (event) => {
    const question = questionOf(event.target);
    if (!question?.dataset.saveUrl) return;
    if (lacksReason(question)) {
      stateOf(question).failed = "refused";
      say(question, wordsOf(question).reason, "");
    } else save(question);
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
}

window.addEventListener("online", () => {
  for (const [id, state] of states) {
    if (state.failed === "connection" && !state.running) save(document.getElementById(id));
  }
});
window.addEventListener("beforeunload", (event) => {
  if (!leaving && unsaved()) event.preventDefault();
});
