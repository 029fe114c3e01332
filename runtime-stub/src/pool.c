/* A small pool of persistent POSIX threads with static partition.
 *
 * A call publishes its job, then raises `signal`: a sequence number together
 * with the number of threads that take part. A worker that takes part runs its
 * contiguous share of [0, count) and counts `pending` down; others do not even
 * look at the job. Both sides of the join spin for a moment, then sleep (a
 * futex on Linux, a condition variable elsewhere).
 *
 * A call while the pool is busy, be it from inside a task or from another
 * thread, runs on the calling thread alone: nothing waits, nothing can lock up.
 * Workers inherit the creator's affinity: create the pool before pinning. */
#if !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#endif
#include "cameo/runtime.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <unistd.h>

#if defined(__linux__) && !defined(CAMEO_POOL_NO_FUTEX)
#define USE_FUTEX 1
#include <linux/futex.h>
#include <sys/syscall.h>
#if !defined(SYS_futex) && defined(SYS_futex_time64)
#define SYS_futex SYS_futex_time64
#endif
#else
#define USE_FUTEX 0
#endif

enum {
  CACHE_LINE = 64,
  MAX_THREADS = 1024,
  SPINS = 20000,            /* pauses before a thread sleeps */
  SPINS_AFTER_WAKE = 200,   /* of the caller whose workers were asleep */
  SPINS_OVERSUBSCRIBED = 16 /* with more threads than processors */
};

typedef struct worker {
  cameo_pool *pool;
  int32_t index; /* 1..threads-1; the caller of a job is 0 */
  pthread_t thread;
} worker;

struct cameo_pool {
  /* Written by the caller of a job, read by all workers: one cache line, so
   * that a job reaches another core in one transfer. Low half of the signal:
   * sequence; high half: number of threads that take part. */
  _Alignas(CACHE_LINE) _Atomic uint64_t signal;
  cameo_task task;
  void *closure;
  int64_t count;
  _Alignas(CACHE_LINE) _Atomic uint32_t pending; /* workers still at work */
  _Alignas(
      CACHE_LINE) _Atomic uint32_t sleepers; /* workers asleep, or nearly */
  _Atomic uint32_t joiner_sleeps;
  _Atomic uint32_t busy;
  _Atomic uint32_t stop;
  _Alignas(CACHE_LINE) int32_t threads;
  int32_t spins;
  int32_t started; /* workers that exist */
#if !USE_FUTEX
  pthread_mutex_t mutex;
  pthread_cond_t changed;
#endif
  worker workers[];
};

static inline void pause_briefly(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  /* `yield` is a no-op on most cores; `isb` waits about as long as x86's pause.
   */
  __asm__ __volatile__("isb" ::: "memory");
#elif defined(__arm__)
  __asm__ __volatile__("yield" ::: "memory");
#else
  __asm__ __volatile__("" ::: "memory");
#endif
}

#if USE_FUTEX

/* The 32-bit half of `signal` that holds the sequence number. */
static uint32_t *sequence_word(cameo_pool *pool) {
  uint32_t *halves = (uint32_t *)(void *)&pool->signal;
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
  return halves + 1;
#else
  return halves;
#endif
}

/* Sleeps while the sequence is `seen`; may return early. */
static void sleep_for_job(cameo_pool *pool, uint64_t seen) {
  syscall(SYS_futex, sequence_word(pool), FUTEX_WAIT_PRIVATE, (uint32_t)seen,
          NULL, NULL, 0);
}

static void wake_workers(cameo_pool *pool) {
  syscall(SYS_futex, sequence_word(pool), FUTEX_WAKE_PRIVATE, INT32_MAX, NULL,
          NULL, 0);
}

/* Sleeps while `left` workers are at work; may return early. */
static void sleep_for_join(cameo_pool *pool, uint32_t left) {
  syscall(SYS_futex, (uint32_t *)(void *)&pool->pending, FUTEX_WAIT_PRIVATE,
          left, NULL, NULL, 0);
}

static void wake_joiner(cameo_pool *pool) {
  syscall(SYS_futex, (uint32_t *)(void *)&pool->pending, FUTEX_WAKE_PRIVATE, 1,
          NULL, NULL, 0);
}

#else

static void sleep_for_job(cameo_pool *pool, uint64_t seen) {
  pthread_mutex_lock(&pool->mutex);
  while (atomic_load(&pool->signal) == seen)
    pthread_cond_wait(&pool->changed, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
}

static void wake_workers(cameo_pool *pool) {
  pthread_mutex_lock(&pool->mutex);
  pthread_cond_broadcast(&pool->changed);
  pthread_mutex_unlock(&pool->mutex);
}

static void sleep_for_join(cameo_pool *pool, uint32_t left) {
  pthread_mutex_lock(&pool->mutex);
  while (atomic_load(&pool->pending) == left)
    pthread_cond_wait(&pool->changed, &pool->mutex);
  pthread_mutex_unlock(&pool->mutex);
}

static void wake_joiner(cameo_pool *pool) { wake_workers(pool); }

#endif

/* Runs the share of participant `index` of `parts`: contiguous, and sizes
 * differ by at most one. */
static void run_share(cameo_task task, void *closure, int64_t count,
                      int32_t index, int32_t parts) {
  int64_t share = count / parts, rest = count % parts;
  int64_t begin = share * index + (index < rest ? index : rest);
  int64_t end = begin + share + (index < rest ? 1 : 0);
  for (int64_t i = begin; i < end; ++i)
    task(closure, i);
}

/* Waits until the signal differs from `seen` and returns it. */
static uint64_t wait_for_job(cameo_pool *pool, uint64_t seen) {
  uint64_t now;
  for (int32_t i = 0; i < pool->spins; ++i) {
    now = atomic_load_explicit(&pool->signal, memory_order_acquire);
    if (now != seen)
      return now;
    pause_briefly();
  }
  /* The caller raises the signal, then reads `sleepers`; here the other way
   * round. So either it sees this sleeper or this sleeper sees the signal. */
  atomic_fetch_add(&pool->sleepers, 1);
  while ((now = atomic_load(&pool->signal)) == seen)
    sleep_for_job(pool, seen);
  atomic_fetch_sub(&pool->sleepers, 1);
  return now;
}

static void *worker_main(void *argument) {
  worker *self = argument;
  cameo_pool *pool = self->pool;
  uint64_t seen = 0;
  for (;;) {
    seen = wait_for_job(pool, seen);
    if (atomic_load_explicit(&pool->stop, memory_order_acquire))
      return NULL;
    int32_t parts = (int32_t)(seen >> 32);
    if (self->index >= parts)
      continue;
    run_share(pool->task, pool->closure, pool->count, self->index, parts);
    if (atomic_fetch_sub(&pool->pending, 1) == 1 &&
        atomic_load(&pool->joiner_sleeps))
      wake_joiner(pool);
  }
}

/* Returns whether workers had to be woken. */
static int raise_signal(cameo_pool *pool, int32_t parts) {
  uint64_t old = atomic_load_explicit(&pool->signal, memory_order_relaxed);
  uint64_t sequence = (uint32_t)((uint32_t)old + 1u);
  atomic_store(&pool->signal, (uint64_t)(uint32_t)parts << 32 | sequence);
  if (atomic_load(&pool->sleepers) == 0)
    return 0;
  wake_workers(pool);
  return 1;
}

static void join_workers(cameo_pool *pool, int32_t spins) {
  for (int32_t i = 0; i < spins; ++i) {
    if (atomic_load_explicit(&pool->pending, memory_order_acquire) == 0)
      return;
    pause_briefly();
  }
  uint32_t left;
  atomic_store(&pool->joiner_sleeps, 1);
  while ((left = atomic_load(&pool->pending)) != 0)
    sleep_for_join(pool, left);
  atomic_store(&pool->joiner_sleeps, 0);
}

void cameo_pool_parallel_for(void *data, cameo_task task, void *closure,
                             int64_t count) {
  cameo_pool *pool = data;
  if (count <= 0)
    return;
  if (!pool || pool->threads == 1 || count == 1 ||
      atomic_exchange_explicit(&pool->busy, 1, memory_order_acquire)) {
    run_share(task, closure, count, 0, 1);
    return;
  }
  int32_t parts = count < pool->threads ? (int32_t)count : pool->threads;
  pool->task = task;
  pool->closure = closure;
  pool->count = count;
  atomic_store_explicit(&pool->pending, (uint32_t)parts - 1,
                        memory_order_relaxed);
  int woken = raise_signal(pool, parts);
  run_share(task, closure, count, 0, parts);
  /* A scheduler may queue a woken worker on this very processor: then spinning
   * only keeps it from running. */
  join_workers(pool, woken && pool->spins > SPINS_AFTER_WAKE ? SPINS_AFTER_WAKE
                                                             : pool->spins);
  atomic_store_explicit(&pool->busy, 0, memory_order_release);
}

static int start_workers(cameo_pool *pool) {
  /* Signals are the application's: they go to its own threads. */
  sigset_t all, before;
  sigfillset(&all);
  if (pthread_sigmask(SIG_SETMASK, &all, &before) != 0)
    return 0;
  int ok = 1;
  for (int32_t i = 1; i < pool->threads && ok; ++i) {
    worker *w = &pool->workers[i - 1];
    w->pool = pool;
    w->index = i;
    ok = pthread_create(&w->thread, NULL, worker_main, w) == 0;
    pool->started += ok;
  }
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return ok;
}

/* The processors that this process may use. */
static long usable_processors(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0)
    return CPU_COUNT(&set);
#endif
  return sysconf(_SC_NPROCESSORS_ONLN);
}

cameo_pool *cameo_pool_create(int32_t threads) {
  if (threads < 1)
    threads = 1;
  if (threads > MAX_THREADS)
    threads = MAX_THREADS;
  cameo_pool *pool = cameo_aligned_alloc(
      CACHE_LINE, sizeof(cameo_pool) + (uint64_t)threads * sizeof(worker));
  if (!pool)
    return NULL;
  atomic_init(&pool->signal, 0);
  atomic_init(&pool->pending, 0);
  atomic_init(&pool->sleepers, 0);
  atomic_init(&pool->joiner_sleeps, 0);
  atomic_init(&pool->busy, 0);
  atomic_init(&pool->stop, 0);
  pool->threads = threads;
  pool->started = 0;
  pool->spins = threads > usable_processors() ? SPINS_OVERSUBSCRIBED : SPINS;
#if !USE_FUTEX
  pthread_mutex_init(&pool->mutex, NULL);
  pthread_cond_init(&pool->changed, NULL);
#endif
  if (start_workers(pool))
    return pool;
  cameo_pool_destroy(pool);
  return NULL;
}

void cameo_pool_destroy(cameo_pool *pool) {
  if (!pool)
    return;
  atomic_store(&pool->stop, 1);
  raise_signal(pool, 0);
  for (int32_t i = 0; i < pool->started; ++i)
    pthread_join(pool->workers[i].thread, NULL);
#if !USE_FUTEX
  pthread_cond_destroy(&pool->changed);
  pthread_mutex_destroy(&pool->mutex);
#endif
  cameo_aligned_free(pool);
}
