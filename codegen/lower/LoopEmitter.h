//===- LoopEmitter.h - Emitter of one loop nest -----------------*- C++ -*-===//
//
// Shared by LoopNest.cpp, which builds the loops around a register tile, and
// LoopBody.cpp, which builds what is done for the tile.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_CODEGEN_LOWER_LOOPEMITTER_H
#define CAMEO_CODEGEN_LOWER_LOOPEMITTER_H

#include "codegen/lower/LoopNest.h"
#include "codegen/lower/Windows.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/IRMapping.h"

namespace cameo {

/// A part [low, high) of a dimension that is walked with one step.
struct Piece {
  int64_t low, high;
  int64_t lanes;       // 1 but for the vector dimension.
  int64_t count;       // Steps of a register tile.
  bool isEdge = false; // One step; some taps of a window are outside.
  int64_t step() const { return lanes * count; }
};

/// Where an element of the register tile is: steps per dimension of the root.
using TileIndex = llvm::SmallVector<int64_t>;

/// The buffer that an operand reads, past a padded view, and at which places.
std::pair<mlir::Value, mlir::AffineMap> readOf(mlir::linalg::LinalgOp op,
                                               mlir::OpOperand &operand);

class LoopEmitter {
public:
  LoopEmitter(mlir::RewriterBase &rewriter, const LoopGroup &group,
              const LoopPlan &plan);
  void emit();

private:
  using Value = mlir::Value;
  using Values = llvm::SmallVector<mlir::Value>;
  using BodyBuilder = llvm::function_ref<Values(mlir::ValueRange)>;
  using LoopBuilder = llvm::function_ref<Values(mlir::ValueRange, BodyBuilder)>;

  bool isReduction(int64_t dim) const {
    return iterators[dim] == mlir::utils::IteratorType::reduction;
  }
  Value constant(int64_t value) {
    return mlir::arith::ConstantIndexOp::create(b, loc, value);
  }
  mlir::Type laneType(mlir::Type element) const {
    return lanes == 1 ? element
                      : mlir::Type(mlir::VectorType::get({lanes}, element));
  }
  Value widen(Value scalar) {
    return lanes == 1 ? scalar
                      : mlir::vector::BroadcastOp::create(
                            b, loc, laneType(scalar.getType()), scalar);
  }

  // Loops (LoopNest.cpp).
  const Window *windowOfOutput(int64_t dim) const;
  const Window *windowOfTap(int64_t dim) const;
  llvm::SmallVector<Piece> pieces(int64_t dim) const;
  llvm::SmallVector<Piece> edgePieces(int64_t dim, const Window &window) const;
  Values forLoop(const Piece &piece, int64_t dim, mlir::ValueRange inits,
                 BodyBuilder body);
  Values forLoop(Value low, Value high, int64_t step, int64_t dim,
                 mlir::ValueRange inits, BodyBuilder body);
  Values boundedLoop(const Piece &piece, int64_t dim, mlir::ValueRange inits,
                     BodyBuilder body);
  Value endOf(const Piece &piece, int64_t dim);
  void readBounds();
  void emitParallel(size_t depth);
  void emitPiece(const Piece &piece, size_t depth);
  void emitRange(const Piece &piece, Value low, Value high, size_t depth);
  void emitTaskPieces(size_t depth);
  void emitChunks(size_t depth);
  void emitTile();
  Values emitReductions(size_t depth, mlir::ValueRange accumulators);
  int64_t findBlock(int64_t dim) const;
  Values emitBlocks(size_t depth, mlir::ValueRange accumulators);
  Values emitTaps(size_t depth, mlir::ValueRange accumulators);
  Values emitInsideTaps(const Window &window, size_t depth,
                        mlir::ValueRange accumulators);
  Values emitPartialReduction(const Piece &piece, mlir::ValueRange totals,
                              LoopBuilder loop);
  Values emitSplitReduction(mlir::ValueRange totals);

  // The register tile (LoopBody.cpp).
  llvm::SmallVector<TileIndex> tileIndices() const;
  bool isInside(const TileIndex &at) const;
  Values emitStep(const GroupMember &member, mlir::ValueRange accumulators);
  Values emitBody(const GroupMember &member, const TileIndex &at,
                  mlir::ValueRange accumulators);
  mlir::AffineMap moveMap(const GroupMember &member, mlir::AffineMap map,
                          const TileIndex &at, int64_t lane) const;
  Values indices(mlir::AffineMap moved);
  Value load(const GroupMember &member, mlir::OpOperand &operand,
             const TileIndex &at);
  void fetchAhead(mlir::OpOperand &operand, TileIndex at, int64_t dim,
                  int64_t steps);
  void fetchNextTile();
  void store(mlir::OpOperand &operand, Value value, const TileIndex &at);
  void cloneWide(const GroupMember &member, mlir::Operation &inner,
                 mlir::IRMapping &mapping);

  // Runs of a reduction (LoopDepth.cpp).
  void emitStages();
  Values emitDepthRun(size_t depth, mlir::ValueRange accumulators);

  // Products by lanes (LoopLanes.cpp).
  int64_t countLaneSteps() const;
  Values emitSteps(int64_t steps, size_t depth, mlir::ValueRange accumulators);
  Values emitLaneSteps(int64_t steps, mlir::ValueRange accumulators);
  void findLanes(llvm::ArrayRef<TileIndex> positions);
  Value loadLane(Value buffer, mlir::AffineMap moved);

  mlir::RewriterBase &b;
  const LoopGroup &group;
  mlir::linalg::LinalgOp root;
  const LoopPlan &plan;
  mlir::Location loc;
  llvm::SmallVector<int64_t> ranges;
  llvm::SmallVector<mlir::utils::IteratorType> iterators;
  llvm::SmallVector<Window> windows; // Those with taps outside.
  /// Dimensions of nested loops; plan.chunkDim is in the first twice.
  llvm::SmallVector<int64_t> parallels, reductions;
  /// Sizes of the blocks in which a reduction is stored; 0: not in blocks.
  llvm::SmallVector<int64_t> blocks;
  Values ends;   // Where bounded loops end; null: they are not bounded.
  Values index;  // Of every dimension, of blocks where it is walked in blocks.
  Values inside; // Within a block; null: not walked in blocks.
  llvm::SmallVector<std::optional<int64_t>> place; // Where it is known.
  llvm::SmallVector<bool> atEdge;                  // Of parallel dimensions.
  std::optional<Piece> chunk; // The part of plan.chunkDim that is being done,
  Value chunkLow, chunkHigh;  // or what of it; null: all.
  Value task;
  /// What is done with tiles: all at once, or, around runs of plan.depthDim,
  /// what starts them, the run's sums, and what follows.
  enum class Stage { All, Start, Sum, Finish } stage = Stage::All;
  Value depthLow;                  // Where the run begins.
  int64_t lanes = 1;               // Of the current piece.
  int64_t laneSteps = kLaneSteps;  // Of plan.laneDim that are written out.
  llvm::SmallVector<int64_t> tile; // Of the current pieces.
  /// What has been loaded and is still valid: an operand that does not move is
  /// loaded once for the whole tile, and once for taps that meet.
  llvm::DenseMap<std::pair<Value, mlir::AffineMap>, Value> loaded, broadcast;
  /// For what products take from lanes: where its vector begins and which lane
  /// it is; and the vectors.
  llvm::DenseMap<std::pair<Value, mlir::AffineMap>,
                 std::pair<mlir::AffineMap, int64_t>>
      lanesOf;
  llvm::DenseMap<std::pair<Value, mlir::AffineMap>, Value> laneVectors;
};

} // namespace cameo

#endif // CAMEO_CODEGEN_LOWER_LOOPEMITTER_H
