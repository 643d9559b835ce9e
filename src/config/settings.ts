/** Placeholder: the settings everything else reads. */
export type Settings = {
  endpoint: string;
  /** Header lines of the owner's own, name in lower case. */
  headers: Record<string, string>;
  allowHttp: boolean;
  model: string;
  system: string | null;
  maxTokens: number;
  temperature: number;
  topP: number | null;
  params: Record<string, unknown>;
  /** Milliseconds; 0 is off. */
  timeoutOpen: number;
  timeoutFirstToken: number;
  timeoutIdle: number;
  timeoutTotal: number;
  retries: number;
  maxWait: number;
  concurrency: number;
  stall: number;
  reasoning: "show" | "hide";
  lang: "fr" | "en";
  color: "auto" | "always" | "never";
};
