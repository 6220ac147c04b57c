// The pages of auditors, managers and administrators in a real browser: what axe finds on each, and their forms by keyboard and mouse.
// The Rust test beside it starts the server, sets the scene, and looks at what came of it.
import { expect, finish, look, signIn, task, visit } from "./visit.mjs";

async function auditor() {
  const page = await visit();
  await signIn(page, "auditor", "/record");
  await look(page, "record");
  await page.getByRole("searchbox", { name: "About" }).fill(task.version);
  await page.keyboard.press("Enter");
  await page.waitForURL(/q=/);
  expect(await page.getByRole("row").count() > 2, "the events of the version are found");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await page.getByRole("heading", { name: /^Event/ }).waitFor();
  await look(page, "record-event");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "The inclusion proof" }).click();
  expect((await download).suggestedFilename().startsWith("proof-"), "the proof is a file to keep");
  await page.goto("/record?since=2100-01-01");
  await look(page, "record-empty");
}

async function manager() {
  const page = await visit();
  await signIn(page, "manager", "/projects/diagnosis");
  await page.getByRole("link", { name: "Change the members" }).click();
  await look(page, "members");
  await page.getByLabel("User or group").fill("group:nobody");
  await page.keyboard.press("Enter");
  await page.waitForLoadState();
  expect(await page.getByLabel("User or group").inputValue() === "group:nobody", "Enter in a field changes nothing and keeps the text");
  await page.getByRole("button", { name: "Give the role" }).click();
  await page.getByText("There is no group").waitFor();
  await look(page, "members-refused");
  await page.goto("/projects/diagnosis/rules");
  await look(page, "rules");
  await page.goto("/projects/diagnosis/record");
  await look(page, "project-record");
}

async function administrator() {
  const page = await visit();
  await signIn(page, "root", "/admin/users");
  await look(page, "users");
  await page.getByLabel("Name to sign in with").fill("newcomer");
  await page.getByLabel("Name to show").fill("Newcomer");
  await page.getByRole("button", { name: "Make the account and an invitation" }).click();
  await page.getByRole("heading", { name: "The invitation is made" }).waitFor();
  await look(page, "user-invited");
  // A name without a place to break at is no reason for a wider page.
  await page.goto("/admin/users");
  await page.getByLabel("Name to sign in with").fill("wide");
  await page.getByLabel("Name to show").fill("W".repeat(200));
  await page.getByRole("button", { name: "Make the account and an invitation" }).click();
  await page.getByRole("heading", { name: "The invitation is made" }).waitFor();
  for (const place of ["/admin/users", "/admin/users/wide", "/search?q=wide"]) {
    await page.goto(place);
    await look(page, `wide${place.replace(/\W/g, "-")}`);
  }
  await page.goto("/admin/users/manager");
  await look(page, "user");
  await page.goto("/admin/groups");
  await look(page, "groups");
  await page.goto("/admin/tokens");
  await page.getByRole("textbox", { name: "Service account" }).fill("pipeline");
  await page.getByRole("button", { name: "Make the token" }).click();
  await page.getByRole("heading", { name: "The token is made" }).waitFor();
  await look(page, "tokens");
  await page.goto("/admin/mail");
  await page.getByText("a test has nowhere to go").waitFor();
  await page.getByRole("button", { name: "Try all given-up mails again" }).click();
  await page.getByText("No mail was given up").waitFor();
  await look(page, "mail");
  await page.goto("/webhooks");
  await page.getByLabel("Name", { exact: true }).fill("ci");
  await page.getByLabel("Address").fill("https://10.0.0.1/hook");
  await page.getByRole("button", { name: "Make the webhook" }).click();
  await page.getByText("which is not public").waitFor();
  expect((await page.getByLabel("Name", { exact: true }).inputValue()) === "ci", "what was typed is kept");
  await page.getByLabel("Address").fill("http://127.0.0.1:9/hook");
  await page.getByText("Only some events").click();
  await page.getByLabel("approved", { exact: true }).check();
  await page.getByRole("button", { name: "Make the webhook" }).click();
  await page.getByRole("heading", { name: "The webhook ci has a new secret" }).waitFor();
  await look(page, "webhooks");
  await page.getByRole("link", { name: "ci", exact: true }).click();
  await page.getByRole("button", { name: "Send a test" }).click();
  await page.getByText("The test goes out.").waitFor();
  await page.getByText("Waiting").last().waitFor();
  await look(page, "webhook");
  await page.getByRole("button", { name: "Make another secret" }).click();
  await page.getByText("The earlier secret holds until").waitFor();
  await page.getByRole("button", { name: "Do not call it any more" }).click();
  await page.getByText("The server does not call the webhook any more.").waitFor();
  await look(page, "webhook-disabled");
  await page.getByLabel("Its name").fill("ci");
  await page.getByRole("button", { name: "Remove the webhook" }).click();
  await page.getByText("The webhook ci is removed.").waitFor();
  await page.goto("/projects/diagnosis/rules");
  await page.getByLabel("Feedback is expected within").fill("0");
  await page.getByLabel("Why the rules change").fill("Answers within a week.");
  await page.getByRole("button", { name: "Save the rules" }).click();
  await page.getByText("a number of work days from 1 to 250").waitFor();
  await page.getByLabel("Feedback is expected within").fill("5");
  await page.getByRole("button", { name: "Save the rules" }).click();
  await page.getByText("The rules are saved").waitFor();
  await look(page, "rules");
  await page.goto("/projects/diagnosis");
  await page.getByRole("button", { name: "Subscribe", exact: true }).click();
  await page.getByText("You hear of each step of the reviews of diagnosis.").waitFor();
  await page.getByRole("button", { name: "Unsubscribe" }).waitFor();
  await page.goto("/account");
  await page.getByLabel("Only my turn").check();
  await page.getByRole("button", { name: "Keep this choice" }).click();
  await page.getByText("Your choice of mails is kept.").waitFor();
  expect(await page.getByLabel("Only my turn").isChecked(), "the choice is kept");
  await page.getByRole("button", { name: "End the subscription to diagnosis" }).waitFor();
  await page.getByRole("link", { name: "Say when you are away" }).click();
  await look(page, "absence");
  await page.getByLabel("Back on").fill("2026-01-12");
  await page.getByLabel("Who stands in").fill("nobody-of-this-name");
  await page.getByRole("button", { name: "Keep this absence" }).click();
  await look(page, "absence-refused");
  expect(await page.getByLabel("Back on").inputValue() === "2026-01-12", "what was typed is kept");
  await page.getByLabel("Who stands in").fill("");
  await page.getByRole("button", { name: "Keep this absence" }).click();
  await page.getByText("Your absence is kept.").waitFor();
  await look(page, "absence-kept");
  await page.getByRole("button", { name: "I am back" }).click();
  await page.getByText("You are not away.").waitFor();
  await page.goto("/account");
  await page.getByText("Make a token").click();
  await look(page, "account-token");
  await page.getByRole("button", { name: "Switch them off" }).click();
  await page.keyboard.press("?");
  expect(await page.locator("dialog.keys[open]").count() === 0, "single keys are off");
}

// Without JavaScript the forms do the same.
async function withoutScript() {
  const page = await visit({ javaScriptEnabled: false });
  await signIn(page, "root", "/admin/groups");
  await page.getByLabel("Name", { exact: true }).fill("ethics");
  await page.getByRole("button", { name: "Make the group" }).click();
  await page.getByText("The group ethics is there.").waitFor();
  await page.goto("/record?kind=people");
  await page.getByRole("row").nth(1).getByRole("link").first().click();
  await page.getByRole("heading", { name: "The proof" }).waitFor();
}

await finish(async () => {
  await auditor();
  await manager();
  await administrator();
  await withoutScript();
});
