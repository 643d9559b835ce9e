const counted = (streams: string): string => (streams === "1" ? "1 stream" : `${streams} streams`);

export const enSelftest = {
  verdict: {
    under: (limit: string, streams: string | null) =>
      streams === null ? `never under ${limit}` : `under ${limit} up to ${counted(streams)}`,
    error: (parts: readonly string[]) => `TTFT error, p99: ${parts.join(", ")}`,
    failed: (problems: readonly string[]) => `Self-test failed: ${problems.join("; ")}`,
  },
  problem: {
    lost: "not everything that was injected came out",
    moved: "a busy main thread moves the figures",
    silent: "a saturated client calls itself healthy",
  },
  machine: (cores: string, cpu: string) => `${cores} × ${cpu}`,
  title: "Error in ms: what is reported less what the server wrote",
  column: { streams: "Streams", ttft: "TTFT", gap: "gap", duration: "duration", request: "request" },
  legend:
    "The server stamps the instant before each of its writes. request: from our sent until the server has read it; not an error: TTFT includes it.",
  whole: (streams: string, tokens: string) =>
    `What was injected came out: ${streams} streams complete, with all ${tokens} tokens.`,
  lost: (load: string, streams: readonly [is: string, of: string], tokens: readonly [is: string, of: string]) =>
    `At ${load} at once, ${streams.join(" of ")} streams came out complete, and ${tokens.join(" of ")} tokens.`,
  clocks: (time: string) => `Clocks of the two processes: at most ${time} apart.`,
  client: (healthy: string, limited: string) => {
    const parts = [
      ...(healthy === "" ? [] : [`healthy at ${counted(healthy)}`]),
      ...(limited === "" ? [] : [`limited at ${counted(limited)}`]),
    ];
    return `The client's own verdict: ${parts.join("; ")}.`;
  },
  busy: {
    title: (blocked: string, streams: string) =>
      `Busy main thread (blocked for ${blocked} at a time), ${streams} streams`,
    figure: (p50: readonly [string, string], p90: readonly [string, string]) =>
      `error p50 ${p50.join(" → ")}, p90 ${p90.join(" → ")} ms`,
    arrival: "arrival",
    held: "The figures did not move, as it should be.",
    moved: (p50: string, p90: string) => `The figures moved by more than ${p50} (p50) or ${p90} (p90): they must not.`,
  },
  saturated: {
    title: (streams: string) => `Saturated client (${streams} streams as fast as they come)`,
    limited: (by: string) => `It calls itself limited, as it must: ${by}.`,
    healthy: "It calls itself healthy: it must not.",
  },
  progress: {
    load: (streams: string, rate: string) => `${counted(streams)} × ${rate} tokens/s`,
    quiet: "quiet main thread",
    busy: "busy main thread",
    saturated: "saturated client",
    error: (p99: string) => `TTFT error p99 ${p99}`,
    lost: "not all came out",
    done: "done",
  },
};
