import { byId, make } from "./dom.ts";
import { PAPER, pen } from "./ink.ts";
import { onPaint, page, repaint, shown } from "./state.ts";

/** Steps of which the charts are as sharp as a printer can: each takes some megabytes. */
const SHARP = 12;

/** Has every step of a sweep on paper, with its charts, and not only the one that is shown. */
export function followPaper(): void {
  if (page.steps.length < 2) return;
  let busy = false;
  let laid = false;
  onPaint(() => {
    if (busy || laid === pen.printing) return;
    laid = pen.printing;
    if (!laid) return places().forEach((place) => place.replaceChildren());
    busy = true;
    void layOut().finally(() => (busy = false));
  });
}

function places(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(".of-step > .paper")];
}

/**
 * The charts can draw one step at a time: each is drawn, and its pictures are taken. uPlot (1.6) draws in a microtask, and
 * all of them run before what fired the event goes on to print.
 */
async function layOut(): Promise<void> {
  const chosen = shown.step;
  const width = PAPER * (page.steps.length > SHARP ? 1 : pen.scale);
  for (const place of places()) {
    shown.step = Number(place.parentElement?.dataset["step"]);
    repaint();
    await Promise.resolve();
    place.replaceChildren(...summaryOf(shown.step, chosen), make("div", "pictures", ...picturesOf(width)));
  }
  shown.step = chosen;
  repaint();
}

/** That of the chosen step stands on the first page. */
function summaryOf(step: number, chosen: number): Node[] {
  const summary = document.querySelector(`.summary > [data-step="${step}"]`);
  return step === chosen || summary === null
    ? []
    : [...summary.cloneNode(true).childNodes].filter(({ nodeName }) => nodeName !== "H2");
}

function picturesOf(width: number): HTMLElement[] {
  const figures = [...byId("drawn").querySelectorAll<HTMLElement>("figure.chart")];
  return figures.flatMap((figure) => {
    const canvas = figure.querySelector("canvas");
    if (canvas === null || figure.querySelector<HTMLElement>(".plot")?.hidden === true) return [];
    const title = make("h3", "", figure.querySelector("h3")?.textContent ?? "", chosenIn(figure));
    const legend = figure.querySelector(".legend")?.cloneNode(true) ?? "";
    const half = figure.closest(".pair") === null ? "" : " half";
    return [make("figure", `chart${half}`, title, legend, pictureOf(canvas, width))];
  });
}

/** What of several things a chart shows. */
function chosenIn(figure: HTMLElement): string {
  const text = figure.querySelector("select")?.selectedOptions[0]?.textContent;
  return text === undefined ? "" : ` · ${text}`;
}

function pictureOf(canvas: HTMLCanvasElement, width: number): HTMLCanvasElement {
  const picture = make("canvas");
  picture.width = Math.min(width, canvas.width);
  picture.height = Math.round((picture.width * canvas.height) / canvas.width);
  picture.getContext("2d")?.drawImage(canvas, 0, 0, picture.width, picture.height);
  return picture;
}
