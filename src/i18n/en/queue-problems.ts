import type { QueueReason } from "../../config/user-error.ts";
import { words, type Problems, type Words } from "../say.ts";

const START = "For example: redis-server --requirepass PASSWORD --appendonly yes";

/** Why a queue cannot be used. */
const why: Record<QueueReason, (url: string, detail: string) => Words> = {
  url: (url) =>
    words(
      `${url} is not the address of a queue.`,
      "Write redis://:PASSWORD@HOST:6379, or rediss:// for TLS; in the password %2F stands for /, %23 for #, %3F for ?, %40 for @ and %25 for %.",
    ),
  refused: (url) => words(`Nothing listens at ${url}.`, `Start Redis (7 or later) or Valkey there. ${START}`),
  dns: (url) => words(`The host of ${url} is unknown.`, "Check its name, and the network."),
  timeout: (url) => words(`${url} does not answer.`, "Check host, port and firewall."),
  closed: (url) => words(`${url} ends the connection at once.`, "Check the port, and what listens there."),
  certificate: (url, detail) =>
    words(
      `The certificate of ${url} is not trusted (${detail}).`,
      "NODE_EXTRA_CA_CERTS names a file with the certificates of your own authority.",
    ),
  wants_tls: (url) =>
    words(`${url} ends the connection: it may accept TLS only.`, "Then write rediss:// instead of redis://."),
  no_tls: (url) => words(`${url} does not speak TLS.`, "Write redis:// instead of rediss://, or another port."),
  password: (url) =>
    words(
      `${url} refuses this user name or password.`,
      "Give both in the address: redis://USER:PASSWORD@HOST, or redis://:PASSWORD@HOST; LLMAAS_QUEUE keeps it off the command line.",
    ),
  needs_password: (url) =>
    words(
      `${url} asks for a password.`,
      "Give it in the address: redis://:PASSWORD@HOST; LLMAAS_QUEUE keeps it off the command line.",
    ),
  not_allowed: (url, detail) =>
    words(
      `The queue at ${url} does not allow this user what a batch needs (${detail}).`,
      "docs/batch.md lists the commands that it needs.",
    ),
  no_database: (url, detail) =>
    words(`The queue at ${url} has no database ${detail}.`, "Leave the number out, or give a smaller one."),
  busy: (url, detail) => words(`The queue at ${url} is not ready (${detail}).`, "Wait a moment and try again."),
  not_redis: (url) =>
    words(`What listens at ${url} is neither Redis nor Valkey.`, "Check the port: that of Redis is 6379."),
  too_old: (url, detail) =>
    words(`The queue at ${url} is too old (${detail}).`, "A batch needs Redis 7 or later, or Valkey."),
};

/** What is wrong with the queue that machines share. */
export const enQueueProblems = {
  bad_queue: ({ url, why: reason, detail }) => why[reason](url, detail),
  queue_owned: ({ name }) =>
    words(
      `Another machine already feeds the batch ${name}.`,
      "Wait for it, or end it there; there may be many workers, but only one batch run.",
    ),
} satisfies Partial<Problems>;
