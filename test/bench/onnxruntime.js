// Times a model in ONNX Runtime. Every line of the input is a number of seconds
// to measure for; the answer is a line with the times of all runs, in
// milliseconds, as JSON.
// usage: node onnxruntime.js FOLDER MODEL THREADS INPUTS.json
'use strict';
const readline = require('readline');
const path = require('path');
const fs = require('fs');

const [folder, model, threads, inputsFile] = process.argv.slice(2);
const ort = require(path.resolve(folder, 'node_modules', 'onnxruntime-node'));

const arrays = {
  float32: Float32Array, float64: Float64Array, int32: Int32Array,
  int64: BigInt64Array, uint8: Uint8Array, int8: Int8Array, bool: Uint8Array,
};

function makeInputs() {
  const inputs = {};
  let state = 1;
  for (const [name, {type, dims}] of Object.entries(JSON.parse(fs.readFileSync(inputsFile)))) {
    const data = new arrays[type](dims.reduce((a, b) => a * b, 1));
    if (type.startsWith('float'))
      for (let i = 0; i < data.length; ++i) {
        state = (state * 1103515245 + 12345) % 2147483648;
        data[i] = state / 1073741824 - 1;
      }
    inputs[name] = new ort.Tensor(type, data, dims);
  }
  return inputs;
}

async function main() {
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: Number(threads), interOpNumThreads: 1,
    executionMode: 'sequential', graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
  });
  const inputs = makeInputs();
  for (let i = 0; i < 3; ++i)
    await session.run(inputs);
  for await (const line of readline.createInterface({input: process.stdin})) {
    const times = [], end = performance.now() + 1e3 * Number(line);
    do {
      const before = performance.now();
      await session.run(inputs);
      times.push(performance.now() - before);
    } while (performance.now() < end);
    console.log(JSON.stringify(times));
  }
}
main().catch(error => {
  console.error(String(error));
  process.exit(1);
});
