import { test } from "bun:test";
import { PROPERTIES } from "./properties.ts";

const seed = Number(Bun.env["SEED"] ?? Math.floor(Math.random() * 2 ** 31));

for (const { name, says, cases, check } of PROPERTIES) test(`${name}: ${says}`, () => check({ cases, seed }), 120_000);
