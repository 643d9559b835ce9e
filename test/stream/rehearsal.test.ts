import { expect, test } from "bun:test";
import type { StreamEvent } from "../../src/stream/event.ts";
import { rehearsalOf } from "../../src/stream/rehearsal.ts";
import { createEngine } from "../../src/stream/stream.ts";
import { API_KINDS } from "../../src/wire/apis.ts";

const now = (): number => performance.now();

test.each([...API_KINDS])(
  "the rehearsal of %s is a whole answer of one token, of which nothing is to be said",
  async (api) => {
    const { fetch, request, own } = rehearsalOf(api);
    const events: StreamEvent[] = [];
    await createEngine({ fetch, now }).start(request, (event) => void events.push(event), own).done;
    expect(events.map(({ type }) => type)).toEqual(["sent", "opened", "delta", "ended"]);
    expect(events.at(-1)).toMatchObject({ verdict: "complete", failure: null });
  },
);

test.each([...API_KINDS])("an engine that prepares for %s asks nobody", async (api) => {
  let asked = 0;
  const fetch = async () => {
    asked++;
    return new Response("{}", { status: 400 });
  };
  await createEngine({ fetch, now }).prepare(api);
  expect(asked).toBe(0);
});
