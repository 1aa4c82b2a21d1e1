// Keyboard shortcuts of the desk: ? lists them, / goes to the search box, g and a letter to a page of the navigation.
// They can be switched off in the dialog, for people whose speech or keyboard sends single letters by accident.

const OFF = "riskapp.shortcuts.off";
const dialog = document.getElementById("keys");
const destinations = new Map([...document.querySelectorAll("[data-go]")].map((link) => [link.dataset.go, link]));
const toggle = dialog.querySelector("[data-keys-on]");
const hint = document.querySelector("[data-keys-hint]");
let waitingSince = -Infinity;

const isOn = () => localStorage.getItem(OFF) === null;
const isTyping = (node) => node.matches?.("input, textarea, select, [contenteditable]");

for (const [letter, link] of destinations) {
  const keys = document.createElement("dt");
  const words = document.createElement("dd");
  for (const key of ["g", letter]) {
    const shown = document.createElement("kbd");
    shown.textContent = key;
    keys.append(shown, " ");
  }
  words.textContent = `Go to ${link.textContent.trim()}`;
  dialog.querySelector("[data-keys-list]").append(keys, words);
}

hint.hidden = false;
hint.querySelector("button").addEventListener("click", () => dialog.showModal());
toggle.checked = isOn();
toggle.addEventListener("change", () => {
  if (toggle.checked) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
});

document.addEventListener("keydown", (event) => {
  if (!isOn() || dialog.open || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
  const afterG = event.timeStamp - waitingSince < 1500;
  waitingSince = -Infinity;
  if (afterG && destinations.has(event.key)) destinations.get(event.key).click();
  else if (event.key === "g") waitingSince = event.timeStamp;
  else if (event.key === "?") dialog.showModal();
  else if (event.key === "/") {
    const search = document.querySelector("[data-search], input[type=search]");
    if (!search) return;
    event.preventDefault();
    search.focus();
  }
});
