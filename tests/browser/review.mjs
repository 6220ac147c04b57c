// A review in a real browser: by mouse and keyboard, with JavaScript and without, and what axe finds on each page on the way.
// The Rust test beside it starts the server, sets the scene, and looks at what came of it.
import { createRequire } from "node:module";
import { mkdirSync } from "node:fs";

const { url, password, versions, node, browser: executablePath, shots } = JSON.parse(process.env.COUNTERSIGN_BROWSER_TEST);
const require = createRequire(`${node}/package.json`);
const { chromium } = require("playwright-core");
const axe = require.resolve("axe-core/axe.min.js");

const flags = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"];
const browser = await chromium.launch({ executablePath, args: flags });
const problems = [];

const expect = (right, words) => { if (!right) throw new Error(words); };

async function visit(options = {}) {
  const context = await browser.newContext({ baseURL: url, viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(20000);
  page.on("console", message => message.type() === "error" && !/status of 4\d\d/.test(message.text()) && problems.push(`${page.url()}: ${message.text()}`));
  page.on("pageerror", error => problems.push(`${page.url()}: ${error}`));
  return page;
}

async function signIn(page, user, then = "/") {
  await page.goto(then);
  await page.getByLabel("Name").fill(user);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  expect(new URL(page.url()).pathname === then.split("#")[0], `after signing in one is at ${page.url()}, not at ${then}`);
}

// What axe finds, and whether anything is wider than the window: light and dark, wide and narrow.
async function look(page, name) {
  for (const colorScheme of ["light", "dark"]) for (const width of [1280, 360]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height: 900 });
    if (!await page.evaluate(() => "axe" in window)) {
      // Not as a script of the page: the page's policy lets none in.
      await page.evaluate(require("node:fs").readFileSync(axe, "utf8"));
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

// With JavaScript: the reviewer answers, the approver approves.
async function withScript([first]) {
  const door = await visit();
  await door.goto("/signin");
  await look(door, "signin");
  const scientist = await visit();
  await signIn(scientist, "scientist", first);
  await look(scientist, "version-request");
  await scientist.getByRole("button", { name: /^Request the review of v/ }).click();
  await scientist.getByText("You requested the review.").waitFor();

  const itops = await visit();
  await signIn(itops, "itops");
  await look(itops, "inbox");
  await itops.keyboard.press("j");
  await itops.keyboard.press("Enter");
  await itops.waitForURL(`**${first}`);
  await look(itops, "version-feedback");
  await itops.getByLabel("Minor issue").check();
  expect(await itops.getByRole("button", { name: "Raise a minor issue" }).isVisible(), "the button of the choice is shown");
  expect(!await itops.getByRole("button", { name: "Give feedback: approve" }).isVisible(), "the other buttons are not");
  await itops.getByRole("textbox", { name: "Comment" }).fill("Mind the memory. \u202eright to left");
  await itops.getByRole("button", { name: "Raise a minor issue" }).click();
  await itops.getByText("You gave your feedback").waitFor();

  const approver = await visit();
  await signIn(approver, "approver", first);
  await look(approver, "version-decide");
  // Enter on a radio chooses and sends nothing.
  await approver.getByRole("radio", { name: /^Reject/ }).focus();
  await approver.getByRole("radio", { name: /^Reject/ }).check();
  await approver.keyboard.press("Enter");
  expect(await approver.getByRole("button", { name: /^Reject and lock/ }).isVisible(), "nothing was sent by Enter");
  await approver.getByRole("radio", { name: /^Approve/ }).check();
  await approver.getByRole("textbox", { name: "Why" }).fill("Good enough for the clinics.");
  await approver.getByRole("button", { name: /^Approve v/ }).click();
  await approver.getByText(/You approved/).waitFor();
  await look(approver, "version-approved");
  await approver.goto("/");
  await look(approver, "inbox-approver");
  await approver.goto(`${first}/history`);
  await look(approver, "version-history");
  await approver.goto("/account");
  await look(approver, "account");
  await approver.goto("/nothing");
  await look(approver, "not-found");
}

// Without JavaScript: the same, and Enter on a radio shows the page again instead of deciding.
async function withoutScript([, second]) {
  const javaScriptEnabled = false;
  const itops = await visit({ javaScriptEnabled });
  await signIn(itops, "itops", second);
  await itops.getByRole("radio", { name: /^Approve/ }).check();
  await itops.getByRole("button", { name: "Give feedback: approve" }).click();
  await itops.getByText("You gave your feedback").waitFor();
  const approver = await visit({ javaScriptEnabled });
  await signIn(approver, "approver", second);
  await approver.getByRole("textbox", { name: "Why" }).fill("Not yet.");
  await approver.getByRole("radio", { name: /^Reject/ }).check();
  await approver.keyboard.press("Enter");
  await approver.waitForLoadState();
  expect(await approver.getByRole("textbox", { name: "Why" }).inputValue() === "Not yet.", "Enter on a radio keeps what was typed");
  expect(await approver.getByRole("radio", { name: /^Reject/ }).isChecked(), "and what was chosen");
  await approver.getByRole("button", { name: /^Reject and lock/ }).click();
  await approver.getByText(/You rejected/).waitFor();
  await approver.locator(".menu summary").click();
  await approver.getByRole("button", { name: "Colours: dark" }).click();
  expect(await approver.locator("html").getAttribute("data-theme") === "dark", "the colours are kept");
}

try {
  await withScript(versions);
  await withoutScript(versions);
} catch (error) {
  problems.push(String(error.stack ?? error));
} finally {
  await browser.close();
}
if (problems.length) {
  console.error(problems.join("\n"));
  process.exit(1);
}
