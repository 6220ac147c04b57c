// Deploying in a real browser, by mouse: denied, warned with a reason, allowed; and what axe finds on each page on the way.
// The Rust test beside it starts the server, sets the scene, and looks at what came of it.
import { expect, finish, look, signIn, task, visit } from "./visit.mjs";

const { approved, open, lapsed } = task;

async function deploy(page, infrastructure, version, service) {
  await page.goto(`/infrastructures/${infrastructure}`);
  await page.getByRole("link", { name: `Deploy to ${infrastructure} …` }).click();
  await page.getByRole("textbox", { name: "Version" }).fill(version);
  await page.getByRole("combobox", { name: "Service" }).fill(service);
  await page.getByRole("button", { name: "Show the weights" }).click();
}

await finish(async () => {
  const operator = await visit();
  await signIn(operator, "operator", "/infrastructures");
  await look(operator, "infrastructures");

  await deploy(operator, "production", approved, "tumour");
  await look(operator, "deploy");
  await operator.getByRole("button", { name: "Deploy tumour v1 to production" }).click();
  await operator.getByText("tumour serves v1: revision 1.").waitFor();
  await look(operator, "service");

  await deploy(operator, "production", open, "tumour");
  // Enter in a field shows the page again and deploys nothing.
  await operator.getByLabel("Percent for v2").fill("20");
  await operator.getByLabel("Percent for v1").fill("80");
  await operator.keyboard.press("Enter");
  await operator.getByRole("heading", { name: /v2 20 %, v1 80 %/ }).waitFor();
  await look(operator, "deploy-weights");
  await operator.getByRole("button", { name: /^Deploy tumour v2/ }).click();
  await operator.getByRole("alert").getByText("production prevents this deployment").waitFor();
  await look(operator, "deploy-denied");
  await operator.getByRole("link", { name: "with your reason, kept in the record" }).click();
  await operator.getByRole("button", { name: "Show the weights" }).click();
  await operator.getByRole("button", { name: /^Deploy tumour v2 to staging/ }).click();
  await operator.getByText("Do you really want to deploy tumour v2 without an approval?").waitFor();
  await look(operator, "deploy-warn");
  await operator.getByLabel("Why go on?").fill("Load test, no patients.");
  await operator.getByRole("button", { name: "Yes, deploy v2 unapproved" }).click();
  await operator.getByText("tumour serves v2: revision 1.").waitFor();
  expect(await operator.getByText("Load test, no patients.").first().isVisible(), "the reason stands on the service's page");
  await operator.goto("/infrastructures/test");
  await operator.getByText("1 service is out of policy").waitFor();
  await look(operator, "infrastructure");
  await operator.getByRole("link", { name: /^Stop/ }).click();
  await look(operator, "service-out-of-policy");
  await operator.getByRole("button", { name: "Stop tumour on test" }).click();
  await operator.getByText("tumour is stopped.").first().waitFor();

  const root = await visit();
  await signIn(root, "root", "/infrastructures/staging");
  await look(root, "infrastructure-admin");
  const reason = root.getByLabel("Reason for the change");
  expect(!await reason.isVisible(), "without a change nobody is asked for a reason");
  await root.getByRole("radio", { name: /^Allow/ }).check();
  expect(await root.getByText("This lets more through").isVisible(), "a weakening is said");
  await root.getByRole("radio", { name: /^Prevent/ }).check();
  expect(!await root.getByText("This lets more through").isVisible(), "a change that lets less through is none");
  await reason.fill("Back to normal.");
  await root.getByRole("button", { name: "Change the policy of staging" }).click();
  await root.getByText("The policy of staging is prevent now.").waitFor();
  await root.goto("/infrastructures");
  await root.getByText("Create an infrastructure …").click();
  await look(root, "infrastructures-create");
  await root.goto(lapsed);
  await look(root, "version-with-gates");

  // Without JavaScript a deployer gets as far.
  const plain = await visit({ javaScriptEnabled: false });
  await signIn(plain, "operator", "/infrastructures/production");
  await deploy(plain, "test", open, "other");
  await plain.getByRole("button", { name: /^Deploy tumour v2 to test/ }).click();
  await plain.getByText("other serves v2: revision 1.").waitFor();
});
