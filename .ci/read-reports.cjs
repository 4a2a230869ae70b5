// Reads Checkstyle's and Android Lint's XML as Danger's lint plugin does, and compares what it finds with the JSON report.
//   node read-reports.cjs PREFIX…
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { createRequire } = require("node:module");

const here = createRequire(path.join(process.cwd(), "index.js"));
const plugin = path.dirname(here.resolve("danger-plugin-lint-report/package.json"));
const { parseCheckstyle } = require(path.join(plugin, "dist/parse/checkstyle_parser.js"));
const { xml2js } = createRequire(path.join(plugin, "package.json"))("xml-js");
// It says that format 6 of Android Lint is untested.
console.warn = () => {};

for (const prefix of process.argv.slice(2)) {
  const json = JSON.parse(fs.readFileSync(`${prefix}.json`, "utf8"));
  const findings = json.findings.filter((it) => it.status === "new" && it.inDiff !== false);
  const shown = (it) => it.anchor ?? it;
  // Paths in JSON begin at `root`, elsewhere at the root of the repository.
  const file = (it) => path.posix.normalize(`${json.root}/${it.path}`);
  const read = (format) => parseCheckstyle(xml2js(fs.readFileSync(`${prefix}.${format}`, "utf8")), "/nowhere/");
  const checkstyle = read("checkstyle");
  const expected = findings.map((it) => `${file(shown(it))}:${shown(it).line} ${it.severity}`);
  assert.deepEqual(checkstyle.map((it) => `${it.file}:${it.line} ${it.severity}`).sort(), expected.sort(), `${prefix}: checkstyle`);
  const lint = read("android-lint");
  assert.deepEqual(new Set(lint.map((it) => it.issueId)), new Set(findings.map((it) => it.rule)), `${prefix}: android-lint`);
  const places = (it) => [it.anchor ?? it, it, ...it.related].map((place) => `${file(place)}:${place.line} ${it.rule}`);
  assert.deepEqual(
    [...new Set(lint.map((it) => `${it.file}:${it.line} ${it.issueId}`))].sort(),
    [...new Set(findings.flatMap(places))].sort(), `${prefix}: places of android-lint`);
  console.log(`${prefix}: ${checkstyle.length} findings read from Checkstyle's XML, ${lint.length} places from Android Lint's`);
}
