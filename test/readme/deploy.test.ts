import { describe, expect, test } from "bun:test";
import { Glob, YAML } from "bun";
import { readArgs } from "../../src/commands/args.ts";
import { batchRun } from "../../src/commands/batch-run.ts";
import { batchWorker } from "../../src/commands/batch-worker.ts";
import { bench } from "../../src/commands/bench.ts";
import { PAGES } from "./pages.ts";

const FOLDER = new URL("../../deploy/", import.meta.url).pathname;

/** What a YAML file may hold. */
type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

const files = new Map(
  await Promise.all(
    [...new Glob("**/*.yaml").scanSync(FOLDER)].toSorted().map(async (file) => {
      const text = await Bun.file(FOLDER + file).text();
      return [file, text.split(/^---$/m).map((part): Value => JSON.parse(JSON.stringify(YAML.parse(part))))] as const;
    }),
  ),
);

/** Every value under this key, however deep. */
function under(value: Value, key: string): Value[] {
  if (Array.isArray(value)) return value.flatMap((each) => under(each, key));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, inside]) => [...(name === key ? [inside] : []), ...under(inside, key)]);
}

function objectOf(value: Value | undefined): Record<string, Value> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};
}

function inDocuments(file: string, key: string): Value[] {
  return (files.get(file) ?? []).flatMap((document) => under(document, key));
}

const composeServices = (files.get("compose.yaml") ?? []).flatMap((document) =>
  Object.values(objectOf(objectOf(document)["services"])).map(objectOf),
);

/** Each container with its name, image and what it is started with. */
const containers = [...files].flatMap(([file, documents]) => {
  const kubernetes = documents.flatMap((document) => under(document, "containers")).flat();
  const compose = documents.flatMap((document) => Object.values(objectOf(objectOf(document)["services"])));
  return [...kubernetes, ...compose].map((container) => {
    const { image = "", args = null, command = null } = objectOf(container);
    const words = Array.isArray(args) ? args : Array.isArray(command) ? command : [];
    return { file, image: String(image), words: words.map(String), whole: JSON.stringify(container) };
  });
});

const ours = containers.filter(({ image }) => image === "llmaas");
const started = ours.filter(({ words }) => words[0] !== "sleep");

describe("what deploy/ starts", () => {
  test("is the run, the workers and the shards, in both forms", () => {
    const verbs = started.map(
      ({ file, words }) =>
        `${file}: ${words
          .filter((word) => /^[a-z]+$/.test(word))
          .slice(0, 2)
          .join(" ")}`,
    );
    expect(verbs.toSorted()).toEqual([
      "compose.yaml: batch run",
      "compose.yaml: batch worker",
      "kubernetes/batch-run.yaml: batch run",
      "kubernetes/bench-shards.yaml: bench",
      "kubernetes/workers.yaml: batch worker",
    ]);
  });

  test.each(started.map((each) => [`${each.file}: ${each.words.join(" ")}`, each.words] as const))(
    "%s has options that there are",
    (_, words) => {
      const [first, second] = words;
      if (first === "bench") {
        const args = readArgs("bench", words.slice(1), bench.args);
        expect([args.one("shard"), args.one("start-at"), args.has("duration"), args.has("json")]).toEqual([
          "$(SHARD)/10",
          "START_AT",
          true,
          true,
        ]);
      } else if (second === "worker")
        expect(readArgs("batch worker", words.slice(2), batchWorker.args).positionals).toEqual([]);
      else expect(readArgs("batch run", words.slice(2), batchRun.args).has("out")).toBe(true);
    },
  );

  test("gives the key to those alone who ask", () => {
    const withKey = containers
      .filter(({ whole }) => /api-key/i.test(whole))
      .map(({ file, words }) => [file, words[1] ?? ""]);
    expect(withKey.toSorted()).toEqual([
      ["compose.yaml", "worker"],
      ["kubernetes/bench-shards.yaml", "--shard"],
      ["kubernetes/workers.yaml", "worker"],
    ]);
  });

  test("runs without root, without rights, and with nothing to write to but its volumes", () => {
    const pods = [...files].flatMap(([file, documents]) =>
      documents
        .flatMap((document) => under(document, "spec").map(objectOf))
        .flatMap((spec) => {
          return Array.isArray(spec["containers"])
            ? [{ file, spec, containers: spec["containers"].map(objectOf) }]
            : [];
        }),
    );
    expect(pods).toHaveLength(5);
    for (const { file, spec, containers } of pods) {
      const user = file.endsWith("queue.yaml") ? 999 : 10001;
      const inPod = { runAsNonRoot: true, runAsUser: user, seccompProfile: { type: "RuntimeDefault" } };
      expect([file, spec["securityContext"]]).toEqual([file, expect.objectContaining(inPod)]);
      for (const { securityContext, image, imagePullPolicy } of containers) {
        expect([file, securityContext]).toEqual([
          file,
          { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ["ALL"] } },
        ]);
        // Without a tag, Kubernetes would look for it elsewhere each time, though the node has it.
        if (image === "llmaas") expect([file, imagePullPolicy]).toEqual([file, "IfNotPresent"]);
      }
    }
    for (const service of composeServices.filter(({ image }) => image === "llmaas"))
      expect(service).toMatchObject({ read_only: true, cap_drop: ["ALL"], user: expect.stringContaining("RUN_AS") });
  });

  test("has a line in example.env for every variable of the compose file, and no other", async () => {
    const compose = await Bun.file(`${FOLDER}compose.yaml`).text();
    const example = await Bun.file(`${FOLDER}example.env`).text();
    const asked = new Set([...compose.matchAll(/\$\{(\w+)/g)].map(([, name = ""]) => name));
    const told = [...example.matchAll(/^(\w+)=/gm)].map(([, name = ""]) => name);
    expect(told.toSorted()).toEqual([...asked].toSorted());
  });

  test("mounts volumes that there are, and selects pods by labels that they have", () => {
    const specs = [...files.values()].flat().flatMap((document) => under(document, "spec").map(objectOf));
    for (const spec of specs.filter(({ containers }) => Array.isArray(containers))) {
      const claimed = specs.flatMap(({ template, volumeClaimTemplates = null }) =>
        objectOf(template)["spec"] === spec && Array.isArray(volumeClaimTemplates)
          ? volumeClaimTemplates.map((claim) => objectOf(objectOf(claim)["metadata"])["name"])
          : [],
      );
      const { volumes = [] } = spec;
      const there = Array.isArray(volumes) ? volumes.map((volume) => objectOf(volume)["name"]) : [];
      for (const { name } of under(spec, "volumeMounts").flat().map(objectOf))
        expect([...claimed, ...there]).toContain(name);
    }
    for (const { selector, template } of specs.filter((spec) => spec["template"] && spec["selector"]))
      expect(objectOf(selector)["matchLabels"]).toEqual(objectOf(objectOf(template)["metadata"])["labels"]);
    const labels = new Set(specs.flatMap((spec) => under(objectOf(spec["template"]), "app")));
    for (const app of inDocuments("kubernetes/queue.yaml", "selector").flatMap((selector) => under(selector, "app")))
      expect(labels.has(app)).toBe(true);
  });

  test("keeps the password of the queue off every command line", () => {
    for (const { file, words, whole } of ours.filter(({ words }) => words[0] === "batch"))
      expect([file, whole.includes("LLMAAS_QUEUE"), words.some((word) => /redis/.test(word))]).toEqual([
        file,
        true,
        false,
      ]);
  });

  test("holds no secret, and a queue that throws nothing away", () => {
    for (const { file, words, image } of containers.filter(({ image }) => image.startsWith("valkey"))) {
      expect([file, image, words.includes("noeviction"), words.includes("--requirepass")]).toEqual([
        file,
        image,
        true,
        true,
      ]);
    }
    expect([...files.keys()].flatMap((file) => inDocuments(file, "stringData"))).toEqual([]);
  });

  test("has as many shards as it says, all at once, none made up for", () => {
    const [spec] = inDocuments("kubernetes/bench-shards.yaml", "spec").map(objectOf);
    expect(spec).toMatchObject({
      completionMode: "Indexed",
      completions: 10,
      parallelism: 10,
      backoffLimitPerIndex: 0,
    });
  });

  test("gives workers time to finish", () => {
    expect(inDocuments("kubernetes/workers.yaml", "terminationGracePeriodSeconds")).toEqual([600]);
    expect(inDocuments("compose.yaml", "stop_grace_period")).toEqual(["10m"]);
  });

  test("lists every file of it that kustomize is to apply, and only those", () => {
    const listed = inDocuments("kubernetes/kustomization.yaml", "resources").flat().map(String);
    const there = [...files.keys()].flatMap((file) => /^kubernetes\/(.*)$/.exec(file)?.[1] ?? []);
    expect(listed.filter((file) => !there.includes(file))).toEqual([]);
    expect(there.filter((file) => !listed.includes(file)).toSorted()).toEqual([
      "batch-run.yaml",
      "bench-shards.yaml",
      "files.yaml",
      "kustomization.yaml",
    ]);
  });
});

test("the page on many machines names the files that there are", async () => {
  const pages = PAGES.filter(({ name }) => name === "many-machines");
  expect(pages.map(({ lang }) => lang)).toEqual(["en", "fr"]);
  for (const { text, file } of pages) {
    const named = [...text.matchAll(/deploy\/[\w./-]*\w/g)].map(([path]) => path);
    for (const path of new Set(named)) {
      if (/\.env$|^deploy\/data/.test(path) && path !== "deploy/example.env") continue;
      const found =
        path === "deploy/kubernetes" || (await Bun.file(new URL(`../../${path}`, import.meta.url)).exists());
      expect([file, path, found]).toEqual([file, path, true]);
    }
  }
});

test("the page on many machines speaks of what the manifests make, by its name", () => {
  const made = new Set(
    [...files.values()].flat().flatMap((document) => {
      const { kind, metadata } = objectOf(document);
      return typeof kind === "string" ? [`${kind.toLowerCase()}/${String(objectOf(metadata)["name"])}`] : [];
    }),
  );
  const keys = new Set(
    [...files.keys()].flatMap((file) => inDocuments(file, "secretKeyRef").map((ref) => objectOf(ref)["key"])),
  );
  for (const { text, file } of PAGES.filter(({ name }) => name === "many-machines")) {
    const named = [...text.matchAll(/\b(?:deployment|job|pod|statefulset)\/[a-z][\w-]*/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(0);
    for (const name of named) expect([file, name, made.has(name)]).toEqual([file, name, true]);
    const given = [...text.matchAll(/--from-(?:file|literal)=([\w-]+)=/g)].map(([, key]) => key);
    expect([file, given.toSorted()]).toEqual([file, [...keys].map(String).toSorted()]);
    for (const [, namespace] of text.matchAll(/kubectl -n (\S+)/g)) expect([file, namespace]).toEqual([file, "llmaas"]);
  }
});
