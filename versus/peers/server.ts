import { readControl, type Control } from "../../src/simulator/control.ts";
import { startSimulator } from "../../src/simulator/server.ts";

/** The built-in server in a process of its own: its work must not land in what is measured. */

const control: Control | string = readControl(JSON.parse(Bun.argv[2] ?? "{}"));
if (typeof control === "string") throw new TypeError(control);
await Bun.write(Bun.stdout, `${startSimulator({ control }).url}\n`);
