// Makes the moderators' key in this tab: the file is saved here, and only the public half goes into the form.

"use strict";

const form = document.getElementById("make-key");
const made = document.getElementById("made");

function fileName(label) {
  return `${label.trim().replaceAll(/[^\p{L}\p{N}]+/gu, "-").replaceAll(/^-|-$/g, "") || "moderators"}.key.json`;
}

document.getElementById("make").addEventListener("click", async () => {
  if (!form.reportValidity()) return;
  if (!(await Opener.isAble())) {
    made.textContent = made.dataset.tooOld;
    return;
  }
  const key = await Opener.makeKey(form.elements.label.value.trim());
  const name = fileName(form.elements.label.value);
  Opener.save(name, key.file);
  form.elements.public.value = key.public;
  made.textContent = made.dataset.words.replace("{file}", name);
  document.getElementById("register").disabled = false;
});
form.elements.label.addEventListener("input", () => {
  // The saved file carries the old name: make it again.
  form.elements.public.value = "";
  document.getElementById("register").disabled = true;
  made.textContent = "";
});
