// RUN: cameoc report %s --quiet --cpu=x86-64-v3 --target=x86_64-linux-gnu | FileCheck %s --check-prefix=TEXT
// RUN: cameoc report %s --quiet --format=json | FileCheck %s --check-prefix=JSON
// RUN: cameoc report %s --quiet --format=csv | FileCheck %s --check-prefix=CSV
// RUN: cameoc report %s --quiet --format=html -o %t.html && FileCheck %s --check-prefix=HTML < %t.html
// RUN: not cameoc report %s --format=pdf 2>&1 | FileCheck %s --check-prefix=FORMAT

// TEXT: Model two for x86_64
// TEXT: kernels {{ *}}2
// TEXT: time on one core {{.*}} (estimate)
// TEXT: peak of a core {{.*}}112.0 GFLOP/s at 3.5 GHz
// TEXT: kernel {{.*}}algorithm {{ *}}tile {{ *}}us {{ *}}peak {{ *}}bound by
// TEXT: matmul_relu_0 {{ *}}epilogue {{ *}}direct {{ *}}4 of 8 {{ *}}0.0{{[0-9]}} {{ *}}{{[0-9]+}}% {{.*}} matmul:m4k8n8:f32:relu
// TEXT: softmax_1 {{ *}}root
// TEXT: Not fused with its users
// TEXT: p<q{{ *}}relu{{ *}}its user is not elementwise

// JSON: "kernels": [
// JSON: "algorithm": "direct"
// JSON: "beaten_tiles": {
// JSON: "cost": {
// JSON: "compute":
// JSON: "flops": 544
// JSON: "operators": "matmul relu"
// JSON: "predicted_us":
// JSON: "problem": "matmul:m4k8n8:f32:relu"
// JSON: "saved_bytes": 256
// JSON: "schedule": "#cameo.schedule<
// JSON: "share_of_peak":
// JSON: "tile":
// JSON: "reason": "its user is not elementwise"
// JSON: "weight_bytes": 0

// CSV: kernel,rule,algorithm,tile,us,peak,bound by,beat (times slower),MFLOP,share,KB moved,KB saved,FLOP/byte,operators,problem,nodes
// CSV-NEXT: matmul_relu_0,epilogue,direct,

// HTML: <td>p&lt;q</td><td>relu</td>

// FORMAT: cameoc: error: option '--format': 'pdf' is not one of text, json, csv, html

func.func @two(%x: tensor<4x8xf32> {onnx.name = "x"}, %w: tensor<8x8xf32> {onnx.name = "w"}) -> (tensor<4x8xf32> {onnx.name = "y"}) {
  %0 = cameo.matmul %x, %w : (tensor<4x8xf32>, tensor<8x8xf32>) -> tensor<4x8xf32> loc("m")
  %1 = cameo.relu %0 : (tensor<4x8xf32>) -> tensor<4x8xf32> loc("p<q")
  %2 = cameo.softmax %1 {axis = 1 : i64} : (tensor<4x8xf32>) -> tensor<4x8xf32> loc("s")
  return %2 : tensor<4x8xf32>
}
