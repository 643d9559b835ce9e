/** What `llmaas` says of itself when nothing is asked of it. */
export const enOverview = {
  sentence:
    "llmaas streams answers from LLMaaS, or any OpenAI-compatible endpoint, shows them as they are written, and measures how fast, how regular and how complete they were.",
  examples: [
    "llmaas stream --demo",
    "llmaas config init",
    'llmaas stream -m qwen3:8b "Explain streaming in one paragraph"',
  ],
  more: "llmaas COMMAND --help explains a command; README.md and docs/ have the rest. Keys are made at console.cloud-temple.com; the service is explained at docs.cloud-temple.com.",
};
