import { byId, make } from "./dom.ts";
import { repaint, words } from "./state.ts";

/** Colours that the styles name, such as `--ink`. */
type Ink = `--${string}`;

/** On paper canvases are drawn twice as large and shown at half their size, so that they stay sharp. */
export const pen = { scale: 1, printing: false };

/** CSS pixels across the paper. */
export const PAPER = 690;

const probe = make("span", "probe");
const resolved = new Map<Ink, string>();

/** A named colour as the canvas understands it, in the theme that is shown. */
export function ink(name: Ink): string {
  const known = resolved.get(name);
  if (known !== undefined) return known;
  probe.style.color = `var(${name})`;
  const color = getComputedStyle(probe).color;
  resolved.set(name, color);
  return color;
}

/** The colour of a model, or of all of them. */
export function modelInk(model: number | null): string {
  return model === null ? ink("--ink") : ink(`--m${model % 6}`);
}

/** A length in CSS pixels as it is drawn. */
export function px(length: number): number {
  return length * pen.scale;
}

/** The font of the charts. */
export function font(size = 12): string {
  return `${px(size)}px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif`;
}

/** Follows the system's theme, the button, and the printer. */
export function followTheme(): void {
  document.body.append(probe);
  const button = byId("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  const paper = matchMedia("print");
  let chosen: boolean | null = null;

  function paint(): void {
    const dark = chosen ?? system.matches;
    pen.printing = paper.matches || pen.printing;
    pen.scale = pen.printing ? 2 : 1;
    document.documentElement.style.colorScheme = pen.printing ? "light" : dark ? "dark" : "light";
    button.textContent = dark ? words.toLight : words.toDark;
    resolved.clear();
    repaint();
  }

  function print(printing: boolean): void {
    pen.printing = printing;
    paint();
  }

  button.hidden = false;
  button.addEventListener("click", () => {
    chosen = !(chosen ?? system.matches);
    paint();
  });
  system.addEventListener("change", paint);
  paper.addEventListener("change", () => print(paper.matches));
  addEventListener("beforeprint", () => print(true));
  addEventListener("afterprint", () => print(false));
  paint();
}
