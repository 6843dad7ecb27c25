// The moderation desk's waveform: shows what is cut, what is beeped over and where it plays. Works by the fields below
// it, which hold the seconds; without scripts they do all of it.

"use strict";

const wave = document.getElementById("wave");
if (wave) {
  const sound = document.getElementById("clip-sound");
  const seconds = Number(wave.dataset.seconds) || 1;
  const width = wave.querySelector("svg").viewBox.baseVal.width;
  const field = (id) => document.getElementById(id);
  const at = (moment) => (width * Math.min(Math.max(moment, 0), seconds)) / seconds;
  const value = (id, otherwise) => {
    const typed = field(id)?.value;
    return typed === undefined || typed === "" ? otherwise : Number(typed);
  };
  const span = (id, begins, ends) => {
    const box = document.getElementById(id);
    box.setAttribute("x", at(begins));
    box.setAttribute("width", Math.max(0, at(ends) - at(begins)));
  };

  function draw() {
    span("wave-before", 0, value("first", 0));
    span("wave-after", value("last", seconds), seconds);
    span("wave-beep", value("beep-from", 0), value("beep-to", 0));
  }

  function move() {
    for (const end of ["x1", "x2"]) document.getElementById("wave-now").setAttribute(end, at(sound.currentTime));
  }

  for (const id of ["first", "last", "beep-from", "beep-to"]) {
    field(id)?.addEventListener("input", draw);
    // N: now, the place that is playing.
    field(id)?.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "n") return;
      event.preventDefault();
      field(id).value = sound.currentTime.toFixed(1);
      draw();
    });
  }
  wave.addEventListener("click", (event) => {
    const box = wave.getBoundingClientRect();
    sound.currentTime = (seconds * (event.clientX - box.left)) / box.width;
  });
  sound.addEventListener("timeupdate", move);
  sound.addEventListener("play", function follow() {
    move();
    if (!sound.paused) requestAnimationFrame(follow);
  });
  draw();
}
