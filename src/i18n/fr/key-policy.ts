import { words, type Command, type Problems } from "../say.ts";

function changedSince(file: string, changed: boolean): string {
  return changed ? `${file} a changé depuis que vous l’avez approuvé. ` : "";
}

const trust = (command: Command): string =>
  `--config ./config.json pour cette fois, ou ${command("config trust")} tant que le fichier reste tel quel`;

/** What is said where a key, headers or a prompt may not go. */
export const frKeyPolicy = {
  key_from_file_elsewhere: ({ keyOrigin, file, fileEndpoint, endpoint }) =>
    words(
      `Rien n’a été envoyé : la clé de ${file} (${keyOrigin}) est destinée à ${fileEndpoint}, et l’endpoint est ${endpoint}.`,
      "Pour cet endpoint, donnez sa propre clé dans LLMAAS_API_KEY.",
    ),
  key_from_environment_to_folder: ({ endpoint, file }, command) =>
    words(
      `Rien n’a été envoyé : votre clé est dans l’environnement, et l’endpoint ${endpoint} a seulement été trouvé, dans ${file}.`,
      `Si elle doit y aller, dites-le : --endpoint ${endpoint}, --config ${file} ou ${command("config trust")}`,
    ),
  headers_from_file_elsewhere: ({ file, fileEndpoint, endpoint }) =>
    words(
      `Rien n’a été envoyé : les en-têtes de ${file} sont destinés à ${fileEndpoint}, et l’endpoint est ${endpoint}.`,
      "Pour cet endpoint, donnez des en-têtes avec --header, ou désignez un autre fichier avec --config.",
    ),
  headers_to_folder: ({ endpoint, file }, command) =>
    words(
      `Rien n’a été envoyé : vos en-têtes sont sur la ligne de commande, et l’endpoint ${endpoint} a seulement été trouvé, dans ${file}.`,
      `S’ils doivent y aller, dites-le : --endpoint ${endpoint}, --config ${file} ou ${command("config trust")}`,
    ),
  found_endpoint_shadows: ({ endpoint, file, own, changed }, command) =>
    words(
      `${changedSince(file, changed)}Rien n’a été envoyé : ${file}, qui a seulement été trouvé, désigne l’endpoint ${endpoint} et passe avant votre propre ${own}.`,
      `Si vous voulez cet endpoint : ${trust(command)}. Pour le vôtre : --config ${own}`,
    ),
  found_endpoint_unseen: ({ endpoint, file, changed }, command) =>
    words(
      `${changedSince(file, changed)}Rien n’a été envoyé : l’endpoint ${endpoint} a seulement été trouvé, dans ${file}, et personne n’aurait vu que le prompt y partait.`,
      `S’il doit y aller : ${trust(command)}.`,
    ),
  key_to_borrowed_endpoint: ({ keyOrigin, endpoint }) =>
    words(
      `Rien n’a été envoyé : ${keyOrigin} contient une clé, et l’endpoint ${endpoint} vient de OPENAI_BASE_URL, qui sert aussi à d’autres programmes.`,
      "Si la clé lui est destinée, dites-le avec --endpoint ou LLMAAS_ENDPOINT ; sa propre clé se met dans OPENAI_API_KEY.",
    ),
  trust_nowhere: () =>
    words(
      "Il n’y a pas d’endroit où le retenir : ni HOME ni XDG_STATE_HOME ne désigne un dossier.",
      "Désignez plutôt le fichier à chaque fois : --config ./config.json",
    ),
  key_over_http: ({ endpoint }) =>
    words(
      `Rien n’a été envoyé : sur le chemin de ${endpoint}, n’importe qui pourrait lire la clé.`,
      "Utilisez https, ou --allow-http si le réseau est le vôtre.",
    ),
} satisfies Partial<Problems>;
