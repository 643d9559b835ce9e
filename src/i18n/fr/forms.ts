import { frNumbers } from "../numbers.ts";
import type { enForms } from "../en/forms.ts";

const { count, counted } = frNumbers;

const OPERATOR = { "<": "moins de", "<=": "au plus", ">": "plus de", ">=": "au moins" } as const;

/** The other forms of a report in French. */
export const frForms = {
  broken: (threshold, value, samples) =>
    `${threshold} : seuil dépassé, ${value} mesuré (${counted(samples, "valeur")}).`,
  unjudged: (threshold, why) => `${threshold} : seuil non évalué, ${why}.`,
  undecided: (threshold, value, samples) =>
    `${threshold} : seuil indécis, ${value} mesuré (${counted(samples, "valeur")}), plus près de la limite que l’écart dû au poste de mesure.`,
  answers: "au moins une réponse complète",
  more: (rows) => `… et ${rows} autres lignes : les rapports .json et .csv les ont toutes.`,
  kept: (command) => `Le rapport est conservé : ${command} en fait une page.`,
  notKept: (folder, why) => `Le rapport n’a pas pu être conservé dans ${folder} (${why}).`,
  newest: (when, endpoint) => `Le dernier rapport conservé : ${when}, ${endpoint}.`,
  newBaseline: (path) =>
    `Il n’y avait pas de référence : cette mesure devient ${path}, et les suivantes lui seront comparées.`,
  noBaseline: (path) =>
    `${path} n’a pas été écrit : une mesure interrompue, ou sans réponse complète, ne peut pas servir de référence.`,
  ci: {
    elsewhere:
      "--ci s’adresse à GitHub Actions, et ce n’est pas lui : les autres systèmes de CI lisent --report FICHIER.xml.",
    more: (number) => `… et ${counted(number, "autre échec", "autres échecs")}`,
    noSummary: (path, why) => `Le résumé de l’étape ${path} n’a pas pu être écrit (${why}).`,
  },
  page: {
    wordsPerToken: 0.65,
    title: "Temps de réponse du modèle de langage",
    measured: "Ce qui a été mesuré",
    felt: "Ce que voient les utilisateurs",
    agreed: "Par rapport aux seuils",
    sure: "Fiabilité des chiffres",
    andMore: (models) => ` et ${models} de plus`,
    users: (number) =>
      number === 1
        ? "Un utilisateur, qui pose une nouvelle question dès que la réponse est complète."
        : `${counted(number, "utilisateur simultané", "utilisateurs simultanés")}, chacun posant une nouvelle question dès que sa réponse est complète.`,
    arrivals: (rate, spacing) =>
      `${rate} questions par seconde, ${spacing === "poisson" ? "comme en posent des utilisateurs indépendants" : "à intervalles réguliers"}.`,
    steps: (loads) => `Plusieurs charges successives : ${loads}.`,
    questions: (number, time) => `${counted(number, "question")} en ${time}.`,
    prompts: (words, tokens) => `Questions d’environ ${counted(words, "mot")} (médiane : ${counted(tokens, "token")}).`,
    answers: (words, median, least, most) =>
      `Réponses d’environ ${counted(words, "mot")} (${least === most ? "" : "médiane : "}${counted(median, "token")}${least === most ? "" : ` ; de ${count(least)} à ${count(most)}`}).`,
    longest: (tokens) => `La longueur des réponses était limitée à ${counted(tokens, "token")}.`,
    samePrompt: "Toujours la même question : le serveur a pu répondre depuis un cache.",
    firstWord: (half, most) =>
      `La moitié des utilisateurs voient le premier mot en ${half} au plus${most === null ? "" : `, 95 sur 100 en ${most} au plus`}.`,
    speed: (half, most) =>
      `Le texte s’affiche ensuite à ${half} mots par minute ou plus pour la moitié des utilisateurs${most === null ? "" : `, à ${most} ou plus pour 95 sur 100`}. On lit environ 240 mots par minute.`,
    whole: (half, most) =>
      `La moitié des réponses sont complètes en ${half} au plus${most === null ? "" : `, 95 sur 100 en ${most} au plus`}.`,
    nothing: "Aucune réponse n’est arrivée.",
    noneFailed: (answers) =>
      answers === 1 ? "L’unique réponse est complète." : `Aucun échec sur ${count(answers)} réponses.`,
    failed: (failed, all) =>
      `${count(failed)} ${failed < 2 ? "question" : "questions"} sur ${count(all)} sans réponse complète.`,
    cause: "Cause la plus fréquente :",
    throughput: (perMinute) => `Le service donne en tout ${perMinute} réponses complètes par minute.`,
    ofAll: (part, all) => `${part} sur ${all}`,
    head: {
      load: "Charge",
      half: "Premier mot : la moitié en",
      most: "95 sur 100 en",
      speed: "Mots par minute (la moitié)",
      failed: "Échecs",
      thresholds: "Seuils",
    },
    leftOut: (rows) => `Autres lignes dans le rapport complet : ${rows}.`,
    allLoads: (load) => `Tous les seuils sont respectés à chaque charge, jusqu’à ${load}.`,
    noLoad: (load, isDecided) =>
      `Même à la charge la plus faible, ${load}, ${isDecided ? "les seuils ne sont pas tous respectés" : "rien ne dit encore que tous les seuils soient respectés"}.`,
    upTo: (good, bad, isDecided) =>
      `Tous les seuils sont respectés jusqu’à ${good} ; à ${bad}, ${isDecided ? "ce n’est plus le cas" : "le résultat reste indécis"}.`,
    interval: (answers, low, high) =>
      `Mesuré sur ${answers} réponses. Le délai dans lequel 95 utilisateurs sur 100 voient le premier mot se situe entre ${low} et ${high} (confiance 95 %), pour autant qu’une seule mesure permette de le dire.`,
    tooFew: (answers) => `Mesuré sur ${answers} réponses : trop peu pour dire ce que voient 95 utilisateurs sur 100.`,
    tooShort: (answers) =>
      `Mesuré sur ${answers} réponses. La mesure est trop courte pour dire de combien une autre en différerait.`,
    moreThresholds: (number) => `Autres seuils dans le rapport complet : ${number}.`,
    margin: "Marge",
    limit: (figure, who, operator, value) =>
      `${figure}${who === "" ? "" : `, ${who}`} : ${OPERATOR[operator]} ${value}`,
    who: { share: (number) => `${number} sur 100`, mean: "en moyenne", each: "dans tous les cas" },
    foot: "Un token est compté pour 0,65 mot. Le premier mot est le premier token reçu (TTFT) ; la vitesse est celle du texte une fois commencé. Fait avec",
  },
} satisfies typeof enForms;
