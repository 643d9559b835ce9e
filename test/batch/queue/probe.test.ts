import { afterEach, describe, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import { probe } from "../../../src/batch/queue/probe.ts";

const HELLO = "%1\r\n$7\r\nversion\r\n$5\r\n7.2.4\r\n";
const NOAUTH = "-NOAUTH Authentication required.\r\n";

/** What an engine does with a connection: hangs up, or answers what is written there. */
type Turn = "closes" | ((said: string) => string);

const known: Turn = (said) => (/AUTH/.test(said) || !/PING/.test(said) ? HELLO : NOAUTH);

let server: Server | undefined;

afterEach(() => void server?.close());

/** An engine that takes each connection as its turn says, and all after the last one as that one. */
async function engine(...turns: Turn[]): Promise<string> {
  let connections = 0;
  const answer = (socket: Socket): void => {
    const turn = turns[Math.min(connections++, turns.length - 1)] ?? "closes";
    socket.on("error", () => undefined);
    if (turn === "closes") return void socket.destroy();
    socket.on("data", (data) => socket.write(turn(data.toString("latin1"))));
  };
  const listening = createServer(answer);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const at = listening.address();
  return `127.0.0.1:${at !== null && typeof at === "object" ? at.port : 0}`;
}

describe("an engine that comes up while it is asked", () => {
  test("is not said to want a password that was given", async () => {
    expect(await probe(`redis://:secret@${await engine("closes", known)}`)).toBeNull();
  });

  test("is used where it needs none", async () => {
    const open: Turn = (said) => (/PING/.test(said) ? "+PONG\r\n" : HELLO);
    expect(await probe(`redis://${await engine("closes", open)}`)).toBeNull();
  });

  test("is waited for where it is not ready even then", async () => {
    const at = await engine("closes", () => NOAUTH, "closes");
    expect(await probe(`redis://:secret@${at}`)).toMatchObject({ why: "busy" });
  });

  test("is waited for while it reads its file", async () => {
    const at = await engine("closes", () => "-LOADING Redis is loading the dataset in memory\r\n");
    expect(await probe(`redis://:secret@${at}`)).toMatchObject({ why: "busy" });
  });

  test("is not said to want TLS for hanging up", async () => {
    const at = await engine("closes");
    expect(await probe(`redis://:secret@${at}`)).toMatchObject({ why: "closed" });
    expect(await probe(`rediss://:secret@${at}`)).toMatchObject({ why: "closed" });
  });

  test("is said to refuse the password where it does", async () => {
    const wrong: Turn = (said) => (/AUTH/.test(said) ? "-WRONGPASS invalid username-password pair\r\n" : NOAUTH);
    expect(await probe(`redis://:secret@${await engine("closes", wrong)}`)).toMatchObject({ why: "password" });
  });

  test("is said to want a password where none was given", async () => {
    expect(await probe(`redis://${await engine("closes", () => NOAUTH)}`)).toMatchObject({ why: "needs_password" });
  });
});
