import type { SelftestWords } from "./selftest.ts";

export const frSelftest: SelftestWords = {
  verdict: {
    under: (limit, streams) =>
      streams === null ? `sous ${limit} à aucune charge` : `sous ${limit} jusqu’à ${streams} flux`,
    error: (parts) => `Erreur du TTFT, p99 : ${parts.join(", ")}`,
    failed: (problems) => `Autotest en échec : ${problems.join(" ; ")}`,
  },
  problem: {
    lost: "ce qui a été injecté n’est pas entièrement ressorti",
    moved: "un fil principal occupé change les mesures",
    silent: "un client saturé est dit sain",
  },
  machine: (cores, cpu) => `${cores} × ${cpu}`,
  title: "Erreur en ms : ce qui est rapporté moins ce que le serveur a écrit",
  column: { streams: "Flux", ttft: "TTFT", gap: "intervalle", duration: "durée", request: "requête" },
  legend:
    "Le serveur note l’instant qui précède chacune de ses écritures. requête : de notre envoi à sa lecture par le serveur ; ce n’est pas une erreur, le TTFT la comprend.",
  whole: (streams, tokens) =>
    `Ce qui a été injecté est ressorti : ${streams} flux complets, avec tous leurs ${tokens} tokens.`,
  lost: (load, streams, tokens) =>
    `À ${load} à la fois, ${streams.join(" flux sur ")} sont ressortis complets, et ${tokens.join(" tokens sur ")}.`,
  clocks: (time) => `Horloges des deux processus : au plus ${time} d’écart.`,
  client: (healthy, limited) => {
    const parts = [
      ...(healthy === "" ? [] : [`sain à ${healthy} flux`]),
      ...(limited === "" ? [] : [`limité à ${limited} flux`]),
    ];
    return `Ce que le client dit de lui-même : ${parts.join(", ")}.`;
  },
  busy: {
    title: (blocked, streams) => `Fil principal occupé (bloqué ${blocked} à la fois), ${streams} flux`,
    figure: (p50, p90) => `erreur p50 ${p50.join(" → ")}, p90 ${p90.join(" → ")} ms`,
    arrival: "arrivée",
    held: "Les mesures n’ont pas bougé, comme il se doit.",
    moved: (p50, p90) => `Les mesures ont bougé de plus de ${p50} (p50) ou ${p90} (p90) : elles ne le devraient pas.`,
  },
  saturated: {
    title: (streams) => `Client saturé (${streams} flux, aussi vite qu’ils viennent)`,
    limited: (by) => `Limité par le client, comme il doit le dire : ${by}.`,
    healthy: "Le client se dit sain : il ne le devrait pas.",
  },
  progress: {
    load: (streams, rate) => `${streams} flux × ${rate} tokens/s`,
    quiet: "fil principal au repos",
    busy: "fil principal occupé",
    saturated: "client saturé",
    error: (p99) => `erreur du TTFT p99 ${p99}`,
    lost: "tout n’est pas ressorti",
    done: "fait",
  },
};
