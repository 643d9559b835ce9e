import { describe, expect, test } from "bun:test";
import { toCsv } from "../../src/report/csv.ts";
import { readReport, toJson } from "../../src/report/json.ts";
import { typographyProblems } from "../i18n/typography.ts";
import { playRun, type Played } from "../fixtures/report.ts";
import { inForm } from "./forms.ts";
import { parseCsv } from "./parse-csv.ts";

const told = playRun({ streams: 60, serverTells: true });
const silent = playRun({ streams: 60 });

function spoken(played: Played): Played {
  return { ...played, report: { ...played.report, api: "responses" } };
}

/** The text of a page, without its markup. */
async function pageOf(played: Played, lang: "en" | "fr"): Promise<string> {
  const html = await inForm("html", played, lang);
  const body = html.replaceAll(/<(script|style|p)[^>]*>[\s\S]*?<\/\1>/g, "");
  return body
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll(/[\s]+/g, " ");
}

describe("what a server says of its own work, and of its cache,", () => {
  test.each([
    ["en", ["Prompt tokens from the cache 50%", "Server's queue (mean) 15.0 ms", "Network and client (mean) 20.0 ms"]],
    [
      "fr",
      [
        "Tokens de prompt venus du cache 50 %",
        "File d’attente du serveur (moyenne) 15,0 ms",
        "Réseau et poste de mesure (moyenne) 20,0 ms",
      ],
    ],
  ] as const)("is on the page in %s, and not where it says nothing", async (lang, lines) => {
    const [page, without] = await Promise.all([pageOf(told, lang), pageOf(silent, lang)]);
    for (const line of lines) {
      expect(page).toContain(line);
      expect(without).not.toContain(line.replace(/ [\d,.]+.*/, ""));
    }
  });

  test.each(["en", "fr"] as const)("is in the Markdown in %s", async (lang) => {
    const text = await inForm("markdown", told, lang);
    const rows = text.split("\n").filter((line) => /cache|\((means|moyennes)\)/.test(line));
    expect(rows).toHaveLength(2);
    expect(rows.join()).toContain(lang === "fr" ? "réseau et poste de mesure 20,0" : "network and client 20.0");
    if (lang === "fr") expect(typographyProblems(rows.join("\n"))).toEqual([]);
    expect(await inForm("markdown", silent, lang)).not.toMatch(/cache|\((means|moyennes)\)/);
  });

  test("is in the CSV, and empty where it says nothing", () => {
    const rows = (played: Played) => {
      const all = parseCsv(toCsv(played.report));
      return (figure: string) => all.find((row) => row["figure"] === figure);
    };
    const [with_, without] = [rows(told), rows(silent)];
    expect(with_("server_queue_ms")).toMatchObject({ unit: "ms", count: "60", mean: "15", p50: "", value: "" });
    expect(with_("cached_prompt_tokens")).toMatchObject({ value: "720" });
    expect(with_("cached_share")).toMatchObject({ unit: "share", value: "0.5" });
    expect(without("server_queue_ms")).toMatchObject({ count: "0", mean: "" });
    expect(without("network_and_client_ms")).toMatchObject({ count: "0", mean: "" });
    expect(without("cached_share")).toMatchObject({ value: "" });
  });

  test("is the same when a report is read again", () => {
    const again = readReport(toJson(told.report), "a.json");
    expect(again.steps[0]?.results[0]?.server).toEqual(told.report.steps[0]?.results[0]?.server ?? null);
    expect(again.steps[0]?.results[0]?.server?.queue_ms).toEqual({ mean: 15, count: 60 });
  });
});

describe("the API that was spoken", () => {
  test.each(["en", "fr"] as const)("is on the page in %s where it is not chat", async (lang) => {
    expect(await pageOf(spoken(told), lang)).toContain("API responses");
    expect(await pageOf(told, lang)).not.toContain("API responses");
  });

  test("is kept in the JSON, one of a later version too", () => {
    expect(readReport(toJson(spoken(told).report), "a.json").api).toBe("responses");
    const later = toJson(spoken(told).report).replace('"api": "responses"', '"api": "telepathy"');
    expect(readReport(later, "a.json").api).toBe("telepathy");
  });

  test("is text from elsewhere in a report that is read", async () => {
    const hostile = { ...told, report: { ...told.report, api: "<script>alert(1)</script>" } };
    expect(await inForm("html", hostile)).not.toContain("<script>alert");
  });
});
