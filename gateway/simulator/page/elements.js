// Making elements; texts become text, never markup.

/** An element with a class and children. */
export function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `#${name}`);
  svg.append(use);
  return svg;
}

/** A number or a name of a line, which runs left to right in any text. */
export function isolated(text) {
  const made = element("bdi", "", text);
  made.dir = "ltr";
  return made;
}

/** A button that says what it does, with an icon or words in it. */
export function button(className, label, inside, act) {
  const made = element("button", className, inside);
  made.type = "button";
  if (label) made.setAttribute("aria-label", label);
  made.addEventListener("click", act);
  return made;
}
