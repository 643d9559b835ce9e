import type { BatchProviderWords } from "../load.ts";
import { frNumbers } from "../numbers.ts";

const { count, counted } = frNumbers;

export const frBatchProvider = {
  planned: (requests, batches) =>
    batches === 1
      ? `${counted(requests, "requête")}, en un seul lot.`
      : `${counted(requests, "requête")}, en ${count(batches)} lots d’un seul modèle et d’une seule API.`,
  part: (part, what, requests, size) => `  ${part}. ${what} · ${counted(requests, "requête")} · ${size}`,
  uploading: (part, of, size) => `Envoi de la partie ${part} sur ${of} (${size})`,
  foundFile: (part) => `La partie ${part} avait déjà été envoyée : ce fichier est repris.`,
  foundBatch: (part) => `Le lot de la partie ${part} avait déjà été créé : aucun autre n’est créé.`,
  looking: (part) => `Aucune réponse : vérification que le lot de la partie ${part} existe ou non`,
  created: (id, requests, model) => `✓ ${id} : ${counted(requests, "requête")} pour ${model}`,
  already: (again) =>
    `Ce fichier a déjà été soumis et voici ses lots ; rien n’a été envoyé. Pour le soumettre à nouveau : ${again}`,
  kept: (path) => `Les identifiants sont conservés dans ${path}.`,
  next: (status, fetch) => `Pour attendre les réponses : ${status}\nPuis : ${fetch}`,
  goOnSubmit: (command) => `Ce qui est fait est conservé. Pour continuer : ${command}`,
  goOnWait: (command) => `Le fournisseur continue de son côté. Pour reprendre le suivi : ${command}`,
  goOnFetch: (command) => `Ce qui est récupéré est conservé. Pour continuer : ${command}`,
  uncertain: (part, path, again) =>
    `Impossible de savoir si le lot de la partie ${part} a été créé : aucune réponse n’est venue, et la liste des lots du fournisseur ne peut pas être lue. Pour ne rien payer deux fois, il n’a pas été recréé. Consultez la console du fournisseur ; si le lot n’y est pas, mettez creating_since de cette partie à null dans ${path}, puis : ${again}`,
  status: (status) => STATUS[status] ?? status,
  counts: (done, total, failed) => `${done}/${total} traitées${failed > 0 ? `, ${count(failed)} en échec` : ""}`,
  problem: (message, line) => (line === null ? message : `ligne ${count(line)} : ${message}`),
  moreProblems: (more) => (more === 1 ? "… et un autre problème" : `… et ${count(more)} autres problèmes`),
  columns: { id: "Lot", status: "État", counts: "Requêtes", created: "Création", name: "Fichier" },
  unsent: (parts, of, submit) =>
    `Sur les ${count(of)} lots de ce fichier, ${parts === 1 ? "un n’est pas encore soumis" : `${count(parts)} ne sont pas encore soumis`}. Pour le faire : ${submit}`,
  neither: (endpoint, said) =>
    `${endpoint} a répondu autre chose qu’un lot ou un fichier : « ${said} ». Vérifiez que l’endpoint est celui du fournisseur, et qu’il finit par /v1 s’il le faut.`,
  noBatch: (id, endpoint, list) => `${endpoint} ne connaît aucun lot ${id}. Pour voir ceux qui existent : ${list}`,
  noFile: (id, endpoint) =>
    `${endpoint} n’a plus le fichier ${id}, ou pas encore. Réessayez dans une minute ; certains fournisseurs suppriment les fichiers au bout d’un temps.`,
  noApi: (endpoint, status, run) =>
    `${endpoint} ne propose pas l’API Batch, ou pas entièrement (HTTP ${status}). Pour traiter le même fichier ici et maintenant : ${run}`,
  none: "Le fournisseur n’a aucun lot.",
  cancelled: (id, fetch) =>
    `${id} est en cours d’annulation. Les réponses déjà obtenues restent disponibles, et facturées : ${fetch}`,
  cancelTooLate: (id, status) => `${id} ne peut plus être annulé : ${status}.`,
  nothingYet: (id, status) => `${id} n’est pas terminé (${status}) ; rien n’en a été récupéré.`,
  downloading: (lines, total) => `Récupération des réponses : ${lines}/${total}`,
  collected: (answered, failed, open, missing) => {
    const parts = [answered < 2 ? `${count(answered)} réponse obtenue` : `${count(answered)} réponses obtenues`];
    if (failed > 0) parts.push(`${count(failed)} en échec`);
    if (open > 0) parts.push(`${count(open)} sans réponse mais à relancer`);
    if (missing > 0) parts.push(missing < 2 ? "une manquante" : `${count(missing)} manquantes`);
    return `${parts.join(", ")}.`;
  },
  codes: (codes) => codes.map(([code, times]) => `${times} × ${code}`).join(" · "),
  missing: (ids, more) =>
    `Manquent : ${ids.join(", ")}${more === 0 ? "" : more === 1 ? " et une autre" : ` et ${count(more)} autres`}`,
  listed: (path) => `Toutes les requêtes sans réponse sont listées dans ${path}.`,
  miscounted: (id, completed, found) =>
    `${id} : le fournisseur compte ${completed} réponses, ses fichiers en contiennent ${found}. Les fichiers font foi.`,
  twice: (ids) =>
    ids < 2
      ? "Une ligne répète un identifiant ; une réponse l’emporte sur une erreur."
      : `${count(ids)} lignes répètent un identifiant ; une réponse l’emporte sur une erreur.`,
  unknown: (ids, first) =>
    ids < 2
      ? `Une ligne porte un identifiant que personne n’a demandé, ${first} : elle est laissée de côté.`
      : `${count(ids)} lignes portent un identifiant que personne n’a demandé, comme ${first} : elles sont laissées de côté.`,
  broken: (lines) =>
    lines < 2
      ? "Une ligne est illisible : elle est laissée de côté."
      : `${count(lines)} lignes sont illisibles : elles sont laissées de côté.`,
  others: (ids) =>
    `${counted(ids, "identifiant")} déjà dans les résultats pour une requête différente : rien n’y a été changé.`,
  changed: (path) =>
    `${path} n’est plus le fichier qui a été soumis : les requêtes sont relues dans la copie du fournisseur.`,
  unknownInput:
    "Les requêtes soumises ne peuvent plus être relues : tout ce que contiennent les fichiers a été repris, mais rien n’y compte comme la réponse à l’une de vos requêtes.",
  results: (path, size) => `Résultats : ${path} (${size})`,
  rest: (command) => `Pour envoyer le reste ici et maintenant : ${command}`,
  again: (command) => `Pour relancer les échecs : ${command}`,
} satisfies BatchProviderWords;

const STATUS: Readonly<Record<string, string>> = {
  validating: "en vérification",
  in_progress: "en cours",
  finalizing: "en finalisation",
  completed: "terminé",
  failed: "en échec",
  expired: "expiré",
  cancelling: "en cours d’annulation",
  cancelled: "annulé",
  canceled: "annulé",
  not_yet: "pas encore visible",
};
