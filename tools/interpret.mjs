// Runs one execution of a state machine in aws-local-stepfunctions, and prints what happened, a JSON document a line.
//
// Usage: node tools/interpret.mjs MODULE < {definition, input, name, machine, functions: {arn: url}, speed, failures}
//
// The text is run as it stands. Only time is another: each timer of this process runs `speed` times as fast, as the clock of
// the lab does, so that the text's own seconds are the lab's. A task is the function behind `functions`, asked over HTTP; the
// first ones come to the errors of `failures` instead. The start of another execution is printed and not carried out.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

// Node 20 has no Promise.withResolvers, which the interpreter wants.
Promise.withResolvers ??= () => {
  let resolve, reject;
  const promise = new Promise((yes, no) => ([resolve, reject] = [yes, no]));
  return { promise, resolve, reject };
};

const asked = JSON.parse(readFileSync(0, "utf8"));
const say = (what) => process.stdout.write(`${JSON.stringify(what)}\n`);

const real = globalThis.setTimeout;
globalThis.setTimeout = (then, millis, ...more) => real(then, millis / asked.speed, ...more);

class Failed extends Error {
  constructor(name, message) {
    super(message);
    this.name = name;
  }
}

async function invoke(given) {
  const failure = asked.failures.shift();
  if (failure) {
    say({ kind: "failed", error: failure });
    throw new Failed(failure, "as the test wants");
  }
  const url = asked.functions[given.FunctionName];
  if (!url) throw new Failed("Lambda.ResourceNotFoundException", given.FunctionName);
  const reply = await fetch(url, { method: "POST", body: JSON.stringify(given.Payload) });
  const answer = await reply.json();
  say({ kind: "answered", payload: given.Payload, answer });
  if (answer?.errorType) throw new Failed(answer.errorType, JSON.stringify(answer));
  return { ExecutedVersion: "$LATEST", Payload: answer, StatusCode: 200 };
}

async function start(given) {
  say({ kind: "started", given });
  return { ExecutionArn: `${given.StateMachineArn}:${given.Name}`, StartDate: new Date().toISOString() };
}

const integrations = { "lambda:invoke": invoke, "states:startExecution": start };
const handlers = {};
for (const [name, state] of Object.entries(asked.definition.States)) {
  const resource = state.Resource?.split(":::")[1];
  if (resource && !integrations[resource]) throw new Error(`${name}: ${resource} is not wired`);
  if (resource) handlers[name] = integrations[resource];
}

const { StateMachine } = await import(pathToFileURL(process.argv[2]));
const { name, machine } = asked;
const execution = new StateMachine(asked.definition).run(asked.input, {
  overrides: { taskResourceLocalHandlers: handlers },
  context: {
    Execution: {
      Id: `${machine.replace(":stateMachine:", ":execution:")}:${name}`, Name: name, Input: asked.input,
      StartTime: new Date().toISOString(),
    },
    StateMachine: { Id: machine, Name: machine.split(":").at(-1) },
  },
});
const watched = (async () => {
  for await (const event of execution.eventLogs) say({ kind: "event", ...event });
})();
try {
  const output = await execution.result;
  await watched;
  say({ kind: "ended", status: "SUCCEEDED", output });
} catch (error) {
  await watched;
  say({ kind: "ended", status: "FAILED", error: error.name, cause: error.message });
}
process.exit(0);
