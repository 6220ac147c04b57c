// Registering versions in a real browser: files with progress, an upload that is cut and goes on, a folder, and the same without JavaScript.
// The Rust test beside it starts the server, sets the scene, and looks at what came of it.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, finish, look, signIn, task, visit } from "./visit.mjs";

const { model } = task;
const folder = mkdtempSync(join(tmpdir(), "countersign-register-"));
const large = join(folder, "weights.bin");
writeFileSync(large, Buffer.alloc(9_000_000, 7));
const tree = join(folder, "export");
mkdirSync(join(tree, "conf"), { recursive: true });
writeFileSync(join(tree, "README.md"), "# A model");
writeFileSync(join(tree, "conf", "labels.txt"), "benign\nmalignant\n");
const metrics = join(folder, "metrics.json");
writeFileSync(metrics, JSON.stringify({ auc: 0.97 }));

async function withScript() {
  const page = await visit();
  await signIn(page, "scientist", "/projects/diagnosis/models/tumour");
  await page.getByRole("link", { name: "Register a version" }).click();
  await look(page, "register");
  await page.getByLabel("Single files").setInputFiles([model, large]);
  await page.getByLabel("Or a whole folder").setInputFiles(tree);
  await page.getByLabel("Metrics", { exact: true }).fill("recall = high");
  await page.getByLabel("Metrics from a JSON file").setInputFiles(metrics);
  await page.getByLabel("What reviewers should know").fill("**More data.** \u202eright to left");

  // The second request of the upload is cut: what arrived with the first is not sent again.
  let sent = 0;
  await page.route("**/new", route => route.request().method() === "POST" && ++sent === 2 ? route.abort() : route.continue());
  await page.getByRole("button", { name: "Register the version" }).click();
  await page.getByText("Cut off.").waitFor();
  expect(await page.getByLabel("What reviewers should know").inputValue() !== "", "the text is kept");
  await look(page, "register-cut");
  await page.getByRole("button", { name: "Register the version" }).click();
  await page.getByText("is not a number").waitFor();
  expect(sent === 5, `five requests: a batch, one cut, that again, the rest, and the form; not ${sent}`);
  await look(page, "register-refused");
  await page.getByLabel("Metrics", { exact: true }).fill("recall = 0.9\nauc = 0.97");
  await page.getByRole("button", { name: "Register the version" }).click();
  await page.getByText(/You registered tumour v\d+/).waitFor();
  await look(page, "version-registered");
  await page.getByRole("link", { name: "Schema" }).click();
  await look(page, "schema");
}

async function withoutScript() {
  const page = await visit({ javaScriptEnabled: false });
  await signIn(page, "scientist", "/projects/diagnosis/models/tumour/new");
  await page.getByLabel("Single files").setInputFiles([model]);
  await page.getByLabel("Metrics", { exact: true }).fill("auc = 0.98");
  await page.keyboard.press("Tab");
  await page.getByRole("button", { name: "Register the version" }).click();
  await page.getByText(/You registered tumour v\d+/).waitFor();
}

async function administrator() {
  const page = await visit();
  await signIn(page, "root", "/projects");
  await page.getByText("Create a project …").click();
  await look(page, "projects-new");
  await page.getByLabel("Name", { exact: true }).fill("credit");
  await page.getByLabel("Display name").fill("Credit risk");
  await page.getByRole("button", { name: "Create the project" }).click();
  await page.getByText("You created credit.").waitFor();
  await look(page, "project-empty");
  await page.getByLabel("Name", { exact: true }).fill("default");
  await page.getByRole("button", { name: "Register the model" }).click();
  await page.getByText("You registered default.").waitFor();
  await look(page, "model-empty");
}

await finish(async () => {
  try {
    await withScript();
    await withoutScript();
    await administrator();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
