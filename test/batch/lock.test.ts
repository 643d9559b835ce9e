import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { lock } from "../../src/batch/lock.ts";
import { UserError } from "../../src/config/user-error.ts";

const path = join(mkdtempSync(join(tmpdir(), "llmaas-lock-")), "out.jsonl");
const SOURCE = new URL("../../src/batch/lock.ts", import.meta.url).href;

/** Locks in a process of its own and tells what came of it; it holds the lock until it is killed. */
function lockElsewhere(): Bun.Subprocess<"ignore", "pipe", "inherit"> {
  const code = `const { lock } = await import(${JSON.stringify(SOURCE)});
    const held = lock(${JSON.stringify(path)});
    console.log(JSON.stringify("set" in held ? "locked" : held));
    setInterval(() => undefined, 1000);`;
  return Bun.spawn([process.execPath, "-e", code], { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
}

async function firstLine(child: ReturnType<typeof lockElsewhere>): Promise<unknown> {
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  reader.releaseLock();
  return JSON.parse(new TextDecoder().decode(value));
}

test("an output file is one process's; another is told whose, and gets it when that one is killed", async () => {
  const holder = lockElsewhere();
  expect(await firstLine(holder)).toBe("locked");
  expect(lock(path)).toEqual({ pid: holder.pid, host: hostname(), since: expect.stringMatching(/^20\d\d-/) });
  holder.kill("SIGKILL");
  await holder.exited;
  const held = lock(path);
  if (!("set" in held)) throw new Error("still locked");
  held.set("input", "validated");
  held.release();
  const again = lock(path);
  expect("get" in again && again.get("input")).toBe("validated");
});

test("what is no lock is named as none, and stays as it is", () => {
  const there = join(mkdtempSync(join(tmpdir(), "llmaas-lock-")), "out.jsonl");
  writeFileSync(`${there}.lock`, "my notes\n".repeat(100));
  try {
    lock(there);
    throw new Error("locked");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.problem).toEqual({ code: "file_unwritable", path: `${there}.lock`, why: "SQLITE_NOTADB" });
  }
  expect(readFileSync(`${there}.lock`, "utf8")).toStartWith("my notes\n");
});

test("what cannot be locked is said by the system's code, not by that of the database", () => {
  const there = join(mkdtempSync(join(tmpdir(), "llmaas-lock-")), "out.jsonl");
  // A folder where the lock would be can be opened by nobody.
  mkdirSync(`${there}.lock`);
  try {
    lock(there);
    throw new Error("locked");
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    expect(error.problem).toEqual({ code: "file_unwritable", path: `${there}.lock`, why: "EACCES" });
  }
});
