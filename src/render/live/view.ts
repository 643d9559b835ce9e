import { topOf } from "../../text/bars.ts";
import { beside, type Row } from "../../text/row.ts";
import { BETWEEN, columnsPicture } from "./columns.ts";
import { layoutFor } from "./layout.ts";
import { linesPicture } from "./lines.ts";
import type { Pane } from "./pane.ts";
import { progressLine } from "./progress.ts";
import { createSlots, type Slots } from "./slots.ts";
import { exactly, stack, type Seated } from "./stack.ts";
import type { Scene } from "./state.ts";
import type { Texts } from "./title.ts";

/** Draws a run in the picture that fits; who has a seat in it is remembered from one drawing to the next. */
export function createView(texts: Texts): (scene: Scene) => Row[] {
  const seatsOf = new Map<string, Slots>();

  function seat(group: string, count: number, { view, now }: Scene, among: (pane: Pane) => boolean): Seated[] {
    const seats = seatsOf.get(group) ?? createSlots();
    seatsOf.set(group, seats);
    const seated = seats(count, view.running.filter(among), view.ended.filter(among));
    return seated.map((pane) => pane && { pane, look: pane.look(now) });
  }

  function bodyOf(scene: Scene, height: number): Row[] {
    const { models, numbered } = scene.view;
    const layout = layoutFor(scene.size, models.length, scene.slots);
    switch (layout.kind) {
      case "columns": {
        const { width, seats } = layout;
        const columns = models.map((model) => ({
          model,
          seated: seat(`of ${model}`, seats, scene, (pane) => pane.model === model),
        }));
        const top = topOf(columns.flatMap(({ seated }) => pacesOf(seated)));
        return columnsPicture(columns, { texts, width, height, numbered, top });
      }
      case "panes": {
        const { width, across, down } = layout;
        const seated = seat("all", across * down, scene, () => true);
        const frame = { texts, width, height, numbered, top: topOf(pacesOf(seated)) };
        const stacks = Array.from({ length: across }, (_, index) =>
          stack(seated.slice(index * down, (index + 1) * down), frame, true),
        );
        return beside(stacks, width, BETWEEN);
      }
      case "lines":
        return linesPicture(scene, texts, height);
    }
  }

  return (scene) => {
    const { columns, rows } = scene.size;
    const body = exactly(bodyOf(scene, rows - 1), rows - 1);
    return [...body, progressLine(scene.view, scene.total, texts, columns)];
  };
}

function pacesOf(seated: readonly Seated[]): (readonly number[])[] {
  return seated.map((one) => one?.look.pace ?? []);
}
