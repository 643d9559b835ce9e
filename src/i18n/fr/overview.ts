import type { enOverview } from "../en/overview.ts";

export const frOverview = {
  sentence:
    "llmaas affiche les réponses de LLMaaS, ou de tout endpoint compatible OpenAI, à mesure qu’elles s’écrivent, et mesure honnêtement leur vitesse, leur régularité, et si elles sont complètes.",
  examples: [
    "llmaas stream --demo",
    "llmaas config init",
    'llmaas stream -m qwen3:8b "Explique le streaming en un paragraphe"',
  ],
  more: "llmaas COMMANDE --help dit tout d’une commande ; README.fr.md et docs/fr/ disent le reste. Les clés se créent sur console.cloud-temple.com ; docs.cloud-temple.com explique le service.",
} satisfies typeof enOverview;
