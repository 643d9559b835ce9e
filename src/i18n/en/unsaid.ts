import { words, type ProblemOf, type Words } from "../say.ts";

const CHAT = "or ask with --api chat";

/** What is said of a request for which an API has no word. */
export function enUnsaid({ api, what, name }: Omit<ProblemOf<"unsaid">, "code">): Words {
  switch (what) {
    case "image":
      return words(`The ${api} API takes no images.`, `Leave --image out, ${CHAT}.`);
    case "parameter":
      return words(`The ${api} API has no parameter ${name}.`, `Leave it out, ${CHAT}.`);
    case "part":
      return words(`The ${api} API takes no part ${JSON.stringify(name)} in a message.`, `Leave it out, ${CHAT}.`);
    case "role":
      return words(`The ${api} API has no messages of the role ${JSON.stringify(name)}.`, `Leave it out, ${CHAT}.`);
    case "conversation":
      return words(`The ${api} API takes one text and no conversation.`, `Give one prompt, ${CHAT}.`);
    case "system":
      return words("No system message can come before token ids.", "Leave out --system (defaults.system).");
    case "token_ids":
      return words(`The ${api} API takes no token ids.`, "Ask with --api completions, or give the prompt as a text.");
    case "limit":
      return words(`The ${api} API must be told how long an answer may be.`, "Give --max-tokens N.");
  }
}
