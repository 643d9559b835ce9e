import { byId, make } from "./dom.ts";
import { repaint, words } from "./state.ts";

/** Colours that the styles name, such as `--ink`. */
type Ink = `--${string}`;

/** On paper canvases are drawn twice as large and shown at half their size, so that they stay sharp. */
export const pen = { scale: 1, printing: false };

/** CSS pixels across the paper. */
export const PAPER = 690;

/** Of a chart that shares it with another. */
export const HALF_PAPER = 334;

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

/** What tells one model from another without its colour. */
type Mark = number;

/** Adds the mark of a model to a path, `size` across; `null` is a cross, which is a failure, "open" what did not end. */
export function addMark(path: Path2D, mark: Mark | "open" | null, x: number, y: number, size: number): void {
  const half = size / 2;
  if (mark === "open") {
    path.moveTo(x - half, y + half);
    path.lineTo(x, y - half);
    path.lineTo(x + half, y + half);
    return;
  }
  if (mark === null) {
    path.moveTo(x - half, y - half);
    path.lineTo(x + half, y + half);
    path.moveTo(x + half, y - half);
    path.lineTo(x - half, y + half);
    return;
  }
  const sides = SIDES[mark % SIDES.length] ?? [0, 0];
  if (sides[0] === 0) {
    path.moveTo(x + half, y);
    path.arc(x, y, half, 0, 2 * Math.PI);
    return;
  }
  polygon(path, x, y, half * 1.2, sides[0], sides[1]);
}

/** Corners, and by how much of a turn the first stands away from the top; 0 corners: a circle. */
const SIDES: readonly (readonly [corners: number, turn: number])[] = [
  [0, 0],
  [4, 0.125],
  [3, 0],
  [4, 0],
  [3, 0.5],
  [6, 0],
];

function polygon(path: Path2D, x: number, y: number, radius: number, corners: number, turn: number): void {
  for (let corner = 0; corner < corners; corner++) {
    const angle = 2 * Math.PI * (corner / corners + turn) - Math.PI / 2;
    const at = [x + radius * Math.cos(angle), y + radius * Math.sin(angle)] as const;
    if (corner === 0) path.moveTo(...at);
    else path.lineTo(...at);
  }
  path.closePath();
}

/** How the lines of the models are dashed; all of them together are dotted. */
export function dashOf(model: number | null, scale: number): number[] {
  const dash = model === null ? [2, 3] : ([[], [9, 4], [4, 3], [10, 3, 3, 3], [14, 4], [6, 6]][model % 6] ?? []);
  return dash.map((length) => length * scale);
}
