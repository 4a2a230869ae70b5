// What every check of an HTML page does: opens it in a headless Chromium in both colour schemes and sizes, sees that nothing is
// loaded from elsewhere and nothing scrolls sideways, and lets axe look at it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(path.join(process.cwd(), "index.js"));
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];
export const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

export const launch = (executablePath) => chromium.launch({ executablePath, args: flags });

export async function open(browser, report, scheme, viewport, script = true) {
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

// Looks at one report; screenshots go to a directory unless it is "-".
export async function audit(browser, report, screenshots) {
  for (const scheme of ["light", "dark"]) {
    for (const [size, viewport] of Object.entries(sizes)) {
      const { context, page, requests, errors } = await open(browser, report, scheme, viewport);
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
        await page.evaluate(readFileSync(axe, "utf8"));
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
