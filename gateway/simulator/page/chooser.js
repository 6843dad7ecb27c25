// The list from which a person chooses which handsets stand on the page.

import { element } from "./elements.js";
import { languageName, masked, nameOf } from "./words.js";

export class Chooser {
  /** `onToggle(id, isOn)` is called for each change. */
  constructor(onToggle) {
    this.dialog = document.getElementById("chooser");
    this.search = document.getElementById("search");
    this.found = document.getElementById("found");
    this.list = document.getElementById("choices");
    this.onToggle = onToggle;
    this.search.addEventListener("input", () => this.draw());
    document.getElementById("chooser-close").addEventListener("click", () => this.dialog.close());
    this.dialog.addEventListener("click", (event) => {
      if (event.target === this.dialog) this.dialog.close();
    });
  }

  open(handsets, shown) {
    this.handsets = handsets;
    this.shown = new Set(shown);
    this.search.value = "";
    this.draw();
    this.dialog.showModal();
    this.search.focus();
  }

  matches(handset) {
    const wanted = this.search.value.trim().toLowerCase();
    const names = [handset.label, languageName(handset.language), handset.language].map((name) => name.toLowerCase());
    return names.some((name) => name.includes(wanted)) || (/^\d+$/.test(wanted) && handset.number.endsWith(wanted));
  }

  draw() {
    const rows = this.handsets.filter((handset) => this.matches(handset));
    rows.sort((a, b) => (b.texts > 0) - (a.texts > 0) || a.id - b.id);
    const count = rows.length === 1 ? "1 handset" : `${rows.length} handsets`;
    this.found.textContent = `${count}; those with texts come first.`;
    this.list.replaceChildren(...rows.map((handset) => this.row(handset)));
  }

  row(handset) {
    const box = element("input", "");
    box.type = "checkbox";
    box.checked = this.shown.has(handset.id);
    box.addEventListener("change", () => {
      this.shown[box.checked ? "add" : "delete"](handset.id);
      this.onToggle(handset.id, box.checked);
    });
    const number = element("bdi", "number", masked(handset.number));
    number.dir = "ltr";
    const texts = handset.texts === 1 ? "1 text" : `${handset.texts} texts`;
    const name = nameOf(handset);
    return element("li", "", element("label", "choice", box, element("b", "", name), number, element("span", "texts", texts)));
  }
}
