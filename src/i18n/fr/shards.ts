import type { enShards } from "../en/shards.ts";
import { frNumbers } from "../numbers.ts";

const { count, counted } = frNumbers;

/** Ce qui se dit d’une charge que plusieurs machines se partagent. */
export const frShards = {
  name: (index: number, of: number) => `part ${index}/${of}`,
  begins: (index: number, of: number, start: string, wait: string) =>
    `Part ${index}/${of} d’une charge que plusieurs machines se partagent : elle commence à ${start}, dans ${wait}.`,
  clock: (server: string, offset: string, isBehind: boolean, error: string) =>
    `L’horloge de cette machine ${isBehind ? "retarde" : "avance"} de ${offset} sur celle de ${server}, à ${error} près.`,
  noClock: (server: string) =>
    `${server} n’a donné aucune heure utilisable : l’écart de l’horloge de cette machine reste inconnu.`,
  part: (index: number, of: number) =>
    `Part ${index}/${of} : celle d’une seule machine. Les seuils se jugent quand toutes les parts sont réunies, par llmaas merge.`,
  title: "Parts",
  all: (of: number) => `${count(of)} réunies`,
  missing: (found: number, of: number, missing: string) => `${count(found)} sur ${count(of)} réunies, sans ${missing}`,
  spread: (time: string) => `premières requêtes en l’espace de ${time}`,
  common: (share: string) => `${share} des fenêtres en commun`,
  clocks: {
    unknown:
      "horloges non comparées : leur écart brouille d’autant ce qui est montré au fil du temps, mais aucune durée ni aucun percentile",
    within: (time: string) => `horloges à ${time} près`,
  },
  more: (parts: number) => `… et ${counted(parts, "autre part", "autres parts")}`,
  judgedLater: (thresholds: number) => `${counted(thresholds, "seuil")} à juger par llmaas merge`,
  streams: (number: number) => counted(number, "flux", "flux"),
  first: (time: string) => `première requête après ${time}`,
  none: "aucune requête",
  healthy: "mesure fiable",
  limited: "mesure perturbée",
  partial: "arrêtée avant la fin",
  each: (machine: string) => `chacune sur ${machine}`,
  machine: (cores: number, cpu: string, system: string) => `${count(cores)} × ${cpu}, ${system}`,
  bounds: (figures: string) => `Connu entre deux bornes seulement : ${figures}.`,
  between: (least: string, most: string) => `${least} à ${most}`,
  bounded: {
    peak: "tokens/s de la meilleure seconde",
    requests: "requêtes/s",
    tokens: "tokens/s",
    goodput: "débit utile par seconde",
    prompts: "prompts différents",
    atOnce: "requêtes simultanées au maximum",
    mean: "requêtes simultanées en moyenne",
  },
} satisfies typeof enShards;
