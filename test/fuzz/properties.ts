import { argumentsProperty, programProperty } from "./arguments.ts";
import { referenceProperty, templateProperty } from "./chunks.ts";
import { eventsProperty } from "./events.ts";
import { encodingProperty, lineProperty, promptsProperty } from "./prompts.ts";
import type { Property } from "./property.ts";
import { reportsProperty } from "./reports.ts";
import { echoProperty, maskProperty } from "./secrets.ts";
import { settingsProperty } from "./settings.ts";
import { splitsProperty } from "./splits.ts";
import { limitsProperty, thresholdsProperty } from "./thresholds.ts";
import { visibleProperty } from "./visible.ts";

/** Every property that is tried with generated input. */
export const PROPERTIES: readonly Property[] = [
  templateProperty,
  referenceProperty,
  eventsProperty,
  splitsProperty,
  argumentsProperty,
  programProperty,
  thresholdsProperty,
  limitsProperty,
  settingsProperty,
  promptsProperty,
  lineProperty,
  encodingProperty,
  reportsProperty,
  visibleProperty,
  maskProperty,
  echoProperty,
];
