/** Bundles the script of the HTML report: a compiled program has no bundler, so that what it shows stands in the repository. */

/** Where the bundle stands. */
export const BUNDLE = new URL("../src/report/page/bundle.txt", import.meta.url).pathname;

/** The page's modules as one script, the same on every machine. */
export async function bundlePage(): Promise<string> {
  const { outputs } = await Bun.build({
    entrypoints: [new URL("../src/report/page/start.ts", import.meta.url).pathname],
    target: "browser",
    format: "iife",
    minify: true,
  });
  return (await outputs[0]?.text()) ?? "";
}

if (import.meta.main) await Bun.write(BUNDLE, await bundlePage());
