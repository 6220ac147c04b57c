// The pages of the other acts on a review in a real browser: what axe finds on each, and a revocation and a delegation by hand.
// The Rust test beside it starts the server, sets the scene, and looks at what came of it.
import { expect, finish, look, signIn, task, visit } from "./visit.mjs";

const { open, approved, abandoned } = task;

await finish(async () => {
  const approver = await visit();
  await signIn(approver, "approver", `${open}/delegate`);
  await look(approver, "act-delegate");
  await approver.goto(`${open}/abandon`);
  await look(approver, "act-abandon");
  await approver.goto(`${approved}/reset`);
  await look(approver, "act-reset");
  await approver.goto(`${abandoned}/cancel-abandon`);
  await look(approver, "act-cancel-abandon");
  await approver.goto(approved);
  await approver.getByRole("link", { name: /^Revoke the approval of v/ }).first().click();
  await look(approver, "act-revoke");
  await approver.getByLabel("Why").fill("Drift on the new scanners. \u202eright to left");
  await approver.getByRole("button", { name: /^Revoke the approval of v/ }).click();
  await approver.getByText(/You revoked/).waitFor();
  await look(approver, "version-revoked");
  await approver.goBack();
  await approver.reload();
  await look(approver, "act-barred");
  expect(await approver.getByRole("button", { name: /^Revoke the approval of v/ }).count() === 0, "what is revoked has no button");

  const manager = await visit({ javaScriptEnabled: false });
  await signIn(manager, "manager", `${open}/reload-reviewers`);
  await manager.getByLabel("Why").fill("The group has changed.");
  await manager.getByRole("button", { name: /^Reload the reviewers/ }).click();
  await manager.getByText("present reviewers").waitFor();
  const visitor = await visit();
  await signIn(visitor, "manager", `${approved}/retire`);
  await look(visitor, "act-retire");
  await visitor.goto(`${task.renewable}/renew`);
  await look(visitor, "act-renew");
});
