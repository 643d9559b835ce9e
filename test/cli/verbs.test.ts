import { afterAll, describe, expect, test } from "bun:test";
import { startSimulator } from "../../src/simulator/server.ts";
import { CANARIES } from "./canaries.ts";
import { runProgram, startProgram } from "./program.ts";

const simulator = startSimulator({ control: { rate: 0, ttft_ms: 0 }, apiKey: CANARIES.key });
afterAll(() => simulator.stop());
const KEY = { LLMAAS_API_KEY: CANARIES.key };
/** Root loses the right to ports below 1024; others never had it. */
const WITHOUT_LOW_PORTS = `${process.getuid?.() === 0 ? "exec setpriv --bounding-set -net_bind_service" : "exec"} "$@"`;

describe("llmaas models", () => {
  test("lists what the endpoint offers, and what the recommended ones are good for", async () => {
    const { code, stdout } = await runProgram(["models", "--demo"]);
    expect(code).toBe(0);
    expect(
      stdout
        .split("\n")
        .slice(1, 5)
        .map((line) => line.split("  ")[0]),
    ).toEqual(["granite3.3:2b", "gemma3:4b", "qwen3:8b", "cogito:3b"]);
    expect(stdout).toContain("~45 tokens/s");
  });

  test("says what LLMaaS publishes of its models of no other endpoint", async () => {
    const { code, stdout } = await runProgram(["models", "--endpoint", simulator.url], { env: KEY });
    expect(code).toBe(0);
    expect(stdout).toContain("granite3.3:2b");
    expect(stdout).not.toMatch(/~45|2B|demonstrations/);
  });

  test("finds a model whatever the case and the tag that stands for none", async () => {
    const { code, stdout } = await runProgram(["models", "QWEN3:8B", "--demo", "--json"]);
    expect(code).toBe(0);
    expect(JSON.parse(stdout).models).toMatchObject([{ id: "qwen3:8b" }]);
  });

  test("never suggests the model that was asked", async () => {
    let listed = "";
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: ({ url }) =>
        url.endsWith("/models")
          ? Response.json({ data: [{ id: listed }] })
          : Response.json({ error: { message: "The model does not exist", code: "model_not_found" } }, { status: 404 }),
    });
    try {
      for (listed of ["gpt-4o", "GPT-4O", "gpt-4o:latest", "models/gpt-4o"]) {
        const { stderr } = await runProgram(["-m", "gpt-4o", "two words", "-e", `${server.url.origin}/v1`]);
        expect(stderr).toContain("HTTP 404");
        expect(stderr).not.toContain("Did you mean");
        expect(stderr).toMatch(/models -e http:\/\/127/);
      }
    } finally {
      await server.stop(true);
    }
  });

  test("with --json is one object", async () => {
    const { stdout } = await runProgram(["models", "--json", "--endpoint", simulator.url], { env: KEY });
    expect(JSON.parse(stdout)).toMatchObject({
      v: 1,
      source: "endpoint",
      demo: false,
      error: null,
      models: { length: 4 },
    });
  });

  test("suggests /v1 where the address is unknown and ends without it, as stream does", async () => {
    const bare = simulator.url.replace("/v1", "");
    for (const args of [["models"], ["stream", "hi", "--quiet"]]) {
      const { code, stderr } = await runProgram([...args, "--endpoint", bare], { env: KEY });
      expect(code).toBe(1);
      expect(stderr).toContain(`The endpoint ${bare} does not end in /v1, as most do: try -e ${bare}/v1.`);
    }
    for (const path of ["/v2", "/api", "/v1/chat/v3"]) {
      const { stderr } = await runProgram(["stream", "hi", "--endpoint", bare + path], { env: KEY });
      expect(stderr.replaceAll(/\s+/g, " ")).toContain(`try -e ${(bare + path).replace(/\/v\d$/, "")}/v1.`);
      expect(stderr).not.toContain("models there");
    }
  });

  test("shows the recommended four where nothing is configured", async () => {
    const { code, stdout, stderr } = await runProgram(["models"]);
    expect(code).toBe(0);
    expect(stdout).toContain("qwen3:8b");
    expect(stderr).toContain("Nothing is configured");
  });

  test("fails without a network", async () => {
    const { code, stdout, stderr } = await runProgram(["models", "--endpoint", "http://127.0.0.1:9/v1"]);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toContain("127.0.0.1:9");
  });

  test("says where a refused key came from", async () => {
    const { code, stderr } = await runProgram(["models", "--endpoint", simulator.url], {
      env: { LLMAAS_API_KEY: "wrong-key-123" },
    });
    expect(code).toBe(1);
    expect(stderr).toContain("LLMAAS_API_KEY");
    expect(stderr).not.toContain("wrong-key-123");
  });

  test("suggests the nearest name for a wrong one, as stream does", async () => {
    const models = await runProgram(["models", "qwen3:7b", "--endpoint", simulator.url], { env: KEY });
    expect(models.code).toBe(2);
    expect(models.stderr).toContain("qwen3:8b");
    const stream = await runProgram(["stream", "-m", "qwen3:7b", "--endpoint", simulator.url, "Hi there"], {
      env: KEY,
    });
    expect(stream.code).toBe(1);
    expect(stream.stderr).toContain("qwen3:8b");
  });
});

describe("what other programs are told of an endpoint", () => {
  test("serves where nothing of ours names one", async () => {
    const env = { OPENAI_BASE_URL: simulator.url, OPENAI_API_KEY: CANARIES.key };
    const { code, stdout } = await runProgram(["models", "--json"], { env });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ endpoint: simulator.url, models: { length: 4 } });
    const alone = await runProgram(["stream", "two words"], { env: { OPENAI_API_KEY: CANARIES.key } });
    expect(alone).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("llmaas simulate", () => {
  test("serves until Ctrl+C, with the fault it was asked for", async () => {
    const server = await startProgram(["simulate", "--port", "0", "--rate", "0", "--ttft", "0", "--fault", "close@2"]);
    await server.until("/v1");
    const url = server.stdout().trim();
    const { code, stdout, stderr } = await runProgram(["stream", "--endpoint", url, "--json", "Hello you"]);
    expect(code).toBe(3);
    expect(JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "")).toMatchObject({
      verdict: "truncated",
      token_events: 2,
    });
    expect(stderr).toBe("");
    server.signal("SIGINT");
    expect((await server.ended).code).toBe(130);
  });

  test("says which faults there are when it does not know one", async () => {
    const { code, stderr } = await runProgram(["simulate", "--fault", "nonsense"]);
    expect(code).toBe(2);
    expect(stderr).toContain(" simulate --help");
  });

  test("says so when its port is taken", async () => {
    const { code, stderr } = await runProgram(["simulate", "--port", String(simulator.port)]);
    expect(code).toBe(2);
    expect(stderr).toContain(`127.0.0.1:${simulator.port} is taken`);
  });

  test.each([
    ["no-such-host.invalid", "there is no such host"],
    ["no such host", "there is no such host"],
    ["", "there is no such host"],
    ["192.0.2.1", "it is not an address of this machine"],
  ])("says what is wrong with --host %j", async (host, words) => {
    const { code, stderr } = await runProgram(["simulate", `--host=${host}`, "--port", "0"]);
    expect(code).toBe(2);
    expect(stderr).toContain(words);
    expect(stderr).not.toContain("taken");
  });

  test.skipIf(!mayNotTakePort1())("says so when this user may not have the port", async () => {
    const { code, stderr } = await runProgram(["simulate", "--port", "1"], { shell: WITHOUT_LOW_PORTS });
    expect(code).toBe(2);
    expect(stderr).toContain("127.0.0.1:1: this user may not");
    expect(stderr).not.toContain("taken");
  });

  test("refuses a client that speaks TLS at once, not when its timers run out", async () => {
    const url = simulator.url.replace("http:", "https:");
    const args = ["stream", "--endpoint", url, "--timeout", "60s", "--retries", "0", "two words"];
    const { code, stderr } = await runProgram(args, { env: KEY });
    expect(code).toBe(1);
    expect(stderr).toContain("https or http");
  });
});

describe("a price of a file", () => {
  test("is of its endpoint: neither the built-in server nor another one costs anything", async () => {
    const prices = { currency: "EUR", input: 1, output: 2 };
    const files = { "config.json": JSON.stringify({ api: { endpoint: simulator.url }, prices }) };
    const costOf = async (...args: string[]) => {
      const { stdout } = await runProgram(["two words", "--json", "--max-tokens", "3", "-c", "config.json", ...args], {
        files,
        env: KEY,
      });
      return JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "").cost;
    };
    expect(await costOf()).not.toBeNull();
    expect(await costOf("--demo")).toBeNull();
    const elsewhere = startSimulator({ control: { rate: 0, ttft_ms: 0 } });
    try {
      expect(await costOf("-e", elsewhere.url)).toBeNull();
    } finally {
      await elsewhere.stop();
    }
  });
});

describe("the demonstration", () => {
  test("answers in the chosen language, at the published speed, with at least 120 tokens, and says what it is", async () => {
    const speaking = ["fr", "en"].map((lang) =>
      runProgram(["stream", "--demo", "--json", "--lang", lang], { env: KEY }),
    );
    for (const { code, stdout } of await Promise.all(speaking)) {
      const record = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
      expect(code).toBe(0);
      expect(record).toMatchObject({ verdict: "complete", demo: true, model: "granite3.3:2b" });
      expect(record.tokens).toBeGreaterThanOrEqual(120);
      expect(record.text).toContain("llmaas");
      expect(record.decode_tokens_per_second).toBeLessThan(48);
    }
  }, 40_000);

  test("is refused in a pipe where nothing is configured, naming the key and --demo", async () => {
    const { code, stdout, stderr } = await runProgram(["stream", "two words"]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toContain("LLMAAS_API_KEY");
    expect(stderr).toContain("--demo");
  });

  test("answers on a terminal where nothing is configured, and says so before and after", async () => {
    const { code, stdout } = await runProgram(["stream", "--max-tokens", "5", "two words"], {
      terminal: true,
      env: { TERM: "xterm" },
    });
    expect(code).toBe(0);
    expect(stdout.indexOf("Nothing is configured")).toBeLessThan(stdout.indexOf("===="));
    expect(stdout.lastIndexOf(" config init")).toBeGreaterThan(stdout.lastIndexOf("===="));
  });
});

describe("llmaas config", () => {
  test("init writes a file of one's own mode, show and check read it, and it is not overwritten", async () => {
    const first = await runProgram(["config", "init"]);
    expect(first.code).toBe(0);
    expect(Object.keys(first.files).toSorted()).toEqual(["config.json", "config.schema.json"]);
    const files = { "config.json": (first.files["config.json"] ?? "").replace("VOTRE_TOKEN_API", CANARIES.key) };
    expect((await runProgram(["config", "init"], { files })).code).toBe(2);
    const show = await runProgram(["config", "show"], { files });
    expect(show.stdout).toContain("api.token                     •••");
    const check = await runProgram(["config", "check"], { files });
    expect(check.code).toBe(0);
    expect(check.stdout).toContain("https://api.ai.cloud-temple.com");
  });

  test("check points at a syntax error", async () => {
    const { code, stderr } = await runProgram(["config", "check"], { files: { "config.json": '{\n  "api": {,}\n}' } });
    expect(code).toBe(2);
    expect(stderr).toContain("line 2");
    expect(stderr).toContain("^");
  });

  test("schema is the schema", async () => {
    const { stdout } = await runProgram(["config", "schema"]);
    expect(JSON.parse(stdout)).toMatchObject({ $schema: "https://json-schema.org/draft/2020-12/schema" });
  });
});

/** Where the system gives the low ports to all, or cannot take them from root. */
function mayNotTakePort1(): boolean {
  const listen = 'Bun.listen({ hostname: "127.0.0.1", port: 1, socket: { data() {} } }); process.exit(0)';
  const command = ["sh", "-c", WITHOUT_LOW_PORTS, "sh", process.execPath, "-e", listen];
  return Bun.spawnSync(command, { stderr: "pipe" }).stderr.includes("EACCES");
}

describe("llmaas", () => {
  test("help VERB is the help of the verb, and help alone that of all", async () => {
    for (const verb of [["bench"], []]) {
      const [word, option] = await Promise.all([runProgram(["help", ...verb]), runProgram([...verb, "--help"])]);
      expect(word).toMatchObject({ code: 0, stdout: option.stdout });
    }
    expect((await runProgram(["help", "bnch"])).stderr).toMatch(/Did you mean \S.* bench\?/);
  });

  test("lays its help out for the terminal, and for 80 columns in a pipe", async () => {
    const widest = ({ stdout }: { stdout: string }): number =>
      Math.max(...stdout.split(/\r?\n/).map((line) => Bun.stringWidth(line)));
    for (const args of [[], ["stream", "--help"], ["batch"], ["help", "batch", "run"]]) {
      const [terminal, pipe] = await Promise.all([runProgram(args, { terminal: true }), runProgram(args)]);
      // A terminal of the tests has 100 columns.
      expect([widest(terminal) > 80, widest(terminal) <= 100, widest(pipe) <= 80]).toEqual([true, true, true]);
    }
  });

  test("says of a word that is no verb that it is none, whatever follows it", async () => {
    const { code, stderr } = await runProgram(["strem", "--demo", "-x"]);
    expect(code).toBe(2);
    expect(stderr).toContain("There is no command strem.");
    expect(stderr).toMatch(/Did you mean \S.* stream --demo\?/);
  });

  test("is not called twice where an option is unknown", async () => {
    const { code, stderr } = await runProgram(["--help", "--nope"], { env: { LLMAAS_LANG: "fr" } });
    expect(code).toBe(2);
    expect(stderr).toContain("❌ llmaas n’a pas d’option --nope.");
  });

  test.each(["--version", "-V", "-v", "version", "bench -V", "--lang fr --version"])(
    "%s says the version",
    async (line) => {
      const said = await runProgram(line.split(" "));
      expect(said).toMatchObject({ code: 0, stderr: "" });
      expect(said.stdout).toMatch(/^llmaas \S+ \(Bun \S+\)\n$/);
    },
  );

  test("takes the first word that is no option for the verb, options with their values before it", async () => {
    const [bench, models] = await Promise.all([
      runProgram(["--lang", "fr", "bench", "--help"]),
      runProgram(["-e", simulator.url, "--json", "models"], { env: KEY }),
    ]);
    expect(bench.stdout).toMatch(/ bench --demo/);
    expect(bench.stdout).toStartWith("Exemples");
    expect(JSON.parse(models.stdout)).toMatchObject({ type: "models", models: { length: 4 } });
    expect((await runProgram(["--lang", "fr", "bnch"])).stderr).toMatch(/La commande bnch n’existe pas\.\n.* bench\s/);
  });

  test("sends a prompt that begins as a list does, or stands behind two dashes", async () => {
    for (const args of [["- one\n- two"], ["--", "--help"]])
      expect(await runProgram(["-e", simulator.url, ...args], { env: KEY })).toMatchObject({ code: 0 });
  });

  test("version takes no further word", async () => {
    expect(await runProgram(["version", "2"])).toMatchObject({ code: 2, stdout: "" });
  });
});
