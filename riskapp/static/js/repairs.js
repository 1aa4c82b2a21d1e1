// Follows what is ticked as repaired: after each tick, the score that would come is worked out anew.
// The form works without this file: its button does the same, and so does its address. Nothing is kept.
//
// Asked of the page: form#try (GET) with [name=fix] boxes, in it [data-said] and [data-outcome] to fill.
// Sent: the form as the address, Accept: application/json. Answered: {said, outcome: html}.

const PAUSE = 200; // milliseconds in which further ticks are taken along

const form = document.getElementById("try");
const said = form?.querySelector("[data-said]");
let timer;
let asking;

async function ask() {
  asking?.abort();
  asking = new AbortController();
  const { signal } = asking;
  const address = new URL(form.action);
  address.search = new URLSearchParams(new FormData(form));
  try {
    const response = await fetch(address, { headers: { Accept: "application/json" }, signal });
    if (!response.headers.get("content-type")?.includes("application/json")) throw new Error(response.status);
    const reply = await response.json();
    form.querySelector("[data-outcome]").innerHTML = reply.outcome;
    said.textContent = reply.said;
    address.hash = "";
    history.replaceState(null, "", address);
  } catch {
    if (!signal.aborted) said.textContent = "The score could not be worked out anew. Press “Work it out” to try again.";
  }
}

form?.addEventListener("change", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, PAUSE);
});
