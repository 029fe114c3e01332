//===- SelectionOps.td - Results as large as data says --------*- tablegen -*-===//
//
// Results have the largest shape that there can be; how far they extend is a
// further result.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_SELECTION_OPS
#define CAMEO_SELECTION_OPS

include "dialects/cameo/CameoBase.td"
include "dialects/cameo/TensorTypes.td"

def Cameo_NonZeroOp : Cameo_Op<"nonzero", [Cameo_Reference]> {
  let summary = "Indices of the elements that are not zero";
  let description = [{
    The first `count` columns of the result are the indices, in row-major order, of the
    elements that are not zero.
    ```mlir
    %indices, %count = cameo.nonzero %0 : (tensor<2x3xi1>) -> (tensor<2x6xi64>, tensor<i64>)
    ```
    ONNX NonZero (opsets 9-13), Compress (opsets 9-11).
  }];
  let arguments = (ins Cameo_NumberOrBoolTensor:$x);
  let results = (outs RankedTensorOf<[I64]>:$indices, 0DTensorOf<[I64]>:$count);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

def Cameo_NonMaxSuppressionOp : Cameo_Op<"non_max_suppression", [Cameo_Reference]> {
  let summary = "Boxes without those that overlap a better one";
  let description = [{
    `scores` are, of every image and class, in descending order, and `order` are the
    boxes that they are of. A box is selected when its score is greater than
    `score_threshold`, fewer than `max_boxes` (no more than `bound`) are selected
    of its class, and none of them shares more than `iou_threshold` of the area covered
    by both. Boxes are two corners [y1, x1, y2, x2] in any order or, under
    `center_point_box`, [x, y, width, height]. The first `count` rows of `selected` are
    [image, class, box].
    ```mlir
    %selected, %count = cameo.non_max_suppression %0, %1, %2, %3, %4, %5 {bound = 3 : i64} : (tensor<1x6x4xf32>, tensor<1x2x6xf32>, tensor<1x2x6xi64>, tensor<i64>, tensor<f32>, tensor<f32>) -> (tensor<6x3xi64>, tensor<i64>)
    ```
    ONNX NonMaxSuppression (opsets 10-11).

    Constraints:
    - (C1) `boxes` are image x box x 4, `scores` and `order` image x class x box.
    - (C2) `bound` is in [0, number of boxes].
  }];
  let arguments = (ins Cameo_F32Tensor:$boxes, Cameo_F32Tensor:$scores,
                       RankedTensorOf<[I64]>:$order, 0DTensorOf<[I64]>:$max_boxes,
                       0DTensorOf<[F32]>:$iou_threshold,
                       0DTensorOf<[F32]>:$score_threshold,
                       I64Attr:$bound, UnitAttr:$center_point_box);
  let results = (outs RankedTensorOf<[I64]>:$selected, 0DTensorOf<[I64]>:$count);
  let assemblyFormat = "operands attr-dict `:` functional-type(operands, results)";
}

#endif // CAMEO_SELECTION_OPS
