import type { OtherReason } from "../../config/user-error.ts";
import { nameOf, words, type Command, type Problems, type Words } from "../say.ts";
import { inFrench } from "./hints.ts";

/** Where an answer or figures go; verbs that measure make reports. */
function output(option: string, verb: string): Words {
  if (verb === "bench")
    return words(`${option} : un rapport s’écrit dans le fichier donné à --report.`, "Écrivez : --report run.html");
  return words(
    `${option} : le résultat va sur la sortie standard.`,
    verb === "stream"
      ? "Ajoutez > FICHIER à la commande ; pour les mesures : --records FICHIER.jsonl"
      : "Ajoutez > FICHIER à la commande.",
  );
}

const WAYS: Record<OtherReason, (option: string, verb: string, command: Command) => Words> = {
  key: (option) =>
    words(
      `${option} : une clé sur la ligne de commande est visible de tous sur cette machine, et reste dans l’historique du shell.`,
      "Définissez LLMAAS_API_KEY, ou mettez dans LLMAAS_API_KEY_FILE le nom d’un fichier qui la contient.",
    ),
  version: (option, _, command) =>
    words(
      `${option} n’existe pas ici.`,
      `La version s’obtient avec -V ; tout ce qui passe sur le réseau se voit avec : ${command("stream --debug")}`,
    ),
  output,
  prompt: (option, verb, command) =>
    words(`${option} : un prompt se donne sans option.`, `Écrivez-le entre guillemets : ${command(`${verb} "…"`)}`),
  body: (option) =>
    words(
      `${option} : llmaas écrit lui-même la requête.`,
      "Le prompt est un argument entre guillemets ; les autres champs de la requête se donnent ainsi : --param CLÉ=JSON",
    ),
  method: (option) => words(`${option} : llmaas connaît la méthode que veut l’API.`, `Retirez ${option}.`),
  streamed: (option) => words(`${option} : llmaas demande toujours un flux.`, `Retirez ${option}.`),
  file: (option, verb, command) =>
    words(
      `${option} : le fichier de requêtes se donne sans option.`,
      `Écrivez son nom : ${command(`${verb} FICHIER`)}`,
    ),
  dry_run: (option, verb, command) =>
    words(
      `${option} : ${nameOf(verb)} envoie toujours ses requêtes.`,
      `Pour l’essayer sans endpoint : ${command(`${verb} --demo`)}. Pour estimer ce que demanderait un fichier de prompts : ${command("batch run FICHIER --dry-run")}`,
    ),
  insecure: (option) =>
    words(
      `${option} : les certificats sont vérifiés, et aucune option ne l’empêche.`,
      "Si le serveur dépend de votre propre autorité, indiquez-la : NODE_EXTRA_CA_CERTS=FICHIER.pem",
    ),
  authority: (option) =>
    words(
      `${option} : une autorité à vous s’indique dans l’environnement.`,
      "Écrivez : NODE_EXTRA_CA_CERTS=FICHIER.pem",
    ),
  proxy: (option) =>
    words(`${option} : un proxy s’indique dans l’environnement.`, "Écrivez : HTTPS_PROXY=http://HÔTE:PORT"),
  tokenizer: (option) =>
    words(`${option} : les tokens sont comptés par le serveur, qui les annonce dans usage.`, `Retirez ${option}.`),
};

/** What is said of names that other tools have for what is there, and of options of another verb. */
export const frOtherTools = {
  renamed_option: ({ option, verb, elsewhere, ours, alias, write, value, hint }, command) => {
    const typed = [write, value ?? inFrench(hint ?? "")].join(" ").trim();
    if (ours === "--param") return words(`${option} se donne ici avec --param.`, `Écrivez : ${typed}`);
    if (elsewhere === null)
      return words(`${option} s’appelle ici ${ours}${alias === null ? "" : ` (${alias})`}.`, `Écrivez : ${typed}`);
    const there =
      option === ours ? `elle existe dans ${nameOf(elsewhere)}` : `dans ${nameOf(elsewhere)}, c’est ${ours}`;
    return words(
      `${nameOf(verb)} n’a pas d’option ${option} ; ${there}.`,
      `Écrivez : ${command(`${elsewhere} ${typed}`)}`,
    );
  },
  config_number: ({ value }) =>
    words(
      `-c désigne un fichier de configuration, et aucun ne s’appelle ${value}.`,
      `Le nombre de requêtes simultanées : -j ${value}`,
    ),
  other_way: ({ option, verb, why }, command) => WAYS[why](option, verb, command),
} satisfies Partial<Problems>;
