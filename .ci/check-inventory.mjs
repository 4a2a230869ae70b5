// Opens an inventory in a headless Chromium: filters, the table of kinds and keys work, long lists stay usable, axe finds nothing.
//   node check-inventory.mjs CHROMIUM SCREENSHOTS|- INVENTORY.html LONG.html
import assert from "node:assert/strict";
import { statSync } from "node:fs";

import { audit, launch, open, sizes } from "./page.mjs";

const [executablePath, screenshots, inventory, long] = process.argv.slice(2);
const browser = await launch(executablePath);
await audit(browser, inventory, screenshots);

const { context, page, errors } = await open(browser, inventory, "light", sizes.desktop);
const shown = () => page.locator("#rows tr").count();
const all = await shown();
assert.ok(all > 5, "the inventory has rows");
await page.getByLabel("Verdict", { exact: true }).selectOption("change");
const change = await shown();
assert.ok(change > 0 && change < all, "fewer rows when only changes are wanted");
assert.equal(await page.locator("#rows .chip.ok").count(), 0);
assert.equal(await page.locator("#shown").textContent(), `${change} of ${all} shown`);
await page.getByRole("button", { name: "Show all" }).click();
assert.equal(await shown(), all);
// A cell of the table filters, by keyboard as well, and lets go again.
const cell = page.locator(".kind").filter({ hasNotText: /^0$/ }).first();
await cell.focus();
await page.keyboard.press("Enter");
assert.equal(await cell.getAttribute("aria-pressed"), "true");
const urgency = await cell.getAttribute("data-urgency");
const kinds = await page.locator("#rows tr td:nth-child(2)").allTextContents();
assert.ok(kinds.length > 0 && kinds.every((kind) => kind.startsWith(urgency)), "only rows of that kind");
await page.keyboard.press("Enter");
assert.equal(await shown(), all);
await page.getByLabel("Search in work", { exact: true }).fill("no such text anywhere");
assert.equal(await shown(), 0);
assert.ok(await page.locator("#nothing-left").isVisible(), "nothing left is said");
assert.deepEqual(errors.filter((it) => !it.includes("Content Security Policy")), []);
await context.close();

// Thousands of rows: small on disk, and more are laid out only when they are asked for.
assert.ok(statSync(long).size < 1_000_000, "under a megabyte");
const many = await open(browser, long, "dark", sizes.phone);
const first = await many.page.locator("#rows tr").count();
assert.ok(first > 0 && first <= 200);
await many.page.getByRole("button", { name: "Show more" }).click();
assert.equal(await many.page.locator("#rows tr").count(), 2 * first);
await many.context.close();
await browser.close();
console.log(`${all} rows: filters, table and keys work, axe finds nothing`);
