import { words, type Command, type Problems } from "../say.ts";

function changedSince(file: string, changed: boolean): string {
  return changed ? `${file} has changed since you trusted it. ` : "";
}

const trust = (command: Command): string =>
  `--config ./config.json for this once, or ${command("config trust")} for as long as the file stays as it is`;

/** What is said where a key, headers or a prompt may not go. */
export const enKeyPolicy = {
  key_from_file_elsewhere: ({ keyOrigin, file, fileEndpoint, endpoint }) =>
    words(
      `Nothing was sent: the key in ${file} (${keyOrigin}) belongs to ${fileEndpoint}, and the endpoint is ${endpoint}.`,
      "For this endpoint, give its own key in LLMAAS_API_KEY.",
    ),
  key_from_environment_to_folder: ({ endpoint, file }, command) =>
    words(
      `Nothing was sent: your key is in the environment, and the endpoint ${endpoint} was only found, in ${file}.`,
      `If you want it there, say so: --endpoint ${endpoint}, --config ${file}, or ${command("config trust")}`,
    ),
  headers_from_file_elsewhere: ({ file, fileEndpoint, endpoint }) =>
    words(
      `Nothing was sent: the headers in ${file} belong to ${fileEndpoint}, and the endpoint is ${endpoint}.`,
      "For this endpoint, give headers with --header, or name another file with --config.",
    ),
  headers_to_folder: ({ endpoint, file }, command) =>
    words(
      `Nothing was sent: your headers are on the command line, and the endpoint ${endpoint} was only found, in ${file}.`,
      `If you want them there, say so: --endpoint ${endpoint}, --config ${file}, or ${command("config trust")}`,
    ),
  found_endpoint_shadows: ({ endpoint, file, own, changed }, command) =>
    words(
      `${changedSince(file, changed)}Nothing was sent: ${file}, which was only found, names the endpoint ${endpoint} and comes before your own ${own}.`,
      `If you want this endpoint: ${trust(command)}. For your own: --config ${own}`,
    ),
  found_endpoint_unseen: ({ endpoint, file, changed }, command) =>
    words(
      `${changedSince(file, changed)}Nothing was sent: the endpoint ${endpoint} was only found, in ${file}, and nobody would have seen that the prompt goes there.`,
      `If you want it there: ${trust(command)}.`,
    ),
  key_to_borrowed_endpoint: ({ keyOrigin, endpoint }) =>
    words(
      `Nothing was sent: ${keyOrigin} holds a key, and the endpoint ${endpoint} comes from OPENAI_BASE_URL, which serves other programs too.`,
      "If the key is meant for it, say so with --endpoint or LLMAAS_ENDPOINT; a key of its own goes in OPENAI_API_KEY.",
    ),
  trust_nowhere: () =>
    words(
      "There is no place to remember that: neither HOME nor XDG_STATE_HOME names a folder.",
      "Name the file each time instead: --config ./config.json",
    ),
  key_over_http: ({ endpoint }) =>
    words(
      `Nothing was sent: on the way to ${endpoint} everybody could read the key.`,
      "Use https, or --allow-http if the network is yours.",
    ),
} satisfies Partial<Problems>;
