// Shows how far an upload is, and lets several files be chosen. Without it the form posts one file and waits.
//
// Asked of the page: <form data-upload method=post enctype=multipart/form-data> with one input[type=file] and data-words
// (what is said here, as JSON: portal/evidence.html); data-upload-many on the form offers several files, each sent as a
// post of its own with the form's other fields. A button with an address of its own posts the form as ever.
// Sent: the form, Accept: application/json. Answered: {href} when received; {errors: [{field, message}]} when refused.

const wordsOf = (form) => JSON.parse(form.dataset.words);
const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function send(form, input, file, onProgress) {
  const body = new FormData(form);
  body.set(input.name, file, file.name);
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) onProgress(event.loaded, event.total);
    });
    request.addEventListener("load", () => resolve(request.response ?? refusal(filled(wordsOf(form).broken, { status: request.status }))));
    request.addEventListener("error", () => resolve(refusal(wordsOf(form).offline)));
    request.send(body);
  });
}

const refusal = (message) => ({ errors: [{ field: "", message }] });

function line(list, file, said) {
  const item = document.createElement("li");
  const name = document.createElement("p");
  const bar = document.createElement("progress");
  const words = document.createElement("p");
  name.textContent = file.name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", filled(said.upload, { name: file.name }));
  words.className = "small soft";
  words.textContent = said.waiting;
  item.append(name, bar, words);
  list.append(item);
  return { bar, words };
}

// A refusal that is about another field, such as a day, leads there: the words beside the file describe it.
function mark(form, input, errors, words) {
  const field = errors.map((error) => error.field && form.elements.namedItem(error.field)).find((found) => found && found !== input);
  if (!field || field.hasAttribute("aria-invalid")) return;
  words.id = `${field.id}-refused`;
  field.setAttribute("aria-invalid", "true");
  field.dataset.described = field.getAttribute("aria-describedby") ?? "";
  field.setAttribute("aria-describedby", `${field.dataset.described} ${words.id}`.trim());
  field.closest(".field").classList.add("wrong");
  field.focus();
}

function unmark(form) {
  for (const field of form.querySelectorAll("[data-described]")) {
    field.removeAttribute("aria-invalid");
    field.setAttribute("aria-describedby", field.dataset.described);
    delete field.dataset.described;
    field.closest(".field").classList.remove("wrong");
  }
}

const tenths = new Intl.NumberFormat(document.documentElement.lang, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
const mebibytes = (bytes) => tenths.format(bytes / 2 ** 20);

async function sendAll(form, input, list, button) {
  const said = wordsOf(form);
  const shown = [...input.files].map((file) => [file, line(list, file, said)]);
  let href = null;
  let refused = 0;
  for (const [file, { bar, words }] of shown) {
    const reply = await send(form, input, file, (loaded, total) => {
      bar.value = loaded / total;
      words.textContent = loaded < total ? filled(said.sent, { sent: mebibytes(loaded), size: mebibytes(total) }) : said.checked;
    });
    if (reply.href) {
      href = reply.href;
      words.textContent = said.received;
    } else {
      refused += 1;
      bar.hidden = true;
      words.className = "error-text";
      words.setAttribute("role", "alert");
      words.textContent = filled(said.refused, { why: (reply.errors ?? []).map((error) => error.message).join(" ") });
      mark(form, input, reply.errors ?? [], words);
    }
  }
  if (refused === 0 && href) {
    window.removeEventListener("beforeunload", warn);
    window.location.assign(href);
    return;
  }
  if (href) {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = said.without;
    list.insertAdjacentElement("afterend", link);
  }
  input.value = "";
  button.disabled = false;
}

const warn = (event) => event.preventDefault();

for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  input.multiple = "uploadMany" in form.dataset;
  const list = document.createElement("ul");
  list.className = "tasks upload-list";
  list.hidden = true;
  form.append(list);
  form.addEventListener("submit", async (event) => {
    if (!input.files.length || event.submitter?.hasAttribute("formaction")) return;
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("button");
    button.disabled = true;
    unmark(form);
    list.replaceChildren();
    if (list.nextElementSibling) list.nextElementSibling.remove();
    list.hidden = false;
    window.addEventListener("beforeunload", warn);
    await sendAll(form, input, list, button);
    window.removeEventListener("beforeunload", warn);
  });
}
