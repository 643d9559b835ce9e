/** What tells one model from another without its colour. */
export type Mark = number;

/** Adds the mark of a model to a path, `size` across; `null` is a cross, which is a failure. */
export function addMark(path: Path2D, mark: Mark | null, x: number, y: number, size: number): void {
  const half = size / 2;
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
