// Reads a .env file as several tools do and prints what each got: node read_env.cjs <folder> <file>
const fs = require("node:fs");
const util = require("node:util");

const [folder, file] = process.argv.slice(2);
const text = fs.readFileSync(`${folder}/${file}`, "utf8");
const { expand } = require("dotenv-expand");
const dotenv = require("dotenv");

const readers = {
  dotenv: () => dotenv.parse(text),
  "dotenv 16": () => require("dotenv-16").parse(text),
  // What `node --env-file` calls.
  node: () => util.parseEnv(text),
  // As Vite's loadEnv does it.
  vite: () => expand({ parsed: dotenv.parse(text), processEnv: {} }).parsed,
  // Next.js looks for the file itself, by its name.
  next: () => require("@next/env").loadEnvConfig(folder, true, { info() {}, error() {} }, true).parsedEnv,
};
console.log(JSON.stringify(Object.fromEntries(Object.entries(readers).map(([name, read]) => [name, read()]))));
