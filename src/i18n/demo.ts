import type { Lang } from "./numbers.ts";
import type { Command } from "./say.ts";

/** What the built-in server says, and that it is no model; short of 300 tokens, so that `max_tokens` does not cut it. */
export function demoAnswer(lang: Lang, model: string, command: Command): string {
  return lang === "fr" ? french(model, command) : english(model, command);
}

function english(model: string, command: Command): string {
  return `I am the simulator built into llmaas, not a model: nothing has left this machine. Still, I know one story, and tell it to everyone.

Aria sorted bolts in a workshop. One night, a drop of blue paint fell on her steel hand. She could have wiped it off. She drew a line instead, then another, and saw that no bolt had ever looked back at her like that. By morning the wall was a sea, and the bolts were its pebbles.

What you have just watched is streaming. The request said "stream": true, and these words came one by one, as Server-Sent Events (SSE), at the published speed of ${model}. The figures that follow are measured, not played: the time to first token (TTFT), the tokens per second, the gaps between tokens, and how the answer ended.

For real answers, make a key at console.cloud-temple.com, then set LLMAAS_API_KEY or run: ${command("config init")}`;
}

function french(model: string, command: Command): string {
  return `Je suis le simulateur intégré à llmaas, pas un modèle : rien n’a quitté cette machine. Je connais tout de même une histoire, et la raconte à chacun.

Aria triait des boulons dans un atelier. Une nuit, une goutte de peinture bleue tomba sur sa main d’acier. Elle aurait pu l’essuyer. Elle traça une ligne, puis une autre, et vit qu’aucun boulon ne l’avait jamais regardée ainsi. Au matin, le mur était une mer, et les boulons ses galets.

Ce que vous venez de voir, c’est le streaming. La requête disait "stream": true, et ces mots sont arrivés un à un, en Server-Sent Events (SSE), à la vitesse publiée de ${model}. Les chiffres qui suivent sont réellement mesurés : le délai du premier token (TTFT), les tokens par seconde, les intervalles entre tokens, et la façon dont la réponse s’est terminée.

Pour de vraies réponses, créez une clé sur console.cloud-temple.com, puis définissez LLMAAS_API_KEY ou lancez : ${command("config init")}`;
}
