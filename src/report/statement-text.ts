import type { StepReport } from "../metrics/report.ts";
import type { ResultReport } from "../metrics/result-report.ts";
import type { Material } from "./forms.ts";

/** What one page is made from. */
export type Said = Omit<Material, "streams" | "left">;

/** Our own words, and pieces that come from elsewhere. */
export type Text = readonly (string | { foreign: string })[];

/** A sentence, with the figure that it explains. */
export type Line = { figure: string | null; text: Text };

/** A part of the page under its title. */
export type Section = {
  title: string;
  lines: readonly Line[];
  table: { head: readonly string[]; rows: readonly (readonly Text[])[] } | null;
};

/** One model under one load. */
export type Place = { step: StepReport; result: ResultReport };
