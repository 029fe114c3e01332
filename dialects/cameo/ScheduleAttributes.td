//===- ScheduleAttributes.td - How kernels are computed -------*- tablegen -*-===//
//
// Data that loops are generated from; see docs/guides/schedules.md. Part of
// CameoDialect.td.
//
//===----------------------------------------------------------------------===//

#ifndef CAMEO_SCHEDULE_ATTRIBUTES
#define CAMEO_SCHEDULE_ATTRIBUTES

def Cameo_NestAttr : Cameo_Attr<"Nest", "nest"> {
  let summary = "How one loop nest of a kernel is built";
  let description = [{
    What a nest is generated from, in dimensions of the operation at its root, of
    which `loops` are the extents:
    `#cameo.nest<loops = [4, 3136, 64] vector = 2 lanes = 16 tile = [2, 14, 1] column = 0>`.

    - `vector`: the dimension that vectors take, of at most `lanes` lanes; none:
      scalar loops.
    - `tile`: steps (vectors along `vector`) of the register tile.
    - `column`: the dimension whose steps come one after the other in a tile.
    - `order`: parallel dimensions from the outermost loop on.
    - `unrolled`: reductions that are written out.
    - `run = 1 by 8`: an outermost loop takes dimension 1 in runs of 8 tiles.
    - `depth = 3 by 15`: a loop around all tiles takes reduction 3 in runs of 15
      steps; sums are in the result in between.
    - `ahead`: the dimension along which the next tile is fetched early.
    - `tasks = 4 of 0`: dimension 0 is split into 4 tasks.

    `cycles` is what a run is estimated to take on one core, `cost` what of that
    arithmetic and each memory would take alone, and `beaten` are the next best
    tiles with their estimates. Nothing is generated from these.
  }];
  let parameters = (ins
    OptionalArrayRefParameter<"int64_t">:$loops,
    DefaultValuedParameter<"int64_t", "-1">:$vector,
    DefaultValuedParameter<"int64_t", "1">:$lanes,
    OptionalArrayRefParameter<"int64_t">:$tile,
    DefaultValuedParameter<"int64_t", "-1">:$column,
    OptionalArrayRefParameter<"int64_t">:$order,
    OptionalArrayRefParameter<"int64_t">:$unrolled,
    DefaultValuedParameter<"int64_t", "-1">:$run,
    DefaultValuedParameter<"int64_t", "0">:$runSteps,
    DefaultValuedParameter<"int64_t", "-1">:$depth,
    DefaultValuedParameter<"int64_t", "0">:$depthSteps,
    DefaultValuedParameter<"int64_t", "-1">:$ahead,
    DefaultValuedParameter<"int64_t", "1">:$tasks,
    DefaultValuedParameter<"int64_t", "-1">:$split,
    DefaultValuedParameter<"int64_t", "0">:$cycles,
    OptionalParameter<"::mlir::DictionaryAttr">:$cost,
    OptionalParameter<"::mlir::DictionaryAttr">:$beaten);
  let assemblyFormat = [{
    `<` (`loops` `=` `[` $loops^ `]`)? (` ` `vector` `=` $vector^)? (` ` `lanes` `=` $lanes^)?
    (` ` `tile` `=` `[` $tile^ `]`)? (` ` `column` `=` $column^)? (` ` `order` `=` `[` $order^ `]`)?
    (` ` `unrolled` `=` `[` $unrolled^ `]`)? (` ` `run` `=` $run^ `by` $runSteps)?
    (` ` `depth` `=` $depth^ `by` $depthSteps)?
    (` ` `ahead` `=` $ahead^)? (` ` `tasks` `=` $tasks^ `of` $split)? (` ` `cycles` `=` $cycles^)?
    (` ` `cost` `=` $cost^)? (` ` `beaten` `=` $beaten^)? `>`
  }];
}

def Cameo_ScheduleAttr : Cameo_Attr<"Schedule", "schedule"> {
  let summary = "How one kernel is computed";
  let description = [{
    Data that code generation follows and a report prints. `problem` says what is
    computed; overrides are keyed by it. `algorithm` is `direct`, `winograd2`,
    `winograd4` (minimal filtering with tiles of that size) or `fast` (fast inner
    products). `group` is how much of the result an algorithm does at a time: rows
    of Winograd tiles, or pixels. `nests` are the loop nests in the order in which
    they are generated. `cycles` is an estimate, and `beaten` are the algorithms
    that were estimated to be slower.

    ```mlir
    #cameo.schedule<problem = "conv:mb1ic64ih56oc64kh3ph1:f32" algorithm = "winograd4"
      group = 7 nests = [<loops = [4, 3136, 64] vector = 2 lanes = 16>]
      cycles = 890123 beaten = {direct = 1806336 : i64}>
    ```
  }];
  let parameters = (ins
    StringRefParameter<"", "\"\"">:$problem,
    StringRefParameter<"", "\"\"">:$algorithm,
    DefaultValuedParameter<"int64_t", "0">:$group,
    OptionalArrayRefParameter<"::cameo::NestAttr">:$nests,
    DefaultValuedParameter<"int64_t", "0">:$cycles,
    OptionalParameter<"::mlir::DictionaryAttr">:$beaten);
  let assemblyFormat = [{
    `<` (`problem` `=` $problem^)? (` ` `algorithm` `=` $algorithm^)? (` ` `group` `=` $group^)?
    (` ` `nests` `=` `[` $nests^ `]`)? (` ` `cycles` `=` $cycles^)? (` ` `beaten` `=` $beaten^)? `>`
  }];
}

#endif // CAMEO_SCHEDULE_ATTRIBUTES
