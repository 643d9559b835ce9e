import { expect, test } from "bun:test";
import { FAULTS } from "../../src/simulator/faults.ts";

test("every fault has a test that asks for it, and a description", async () => {
  const files = [...new Bun.Glob("*.test.ts").scanSync(import.meta.dir)];
  const tests = (await Promise.all(files.map((file) => Bun.file(`${import.meta.dir}/${file}`).text()))).join("");
  const missing = FAULTS.filter(
    ({ name }) => !tests.includes(`("${name}: `) && !new RegExp(`\\(\\s*"${name}",`).test(tests),
  );
  expect(missing).toEqual([]);
  expect(FAULTS.filter(({ description }) => description === "")).toEqual([]);
});
