import { onTestFinished } from "bun:test";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { loadSettings, type Flags } from "../../src/config/load.ts";
import { type Problem, UserError } from "../../src/config/user-error.ts";

/** A folder to work in, and a home whose own configuration file may be written; both are gone when the test ends. */
export async function createFolder() {
  const root = await mkdtemp(join(tmpdir(), "llmaas-config-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const cwd = join(root, "work");
  const home = join(root, "home");
  await mkdir(cwd);
  await mkdir(home);
  const write = async (path: string, content: unknown) => {
    const full = join(root, path);
    await mkdir(dirname(full), { recursive: true });
    await Bun.write(full, typeof content === "string" ? content : JSON.stringify(content));
    return full;
  };
  return {
    root,
    cwd,
    home,
    write,
    /** `./config.json`, named by nobody. */
    plant: (content: unknown) => write("work/config.json", content),
    /** The user's own file. */
    own: (content: unknown) => write("home/.config/llmaas/config.json", content),
    load: (env: Record<string, string> = {}, flags: Flags = {}, config?: string) =>
      loadSettings({ cwd, env: { HOME: home, ...env }, flags, config }),
  };
}

/** The problem of the UserError that the work ends in; fails when it ends well. */
export async function problemOf(work: () => unknown): Promise<Problem> {
  try {
    await work();
  } catch (error) {
    if (error instanceof UserError) return error.problem;
    throw error;
  }
  throw new Error("no UserError was thrown");
}
