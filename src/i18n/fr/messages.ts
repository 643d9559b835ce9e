import type { Verdict } from "../../stream/event.ts";
import type { en } from "../en/messages.ts";
import { frNumbers } from "../numbers.ts";
import { frFailures } from "./failures.ts";
import { frSystem } from "./system.ts";

const { count } = frNumbers;

/** What a verdict says of an answer; its name stands beside it, for it is in every record. */
const VERDICT: Record<Verdict, string> = {
  complete: "complète",
  length: "coupée par max_tokens",
  empty: "vide",
  filtered: "filtrée",
  truncated: "interrompue",
  failed: "en échec",
  timeout: "délai dépassé",
  cancelled: "arrêtée",
};

/** French: no-break space before : and inside « », narrow no-break space before ; ! ? and units, and between thousands. */
export const fr = {
  ...frNumbers,
  defaultPrompt: "Écris-moi une courte histoire sur un robot qui découvre l’art.",
  /** What stands around one answer. */
  frame: {
    configuration: "Configuration :",
    api: "API : ",
    demo: "serveur intégré (démonstration)",
    model: "Modèle : ",
    streaming: "Streaming : ",
    enabled: "Activé (SSE)",
    title: "Démonstration Streaming LLMaaS",
    question: "Question : ",
    moreLines: (number, about) =>
      `… ${about ? "environ " : ""}${count(number)} ${number < 2 ? "ligne" : "lignes"} de plus`,
    answer: "Réponse en streaming :",
    tokens: "Tokens reçus : ",
    duration: "Durée : ",
    speed: "Vitesse : ",
    ttft: "Premier token (TTFT) : ",
    thinking: "Réflexion : ",
    steady: "Débit de génération : ",
    gaps: "Intervalle (ITL) : ",
    gapValues: (p50, p99, max) => `médiane ${p50} · ${p99 === null ? "" : `p99 ${p99} · `}max ${max}`,
    stalls: "Pauses longues : ",
    stallValues: (count, time) => `${count} (${time} en tout)`,
    held: "Lecture freinée par l’affichage : ",
    malformed: "Événements illisibles ignorés : ",
    attempts: "Requêtes envoyées : ",
    attemptValues: (count, wait) => `${count} (${wait} d’attente entre elles)`,
    cost: "Coût : ",
    verdict: "Verdict : ",
    verdictValue: (verdict, why) =>
      `${VERDICT[verdict]} (${why === null || why === verdict ? verdict : `${verdict}, ${why}`})`,
    trustedDone: "sans finish_reason : --trust-done",
    tool: "Appel d’outil : ",
    invalidArguments: "(les arguments ne sont pas du JSON valide)",
    demoBefore: "Rien n’est configuré : le serveur intégré répond, à la vitesse publiée du modèle.",
    demoAfter: (command) =>
      `C’était le serveur intégré. Pour une vraie réponse, créez une clé sur console.cloud-temple.com, puis définissez LLMAAS_API_KEY ou créez un fichier de configuration : ${command("config init")}`,
  },
  live: {
    noResponse: "le serveur n’a pas encore répondu",
    noToken: "en attente du premier token",
    attempt: (number) => `essai n° ${number}`,
    retry: (attempt, wait) => `essai n° ${attempt} dans ${wait}`,
    tokens: (number, written) => `${written} ${number < 2 ? "token" : "tokens"}`,
    gaps: "intervalles",
    longest: (time) => `max ${time}`,
    silent: (time) => `aucun token depuis ${time}`,
  },
  ended: {
    complete: "Streaming terminé !",
    length: "Streaming terminé : réponse coupée par max_tokens ; pour l’avoir entière, augmentez --max-tokens.",
    empty: "La réponse est vide.",
    filtered: "La réponse a été filtrée.",
    truncated: "La réponse est interrompue.",
    failed: "La requête a échoué.",
    timeout: "La réponse a mis trop de temps.",
    cancelled: "Arrêté avant la fin.",
  },
  inLumps: (share) =>
    `La réponse est arrivée par paquets : ${share} de ses événements de token ont été lus avec un précédent, après une attente. Un intermédiaire (proxy, compression) la retient : le premier token et les intervalles mesurés sont les siens, pas ceux du modèle. Pour mesurer le modèle, désactivez sa mise en tampon et sa compression.`,
  retrying: (attempt, why, wait) => `${why} Nouvel essai (n° ${attempt}) dans ${wait}.`,
  notice: {
    adapted_stream_options: () => "Le serveur ne connaît pas stream_options : la requête a été renvoyée sans.",
    adapted_max_tokens: () =>
      "Le serveur veut max_completion_tokens à la place de max_tokens : la requête a été renvoyée ainsi.",
    stale_connection: () =>
      "Le serveur avait fermé la connexion gardée ouverte : la requête est repartie sur une nouvelle.",
    content_type: (type) =>
      `Le serveur ${type === "" ? "ne dit pas ce qu’est ce flux" : `annonce ce flux comme ${type}`}, et c’est du text/event-stream.`,
    not_streamed: () => "Le serveur a envoyé la réponse d’un bloc : elle n’est pas arrivée en streaming.",
    other_choices: () => "Le serveur envoie plusieurs choix : seul le premier est affiché.",
    other_model: (model) => `Le modèle qui a répondu n’est pas celui demandé : ${model}.`,
    usage_impossible: () =>
      "Les nombres de tokens annoncés par le serveur sont impossibles pour cette réponse : llmaas compte les événements.",
    usage_not_total: () =>
      "Le nombre de tokens annoncé par le serveur n’augmente pas au fil de la réponse, ce n’est donc pas un total : llmaas compte les événements.",
    unknown_finish_reason: (reason) => `Le serveur a terminé pour une raison que llmaas ne connaît pas : ${reason}.`,
    lost_events: (number) =>
      `${number === "1" ? "1 événement est illisible" : `${count(Number(number))} événements sont illisibles`} : il manque à la réponse ce qu’il${number === "1" ? " contenait" : "s contenaient"}. --debug ${number === "1" ? "le" : "les"} montre.`,
    done_without_reason: () =>
      "Le serveur a terminé sans finish_reason ; la réponse compte comme complète à cause de --trust-done (api.trust_done).",
    end_without_reason: () =>
      "Le serveur a terminé la réponse sans stop_reason : rien ne dit pourquoi elle s’arrête là.",
    late_error: (words) => `Après la fin de la réponse, le serveur a envoyé une erreur, qui n’y change rien : ${words}`,
  },
  failure: frFailures,
  origin: {
    default: "valeur par défaut",
    file: (path) => path,
    environment: (name) => `${name} (environnement)`,
    flag: (name) => name,
  },
  config: {
    created: (path, schemaPath) =>
      `✅ ${path} (lisible par vous seul) et ${schemaPath} sont écrits.\n` +
      "   Mettez votre clé dans api.token, ou laissez-y le texte d’exemple et définissez LLMAAS_API_KEY.\n" +
      "   Clés : https://console.cloud-temple.com · documentation : https://docs.cloud-temple.com",
    file: (path) => `Fichier de configuration : ${path}`,
    foundInFolder: (command) =>
      `Trouvé dans le dossier courant sans avoir été désigné : s’il nomme un endpoint, celui-ci ne reçoit ni la clé de l’environnement ni, sur une autre machine, un prompt que personne ne verrait partir. Si le fichier est à vous : ${command("config trust")}`,
    trusted: (path, endpoint) =>
      `✅ ${path} est approuvé tel quel : votre clé et vos prompts iront à ${endpoint}, sans autre question.\n` +
      "   Si le fichier change, la question sera posée de nouveau.",
    noFile: "Aucun fichier de configuration.",
    ignored: (path) => `Ignoré : ${path} (ni « api » ni « defaults » : il appartient à un autre programme).`,
    ignoredUnread: (path, command) =>
      `Ignoré : ${path} (illisible comme JSON : ${command("config check")} dit pourquoi).`,
    untaken: (keys) =>
      `Non repris d’un fichier seulement trouvé : ${keys}. Désignez-le avec --config pour l’autoriser.`,
    off: "désactivé",
    valid: (path) => `✅ ${path} est valide.`,
    validWithoutFile: "✅ Aucun fichier de configuration ; les autres réglages sont valides.",
    placeholderGoes: (keyOrigin, endpoint) =>
      `🔑 La clé (${keyOrigin}) est encore le texte d’exemple. ${endpoint} est sur cette machine et la reçoit telle quelle.`,
    keyGoes: (keyOrigin, endpoint) => `🔑 La clé (${keyOrigin}) va à ${endpoint}, et nulle part ailleurs.`,
    noKey: (endpoint) => `🔑 Aucune clé : les requêtes vers ${endpoint} partent sans clé.`,
  },
  models: {
    columns: {
      model: "Modèle",
      owner: "Propriétaire",
      context: "Contexte",
      size: "Taille",
      speed: "Vitesse",
      use: "Cas d’usage",
    },
    none: (endpoint) => `${endpoint} ne liste aucun modèle.`,
    unreachable:
      "La liste de l’endpoint n’a pas pu être obtenue ; voici les quatre modèles que LLMaaS recommande pour commencer :",
    speed: (tokensPerSecond) => `~${tokensPerSecond} tokens/s`,
    unconfigured: "Rien n’est configuré ; voici les quatre modèles que LLMaaS recommande pour commencer :",
    use: {
      "granite3.3:2b": "démonstrations rapides",
      "gemma3:4b": "qualité équilibrée",
      "qwen3:8b": "réponses sophistiquées",
      "cogito:3b": "raisonnement logique",
    },
  },
  simulate: {
    listening: (url) => `Le serveur intégré écoute à l’adresse ${url}`,
    apis: (names) => `API : ${names}`,
    models: (names) => `Modèles : ${names}`,
    stop: "Ctrl+C l’arrête.",
    prompt: "Qui es-tu ?",
    try: (command) => `Pour essayer : ${command}`,
  },
  warning: {
    insecureTls: "NODE_TLS_REJECT_UNAUTHORIZED=0 est défini : quiconque intercepte la connexion peut lire la clé.",
    shortKey: (keyOrigin) =>
      `La clé de ${keyOrigin} a moins de 4 caractères, trop peu pour une clé : elle est envoyée, mais n’est pas masquée à l’affichage.`,
    readable: (path) => `${path} contient une clé, et d’autres que vous peuvent le lire : chmod 600 ${path}`,
    foundEndpoint: (endpoint, path, command) =>
      `L’endpoint est ${endpoint} : seul ${path} le désigne, un fichier trouvé ici. S’il est à vous : ${command("config trust")}`,
    outputFailed: (why) => `Impossible d’écrire la sortie : ${frSystem(why)}.`,
    tooManyFiles:
      "Trop de fichiers et de connexions à ouvrir : relevez la limite de ce shell (ulimit -n), ou lancez moins de requêtes simultanées (-j).",
    kept: (path) => `Ce qui a déjà été écrit se trouve dans ${path}.`,
    looksLikeJson: (source, line, name) =>
      `${source} : la ligne ${line} ressemble à du JSON, et sera envoyée telle quelle, comme du texte. ${
        name === null
          ? "Pour qu’elle soit lue comme du JSON, commencez par une ligne de JSON."
          : `Pour qu’elle soit lue comme du JSON, nommez le fichier ${name}.`
      }`,
    skippedLines: (count, first) =>
      `${count <= 1 ? `${count} ligne a été écartée` : `${count} lignes ont été écartées`}. La première : ${first}`,
    notShown: (units) =>
      `Le terminal était trop lent pour la fin : ${count(units)} caractères reçus ne sont pas affichés.`,
    demoInstead: "Avec --demo, c’est le serveur intégré qui répond : --endpoint reste sans effet.",
    waitingForStdin: "En attente d’un prompt sur l’entrée standard (Ctrl+D pour finir).",
  },
  hint: { nearestModel: (model) => `Vouliez-vous dire le modèle ${model} ?` },
  bug: "C’est un bogue de llmaas, vous n’y êtes pour rien. Merci de le signaler avec ce qui suit.",
} satisfies typeof en;
