import { en } from "../../src/i18n/en/messages.ts";
import { enSeveral } from "../../src/i18n/en/several.ts";
import type { Say } from "../../src/metrics/record.ts";
import { createAsides } from "../../src/render/asides.ts";
import { createDebug } from "../../src/render/debug.ts";
import { createMask } from "../../src/stream/mask.ts";
import { createFailures } from "../../src/render/failures.ts";
import { createJsonLines } from "../../src/render/jsonl.ts";
import { createSpill } from "../../src/commands/watchers.ts";
import { createPlain, createPlainSeveral } from "../../src/render/plain.ts";
import { createSingle } from "../../src/render/single.ts";
import { ABOUT } from "../i18n/samples.ts";
import type { Write } from "./stage.ts";
import { describeWatcher } from "./watchers.ts";

const say: Say = (failure) => failure.message;
const ONE = "it is invited only where one stream comes";
const NO_TERMINAL = "it is invited only where stdout is no terminal";

const textTo = (to: Write["to"], writes: readonly Write[]): string =>
  writes
    .filter((write) => write.to === to)
    .map(({ text }) => text)
    .join("");

const oneForAll = {
  "keeps the answers of interleaved streams apart": ONE,
  "keeps the answer of a stream clear of streams nobody started": ONE,
};
describeWatcher("plain (one)", ({ out }) => createPlain(out), {
  answer: (writes) => textTo("out", writes),
  skips: { ...oneForAll, "writes nothing to a terminal that it would obey or hide": NO_TERMINAL },
});

describeWatcher("plain (several)", ({ out }) => createPlainSeveral(out, createSpill()), {
  answer(writes, stream) {
    const heading = `=== prompt ${stream + 1} · `;
    const at = writes.findIndex(({ text }) => text.startsWith(heading));
    const text = writes[at + 1]?.text ?? "";
    return at < 0 || text.startsWith("=== ") ? "" : text;
  },
  endsLines: true,
  skips: { "writes nothing to a terminal that it would obey or hide": NO_TERMINAL },
});

describeWatcher(
  "asides",
  ({ err }) => createAsides({ err, messages: en, quiet: false, reasoning: "show", hold: false, words: enSeveral }),
  { answer: null },
);

describeWatcher("failures", ({ err }) => createFailures({ err, messages: en, words: enSeveral, columns: () => 80 }), {
  answer: null,
});

describeWatcher(
  "single",
  ({ out, err }) =>
    createSingle({ out, err, messages: en, about: ABOUT, quiet: false, reasoning: "show", columns: null }),
  { answer: (writes) => textTo("out", writes), skips: oneForAll },
);

describeWatcher("jsonl", ({ out }) => createJsonLines(out.write, say), {
  answer: (writes, stream) =>
    textTo("out", writes)
      .split("\n")
      .slice(0, -1)
      .map((line) => JSON.parse(line))
      .filter((line) => line.type === "delta" && line.stream === stream)
      .map((line) => line.text)
      .join(""),
});

describeWatcher("debug", ({ err }) => createDebug(err, true, createMask([])), { answer: null });

describeWatcher(
  "the file of records",
  ({ out }) => ({
    on: (event) => (event.type === "record" ? out.write(`${JSON.stringify(event.record)}\n`) : undefined),
  }),
  {
    answer: (writes, stream) =>
      writes.map(({ text }) => JSON.parse(text)).find((record) => record.stream === stream)?.text ?? "",
    skips: { "writes nothing to a terminal that it would obey or hide": "it is never a terminal" },
  },
);
