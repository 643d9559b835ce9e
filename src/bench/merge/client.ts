import type { ClientCheck, ClientReport } from "../../metrics/report.ts";

/** What counts what was not done, or asked: of several machines it adds up. */
const ADDED: ReadonlySet<ClientCheck["name"]> = new Set(["concurrency", "held_ms", "too_many_files"]);

/** The clients of all parts as one: of each check the worst, and whose it is. */
export function clientOf(clients: readonly { index: number; client: ClientReport }[]): ClientReport {
  const holds = clients.flatMap(({ client }) => client.longest_hold_ms ?? []);
  const names = [...new Set(clients.flatMap(({ client }) => client.checks.map(({ name }) => name)))];
  return {
    healthy: clients.every(({ client }) => client.healthy),
    ...(holds.length === 0 ? {} : { longest_hold_ms: Math.max(...holds) }),
    checks: names.map((name) => {
      const own = clients.flatMap(({ index, client }) =>
        client.checks.filter((check) => check.name === name).map((check) => ({ ...check, shard: index })),
      );
      return ADDED.has(name) ? added(name, own) : worst(name, own);
    }),
  };
}

function added(name: ClientCheck["name"], own: readonly (ClientCheck & { shard: number })[]): ClientCheck {
  const sum = (of: "value" | "limit"): number | null =>
    own.reduce<number | null>((total, check) => (check[of] === null ? total : (total ?? 0) + check[of]), null);
  const broken = own.find(({ passed }) => !passed);
  return {
    name,
    value: sum("value"),
    limit: sum("limit"),
    passed: broken === undefined,
    ...(broken === undefined ? {} : { shard: broken.shard }),
  };
}

/** One that failed, and of these the one whose value is the greatest; one that was not even measured is the worst. */
function worst(name: ClientCheck["name"], own: readonly (ClientCheck & { shard: number })[]): ClientCheck {
  const badness = ({ passed, value }: ClientCheck): number =>
    passed ? (value ?? -1) : value === null ? Infinity : 1e12 + value;
  const [first] = own.toSorted((a, b) => badness(b) - badness(a));
  return first ?? { name, value: null, limit: null, passed: true };
}
