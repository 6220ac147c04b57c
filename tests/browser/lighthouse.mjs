// What Lighthouse says of the main pages: accessibility and best practices. The Rust test beside it starts the server and sets the scene.
import { createRequire } from "node:module";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { flags, signIn, task } from "./visit.mjs";

const { url, node, browser: executablePath } = task;
const require = createRequire(`${node}/package.json`);
const { chromium } = require("playwright-core");
const { default: lighthouse } = await import(pathToFileURL(require.resolve("lighthouse")));

// Lighthouse opens its pages in the profile of the browser, where the session is.
const profile = mkdtempSync(join(tmpdir(), "countersign-lighthouse-"));
const context = await chromium.launchPersistentContext(profile, { executablePath, args: [...flags, "--remote-debugging-port=0"], baseURL: url });
const problems = [];
try {
  const page = await context.newPage();
  await signIn(page, "approver");
  const port = Number(readFileSync(join(profile, "DevToolsActivePort"), "utf8").split("\n")[0]);
  for (const path of task.pages) {
    const { lhr } = await lighthouse(`${url}${path}`, { port, disableStorageReset: true, logLevel: "error", onlyCategories: ["accessibility", "best-practices"] });
    if (new URL(lhr.finalDisplayedUrl).pathname !== path) problems.push(`${path}: Lighthouse saw ${lhr.finalDisplayedUrl}`);
    for (const { title, score, auditRefs } of Object.values(lhr.categories)) {
      const lost = auditRefs.filter(({ id, weight }) => weight > 0 && lhr.audits[id].score !== null && lhr.audits[id].score < 1);
      const why = lost.map(({ id }) => `${id}: ${JSON.stringify(lhr.audits[id].details?.items ?? []).slice(0, 400)}`);
      if (score !== 1) problems.push(`${path}: ${title} ${score * 100}: ${why.join("; ")}`);
    }
  }
} finally {
  await context.close();
  rmSync(profile, { recursive: true, force: true });
}
if (problems.length) {
  console.error(problems.join("\n"));
  process.exit(1);
}
