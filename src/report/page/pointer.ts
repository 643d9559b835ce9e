import type { Rubber } from "./waterfall-draw.ts";

/** A pointer that moved less, in CSS pixels, has clicked. */
const CLICK = 5;

/** What a pointer does on a canvas; places in the canvas's own pixels. */
export type Gestures = {
  drag(rubber: Rubber): void;
  done(rubber: Rubber): void;
  click(x: number, y: number): void;
  reset(): void;
  pinch(x: number, y: number, factor: number): void;
};

/** Turns what the pointer and the wheel do on a canvas into gestures; the wheel alone scrolls the page as ever. */
export function followPointer(canvas: HTMLCanvasElement, gestures: Gestures): void {
  let start: { x: number; y: number } | null = null;

  function placeOf(event: MouseEvent): { x: number; y: number } {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    return { x: (event.clientX - box.left) * scale, y: (event.clientY - box.top) * scale };
  }

  function rubberTo(event: MouseEvent): Rubber | null {
    if (start === null) return null;
    const { x, y } = placeOf(event);
    const still = Math.hypot(x - start.x, y - start.y) < CLICK * devicePixelRatio;
    return still ? null : { x0: start.x, y0: start.y, x1: x, y1: y };
  }

  canvas.addEventListener("pointerdown", (event) => {
    // A finger scrolls the page; it zooms with the buttons.
    if (event.button !== 0 || event.pointerType === "touch") return;
    start = placeOf(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const rubber = rubberTo(event);
    if (rubber !== null) gestures.drag(rubber);
  });
  canvas.addEventListener("pointerup", (event) => {
    const rubber = rubberTo(event);
    start = null;
    if (rubber !== null) gestures.done(rubber);
    else if (event.button === 0) gestures.click(placeOf(event).x, placeOf(event).y);
  });
  canvas.addEventListener("dblclick", () => gestures.reset());
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { x, y } = placeOf(event);
      gestures.pinch(x, y, Math.exp(Math.max(-50, Math.min(50, event.deltaY)) / 100));
    },
    { passive: false },
  );
}
