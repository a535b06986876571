"use strict";
(function () {
  const data = JSON.parse(document.getElementById("data").textContent);
  const scores = data.scores.map(Math.fround); // scores are float32, and are compared so
  const isNok = data.is_nok;
  const nOk = isNok.filter((nok) => !nok).length;
  const nNok = isNok.length - nOk;
  const OK = "#0072b2", NOK = "#d55e00";
  const byId = (id) => document.getElementById(id);
  document.documentElement.classList.add("js");

  // ---- Decisions ------------------------------------------------------------------------------------------------
  function count(threshold) {
    const at = Math.fround(threshold);
    let found = 0, alarms = 0;
    for (let i = 0; i < scores.length; i++) {
      if (scores[i] >= at) { if (isNok[i]) found++; else alarms++; }
    }
    return { found: found, alarms: alarms, missed: nNok - found, accepted: nOk - alarms };
  }
  const share = (part, whole) => (whole ? (100 * part / whole).toFixed(1) + " %" : "–");

  function group(threshold) {
    const at = Math.fround(threshold);
    const rejected = scores.map((score) => score >= at);
    const all = scores.map((_, i) => i);
    const right = all.filter((i) => rejected[i] === isNok[i])
      .sort((a, b) => Math.abs(scores[a] - at) - Math.abs(scores[b] - at) || a - b);
    return {
      missed: all.filter((i) => isNok[i] && !rejected[i]).sort((a, b) => scores[a] - scores[b] || a - b),
      false_alarm: all.filter((i) => !isNok[i] && rejected[i]).sort((a, b) => scores[b] - scores[a] || a - b),
      near: right.slice(0, data.n_near),
      other: right.slice(data.n_near).sort((a, b) => scores[b] - scores[a] || a - b),
    };
  }

  // ---- Charts ---------------------------------------------------------------------------------------------------
  const BOX = { left: 44, right: 346, top: 30, bottom: 200 };
  function add(svg, name, attributes, text) {
    const element = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const key in attributes) element.setAttribute(key, attributes[key]);
    if (text !== undefined) element.textContent = text;
    svg.appendChild(element);
    return element;
  }
  function frame(svg, title, xLabel, yLabel, xTicks, yTicks, x, y, bottom) {
    add(svg, "text", { x: BOX.left, y: 16, class: "title" }, title);
    for (const [value, label] of yTicks) {
      add(svg, "line", { x1: BOX.left, x2: BOX.right, y1: y(value), y2: y(value), stroke: "#e4e8ec" });
      add(svg, "text", { x: BOX.left - 5, y: y(value) + 4, "text-anchor": "end" }, label);
    }
    for (const [value, label] of xTicks) add(svg, "text", { x: x(value), y: bottom + 15, "text-anchor": "middle" }, label);
    add(svg, "line", { x1: BOX.left, x2: BOX.right, y1: bottom, y2: bottom, stroke: "#8995a1" });
    add(svg, "text", { x: (BOX.left + BOX.right) / 2, y: bottom + 31, "text-anchor": "middle" }, xLabel);
    if (yLabel) add(svg, "text", { x: 11, y: (BOX.top + bottom) / 2, "text-anchor": "middle", transform: "rotate(-90 11 " + (BOX.top + bottom) / 2 + ")" }, yLabel);
  }
  const unitX = (v) => BOX.left + v * (BOX.right - BOX.left);
  const unitY = (v) => BOX.bottom - v * (BOX.bottom - BOX.top);
  const UNIT_TICKS = [[0, "0"], [0.5, "0.5"], [1, "1"]];
  function curve(id, title, xLabel, yLabel, points, color) {
    const svg = byId(id);
    if (!svg) return null;
    frame(svg, title, xLabel, yLabel, UNIT_TICKS, UNIT_TICKS, unitX, unitY, BOX.bottom);
    if (!points.length) {
      add(svg, "text", { x: 195, y: 115, "text-anchor": "middle" }, "not defined: one class has no image");
      return null;
    }
    add(svg, "polyline", { points: points.map(([x, y]) => unitX(x).toFixed(2) + "," + unitY(y).toFixed(2)).join(" "), fill: "none", stroke: color, "stroke-width": 2, "stroke-linejoin": "round" });
    return add(svg, "circle", { r: 5, fill: "#fff", stroke: "#1c2733", "stroke-width": 2, class: "mark" });
  }

  const lowest = scores.reduce((a, b) => Math.min(a, b), Infinity), highest = scores.reduce((a, b) => Math.max(a, b), -Infinity);
  const margin = highest > lowest ? (highest - lowest) * 0.05 : 1e-4;
  const low = Math.max(0, Math.min(lowest, data.threshold) - margin), high = Math.max(highest, data.threshold) + margin;
  // Enough decimals that each of the slider's steps is another threshold, also where the scores lie close together.
  const digits = Math.min(9, Math.max(4, Math.ceil(3 - Math.log10(high - low))));
  const scoreX = (score) => BOX.left + (score - low) / (high - low) * (BOX.right - BOX.left);

  function histogram() {
    const svg = byId("histogram"), n = 32, bins = [new Array(n).fill(0), new Array(n).fill(0)];
    scores.forEach((score, i) => { bins[isNok[i] ? 1 : 0][Math.min(n - 1, Math.floor((score - low) / (high - low) * n))]++; });
    const most = Math.max(1, ...bins[0], ...bins[1]), middle = 115, height = 80, width = (BOX.right - BOX.left) / n;
    const ticks = [0, 0.25, 0.5, 0.75, 1].map((f) => { const v = low + f * (high - low); return [v, v.toFixed(digits - 2)]; });
    frame(svg, "Scores", "score", "images", ticks, [], scoreX, null, BOX.bottom);
    add(svg, "line", { x1: BOX.left, x2: BOX.right, y1: middle, y2: middle, stroke: "#8995a1" });
    const pattern = add(svg, "pattern", { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" });
    add(pattern, "rect", { width: 5, height: 5, fill: NOK });
    add(pattern, "rect", { width: 1.6, height: 5, fill: "#fff", opacity: 0.7 });
    for (let k = 0; k < n; k++) {
      const x = BOX.left + k * width, up = bins[0][k] / most * height, down = bins[1][k] / most * height;
      if (up) add(svg, "rect", { x: x + 0.5, y: middle - up, width: width - 1, height: up, fill: OK });
      if (down) add(svg, "rect", { x: x + 0.5, y: middle, width: width - 1, height: down, fill: "url(#hatch)" });
    }
    add(svg, "text", { x: BOX.right, y: 40, "text-anchor": "end", class: "halo", style: "fill:" + OK }, "good, " + nOk);
    add(svg, "text", { x: BOX.left + 4, y: 194, class: "halo", style: "fill:" + NOK }, "defective, " + nNok);
    add(svg, "text", { x: BOX.left - 5, y: middle - height + 4, "text-anchor": "end" }, String(most));
    add(svg, "text", { x: BOX.left - 5, y: middle + height + 4, "text-anchor": "end" }, String(most));
    return add(svg, "line", { y1: BOX.top - 4, y2: BOX.bottom, stroke: "#1c2733", "stroke-width": 2, "stroke-dasharray": "5 3" });
  }

  function brightness() {
    const svg = byId("brightness");
    if (!svg || !data.brightness.length) return;
    const values = data.brightness.flatMap((row) => row.means);
    let from = values.reduce((a, b) => Math.min(a, b), Infinity), to = values.reduce((a, b) => Math.max(a, b), -Infinity);
    from = Math.max(0, from - 5); to = Math.min(255, to + 5);
    const x = (v) => 134 + (v - from) / (to - from) * (BOX.right - 134);
    const ticks = [0, 0.5, 1].map((f) => { const v = from + f * (to - from); return [v, v.toFixed(0)]; });
    frame(svg, "Mean gray value of each image", "gray value", "", ticks, [], x, null, 140);
    data.brightness.forEach((row, k) => {
      const y = 45 + k * 34;
      add(svg, "text", { x: 126, y: y + 4, "text-anchor": "end" }, row.name);
      row.means.forEach((mean) => add(svg, "line", { x1: x(mean), x2: x(mean), y1: y - 9, y2: y + 9, stroke: row.is_nok ? NOK : OK, "stroke-width": 1.4, opacity: 0.55 }));
    });
  }

  // One step for each distinct score, from the highest down; counted in one pass, also for many images.
  function steps() {
    const order = scores.map((_, i) => i).sort((a, b) => scores[b] - scores[a]);
    const counts = [];
    let found = 0, alarms = 0;
    order.forEach((i, k) => {
      if (isNok[i]) found++; else alarms++;
      if (k + 1 === order.length || scores[order[k + 1]] !== scores[i]) counts.push({ found: found, alarms: alarms });
    });
    return counts;
  }
  const both = nOk > 0 && nNok > 0;
  const counts = both ? steps() : [];
  const line = histogram();
  const rocMark = curve("roc", "ROC", "false alarms, of the good images", "found", both ? [[0, 0]].concat(counts.map((c) => [c.alarms / nOk, c.found / nNok])) : [], OK);
  const prMark = curve("precision_recall", "Precision and recall", "recall", "precision", counts.filter((c) => c.found + c.alarms).map((c) => [c.found / nNok, c.found / (c.found + c.alarms)]), OK);
  if (data.pro_curve) {
    const mark = curve("pro", "Per-region overlap", "false positives, of the good pixels", "overlap", data.pro_curve.false_positive_rate.map((x, i) => [x, data.pro_curve.overlap[i]]), OK);
    if (mark) mark.remove();
  }
  brightness();

  // ---- What follows the threshold -----------------------------------------------------------------------------------
  const cards = new Map(Array.from(document.querySelectorAll(".card"), (card) => [Number(card.dataset.index), card]));
  const slider = byId("slider"), field = byId("threshold");
  const toScore = (step) => low + step / 1000 * (high - low);

  function show(threshold) {
    const c = count(threshold);
    byId("n_accepted_ok").textContent = c.accepted;
    byId("n_missed").textContent = c.missed;
    byId("n_false_alarms").textContent = c.alarms;
    byId("n_found").textContent = c.found;
    byId("false_alarm_rate").textContent = share(c.alarms, nOk);
    byId("miss_rate").textContent = share(c.missed, nNok);
    byId("precision").textContent = share(c.found, c.found + c.alarms);
    byId("recall").textContent = share(c.found, nNok);
    byId("f1").textContent = nNok ? (2 * c.found / (c.found + c.alarms + nNok)).toFixed(3) : "–";
    const x = Math.min(Math.max(scoreX(threshold), BOX.left), BOX.right);
    line.setAttribute("x1", x);
    line.setAttribute("x2", x);
    if (rocMark) { rocMark.setAttribute("cx", unitX(c.alarms / nOk)); rocMark.setAttribute("cy", unitY(c.found / nNok)); }
    if (prMark) {
      prMark.setAttribute("visibility", c.found + c.alarms ? "visible" : "hidden");
      prMark.setAttribute("cx", unitX(c.found / nNok));
      prMark.setAttribute("cy", unitY(c.found / Math.max(c.found + c.alarms, 1)));
    }
    fillGallery(threshold);
    document.querySelectorAll("#types tr[data-type]").forEach((row) => {
      const at = Math.fround(threshold);
      const members = scores.filter((_, i) => isNok[i] && data.types[i] === row.dataset.type);
      row.querySelector(".found").textContent = members.filter((score) => score >= at).length + " of " + members.length;
    });
  }

  function fillGallery(threshold) {
    const groups = group(threshold), onlyGroup = byId("show_group").value, onlyType = byId("show_type").value;
    for (const name in groups) {
      const section = byId("group_" + name), gallery = section.querySelector(".gallery");
      section.querySelector(".count").textContent = groups[name].length;
      section.hidden = Boolean(onlyGroup && onlyGroup !== name);
      let shown = 0;
      for (const index of groups[name]) {
        const card = cards.get(index);
        if (!card) continue; // one of those that the page does not hold
        const isWrong = name === "missed" || name === "false_alarm";
        card.className = "card " + (isWrong ? "wrong" : "right");
        card.querySelector(".verdict").textContent = data.verdicts[isNok[index] ? (isWrong ? "missed" : "found") : (isWrong ? "false_alarm" : "accepted")];
        card.hidden = onlyType !== "*" && card.dataset.type !== onlyType;
        if (!card.hidden) shown++;
        gallery.appendChild(card); // moves it
      }
      const empty = section.querySelector(".empty");
      empty.hidden = shown > 0;
      empty.textContent = groups[name].length ? "none of these is shown" : "none";
    }
  }

  let current = data.threshold;
  function set(threshold) {
    if (!Number.isFinite(threshold)) return;
    current = threshold;
    show(threshold);
  }
  slider.addEventListener("input", () => { const t = toScore(Number(slider.value)); field.value = t.toFixed(digits); set(Number(field.value)); });
  field.addEventListener("input", () => { if (field.value !== "") { set(Number(field.value)); slider.value = Math.round((current - low) / (high - low) * 1000); } });
  document.querySelectorAll("button[data-threshold]").forEach((button) => {
    const value = data.thresholds[button.dataset.threshold];
    if (value === null) { button.disabled = true; button.title = "not defined here"; return; }
    button.addEventListener("click", () => { field.value = value; field.dispatchEvent(new Event("input")); });
  });
  for (const id of ["show_group", "show_type"]) byId(id).addEventListener("change", () => fillGallery(current));
  byId("show_heat").addEventListener("change", (event) => document.body.classList.toggle("no-heat", !event.target.checked));
  field.value = data.threshold;
  slider.value = Math.round((current - low) / (high - low) * 1000);
  show(current);
})();
