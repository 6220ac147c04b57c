// Open pages in a real browser: what others do arrives, is said aloud, and takes nothing from under the hands.
import { expect, finish, signIn, task, visit } from "./visit.mjs";

const [version] = task.versions;

async function live() {
  const scientist = await visit();
  const itops = await visit();
  const approver = await visit();
  await signIn(itops, "itops");
  await signIn(approver, "approver", version);
  await signIn(scientist, "scientist", version);
  expect(await itops.getByText("Nothing waits for you.").isVisible(), "nothing waits yet");

  // The inbox of a reviewer fills while it is open; the title counts too, and the focus stays where it was.
  await itops.getByRole("searchbox", { name: "Filter by model" }).focus();
  await scientist.getByRole("button", { name: /^Request the review of v/ }).click();
  await itops.locator("[data-live=inbox] [data-row]").first().waitFor();
  await itops.waitForFunction(() => document.title.startsWith("(1)"));
  await itops.waitForFunction(() => document.querySelector("[data-say]").textContent.includes("1 waiting for you"));
  expect(await itops.evaluate(() => document.activeElement.type === "search"), "the focus stays");

  // The approver has the version open: the status arrives, the answer of the reviewer too.
  await approver.locator("[data-live=status]").getByText("Waiting for feedback").waitFor();
  await itops.goto(version);
  await itops.getByLabel("Minor issue").check();
  await itops.getByRole("textbox", { name: "Comment" }).fill("Mind the memory.");
  await itops.getByRole("button", { name: "Raise a minor issue" }).click();
  await approver.locator("[data-live=sign-off]").getByText("Mind the memory.").waitFor();

  // What somebody writes stays, and what they looked at stays what they decide on: the answer is a conflict, with the text kept.
  await scientist.goto(version);
  await scientist.getByRole("button", { name: /^Ask for the final approval/ }).click();
  await approver.getByRole("radio", { name: /^Approve/ }).waitFor();
  await approver.reload();
  await approver.getByRole("radio", { name: /^Approve/ }).check();
  await approver.getByRole("textbox", { name: "Why" }).fill("Fine with me.");
  const seen = await approver.locator("#decide input[name=if_match]").first().inputValue();
  await scientist.getByRole("button", { name: "Back to feedback" }).click();
  await approver.getByText("Something else changed here. Reload to see it.").waitFor();
  expect(await approver.locator("[data-live=status]").getByText("Waiting for final approval").isVisible(), "no part is newer than the form");
  expect(await approver.getByRole("textbox", { name: "Why" }).inputValue() === "Fine with me.", "the text stays");
  expect(await approver.locator("#decide input[name=if_match]").first().inputValue() === seen, "what was looked at stays");
  await approver.getByRole("button", { name: /^Approve v/ }).click();
  await approver.getByText("Changed while you wrote").waitFor();

  // A tag that arrives does not stand in for a look: with nothing typed the part is new, and its forms still bear the old tag.
  const other = await visit();
  await signIn(other, "itops", version);
  const before = await other.locator("[data-live=sign-off] input[name=if_match]").first().inputValue();
  const risk = await visit();
  await signIn(risk, "riskofficer", version);
  await risk.getByLabel("Minor issue").check();
  await risk.getByRole("textbox", { name: "Comment" }).fill("Name the hospitals.");
  await risk.getByRole("button", { name: "Raise a minor issue" }).click();
  await other.locator("[data-live=sign-off]").getByText("Name the hospitals.").waitFor();
  const after = await other.locator("[data-live=sign-off] input[name=if_match]").first().inputValue();
  expect(before === after, "the tag of what was looked at");
  await other.getByText("Something changed here. Reload before you answer or decide.").waitFor();

  // Another window signs in somebody else: the page of the one before shows nothing of the other.
  const second = await other.context().newPage();
  await second.goto("/projects");
  await other.context().clearCookies();
  await signIn(second, "business");
  await other.evaluate(() => { dispatchEvent(new Event("pagehide")); dispatchEvent(new Event("pageshow")); });
  await other.getByText("Somebody else is signed in by now. Reload.").waitFor();
  expect(await other.locator(".me-name").innerText() === "The itops", "the page is still that of the one before");

  // A hidden page holds no connection; a session that ends ends the stream.
  await scientist.goto("/projects");
  await scientist.context().clearCookies();
  await scientist.evaluate(() => { dispatchEvent(new Event("pagehide")); dispatchEvent(new Event("pageshow")); });
  await scientist.getByText("Not live any more. Reload to see what is new.").waitFor();
}

await finish(live);
