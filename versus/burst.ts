import { run, type Run } from "./child.ts";
import { alternate, median } from "./contest.ts";
import { atLeast, ms, perSecond, plain, times, type Line } from "./lines.ts";
import { BUN, openFixture, openPeer, peer, type Fixture } from "./fixture.ts";
import { API_KINDS, type ApiKind } from "../src/wire/apis.ts";

const MANY = 1_000_000;
const FEW = 50;
const FLOOR = 1_500_000;
const PEER_FLOOR = 4;
const RUNS = { discarded: 1, rounds: 5 };
/** Of the speed of chat. */
const API_FLOOR = 0.9;

/** A million tokens as fast as the server writes, whole process less one of 50 tokens, beside the `openai` package. */
export async function* compareBurst(): AsyncGenerator<Line> {
  const fixture = await openFixture({ rate: 0, ttft_ms: 0 });
  const { cwd } = fixture;
  const openai = (tokens: number): string[] => [...BUN, peer("openai"), fixture.url, fixture.body(tokens)];
  const drop = [...BUN, peer("drop"), `${fixture.url}/chat/completions`, fixture.body(MANY)];
  try {
    const runs = await alternate(
      {
        ours: () => run(fixture.stream(MANY), { cwd }),
        theirs: () => run(openai(MANY), { cwd }),
        oursFew: () => run(fixture.stream(FEW), { cwd }),
        theirsFew: () => run(openai(FEW), { cwd }),
        drop: () => run(drop, { cwd }),
      },
      RUNS,
    );
    const time = (list: readonly Run[]): number => median(list.map((one) => one.ms));
    const speed = (many: readonly Run[], few: readonly Run[]): number =>
      (1000 * (MANY - FEW)) / (time(many) - time(few));
    const ours = speed(runs.ours, runs.oursFew);
    const theirs = speed(runs.theirs, runs.theirsFew);
    yield* [
      plain("llmaas, 1 000 000 tokens", ms(time(runs.ours))),
      plain("openai 7.57.0, the same", ms(time(runs.theirs))),
      plain("a loop that reads and drops", ms(time(runs.drop))),
      atLeast("llmaas", ours, FLOOR, perSecond),
      plain("openai 7.57.0", perSecond(theirs)),
      atLeast("llmaas ÷ openai", ours / theirs, PEER_FLOOR, times),
    ];
  } finally {
    await fixture.close();
  }
  yield* compareApis();
}

/** The same answer in each API, from a server that writes them all as fast as it can, beside that in chat. */
async function* compareApis(): AsyncGenerator<Line> {
  const fixture = await openPeer("apis-server");
  try {
    const speeds = await speedsOf(fixture);
    for (const api of API_KINDS) {
      yield plain(`${api}, from a server of all APIs`, perSecond(speeds[api]));
      if (api !== "chat") yield atLeast(`${api} ÷ chat`, speeds[api] / speeds.chat, API_FLOOR, times);
    }
  } finally {
    await fixture.close();
  }
}

async function speedsOf({ cwd, stream }: Fixture): Promise<Record<ApiKind, number>> {
  const asking = (api: ApiKind, tokens: number) => () => run([...stream(tokens), "--api", api], { cwd });
  const each = (tokens: number) => ({
    chat: asking("chat", tokens),
    responses: asking("responses", tokens),
    messages: asking("messages", tokens),
    completions: asking("completions", tokens),
  });
  const few = await alternate(each(FEW), RUNS);
  const many = await alternate(each(MANY), RUNS);
  const time = (list: readonly Run[]): number => median(list.map((one) => one.ms));
  const speed = (api: ApiKind): number => (1000 * (MANY - FEW)) / (time(many[api]) - time(few[api]));
  return {
    chat: speed("chat"),
    responses: speed("responses"),
    messages: speed("messages"),
    completions: speed("completions"),
  };
}
