// Records a prompt in the browser: listen to it, then keep it. The server measures and mends it like any file.

"use strict";

const place = document.getElementById("recorder");
if (place) {
  const words = JSON.parse(place.dataset.words);
  const at = (id) => document.getElementById(`recorder-${id}`);
  const kinds = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus"];
  let recorder = null;
  let taken = null;
  let ticking = 0;

  const say = (text) => { at("says").textContent = text; };
  const show = (name) => {
    for (const one of ["start", "stop", "keep"]) at(one).hidden = one !== name && !(name === "keep" && one === "start");
  };

  function heard(parts, type) {
    taken = new Blob(parts, { type });
    if (at("heard").src) URL.revokeObjectURL(at("heard").src);
    at("heard").src = URL.createObjectURL(taken);
    at("heard").hidden = false;
    say(words.listen);
    show("keep");
  }

  async function start() {
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: false } });
    } catch {
      say(words.refused);
      return;
    }
    const type = kinds.find((one) => MediaRecorder.isTypeSupported(one));
    const parts = [];
    const began = Date.now();
    recorder = new MediaRecorder(stream, type ? { mimeType: type } : undefined);
    recorder.addEventListener("dataavailable", (event) => parts.push(event.data));
    recorder.addEventListener("stop", () => {
      clearInterval(ticking);
      for (const track of stream.getTracks()) track.stop();
      heard(parts, recorder.mimeType);
    });
    const most = Number(place.dataset.most || 0);
    const tick = () => {
      const seconds = Math.round((Date.now() - began) / 1000);
      say(words.speak.replace("{seconds}", seconds));
      if (most && seconds >= most && recorder.state === "recording") recorder.stop();
    };
    ticking = setInterval(tick, 500);
    tick();
    recorder.start();
    show("stop");
  }

  async function keep() {
    say(words.sending);
    at("keep").disabled = true;
    const form = new FormData();
    form.append("csrf_token", place.dataset.token);
    form.append("recording", taken, "recording");
    try {
      const answer = await fetch(place.dataset.url, { method: "POST", body: form });
      if (!answer.ok) throw new Error("not taken");
      window.location.assign(answer.url);
    } catch {
      at("keep").disabled = false;
      say(words.failed);
    }
  }

  if (!navigator.mediaDevices || !window.MediaRecorder) {
    at("start").disabled = true;
    say(words.none);
  }
  at("start").addEventListener("click", start);
  at("stop").addEventListener("click", () => recorder.stop());
  at("keep").addEventListener("click", keep);
}
