// Verifies what a receiver got with the npm package of Standard Webhooks: node verify.mjs SECRET < {"headers", "body"}, one a line.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const require = createRequire(`${process.env.COUNTERSIGN_TEST_NODE}/node_modules/`);
const { Webhook } = require("standardwebhooks");

const webhook = new Webhook(process.argv[2]);
for (const line of readFileSync(0, "utf8").split("\n").filter(Boolean)) {
  const { headers, body } = JSON.parse(line);
  webhook.verify(body, headers);
  let altered = false;
  try {
    webhook.verify(`${body} `, headers);
    altered = true;
  } catch {
    // As it should be.
  }
  if (altered) throw new Error("an altered body verifies");
  console.log("verified");
}
