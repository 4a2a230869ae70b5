// Opens HTML reports in a headless Chromium: nothing is loaded from elsewhere, filters and keys work, axe finds nothing.
//   node check-page.mjs CHROMIUM SCREENSHOTS|- FULL.html EMPTY.html OTHER.html…
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "index.js"));
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");
const [executablePath, screenshots, ...reports] = process.argv.slice(2);

const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath, args: flags });
const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

async function open(report, scheme, viewport, script = true) {
  const context = await browser.newContext({ colorScheme: scheme, viewport, javaScriptEnabled: script });
  const page = await context.newPage();
  const requests = [];
  page.on("request", (request) => requests.push(request.url()));
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
  await page.goto(pathToFileURL(path.resolve(report)).href);
  return { context, page, requests, errors };
}

const shown = (page) => page.locator("[data-entry]:visible").count();

// Every report, in both colour schemes and sizes.
for (const report of reports) {
  for (const scheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries(sizes)) {
      const { context, page, requests, errors } = await open(report, scheme, viewport);
      const name = `${path.basename(report)} ${scheme} ${size}`;
      assert.deepEqual(requests.filter((url) => !url.startsWith("file:")), [], `${name}: requests`);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      assert.ok(wide <= 0, `${name}: scrolls sideways by ${wide} px`);
      if (screenshots !== "-") {
        await page.screenshot({ path: path.join(screenshots, `${name.replaceAll(" ", "-")}.png`) });
      }
      for (const details of await page.locator("details:not([open]) > summary").all()) {
        if (await details.isVisible()) await details.click();
      }
      await page.addScriptTag({ path: axe }).catch(() => page.evaluate(() => {}));
      // The page's policy forbids scripts from elsewhere, so axe comes through the debugger.
      if (!(await page.evaluate(() => "axe" in globalThis))) {
        await page.evaluate((await import("node:fs")).readFileSync(axe, "utf8"));
      }
      const result = await page.evaluate(() => globalThis.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      }));
      const violations = result.violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).slice(0, 3).join(" | ")}`);
      assert.deepEqual(violations, [], `${name}: axe`);
      assert.ok(result.passes.length > 10, `${name}: axe looked at the page`);
      assert.deepEqual(errors.filter((it) => !it.includes("Content Security Policy")), [], `${name}: errors`);
      await context.close();
    }
  }
}

// The filters of the first report.
const { context, page } = await open(reports[0], "light", sizes.desktop);
const all = await shown(page);
assert.ok(all > 3, "the full report has findings");
const status = page.locator("#shown");
await page.getByLabel("error", { exact: false }).first().uncheck();
const rest = await shown(page);
assert.ok(rest > 0 && rest < all, "without errors");
assert.equal(await page.locator("[data-severity=error]:visible").count(), 0);
assert.equal(await status.textContent(), `${rest} of ${all} shown`);
await page.getByRole("button", { name: "Show all" }).click();
assert.equal(await shown(page), all);
const rule = await page.locator("#filter-rule option").nth(1).getAttribute("value");
await page.getByLabel("Rule", { exact: true }).selectOption(rule);
assert.equal(await page.locator(`[data-entry]:not([data-rule="${rule}"]):visible`).count(), 0);
assert.ok((await shown(page)) > 0);
await page.getByRole("button", { name: "Show all" }).click();
await page.getByLabel("Search in findings", { exact: true }).fill("no such text anywhere");
assert.equal(await shown(page), 0);
assert.ok(await page.locator("#nothing-left").isVisible(), "nothing left is said");
await page.getByLabel("Search in findings", { exact: true }).fill("");
// By keyboard alone: the way of a finding opens and closes, what scrolls is reached.
const summary = page.locator("article details > summary").first();
await summary.focus();
const before = await summary.evaluate((it) => it.parentElement.open);
await page.keyboard.press("Enter");
assert.notEqual(await summary.evaluate((it) => it.parentElement.open), before);
if (before) await page.keyboard.press("Enter");
await page.keyboard.press("Tab");
assert.equal(await page.evaluate(() => document.activeElement.matches("pre.source, a")), true);
// The first tab stop jumps over the filters.
await page.reload();
await page.keyboard.press("Tab");
assert.equal(await page.evaluate(() => document.activeElement.textContent), "Skip to the report");
await page.keyboard.press("Enter");
assert.equal(await page.evaluate(() => document.activeElement.id), "main");
await context.close();

// Without script everything is readable and nothing useless is shown.
const plain = await open(reports[0], "light", sizes.desktop, false);
assert.equal(await plain.page.locator("article:visible").count(), all);
assert.equal(await plain.page.locator(".filters:visible, button:visible").count(), 0);
await plain.context.close();
await browser.close();
console.log(`${reports.length} pages, ${all} findings on the first: no requests, filters and keys work, axe finds nothing`);
