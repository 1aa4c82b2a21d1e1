// Shows how far an upload is, and lets several files be chosen. Without it the form posts one file and waits.
//
// Asked of the page: <form data-upload method=post enctype=multipart/form-data> with one input[type=file];
// data-upload-many on the form offers several files, each sent as a post of its own with the form's other fields.
// Sent: the form, Accept: application/json. Answered: {href} when received; {errors: [{field, message}]} when refused.

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
    request.addEventListener("load", () => resolve(request.response ?? refusal(`The server answered ${request.status}.`)));
    request.addEventListener("error", () => resolve(refusal("The connection broke. Send the file again.")));
    request.send(body);
  });
}

const refusal = (message) => ({ errors: [{ field: "", message }] });

function line(list, file) {
  const item = document.createElement("li");
  const name = document.createElement("p");
  const bar = document.createElement("progress");
  const words = document.createElement("p");
  name.textContent = file.name;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", `Upload of ${file.name}`);
  words.className = "small soft";
  words.textContent = "Waiting";
  item.append(name, bar, words);
  list.append(item);
  return { bar, words };
}

const mebibytes = (bytes) => `${(bytes / 2 ** 20).toFixed(1)} MiB`;

async function sendAll(form, input, list, button) {
  const shown = [...input.files].map((file) => [file, line(list, file)]);
  let href = null;
  let refused = 0;
  for (const [file, { bar, words }] of shown) {
    const reply = await send(form, input, file, (loaded, total) => {
      bar.value = loaded / total;
      words.textContent = loaded < total ? `${mebibytes(loaded)} of ${mebibytes(total)} sent` : "Sent. Being checked and put under lock…";
    });
    if (reply.href) {
      href = reply.href;
      words.textContent = "Received";
    } else {
      refused += 1;
      bar.hidden = true;
      words.className = "error-text";
      words.setAttribute("role", "alert");
      words.textContent = `Not received: ${(reply.errors ?? []).map((error) => error.message).join(" ")}`;
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
    link.textContent = "Go on without what was not received";
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
    if (!input.files.length) return;
    event.preventDefault();
    const button = event.submitter ?? form.querySelector("button");
    button.disabled = true;
    list.replaceChildren();
    if (list.nextElementSibling) list.nextElementSibling.remove();
    list.hidden = false;
    window.addEventListener("beforeunload", warn);
    await sendAll(form, input, list, button);
    window.removeEventListener("beforeunload", warn);
  });
}
