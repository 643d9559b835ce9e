import type { enTerms } from "../en/terms.ts";
import { frNumbers } from "../numbers.ts";
import { term } from "../say.ts";

const { count, counted, number } = frNumbers;

const figure: (typeof enTerms)["figure"] = {
  ttft_ms: term("TTFT", { row: "Premier token (TTFT)", long: "Premier token (TTFT)" }),
  ttfo_ms: term("TTFO", { row: "1ᵉʳ texte visible (TTFO)", long: "Premier texte visible (TTFO)" }),
  gap_ms: term("Intervalle (ITL)", { short: "intervalle", long: "Intervalle entre tokens (ITL)" }),
  tpot_ms: term("TPOT", { row: "Temps/token (TPOT)", long: "Temps par token (TPOT)" }),
  duration_ms: term("Durée", { short: "durée" }),
  tokens_per_second: term("Débit par réponse", {
    short: "débit par réponse",
    row: "Débit par réponse, t/s",
    long: "Débit par réponse (tokens/s)",
  }),
  decode_tokens_per_second: term("Débit de génération", {
    short: "débit de génération",
    row: "Débit de génération, t/s",
    long: "Débit de génération (tokens/s)",
  }),
  latency_from_due_ms: term("Latence depuis l’échéance", {
    short: "latence depuis l’échéance",
    row: "Depuis l’échéance",
  }),
  dispatch_delay_ms: term("Retard d’envoi", { short: "retard d’envoi" }),
  error_rate: term("Taux d’erreur"),
  goodput: term("Débit utile (goodput)", { short: "débit utile" }),
  goodput_per_second: term("Débit utile par seconde"),
  requests_per_second: term("Requêtes/s"),
  output_tokens_per_second: term("Débit total", { row: "Débit total, t/s", long: "Débit total (tokens/s)" }),
  peak_tokens_per_second: term("Débit de pointe", { long: "Débit de pointe (tokens/s)" }),
};

/** What is called how, and what each figure means: all other texts read it here. */
export const frTerms = {
  figure,
  compared: {
    ttft: "Premier token",
    speed: figure.tokens_per_second.name,
    steady: figure.decode_tokens_per_second.name,
    duration: figure.duration_ms.name,
    tokens: "Tokens",
    gap_p50: "Intervalle méd.",
    gap_p99: "Intervalle p99",
    stalls: "Pauses longues",
    cost: (currency) => `Coût (${currency})`,
  },
  check: {
    worker_lag_p99_ms: term("boucle d’événements", {
      row: "boucle d’événements p99",
      long: "retard de la boucle d’événements p99 (ms)",
    }),
    dispatch_delay_p99_ms: term("retard d’envoi", { row: "retard d’envoi p99", long: "retard d’envoi p99 (ms)" }),
    cpu_per_thread: term("CPU", { row: "CPU par thread", long: "temps de processeur par thread" }),
    concurrency: term("trop peu de requêtes simultanées", {
      row: "requêtes simultanées",
      long: "requêtes simultanées",
    }),
    held_ms: term("sortie bloquée", { long: "sortie bloquée (ms)" }),
    too_many_files: term("limite de fichiers ouverts", {
      row: "trop de fichiers ouverts",
      long: "flux refusés : trop de fichiers ouverts",
    }),
  },
  partial: {
    signal: term("interruption", { row: "interrompue", long: "la mesure a été interrompue" }),
    threshold: term("un seuil non respecté", {
      row: "arrêtée par un seuil non respecté",
      long: "arrêtée par un seuil non respecté",
    }),
    crash: term("panne du thread de mesure", {
      row: "le thread de mesure s’est arrêté",
      long: "le thread de mesure s’est arrêté",
    }),
    output: term("la sortie n’a pas pu être écrite"),
    prompts: term("la suite des prompts était illisible", {
      row: "la suite des prompts est illisible",
      long: "la suite des prompts est illisible",
    }),
    refused: term("toutes les requêtes étaient refusées", {
      row: "arrêtée, toutes les requêtes étant refusées",
      long: "arrêtée, toutes les requêtes étant refusées",
    }),
  },
  noKnee: {
    none: "Pas de point de saturation (knee) parmi ces paliers.",
    few_rounds:
      "Point de saturation (knee) impossible à situer : il faut trois fois plus de requêtes que de requêtes simultanées.",
    nothing_whole: "Point de saturation (knee) impossible à situer : aucun flux n’est allé au bout.",
  },
  doubt: {
    unknown_finish_reason: (streams) => `${counted(streams, "réponse")} à finish_reason inconnu`,
    lost_events: (streams) => `${counted(streams, "réponse")} où il manque des événements`,
    done_without_reason: (streams) =>
      `${counted(streams, "réponse complète", "réponses complètes")} par [DONE] seul (--trust-done)`,
    usage_impossible: (streams) => `${counted(streams, "réponse")} au décompte (usage) impossible : événements comptés`,
    usage_not_total: (streams) => `${counted(streams, "réponse")} au décompte (usage) partiel : événements comptés`,
  },
  load: {
    closed: (concurrency) => (concurrency === 1 ? "1 requête à la fois" : `${count(concurrency)} requêtes simultanées`),
    arrival: (rate) => `${number(rate)} requêtes/s`,
  },
  client: {
    healthy: "mesure fiable",
    limited: "mesure perturbée",
    disturbed: (by, shifts) =>
      `Mesure perturbée par le poste de mesure (${by}) : ${shifts ?? "ampleur inconnue"}. Réduisez le nombre de flux, changez de machine, ou recommencez.`,
    shift: {
      time: (time) => `${figure.ttft_ms.name} trop élevé de ${time} au plus`,
      rate: (share) => `tokens/s trop bas de ${share} au plus`,
      refused: (share) => `${share} des flux jamais envoyés`,
    },
  },
  noSamples: "aucune valeur",
  tooFew: (samples, needed) => `${counted(samples, "valeur")}, il en faut ${count(needed)}`,
  everyStream: (objective) => `${objective} (chaque flux)`,
  keptBy: (met, of, worst) => `${met} flux sur ${of}${worst === null ? "" : `, au pire ${worst}`}`,
  allModels: "tous les modèles",
  api: (name) => `API ${name}`,
  server: {
    title: "Serveur (moyennes)",
    queue: "file d’attente",
    prefill: "prefill",
    ttft: (own, here) =>
      own === null
        ? `TTFT de ${here} mesuré ici (le serveur ne dit rien de sa file d’attente)`
        : `TTFT de ${own} selon lui, ${here} mesuré ici`,
    between: "réseau et poste de mesure",
    longer: "il compte plus que ce qui a été mesuré ici",
    long: {
      queue: "File d’attente du serveur (moyenne)",
      prefill: "Prefill du serveur (moyenne)",
      ttft: "TTFT selon le serveur (moyenne)",
    },
    longBetween: "Réseau et poste de mesure (moyenne)",
    here: (own, here) => `${own} (${here} mesuré ici)`,
  },
  cache: {
    title: "Cache du prompt",
    long: "Tokens de prompt venus du cache",
    value: (share) => `${share} des tokens de prompt`,
  },
  help: {
    title: "Ce que veut dire chaque chiffre",
    about:
      "Chacun a une seule définition, la même à l’écran, dans les enregistrements (records) et dans les rapports. Dans le JSON, les durées sont en millisecondes. Un chiffre qui n’existe pas vaut null (– à l’écran), jamais 0 : il n’entre dans aucune distribution, et le nombre des absents est donné.",
    sections: {
      instants: {
        title: "Les instants d’un flux",
        about:
          "Relevés une seule fois, dans un thread à part, quand les octets arrivent et avant de les décoder. Tous les événements d’une même lecture du réseau ont le même instant.",
        figures: {
          due: "échéance : l’instant où la requête devait partir (avec --rate ; sinon, celui de sent)",
          sent: "juste avant l’envoi de la requête",
          opened: "le statut et les en-têtes de la réponse sont connus",
          first_token:
            "le premier événement de token : texte visible, refus, raisonnement ou morceau d’appel d’outil. Un événement qui ne donne que le rôle n’en est pas un.",
          first_output: "le premier événement qui porte du texte visible",
          last_token: "le dernier événement de token",
          ended:
            "la marque de fin de l’API ([DONE], response.completed, message_stop), la fin du corps, l’erreur, ou notre propre abandon",
        },
      },
      stream: {
        title: "Les chiffres d’un flux",
        about: "Chaque nouvel essai repart d’un nouveau sent ; dans bench, ttft_ms compte depuis le premier.",
        figures: {
          duration_ms: "last_token − sent si la réponse est complète ou coupée par max_tokens ; sinon ended − sent",
          total_ms: "ended − le premier sent : ce que l’utilisateur a attendu, nouveaux essais compris",
          tail_ms: "ended − last_token : ce que le serveur a encore fait après son dernier token",
          ttft_ms: "délai du premier token (TTFT) : first_token − sent",
          ttfo_ms: "délai du premier texte visible (TTFO) : first_output − sent. Sans raisonnement, c’est le TTFT",
          thinking_ms: "first_output − first_token, quand le raisonnement est venu d’abord",
          tokens:
            "ce que dit l’usage du serveur (completion_tokens) ; sans usage, ou s’il ne peut être vrai, le nombre d’événements de token, marqué ~",
          tokens_source:
            "usage, ou events quand le serveur ne compte pas : un événement peut porter plusieurs tokens, ou un morceau d’un seul",
          streamed_tokens:
            "tokens, moins ceux du raisonnement que l’usage y compte mais qu’aucun événement n’a portés, plus ceux qu’il compte à part et que des événements ont portés : ce qui est vraiment arrivé",
          tokens_per_second: "tokens ÷ durée, attente du premier comprise",
          tpot_ms:
            "temps par token (TPOT) : (last_token − first_token) ÷ (n − 1) ; n est le nombre d’événements de token si streamed_tokens ne le dépasse pas de plus de 2 (une fin de texte est comptée sans événement), sinon streamed_tokens ; aucun sous deux tokens, s’ils sont tous arrivés ensemble, ou si moins de 8 événements portent plus de 4 tokens chacun",
          decode_tokens_per_second: "1 000 ÷ tpot_ms : le débit de génération, sans l’attente du premier token",
          gap_ms:
            "intervalle entre tokens (ITL) : le temps entre deux lectures successives qui ont apporté des tokens. La lecture qui suit une pause de notre fait n’est pas comptée.",
          tokens_per_event: "streamed_tokens ÷ événements de token",
          coalesced:
            "part des événements de token lus en même temps qu’un précédent : aucun intervalle ne se mesure entre eux",
          lumped:
            "part d’entre eux arrivée par paquets : après une attente d’au moins 5 ms (400 ms avant le premier), assez longue pour qu’un modèle les écrive un à un, et où ce programme n’avait rien d’autre à faire. Au-delà de la moitié, quelque chose en chemin (proxy, compression) retient la réponse",
          stalls:
            "pauses longues : intervalles plus longs que le réglage stall (1 s), et celui qui restait ouvert à la fin d’une réponse incomplète",
          stall_ms: "durée totale de ces pauses",
          held_ms:
            "lecture freinée par l’affichage : temps pendant lequel ce programme ne lisait pas, parce que sa propre sortie était bloquée ou parce qu’il était suspendu (Ctrl+Z). Une pause de 0,5 s ou plus compte dans duration_ms mais dans aucun débit : tokens_per_second, tpot_ms et decode_tokens_per_second suivent le rythme des tokens réellement attendus, et sont inconnus s’il y en a moins de 8 ; le TTFT est inconnu si la pause a précédé le premier token",
          prompt_tokens: "tokens du prompt, selon l’usage",
          cached_prompt_tokens:
            "tokens du prompt que le serveur avait en cache, selon l’usage ; s’il n’en dit rien, le chiffre est inconnu, et non nul",
          server:
            "ce que le serveur dit de son propre travail, quand il le dit (vLLM, llama.cpp, Groq, Cerebras, SambaNova, Fireworks) : queue_ms (file d’attente), prefill_ms, son propre ttft_ms, decode_ms, mean_itl_ms, tokens_per_second ; processing_ms vient de l’en-tête openai-processing-ms d’OpenAI. Rien de cela n’entre dans un autre chiffre",
          reasoning_tokens: "tokens de raisonnement, selon l’usage",
          cost: "(prompt − cache) × prix d’entrée + cache × prix cached_input + (complétion − raisonnement) × prix de sortie + raisonnement × son propre prix ; un raisonnement que l’usage compte à part de la complétion n’en est pas retranché ; aucun sans usage ou sans prix",
          attempts: "requêtes envoyées, y compris celles qu’il a fallu adapter au serveur",
          retry_wait_ms: "temps passé à attendre entre elles",
        },
      },
      load: {
        title: "Quels flux comptent",
        about:
          "ttft, ttfo, gap et dispatch_delay comptent tout flux mesuré qui les a. duration, tpot, les deux débits en tokens et latency_from_due ne comptent que les réponses complètes ou coupées par max_tokens.",
        figures: {
          dispatch_delay_ms: "retard d’envoi : sent − due, le retard de ce programme, et non du serveur",
          latency_from_due_ms:
            "last_token − due : ce qu’a ressenti un utilisateur venu à l’échéance, attente derrière d’autres comprise",
          missed_starts: "départs manqués : à l’échéance, --max-in-flight flux étaient déjà en cours",
          warmup:
            "préchauffage : des flux lancés avant, qui n’entrent dans aucun chiffre ; seul le débit d’une fenêtre que --duration achève à elle seule compte ce qui en arrive encore",
          window:
            "fenêtre : le temps mesuré. À sa fin, plus aucun flux ne part ; ceux qui sont en cours peuvent finir dans le délai de --drain.",
          unfinished:
            "inachevés : les flux encore en cours après cela, hors du taux d’erreur et du débit utile. Au-delà de 5 %, le verdict dit que la fenêtre est trop courte.",
          left_out: "combien de flux manquent à une distribution : inachevés, en échec, ou sans ce chiffre",
        },
      },
      distributions: {
        title: "Les distributions",
        about: "",
        figures: {
          count: "nombre de valeurs ; chaque intervalle en est une",
          missing: "flux mesurés qui n’y sont pas : la somme de left_out",
          mean: "moyenne exacte, comme min et max",
          stdev: "écart type de l’échantillon (n − 1)",
          "p1 … p99.9":
            "la valeur de rang ⌈p × n ÷ 100⌉, à trois chiffres significatifs ; la même règle partout. Les durées se lisent en p50 · p95 · p99, les débits du côté lent en p50 · p5 · p1 : 95 % des réponses sont allées au moins aussi vite que le p5. Un p95 ou un p5 demande 20 valeurs, un p99 ou un p1 en demande 100 : avec moins, c’est le maximum ou le minimum sous un autre nom, et il est remplacé par – ; le JSON le garde à côté de son nombre de valeurs",
          hdr: "l’histogramme lui-même (HdrHistogram V2, compressé, base64) de 1 000 × la valeur : ceux de plusieurs rapports s’additionnent",
        },
      },
      run: {
        title: "Les chiffres d’une mesure",
        about: "",
        figures: {
          requests_per_second: "réponses finies dans la fenêtre, complètes ou coupées par max_tokens, ÷ sa durée",
          output_tokens_per_second:
            "tokens arrivés dans la fenêtre ÷ sa durée ; les tokens d’un flux sont répartis sur ses événements de token. En direct, on compte les événements, d’où le ~.",
          peak_tokens_per_second: "de même, à la meilleure seconde",
          network_and_client:
            "réseau et poste de mesure : TTFT mesuré ici − TTFT selon le serveur (celui qu’il donne, ou sa file d’attente + son prefill), en moyenne sur les flux qui n’ont demandé qu’un essai : l’aller, le retour et le poste de mesure. Inconnu si le serveur ne dit rien de sa file d’attente",
          concurrency: "flux entre sent et ended : demandés, au plus, et en moyenne dans le temps",
          error_rate:
            "taux d’erreur : flux ni complets, ni coupés par max_tokens, ni inachevés ÷ tous ceux qui sont partis, sauf les inachevés",
          goodput:
            "débit utile : part des mêmes flux qui respectent tous les objectifs par flux, comme --slo 'ttft < 1s' ; un échec n’en respecte aucun. Par seconde : ceux qui ont fini dans la fenêtre.",
          thresholds:
            "seuils, comme --slo 'p95(ttft) < 800ms' : respectés, dépassés ou indécis. 'ttft < 1s' doit être respecté par chaque flux qui compte pour le débit utile ; avec un seuil sur goodput, par cette part d’entre eux. Un seuil pour lequel rien n’a été mesuré, ou trop peu pour son percentile, n’est pas respecté.",
          undecided:
            "indécis : la limite est plus proche de la valeur que l’écart dû au poste de mesure ; ni respecté ni dépassé (code de sortie 6)",
          knee: "point de saturation : le dernier palier avant que la latence monte sans gain de débit ; au palier suivant, le débit croît de moins de la moitié de ce dont croît la charge. Il faut au moins trois fois plus de requêtes que de requêtes simultanées",
          blocks:
            "les mêmes chiffres pour chaque dixième de la fenêtre, qui permettent à llmaas compare de distinguer un changement du hasard",
        },
      },
      client: {
        title: "La fiabilité de la mesure",
        about:
          "Ce que le poste de mesure doit respecter pour que les chiffres soient ceux du serveur seul. Si tout est respecté : mesure fiable ; sinon : mesure perturbée par le poste de mesure, par quoi et de combien. Rien n’en est dit quand aucun token n’est arrivé, ou pour moins de 1 s de mesure.",
        figures: {
          disturbance:
            "écart que le poste de mesure a pu causer. Durées : le plus grand du retard de la boucle d’événements (p99), du retard d’envoi (p99) et de la plus longue lecture retenue. Débits et temps par token : cette durée ÷ la durée médiane, et la part qui n’est pas partie. Taux d’erreur et débit utile : la part restée sans connexion et, pour le débit utile, les flux aussi proches de leur limite.",
          worker_lag_p99_ms: "retard du thread qui lit : p99 sous 5 ms",
          dispatch_delay_p99_ms:
            "retard d’envoi des requêtes (en charge fermée, depuis qu’une place est libre) : p99 sous 10 ms",
          cpu_per_thread: "temps de processeur par thread occupé : sous 80 % d’un cœur",
          concurrency: "jamais moins de flux que demandé (ou qu’il n’en reste) pendant plus de 1 s",
          held_ms: "l’affichage n’a jamais freiné la lecture : 0",
          too_many_files: "flux auxquels le système n’a pas donné de connexion : 0 (ulimit -n relève sa limite)",
        },
      },
    },
  },
} satisfies typeof enTerms;
