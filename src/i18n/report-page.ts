/** What the page's own code says; `{name}` stands for a value. */
export type PageWords = {
  toDark: string;
  toLight: string;
  seconds: string;
  sinceStart: string;
  sinceWindow: string;
  percentile: string;
  tokensPerSecond: string;
  requestsPerSecond: string;
  streamsAtOnce: string;
  asked: { one: string; many: string };
  ttft: string;
  duration: string;
  knee: string;
  /** Of a stream that failed before its first token. */
  noToken: string;
  failedMark: string;
  waiting: string;
  thinking: string;
  streaming: string;
  /** What stands under the waterfall before a stream was chosen. */
  choose: string;
  stream: string;
  model: string;
  verdict: string;
  warmup: string;
  sent: string;
  dispatch: string;
  firstOutput: string;
  tokens: string;
  /** Of tokens counted by events. */
  estimated: string;
  tpot: string;
  gaps: string;
  stalls: string;
  attempts: string;
  kept: string;
  slow: string;
  failed: string;
  sample: string;
  prompt: string;
  error: string;
  previous: string;
  next: string;
  close: string;
  nothing: string;
  load: string;
  allModels: string;
};
