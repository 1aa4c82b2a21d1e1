// What a question's fields do by themselves: errors at their place, rows added, ticks that exclude one another.
// Used by answers.js and try.js. Asked of the page: [data-question] fieldsets (macros/question.html) in a form; its
// data-error-word is said before an error where the page is not in English.

export const questionOf = (node) => node.closest?.("[data-question]");
export const prefixOf = (question) => `q-${question.dataset.question}-`;

// Clears the errors in a box, then shows these: {field, message}. What has no place of its own stands at `otherwise`.
export function showErrors(box, errors, otherwise) {
  for (const slot of box.querySelectorAll(".error-text")) {
    slot.hidden = true;
    slot.textContent = "";
  }
  for (const control of box.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
  for (const wrong of box.querySelectorAll(".wrong")) wrong.classList.remove("wrong");
  for (const { field, message } of errors) {
    const own = document.getElementById(`${field}-error`);
    const slot = own && box.contains(own) ? own : document.getElementById(`${otherwise}-error`);
    const lead = document.createElement("span");
    lead.className = "visually-hidden";
    lead.textContent = `${box.closest("form")?.dataset.errorWord ?? "Error:"} `;
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

// Shows the questions with these ids and hides the others; the focus goes back to what was answered.
export function showVisible(form, answered, ids) {
  const wanted = new Set(ids);
  for (const question of form.querySelectorAll("[data-question]")) {
    const hide = !wanted.has(question.dataset.question);
    if (hide && question.contains(document.activeElement) && question !== answered) {
      answered?.querySelector("input:checked, textarea, select, input:not([type=hidden])")?.focus();
    }
    question.hidden = hide;
  }
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
export function lacksReason(question) {
  const tick = document.getElementById(`${prefixOf(question)}na`);
  const reason = document.getElementById(`${prefixOf(question)}na-reason`);
  return Boolean(tick?.checked) && reason.value.trim() === "";
}

// To be called before other listeners are added: what they read has settled then.
export function wire(form) {
  form.addEventListener("change", (event) => {
    const question = questionOf(event.target);
    if (question) settle(question, event.target);
  });
  form.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-add-row]");
    if (button) addRow(button);
  });
  for (const button of form.querySelectorAll("[data-add-row]")) button.hidden = isFull(rowsOf(button));
}
