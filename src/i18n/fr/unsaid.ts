import { words, type ProblemOf, type Words } from "../say.ts";

const CHAT = "ou utilisez --api chat";

/** Ce qui est dit d’une requête que l’API ne sait pas exprimer. */
export function frUnsaid({ api, what, name }: Omit<ProblemOf<"unsaid">, "code">): Words {
  switch (what) {
    case "image":
      return words(`L’API ${api} n’accepte pas d’image.`, `Retirez --image, ${CHAT}.`);
    case "parameter":
      return words(`L’API ${api} n’a pas de paramètre ${name}.`, `Retirez-le, ${CHAT}.`);
    case "part":
      return words(
        `L’API ${api} n’accepte pas d’élément ${JSON.stringify(name)} dans un message.`,
        `Retirez-le, ${CHAT}.`,
      );
    case "role":
      return words(`L’API ${api} n’a pas de message de rôle ${JSON.stringify(name)}.`, `Retirez-le, ${CHAT}.`);
    case "conversation":
      return words(
        `L’API ${api} prolonge un seul texte et n’accepte pas de conversation.`,
        `Donnez un seul prompt, ${CHAT}.`,
      );
    case "system":
      return words(
        "Aucun message système ne peut précéder des identifiants de tokens.",
        "Retirez --system (defaults.system).",
      );
    case "token_ids":
      return words(
        `L’API ${api} n’accepte pas d’identifiants de tokens.`,
        "Utilisez --api completions, ou donnez le prompt sous forme de texte.",
      );
    case "limit":
      return words(`L’API ${api} exige une longueur maximale de réponse.`, "Donnez --max-tokens N.");
  }
}
