// A review in a real browser: by mouse and keyboard, with JavaScript and without, and what axe finds on each page on the way.
// The Rust test beside it starts the server, sets the scene, and looks at what came of it.
import { expect, finish, look, print, signIn, task, visit } from "./visit.mjs";

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
  await approver.getByRole("status").getByRole("link", { name: "Sign-off sheet" }).click();
  await look(approver, "sheet");
  await print(approver, "sheet");
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

await finish(async () => {
  await withScript(task.versions);
  await withoutScript(task.versions);
});
