import { describe, expect, test } from "bun:test";
import { meantBy } from "../../src/config/meant.ts";
import { rows } from "../../src/config/settings.ts";
import { createFolder, problemOf } from "./folder.ts";

describe("an endpoint that is none", () => {
  test.each([
    ["127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"],
    ["localhost:11434", "http://localhost:11434"],
    ["192.168.1.7:8000/v1", "http://192.168.1.7:8000/v1"],
    ["172.20.0.3:8000/v1", "http://172.20.0.3:8000/v1"],
    ["[::1]:8080/v1", "http://[::1]:8080/v1"],
    ["vllm:8000/v1", "http://vllm:8000/v1"],
    ["api.openai.com/v1", "https://api.openai.com/v1"],
    ["//host.example/v1", "https://host.example/v1"],
    ["htp://host.example/v1", "http://host.example/v1"],
    ["https//host.example/v1", "https://host.example/v1"],
    [":8080/v1", "http://127.0.0.1:8080/v1"],
    ["8080", "http://127.0.0.1:8080"],
  ])("is taken for what was meant: %s", (given, meant) => {
    expect(meantBy(rows.endpoint.kind, given)).toBe(meant);
  });

  test.each(["nonsense", "ftp://host.example", "a b", "1", "file:///etc/passwd", "@host"])(
    "or for nothing: %s",
    (given) => {
      expect(meantBy(rows.endpoint.kind, given)).toBeNull();
    },
  );

  test("is answered so wherever it is given", async () => {
    const { load, plant } = await createFolder();
    const meant = { meant: "http://127.0.0.1:8080/v1" };
    const given = "127.0.0.1:8080/v1";
    expect(await problemOf(() => load({}, { endpoint: given }))).toMatchObject({ code: "bad_option", ...meant });
    for (const name of ["LLMAAS_ENDPOINT", "OPENAI_BASE_URL"])
      expect(await problemOf(() => load({ [name]: given }))).toMatchObject({ where: name, ...meant });
    await plant({ api: { endpoint: given } });
    expect(await problemOf(() => load())).toMatchObject({ meant: JSON.stringify(meant.meant) });
  });
});
