import { load, type CompareWords, type FormWords, type Messages, type ReportWords } from "../i18n/load.ts";
import type { Exemplar } from "../metrics/exemplars.ts";
import type { RunReport } from "../metrics/report.ts";

/** What a report is made of besides its figures; `left`: how many streams are not among `streams`. */
export type Material = {
  report: RunReport;
  streams: readonly Exemplar[];
  left: number;
  messages: Messages;
  words: ReportWords;
  forms: FormWords;
  compare: CompareWords;
};

/** What a report is made from, before the words of the language are loaded. */
export type Measured = Pick<Material, "report" | "streams" | "left" | "messages">;

/** Makes one form of a report. */
export type Maker = (measured: Measured) => string;

/** What makes each form; loaded before the first request, for later there may be no file left to open. */
const FORMS = {
  json: async () => {
    const { toJson } = await import("./json.ts");
    return ({ report }: Material) => toJson(report);
  },
  csv: async () => {
    const { toCsv } = await import("./csv.ts");
    return ({ report }: Material) => toCsv(report);
  },
  vllm: async () => {
    const { toVllm } = await import("./vllm.ts");
    return ({ report }: Material) => toVllm(report);
  },
  html: async () => (await import("./html.ts")).renderHtml,
  markdown: async () => (await import("./markdown.ts")).toMarkdown,
  page: async () => (await import("./statement-forms.ts")).statementHtml,
  page_markdown: async () => (await import("./statement-forms.ts")).statementMarkdown,
  junit: async () => (await import("./junit.ts")).toJunit,
} satisfies Record<string, () => Promise<(material: Material) => string>>;

/** The forms that a report can have. */
export type FormName = keyof typeof FORMS;

/** How the name of a file ends that is to hold a form; `.vllm.json` is another than `.json`. */
const ENDINGS: readonly (readonly [ending: string, form: FormName])[] = [
  [".json", "json"],
  [".csv", "csv"],
  [".html", "html"],
  [".md", "markdown"],
  [".xml", "junit"],
  [".vllm.json", "vllm"],
];

/** Those ends, as they are listed where none is met. */
export const FORM_ENDINGS = ENDINGS.map(([ending]) => ending).join(", ");

/** The form that the name of a file asks for. */
export function formOf(path: string): FormName | undefined {
  const name = path.toLowerCase();
  return ENDINGS.findLast(([ending]) => name.endsWith(ending))?.[1];
}

/** What makes a form, with the words of one language. */
export async function openForm(form: FormName, lang: Messages["lang"]): Promise<Maker> {
  const [make, words] = await Promise.all([FORMS[form](), wordsOf(lang)]);
  return (measured) => make({ ...measured, ...words });
}

async function wordsOf(lang: Messages["lang"]): Promise<Pick<Material, "words" | "forms" | "compare">> {
  const [words, forms, compare] = await Promise.all([load(lang, "report"), load(lang, "forms"), load(lang, "compare")]);
  return { words, forms, compare };
}
