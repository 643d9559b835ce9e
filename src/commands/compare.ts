import type { Verb } from "./door.ts";
import { EXIT } from "./exit.ts";

export const compare: Verb = {
  name: "compare",
  options: ["fail-if", "strict", "quiet", "json", "lang", "color", "help"],
  async run() {
    return EXIT.bug;
  },
};
