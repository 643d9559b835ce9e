import type { QueueWords } from "../load.ts";
import { frNumbers } from "../numbers.ts";

const { count, counted } = frNumbers;

function answered({ worker, version }: Parameters<QueueWords["unreadable"]>[0]): string {
  const which = version === null ? "de version inconnue" : `(llmaas ${version})`;
  return `${worker === null ? "Un worker" : `Le worker ${worker}`} ${which} a répondu`;
}

export const frQueue = {
  waiting: (what) => `${what} En attente.`,
  lost: (url) => `La file d’attente ${url} ne répond plus : llmaas attend qu’elle revienne. Rien n’est perdu.`,
  back: (url) => `La file d’attente ${url} répond de nouveau.`,
  gone: (url, time) => `La file d’attente ${url} n’a pas répondu pendant ${time} (--queue-timeout) : abandon.`,
  evicts: (policy) =>
    `La file d’attente peut supprimer des requêtes quand sa mémoire est pleine (maxmemory-policy ${policy}) : réglez-la sur noeviction. Ce qu’elle perd est renvoyé.`,
  full: "La mémoire de la file d’attente est pleine : llmaas attend que des workers y prennent du travail.",
  owned: "Une autre machine distribuait ce lot il y a un instant : llmaas attend de voir si elle a disparu.",
  noWorkers: (command, time) =>
    `${time === null ? "Aucun worker pour l’instant." : `Aucun worker depuis ${time} ; les requêtes attendent.`} À lancer sur chaque machine : ${command}`,
  departed: (worker, said) => `Le worker ${worker} est parti : ${said}`,
  waits: (worker, said) => `Le worker ${worker} n’envoie rien pour l’instant et réessaie de lui-même : ${said}`,
  elsewhere: (workers, endpoint) =>
    `Aucun worker n’interroge l’endpoint de ce lot ; ${workers < 2 ? "un worker en interroge un autre" : `${count(workers)} workers en interrogent d’autres`}. Pour ce lot, il faut des workers avec -e ${endpoint}`,
  halted: (worker, said) => `Le worker ${worker} a arrêté le lot : ${said}`,
  left: (requests) =>
    requests < 2
      ? "Une requête est chez un worker ou dans la file d’attente ; sa réponse y reste une semaine et sera reprise avec la suite du lot."
      : `${count(requests)} requêtes sont chez les workers ou dans la file d’attente ; leurs réponses y restent une semaine et seront reprises avec la suite du lot.`,
  again: (times) =>
    `Requêtes redistribuées : ${count(times)} fois, car un worker ou la file d’attente avait disparu ; le serveur a pu facturer chaque envoi.`,
  poisoned: (times) =>
    `${count(times)} workers ont disparu en traitant cette requête : elle n’est plus confiée à personne`,
  unreadable: (by, ours) =>
    `${answered(by)} d’une manière que ce llmaas (${ours}) ne sait pas lire. Utilisez la même version sur toutes les machines.`,
  neverRead: (by, ours, times) =>
    `${answered(by)} ${count(times)} fois d’une manière que llmaas ${ours} ne sait pas lire : la requête n’est plus confiée à personne`,
  worker: {
    started: (url, endpoint, places) =>
      `En attente de travail sur ${url}, pour ${endpoint}, ${places} requêtes simultanées. Ctrl+C termine ce qui est en cours.`,
    idle: "pas de travail",
    batches: (names) => names.join(", "),
    done: (done) => `${done} terminées`,
    others: (workers) => counted(workers, "worker"),
    refused: (name, theirs, ours) =>
      `Le lot ${name} est destiné à ${theirs}, et ce worker interroge ${ours} : il n’en prend rien.`,
    draining: (requests) =>
      requests === 0
        ? "Plus aucun travail n’est pris."
        : `Plus aucun travail n’est pris ; fin de ${counted(requests, "requête")} en cours. Ctrl+C une seconde fois arrête tout de suite et ${requests < 2 ? "la" : "les"} laisse aux autres.`,
    ended: (done, failed) =>
      `${counted(done, "requête")} traitée${done < 2 ? "" : "s"}${failed === 0 ? "" : `, dont ${count(failed)} en échec`}.`,
    unreachable: (said, time) => `${said} Son travail est rendu aux autres ; nouvel essai dans ${time}.`,
    leaving: (said) => `${said} Son travail est rendu aux autres.`,
    halted: (said) => `${said} Les lots destinés à cet endpoint sont arrêtés.`,
  },
  status: {
    none: (url) => `Aucun lot dans la file d’attente ${url}.`,
    batch: (name, state) => `${name} : ${state}`,
    fed: "en cours",
    stopped: "arrêté : batch run le reprend",
    silent: (time) => `plus distribué depuis ${time} : batch run le reprend`,
    done: (done, total) => `${done} sur ${total} terminées`,
    failed: (failed) => `${failed} en échec`,
    rate: (rate) => `${rate}/s`,
    waiting: (waiting) => `${waiting} en attente`,
    running: (running) => `${running} en cours`,
    answers: (answers) => `${counted(answers, "réponse")} à reprendre`,
    gone: (name) => `le worker ${name} a disparu ; son travail passe aux autres`,
    departed: (worker, time, said) => `Le worker ${worker} est parti il y a ${time} : ${said}`,
    draining: "se termine",
    columns: {
      worker: "Worker",
      running: "En cours",
      places: "Simultanées",
      done: "Terminées",
      failed: "Échecs",
      rate: "/s",
      endpoint: "Endpoint",
    },
    noWorkers: "Aucun worker.",
  },
} satisfies QueueWords;
