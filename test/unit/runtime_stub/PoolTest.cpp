// The thread pool: every unit exactly once, whoever calls and however often.
#include "cameo/runtime.h"

#include <atomic>
#include <chrono>
#include <gtest/gtest.h>
#include <memory>
#include <thread>
#include <vector>

namespace {

struct DestroyPool {
  void operator()(cameo_pool *pool) const { cameo_pool_destroy(pool); }
};
using Pool = std::unique_ptr<cameo_pool, DestroyPool>;

struct Visits {
  std::vector<std::atomic<int>> counts;
  std::vector<std::thread::id> threads;
  explicit Visits(int64_t count) : counts(count), threads(count) {}
  static void task(void *closure, int64_t i) {
    auto *self = static_cast<Visits *>(closure);
    self->counts[i].fetch_add(1, std::memory_order_relaxed);
    self->threads[i] = std::this_thread::get_id();
  }
  bool eachOnce() const {
    for (const std::atomic<int> &count : counts)
      if (count != 1)
        return false;
    return true;
  }
};

class PoolOf : public ::testing::TestWithParam<int> {
protected:
  Pool pool{cameo_pool_create(GetParam())};
};

} // namespace

TEST_P(PoolOf, VisitsEveryUnitOnce) {
  ASSERT_TRUE(pool);
  for (int64_t count : {0, 1, 2, 3, 5, 7, 8, 9, 64, 1000}) {
    Visits visits(count);
    cameo_pool_parallel_for(pool.get(), Visits::task, &visits, count);
    EXPECT_TRUE(visits.eachOnce()) << count;
  }
  Visits none(1);
  cameo_pool_parallel_for(pool.get(), Visits::task, &none, -5);
  EXPECT_EQ(none.counts[0], 0);
}

TEST_P(PoolOf, SplitsIntoContiguousEqualRanges) {
  const int64_t count = 29;
  Visits visits(count);
  cameo_pool_parallel_for(pool.get(), Visits::task, &visits, count);
  std::vector<int64_t> lengths(1, 0);
  for (int64_t i = 0; i < count; ++i) {
    if (i && visits.threads[i] != visits.threads[i - 1])
      lengths.push_back(0);
    ++lengths.back();
  }
  ASSERT_EQ(lengths.size(), static_cast<size_t>(GetParam()));
  for (int64_t length : lengths) {
    EXPECT_GE(length, count / GetParam());
    EXPECT_LE(length, count / GetParam() + 1);
  }
  EXPECT_EQ(visits.threads[0], std::this_thread::get_id());
}

TEST_P(PoolOf, RunsManySmallJobs) {
  struct Sum {
    std::atomic<int64_t> value{0};
    static void task(void *closure, int64_t i) {
      static_cast<Sum *>(closure)->value.fetch_add(i + 1);
    }
  } sum;
  int64_t want = 0;
  for (int job = 0; job < 5000; ++job) {
    int64_t count = job % 11;
    cameo_pool_parallel_for(pool.get(), Sum::task, &sum, count);
    want += count * (count + 1) / 2;
    ASSERT_EQ(sum.value, want) << job; // joined: nothing is left behind
  }
}

TEST_P(PoolOf, WakesSleepingWorkers) {
  for (int round = 0; round < 5; ++round) {
    // Long enough for the spin to end.
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    Visits visits(64);
    cameo_pool_parallel_for(pool.get(), Visits::task, &visits, 64);
    EXPECT_TRUE(visits.eachOnce());
  }
}

TEST_P(PoolOf, JoinsSlowWorkers) {
  // The worker outlasts the caller's spin, so the caller sleeps in the join.
  struct Slow {
    std::atomic<int> done{0};
    static void task(void *closure, int64_t i) {
      if (i != 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      static_cast<Slow *>(closure)->done++;
    }
  } slow;
  for (int round = 1; round <= 3; ++round) {
    cameo_pool_parallel_for(pool.get(), Slow::task, &slow, GetParam());
    EXPECT_EQ(slow.done, round * GetParam());
  }
}

TEST_P(PoolOf, RunsNestedCallsSerially) {
  struct Nest {
    cameo_pool *pool;
    std::atomic<int> inner{0};
    std::atomic<int> elsewhere{0};
    std::thread::id outerThread[16];
    struct Call {
      Nest *nest;
      int64_t outer;
    };
    static void innerTask(void *closure, int64_t) {
      auto *call = static_cast<Call *>(closure);
      call->nest->inner++;
      if (call->nest->outerThread[call->outer] != std::this_thread::get_id())
        call->nest->elsewhere++;
    }
    static void task(void *closure, int64_t i) {
      auto *self = static_cast<Nest *>(closure);
      self->outerThread[i] = std::this_thread::get_id();
      Call call{self, i};
      cameo_pool_parallel_for(self->pool, innerTask, &call, 10);
    }
  } nest;
  nest.pool = pool.get();
  cameo_pool_parallel_for(pool.get(), Nest::task, &nest, 16);
  EXPECT_EQ(nest.inner, 160);
  // With one thread the outer loop is no job of the pool's; it is serial too.
  EXPECT_EQ(nest.elsewhere, 0);
}

TEST_P(PoolOf, ServesConcurrentCallers) {
  std::vector<std::thread> callers;
  std::atomic<int> failures{0};
  for (int c = 0; c < 4; ++c)
    callers.emplace_back([&] {
      for (int job = 0; job < 300; ++job) {
        Visits visits(17);
        cameo_pool_parallel_for(pool.get(), Visits::task, &visits, 17);
        failures += !visits.eachOnce();
      }
    });
  for (std::thread &caller : callers)
    caller.join();
  EXPECT_EQ(failures, 0);
}

INSTANTIATE_TEST_SUITE_P(Threads, PoolOf, ::testing::Range(1, 9));

TEST(Pool, IsCreatedAndDestroyedRepeatedly) {
  for (int i = 0; i < 50; ++i) {
    Pool pool(cameo_pool_create(1 + i % 4));
    ASSERT_TRUE(pool);
    if (i % 2) {
      Visits visits(5);
      cameo_pool_parallel_for(pool.get(), Visits::task, &visits, 5);
      EXPECT_TRUE(visits.eachOnce());
    }
  }
}

TEST(Pool, TakesSillyThreadCountsAndNull) {
  Pool pool(cameo_pool_create(-3));
  Visits visits(5);
  cameo_pool_parallel_for(pool.get(), Visits::task, &visits, 5);
  EXPECT_TRUE(visits.eachOnce());
  Visits serial(5);
  cameo_pool_parallel_for(nullptr, Visits::task, &serial, 5);
  EXPECT_TRUE(serial.eachOnce());
  cameo_pool_destroy(nullptr);
}
