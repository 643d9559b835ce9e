import type { SelftestWords } from "../load.ts";

export const frSelftest: SelftestWords = {
  verdict: {
    under: (limit, streams) => (streams === null ? `jamais sous ${limit}` : `sous ${limit} jusqu’à ${streams} flux`),
    error: (parts) => `Erreur du TTFT, p99 : ${parts.join(", ")}`,
    failed: (problems) => `Autotest en échec : ${problems.join(" ; ")}`,
  },
  problem: {
    lost: "ce qui a été injecté n’est pas entièrement ressorti",
    moved: "un thread principal occupé change les chiffres",
    silent: "un client saturé se dit sain",
  },
  machine: (cores, cpu) => `${cores} × ${cpu}`,
  title: "Erreur en ms : ce qui est rapporté moins ce que le serveur a écrit",
  column: { streams: "Flux", ttft: "TTFT", gap: "intervalle", duration: "durée", request: "requête" },
  legend:
    "Le serveur note l’instant qui précède chacune de ses écritures. requête : de notre envoi à sa lecture par le serveur ; ce n’est pas une erreur, le TTFT l’inclut.",
  whole: (streams, tokens) =>
    `Ce qui a été injecté est ressorti : ${streams} flux complets, avec tous leurs tokens (${tokens}).`,
  lost: (load, streams, tokens) =>
    `À ${load} à la fois, ${streams.join(" flux sur ")} sont ressortis complets, et ${tokens.join(" tokens sur ")}.`,
  clocks: (time) => `Horloges des deux processus : au plus ${time} d’écart.`,
  client: (healthy, limited) => {
    const parts = [
      ...(healthy === "" ? [] : [`sain à ${healthy} flux`]),
      ...(limited === "" ? [] : [`limité à ${limited} flux`]),
    ];
    return `Ce que le client dit de lui-même : ${parts.join(" ; ")}.`;
  },
  busy: {
    title: (blocked, streams) => `Thread principal occupé (bloqué par tranches de ${blocked}), ${streams} flux`,
    figure: (p50, p90) => `erreur p50 ${p50.join(" → ")}, p90 ${p90.join(" → ")} ms`,
    arrival: "arrivée",
    held: "Les chiffres n’ont pas bougé, comme il se doit.",
    moved: (p50, p90) => `Les chiffres ont bougé de plus de ${p50} (p50) ou ${p90} (p90) : ils n’auraient pas dû.`,
  },
  saturated: {
    title: (streams) => `Client saturé (${streams} flux, aussi vite que possible)`,
    limited: (by) => `Il se dit bien limité : ${by}.`,
    healthy: "Il se dit sain, à tort.",
  },
  progress: {
    load: (streams, rate) => `${streams} flux × ${rate} tokens/s`,
    quiet: "thread principal au repos",
    busy: "thread principal occupé",
    saturated: "client saturé",
    error: (p99) => `erreur du TTFT p99 ${p99}`,
    lost: "tout n’est pas ressorti",
    done: "fait",
  },
};
