import type { BatchWords } from "../load.ts";
import { frNumbers } from "../numbers.ts";

const { count, counted } = frNumbers;

export const frBatch = {
  checking: (path, share) => `Vérification de ${path} : ${share}`,
  reading: (path, share) => `Lecture des résultats dans ${path} : ${share}`,
  plan: (total, done, failed) => {
    const before = done + failed;
    if (before === 0) return `${counted(total, "requête")} à envoyer.`;
    const bad =
      failed === 0
        ? ""
        : ` Parmi elles, ${count(failed)} en échec : --retry-failed ${failed < 2 ? "la" : "les"} renvoie.`;
    return `${counted(total, "requête")}, dont ${count(before)} déjà traitées : ${count(Math.max(0, total - before))} à envoyer.${bad}`;
  },
  estimate: {
    tokens: (prompt, answer) => `Tokens : environ ${prompt} dans les prompts, au plus ${answer} dans les réponses`,
    time: (time) => `Durée imposée par les limites : au moins ${time}`,
    noTime: "Durée : aucune limite n’est donnée, elle dépend de la vitesse du serveur",
    cost: (cost) => `Coût : au plus ${cost} environ`,
    noCost: "Coût : la configuration ne donne pas de prix pour cet endpoint",
  },
  torn: (bytes, path) =>
    `Les résultats s’arrêtaient au milieu d’une ligne : ces ${bytes} ont été retirés et se trouvent dans ${path}.`,
  broken: (lines, path) =>
    lines < 2
      ? `Une ligne des résultats n’est pas un résultat : elle a été retirée et se trouve dans ${path}.`
      : `${count(lines)} lignes des résultats ne sont pas des résultats : elles ont été retirées et se trouvent dans ${path}.`,
  emptyShard: (path) => `${path} n’a aucune requête pour cette part (--shard) : il n’y a rien à faire.`,
  twice: (ids) => `${counted(ids, "identifiant")} en double dans les résultats : la première ligne fait foi.`,
  skipped: (bad, path) =>
    bad < 2
      ? `Une ligne ne peut pas être envoyée : elle est dans ${path}, avec la raison.`
      : `${count(bad)} lignes ne peuvent pas être envoyées : elles sont dans ${path}, chacune avec sa raison.`,
  leftOut: (bad) =>
    bad < 2
      ? "Une ligne ne peut pas être envoyée : elle est ignorée."
      : `${count(bad)} lignes ne peuvent pas être envoyées : elles sont ignorées.`,
  unchecked: (path, what, name, nearest) => {
    const said = what === "format" ? "le format" : "le mot-clé";
    const hint = nearest === null ? "" : ` Vouliez-vous dire ${JSON.stringify(nearest)} ?`;
    return `${path} : ${said} ${JSON.stringify(name)} est inconnu ici et ne vérifie rien.${hint}`;
  },
  paused: (why, time) => `${why} Toutes les requêtes attendent ${time}.`,
  refusing: (why, time) =>
    `${why} Tout est refusé depuis ${time} : chaque requête est renvoyée jusqu’à être acceptée ; Ctrl+C arrête le lot et garde ce qui est là.`,
  why: (command) => `  Le détail des échecs : ${command}`,
  fewer: (why) => `${why} En attendant, moins de requêtes sont envoyées à la fois.`,
  away: (why, patience) =>
    `${why} Toutes les requêtes attendent son retour, puis reprennent d’elles-mêmes ; au bout de ${patience}, le lot s’arrêterait.`,
  progress: {
    done: (done, total) => `${done}/${total} traitées`,
    running: (running) => `${running} en cours`,
    workers: (workers) => counted(workers, "worker"),
    failed: (failed, kinds) =>
      `${failed} en échec${kinds.length === 0 ? "" : ` (${kinds.map(([why, times]) => `${times} × ${why}`).join(", ")})`}`,
    rate: (rate) => `${rate}/s`,
    left: (time) => `encore ${time}`,
    tokens: (tokens) => `${tokens} tokens`,
    cost: (cost, expected) => (expected === null ? cost : `${cost} sur ${expected} environ`),
  },
  ended: (answered, failed, open) => {
    const parts = [answered < 2 ? `${count(answered)} réponse obtenue` : `${count(answered)} réponses obtenues`];
    if (failed > 0) parts.push(`${count(failed)} en échec`);
    if (open > 0) parts.push(open < 2 ? "une requête restante" : `${count(open)} requêtes restantes`);
    return `${parts.join(", ")}.`;
  },
  failures: (kinds) => kinds.map(([why, times]) => `${times} × ${why}`).join(" · "),
  results: (path, size) => `Résultats : ${path} (${size})`,
  refused: (first, model, path) =>
    model === null
      ? `Les ${count(first)} premières requêtes à ${path} ont toutes été refusées pour la même raison : les suivantes n’ont pas été envoyées.`
      : `Les ${count(first)} premières requêtes pour le modèle ${model} ont toutes été refusées : les suivantes n’ont pas été envoyées.`,
  stopped: {
    quota: () => "Le crédit du compte est épuisé : le lot est arrêté.",
    unreachable: () => "L’endpoint est injoignable : le lot est arrêté.",
    refused_key: () => "La clé est refusée : le lot est arrêté.",
    long_wait: (time) => `Le serveur demande d’attendre ${time} : le lot est arrêté.`,
    told: () => "Le lot a été arrêté.",
    max_cost: () => "--max-cost est atteint : le lot est arrêté.",
    max_tokens: () => "--max-tokens-total est atteint : le lot est arrêté.",
    interrupted: () => "Arrêté.",
  },
  spent: (spent, option) =>
    `Ce lot a consommé ${spent} jusqu’ici, toutes exécutions comprises : pour continuer, augmentez ${option}.`,
  inputChanged: (path) =>
    `${path} a été modifié pendant la lecture : relancez la même commande pour envoyer ce qu’il contient de nouveau.`,
  notKept: "Avec --out FICHIER au lieu de --out -, un lot reprend là où il a été arrêté.",
  goOn: (command, kept) => `${kept ? "Les réponses obtenues sont conservées. " : ""}Pour continuer :\n  ${command}`,
  report: {
    head: (path, results, answered, failed) =>
      `${path} : ${counted(results, "résultat")}, dont ${counted(answered, "réponse obtenue", "réponses obtenues")}${failed > 0 ? ` et ${count(failed)} en échec` : ""}`,
    verdicts: (each) => `Verdicts : ${each.join(" · ")}`,
    retries: (times) => `Renvois : ${count(times)}`,
    takenOver: (times) =>
      `Requêtes redistribuées : ${count(times)} fois, car un worker ou la file d’attente avait disparu ; le serveur a pu facturer chaque envoi.`,
    tokens: (prompt, cached, answer, reasoning) =>
      `Tokens : ${prompt} dans les prompts${cached === null ? "" : ` (${cached} en cache)`}, ${answer} dans les réponses${reasoning === null ? "" : ` (${reasoning} de raisonnement)`}`,
    uncounted: (answers) =>
      answers < 2
        ? "Les tokens d’une réponse sont comptés par llmaas : le serveur n’a pas donné d’usage."
        : `Les tokens de ${count(answers)} réponses sont comptés par llmaas : le serveur n’a pas donné d’usage.`,
    cost: (cost) => `Coût : ${cost}`,
    time: (span, from) => `Durée : ${span}, depuis le ${from} UTC`,
    twice: (results) =>
      `${counted(results, "résultat")} en trop pour un identifiant déjà présent : non ${results < 2 ? "compté" : "comptés"}.`,
    nothing: (path) => `${path} ne contient encore aucun résultat.`,
    broken: (lines) =>
      lines < 2
        ? `Une ligne n’est pas un résultat : batch run la retire à la reprise.`
        : `${count(lines)} lignes ne sont pas des résultats : batch run les retire à la reprise.`,
    torn: (bytes) => `La dernière ligne est incomplète (${bytes}) : batch run la retire à la reprise.`,
    failures: "En échec :",
    ids: (ids, times) => `(${ids.join(", ")}${times > ids.length ? " …" : ""})`,
  },
} satisfies BatchWords;
