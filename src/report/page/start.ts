import { drawCurves } from "./curves.ts";
import { byId } from "./dom.ts";
import { followTheme } from "./ink.ts";
import { drawOverTime, drawSeries } from "./over-time.ts";
import { followPaper } from "./paper.ts";
import { repaint, shown, words } from "./state.ts";
import { drawSweep } from "./sweep.ts";
import { drawWaterfall } from "./waterfall.ts";

/** Shows what belongs to the chosen step and hides the rest. */
function showStep(): void {
  for (const part of document.querySelectorAll<HTMLElement>(".of-step"))
    part.hidden = part.dataset["step"] !== String(shown.step);
}

function followSteps(): void {
  const choice = document.getElementById("steps");
  if (choice === null) return;
  choice.hidden = false;
  choice.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    shown.step = Number(target.value);
    showStep();
    repaint();
  });
}

/** The command that measures again, where the browser lets a page copy. */
function offerCopy(): void {
  const button = byId("copy");
  // Only a page that the browser trusts has it, whatever its type says.
  if (!("clipboard" in navigator)) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(byId("command").textContent ?? "");
    button.textContent = words.copied;
  });
}

/** Charts are as wide as the window lets them be. */
function followWidth(): void {
  let width = innerWidth;
  let waiting = 0;
  addEventListener("resize", () => {
    if (innerWidth === width) return;
    width = innerWidth;
    clearTimeout(waiting);
    waiting = setTimeout(repaint, 100);
  });
}

showStep();
// All at once: a chart takes the width that its neighbour leaves it.
for (const figure of document.querySelectorAll<HTMLElement>("figure.chart")) figure.hidden = false;
drawSweep();
drawCurves();
drawOverTime();
drawSeries();
drawWaterfall();
followPaper();
offerCopy();
followSteps();
followWidth();
followTheme();
