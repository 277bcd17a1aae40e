// Serves emulate's GitHub on a free port of loopback with the seed in the first line of standard input, and prints its
// address. It ends with its input, and so with the process that started it, however that ends.
import { createInterface } from "node:readline";
import { createEmulator } from "emulate";

const lines = createInterface({ input: process.stdin });
lines.once("close", () => process.exit());
lines.once("line", async (seed) => {
  const emulator = await createEmulator({ service: "github", hostname: "127.0.0.1", port: 0, seed: JSON.parse(seed) });
  console.log(emulator.url);
});
