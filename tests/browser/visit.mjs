// What the tests in a real browser share: a browser's window, signing in, and a close look at a page. A Rust test beside each of them
// starts the server and sets the scene.
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

export const task = JSON.parse(process.env.COUNTERSIGN_BROWSER_TEST);
const { url, password, node, browser: executablePath, shots } = task;
const require = createRequire(`${node}/package.json`);
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");

export const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
let browser;
const problems = [];

export const expect = (right, words) => { if (!right) throw new Error(words); };

export async function visit(options = {}) {
  browser ??= await chromium.launch({ executablePath, args: flags });
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on("console", message => message.type() === "error" && !/status of 4\d\d|net::ERR_FAILED/.test(message.text()) && problems.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", error => problems.push(`${page.url()}: ${error}`));
  return page;
}

export async function signIn(page, user, then = "/") {
  await page.goto(then);
  await page.getByLabel("Name").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  expect(new URL(page.url()).pathname === then.split("#")[0], `after signing in one is at ${page.url()}, not at ${then}`);
}

// What axe finds, and whether anything is wider than the window: light and dark, wide and narrow.
export async function look(page, name) {
  for (const colorScheme of ["light", "dark"]) for (const width of [1280, 360]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    if (!await page.evaluate(() => "axe" in window)) {
      // Not as a script of the page: the page's policy lets none in.
      await page.evaluate(readFileSync(axe, "utf8"));
    }
    const { violations } = await page.evaluate(() => axe.run());
    for (const { id, nodes } of violations) problems.push(`${name}, ${colorScheme}, ${width}: ${id}: ${nodes.map(node => node.html.slice(0, 200)).join(" | ")}`);
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (overflow > 0) problems.push(`${name}, ${colorScheme}, ${width}: ${overflow} pixels too wide`);
    if (shots) {
      mkdirSync(shots, { recursive: true });
      await page.screenshot({ path: `${shots}/${name}-${width}-${colorScheme}.png`, fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

// The page on paper.
export async function print(page, name) {
  const paper = await page.pdf({ format: "A4", preferCSSPageSize: true });
  if (shots) writeFileSync(`${shots}/${name}.pdf`, paper);
}

// Runs a test and tells what was wrong.
export async function finish(test) {
  try {
    await test();
  } catch (error) {
    problems.push(String(error.stack ?? error));
  } finally {
    await browser?.close();
  }
  if (problems.length) {
    console.error(problems.join("\n"));
    process.exit(1);
  }
}
