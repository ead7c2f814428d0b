// Try a JavaScript solution: SOLUTION TESTS TOKEN.
//
// A test is a statement at the top level that asserts something, or a call of test(name, function) or it(name, function).
// Everything else in the file of tests is done in order. Each test becomes a line, TOKEN and JSON; the last says "end".
"use strict";
const fs = require("fs");
const vm = require("vm");
const [solutionFile, testsFile, token] = process.argv.slice(2);

const say = (result) => fs.writeSync(1, `\n${token} ${JSON.stringify(result)}\n`);
const told = (error) => String((error && error.message) || error).split("\n").slice(0, 6).join(" ");

function record(name, work) {
  let problem = "";
  try {
    work();
  } catch (error) {
    problem = told(error) || "failed";
  }
  say({ test: name, problem });
}

// Lines belong together until they can be read as a program.
function* statements(source) {
  let text = "";
  for (const line of source.split("\n")) {
    text += line + "\n";
    try {
      new vm.Script(text);
    } catch (error) {
      continue;
    }
    if (text.trim()) yield text.trim();
    text = "";
  }
  if (text.trim()) yield text.trim();
}

Object.assign(globalThis, { require, module: { exports: {} }, exports: {}, assert: require("assert") });
globalThis.test = globalThis.it = record;
globalThis.describe = (name, work) => work();
console.assert = (holds, message) => assert(holds, message);

try {
  const solution = fs.readFileSync(solutionFile, "utf8").replace(/^export\s+(default\s+)?/gm, "");
  vm.runInThisContext(solution, { filename: solutionFile });
  for (const statement of statements(fs.readFileSync(testsFile, "utf8"))) {
    if (/\bassert\b/.test(statement) && !/^(const|let|var|import|function|class|test|it|describe)\b/.test(statement)) {
      record(statement, () => vm.runInThisContext(statement));
    } else {
      vm.runInThisContext(statement);
    }
  }
  say({ end: true });
} catch (error) {
  say({ test: "", problem: told(error) });
}
