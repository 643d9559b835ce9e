import type { enExitCodes } from "../en/exit-codes.ts";

/** What the verbs end with, in French. */
export const frExitCodes = {
  exit: [
    ["0", "complete, ou coupée par max_tokens (length)"],
    ["1", "failed : pas de réponse, ou une erreur en plein milieu"],
    ["2", "la ligne de commande ou la configuration ; rien n’a été envoyé"],
    ["3", "empty, filtered ou truncated"],
    ["4", "timeout"],
    ["70", "un bogue de llmaas"],
    ["129", "SIGHUP"],
    ["130", "Ctrl+C"],
    ["141", "le lecteur de stdout est parti"],
    ["143", "SIGTERM"],
    ["", "plusieurs flux : le pire, dans l’ordre 70, signal, 1, 4, 3, 0"],
  ],
  ownExit: {
    bench: [
      ["0", "tous les seuils respectés ; sans seuil : au moins un flux complet"],
      ["1", "rien n’est allé au bout"],
      ["2", "la ligne de commande ou la configuration, ou un prompt illisible"],
      ["5", "un seuil n’est pas respecté"],
      ["6", "aucun n’est dépassé ; un est indécis : le poste a perturbé la mesure"],
      ["130", "Ctrl+C, avec un rapport marqué partiel (143 SIGTERM, 129 SIGHUP)"],
    ],
    compare: [
      ["0", "comparé, quel que soit l’écart"],
      ["1", "rien à comparer : aucune charge en commun avec le même modèle"],
      ["2", "la ligne de commande, ou un rapport illisible"],
      ["5", "un --fail-if est dépassé"],
      ["6", "aucun n’est dépassé ; un est indécis : le poste a perturbé la mesure"],
    ],
    merge: [
      ["0", "tous les seuils respectés ; sans seuil : au moins un flux complet"],
      ["1", "rien n’est allé au bout"],
      ["2", "la ligne de commande, ou des rapports qui ne vont pas ensemble"],
      ["5", "un seuil n’est pas respecté"],
      ["6", "aucun n’est dépassé ; un est indécis : poste perturbé, ou bornes seules"],
    ],
    "batch run": [
      ["0", "chaque requête a sa réponse"],
      ["1", "le lot a été arrêté, ou aucune requête n’a de réponse"],
      ["2", "la ligne de commande, la configuration ou le fichier ; rien n’est parti"],
      ["3", "certaines requêtes ont définitivement échoué"],
      ["130", "Ctrl+C ; les réponses obtenues sont gardées (143 SIGTERM, 129 SIGHUP)"],
    ],
    selftest: [
      ["0", "tout ce qui a été injecté est ressorti, les deux épreuves sont réussies"],
      ["1", "sinon : ne vous fiez pas aux chiffres de cette machine"],
    ],
  },
} satisfies typeof enExitCodes;
