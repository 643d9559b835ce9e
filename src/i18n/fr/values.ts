import type { Accepted } from "../../config/user-error.ts";
import { frNumbers } from "../numbers.ts";
import { inFrench } from "./hints.ts";

const { count } = frNumbers;

/** The last of several is set off by `ou`. */
export function either(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} ou ${words.at(-1) ?? ""}`;
}

/** What a value may be, as a sentence, or how it should have been written; `off` is how nothing is written there. */
export function frAccepted(accepted: Accepted, value: string, meant: string | null, off: "off" | "null"): string {
  if (meant !== null)
    return value.includes(",") && meant.includes(".")
      ? `Écrivez ${meant}, avec un point.`
      : `Vouliez-vous dire ${meant} ?`;
  switch (accepted.kind) {
    case "integer":
    case "number": {
      const { kind, min, max } = accepted;
      const number = kind === "integer" ? "un nombre entier" : "un nombre";
      // Decimals are written as they are typed, with a point.
      const bounds = max === null ? `à partir de ${count(min)}` : `de ${min < 1 ? min : count(min)} à ${count(max)}`;
      const point = kind === "number" ? ", avec un point devant les décimales" : "";
      const others = (accepted.list ? ", ou une liste comme 1,4,16" : "") + (accepted.off ? `, ou ${off}` : "");
      return `Il faut ${number} ${bounds}${point}${others}.`;
    }
    case "duration":
      return "Il faut une durée d’un jour au plus, comme 500ms, 10s ou 2m ; 0 désactive.";
    case "choice":
      return `Il faut ${either(accepted.words)}.`;
    case "like":
      return `Exemple : ${accepted.example}`;
  }
}

/** What each kind of value is, as it stands in the definitions of the options, with an example where it needs one. */
const NEEDED: Readonly<Record<string, string>> = {
  "A,B": "le nom d’un modèle, comme gemma3:4b",
  "0…1": "un nombre de 0 à 1, comme 0.5",
  "0…2": "un nombre de 0 à 2, comme 0.8",
  "'NAME: VALUE'": "un nom et une valeur entre guillemets, comme 'x-equipe: bleue'",
  ADDRESS: "une adresse de cette machine",
  AMOUNT: "un montant, comme 2.50",
  DURATION: "une durée, comme 500ms, 10s ou 2m",
  FILE: "le nom d’un fichier",
  "FILE|-": "le nom d’un fichier, ou - pour l’entrée ou la sortie standard",
  "FILE.json": "le nom d’un rapport, comme reference.json",
  "FILE.jsonl": "le nom d’un fichier, comme mesure.jsonl",
  HOST: "le nom ou l’adresse d’un serveur de temps, comme pool.ntp.org",
  INSTANT: "un instant avec son fuseau, comme 2026-11-26T08:00:00Z",
  "FILE.csv|-": "le nom d’un tableau, comme in.csv, ou - pour l’entrée standard",
  "SCHEMA.json": "le nom d’un schéma JSON, comme schema.json",
  TEMPLATE: "un texte entre guillemets qui nomme des colonnes, comme 'Classe : {texte}'",
  "ID|FILE": "l’identifiant d’un lot, ou le nom d’un fichier déjà soumis, comme in.jsonl",
  "I/N": "une part et leur nombre, comme 1/3",
  KEY: "une clé de votre choix",
  "KEY=JSON": "un nom et une valeur, comme presence_penalty=0.5",
  MODEL: "le nom d’un modèle, comme gemma3:4b",
  N: "un nombre",
  "N|DURATION": "un nombre de flux ou une durée, comme 5 ou 10s",
  "NAME[@N][:SHARE]": "le nom d’une panne, comme reset@20:0.1",
  "NAME=SPEED,…": "des noms et des débits, comme rapide=500,lent=5",
  OUTCOME: "le nom de ce que devient un lot, comme expired",
  PATH: "le nom d’un fichier",
  TEXT: "un texte entre guillemets",
  URL: "une adresse, comme http://127.0.0.1:8080/v1",
};

/** What an option needs whose value is missing. */
export function frNeeded(option: string, hint: string, choices: readonly string[], example: string | null): string {
  if (choices.length > 0) return either(choices);
  if (option === "--slo") return "un seuil entre guillemets, comme 'p95(ttft) < 800ms'";
  if (option === "--fail-if") return "une limite entre guillemets, comme 'p95(ttft) +10%'";
  const needed = NEEDED[hint] ?? `une valeur (${inFrench(hint)})`;
  return example === null || needed.includes("comme") ? needed : `${needed}, comme ${example}`;
}
