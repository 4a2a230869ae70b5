// Opens HTML reports in a headless Chromium: nothing is loaded from elsewhere, filters and keys work, axe finds nothing.
//   node check-page.mjs CHROMIUM SCREENSHOTS|- FULL.html EMPTY.html OTHER.html…
import assert from "node:assert/strict";

import { audit, launch, open as openPage, sizes } from "./page.mjs";

const [executablePath, screenshots, ...reports] = process.argv.slice(2);
const browser = await launch(executablePath);
const open = (...rest) => openPage(browser, ...rest);
const shown = (page) => page.locator("[data-entry]:visible").count();

// Every report, in both colour schemes and sizes.
for (const report of reports) await audit(browser, report, screenshots);

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
