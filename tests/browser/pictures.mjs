// The pictures of the documentation, from the demo's pages: light and dark, 1280 pixels wide. `cargo xtask pictures` starts the demo.
import { mkdirSync } from "node:fs";
import { expect, finish, signIn, task, visit } from "./visit.mjs";

const { pictures } = task;

// The window shows as much as the picture needs and no more: what stands below differs from run to run.
async function take(page, name, height) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 1280, height });
    // The bar of the demo is no part of the product.
    await page.evaluate(() => document.querySelector("aside.demo")?.remove());
    await page.mouse.move(0, 0);
    await page.screenshot({ path: `${pictures}/${name}${colorScheme === "dark" ? "-dark" : ""}.png` });
  }
}

async function as(person) {
  const page = await visit({ deviceScaleFactor: 1 });
  await signIn(page, person);
  return page;
}

await finish(async () => {
  mkdirSync(pictures, { recursive: true });

  const approver = await as("approver");
  await take(approver, "inbox", 700);
  await approver.goto("/projects/diagnosis/models/tumour/versions/7");
  await take(approver, "version-in-review", 940);
  await approver.goto("/projects/diagnosis/models/tumour");
  await take(approver, "model", 860);

  const scientist = await as("scientist");
  await scientist.goto("/projects/diagnosis/models/tumour/versions/8");
  await take(scientist, "review-request", 1000);
  await scientist.goto("/projects/diagnosis/models/tumour/versions/6");
  await take(scientist, "version-approved", 1000);

  const operator = await as("operator");
  // The nodes of the demo come up while it runs already.
  await operator.goto("/infrastructures/hospital-prod");
  for (let tries = 0; tries < 60 && !await operator.getByText("Healthy").count(); tries += 1) {
    await operator.waitForTimeout(1000);
    await operator.reload();
  }
  expect(await operator.getByText("Healthy").count(), "the nodes of the demo serve");
  await take(operator, "infrastructure", 800);
  await operator.goto("/infrastructures/hospital-prod/services/tumour/deploy?version=diagnosis/tumour:7");
  await operator.getByRole("button", { name: /^Deploy tumour v7/ }).click();
  await operator.getByRole("alert").waitFor();
  await take(operator, "deploy-denied", 820);

  const auditor = await as("auditor");
  await auditor.goto("/record");
  await take(auditor, "record", 900);
  await auditor.goto("/projects/diagnosis/models/tumour/versions/6/sheet?round=1");
  await take(auditor, "sheet", 1000);
});
