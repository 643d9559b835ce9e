import { expect, test } from "bun:test";
import { THIRD_PARTY, thirdParty } from "../../.ci/licenses.ts";
import { runProgram } from "../cli/program.ts";

test("THIRD-PARTY.md is what `bun run licenses` makes of the packages that are installed", async () => {
  expect(await Bun.file(THIRD_PARTY).text()).toBe(await thirdParty());
});

test("version --licenses prints it, behind the version", async () => {
  const [short, long] = await Promise.all([runProgram(["version"]), runProgram(["version", "--licenses"])]);
  expect(short).toMatchObject({ code: 0, stderr: "" });
  expect(long).toMatchObject({ code: 0, stderr: "", stdout: `${short.stdout}\n${await Bun.file(THIRD_PARTY).text()}` });
});
