// Follows a questionnaire that is tried: after each change, what is asked now and the score are worked out anew.
// The form works without this file: its button does the same. Nothing is kept either way.
//
// Asked of the page: form#try with csrf_token, in it [data-question] fieldsets (macros/question.html) under [data-part]s,
// [data-facts], [data-cost="<question id>"] lines, [data-said], and #score and #sums to fill.
// Sent: the whole form, urlencoded, Accept: application/json.
// Answered: {asked: [question ids], costs: {id: words}, errors: [{field, message}], said, score: html, sums: html}.

import { lacksReason, prefixOf, questionOf, showErrors, showVisible, wire } from "./fields.js";

const PAUSE = 250; // milliseconds in which further changes are taken along

const form = document.getElementById("try");
const said = form.querySelector("[data-said]");
let changed = null; // the question that was answered last
let timer;
let asking;

function take(reply) {
  const errorsIn = (prefix) => reply.errors.filter((error) => error.field.startsWith(prefix));
  showVisible(form, changed, reply.asked);
  for (const question of form.querySelectorAll("[data-question]")) {
    showErrors(question, errorsIn(prefixOf(question)), `${prefixOf(question)}value`);
    const cost = form.querySelector(`[data-cost="${question.dataset.question}"]`);
    cost.textContent = reply.costs[question.dataset.question] ?? "";
    cost.hidden = question.hidden || cost.textContent === "";
  }
  for (const part of form.querySelectorAll("[data-part]")) {
    part.hidden = part.querySelector("[data-question]:not([hidden])") === null;
  }
  showErrors(form.querySelector("[data-facts]"), errorsIn("fact-"), "fact-inherent");
  document.getElementById("score").innerHTML = reply.score;
  document.getElementById("sums").innerHTML = reply.sums;
  said.textContent = reply.said;
}

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  try {
    const body = new URLSearchParams(new FormData(form));
    const response = await fetch(form.action, { method: "POST", headers: { Accept: "application/json" }, body, signal });
    if (!response.headers.get("content-type")?.includes("application/json")) throw new Error(response.status);
    take(await response.json());
  } catch {
    if (!signal.aborted) said.textContent = "The score could not be worked out anew. Press “Update” to try again.";
  }
}

wire(form);
form.addEventListener("change", (event) => {
  if (event.target.name === "lang") {
    form.requestSubmit();
    return;
  }
  const question = questionOf(event.target);
  if (question) changed = question;
  if (question && lacksReason(question)) return;
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});
